"""FictionBook (FB2): one XML file a book. Its elements are renamed to those of HTML that mean the
same, and the rest is left to the reader of HTML."""

from __future__ import annotations

from typing import Any

from engine.reading import html
from engine.reading.document import NotReadError, Reading, Source, sensible_title
from engine.reading.encoding import decode, first_bytes
from engine.reading.flow import Flow
from engine.reading.markup import tree
from engine.records import DocumentFacts, DocumentState

_RENAMED = {
    "section": "div",
    "subtitle": "h5",
    "epigraph": "blockquote",
    "cite": "blockquote",
    "annotation": "div",
    "poem": "div",
    "stanza": "div",
    "v": "p",
    "text-author": "p",
    "emphasis": "i",
    "strong": "b",
    "style": "span",
    "strikethrough": "s",
    "image": "hr",
}
_DEEPEST = 4


def read(source: Source) -> Reading:
    """Raises ``NotReadError`` where the file is no FictionBook."""
    data, omitted = first_bytes(source.path)
    root = tree(decode(data, _declared(data), whole=not omitted))
    if root is None or root.tag != "FictionBook":
        raise NotReadError(
            DocumentState.FAILED, "The file is damaged: it cannot be opened as an FB2 book."
        )
    title = root.find("description/title-info/book-title")
    flow = Flow(chapter_level=2)
    bodies = root.findall("body")
    for body in bodies:
        _rename(body)
        html.add(body, flow)
    if not bodies:
        omitted = omitted or "The book has no body: its text is missing."
    pages = flow.pages()
    named = "" if title is None else "".join(title.itertext())
    return Reading(DocumentFacts("fb2", sensible_title(named), len(pages)), iter(pages), omitted)


def _declared(data: bytes) -> str:
    start = data[:200]
    _, mark, rest = start.partition(b"encoding=")
    quote = rest[:1]
    return rest[1:].partition(quote)[0].decode("ascii", "ignore") if mark and quote else ""


def _rename(body: Any) -> None:
    for title in body.findall(".//title"):
        level = sum(above.tag == "section" for above in title.iterancestors())
        # the level is counted before any section is renamed
        title.set("level", str(min(max(level, 1), _DEEPEST)))
    for element in body.iter():
        if element.tag == "title":
            _rename_title(element)
        elif element.tag in _RENAMED:
            element.tag = _RENAMED[element.tag]
        elif element.tag == "a":
            element.attrib.clear()


def _rename_title(title: Any) -> None:
    """A title may have several lines; a heading is one."""
    title.tag = f"h{title.attrib.pop('level', '1')}"
    for line in title:
        line.tag = "span"
        line.tail = " "
