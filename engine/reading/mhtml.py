"""Saved web pages (MHTML): the page itself; the pictures and styles around it are left."""

from __future__ import annotations

from engine.reading import html
from engine.reading.document import NotReadError, Reading, Source, sensible_title
from engine.reading.encoding import first_bytes
from engine.reading.flow import Flow
from engine.reading.mail import beginning
from engine.reading.mime import Part, parsed
from engine.records import DocumentFacts, DocumentState

_MOST_BYTES = 256_000_000
_MOST_TEXT = 32_000_000
_TOO_DEEP = "The page is nested too deeply; what stands innermost was left out."


def read(source: Source) -> Reading:
    """Raises ``NotReadError`` where the file holds no page."""
    data, omitted = first_bytes(source.path, _MOST_BYTES)
    whole = parsed(data, beginning(data))
    flow = Flow(chapter_level=2)
    title, deep = add(whole, flow)
    title = title or sensible_title(whole.header("Subject"))
    shown = flow.pages()
    facts = DocumentFacts("html", title, len(shown))
    return Reading(facts, iter(shown), omitted or (_TOO_DEEP if deep else ""))


def add(whole: Part, flow: Flow) -> tuple[str, bool]:
    """Add the page to ``flow``; its title, and whether a part of it was left out. Raises
    ``NotReadError`` where there is none."""
    pages = [leaf for leaf in whole.leaves() if "html" in leaf.kind or "xml" in leaf.kind]
    if not pages:
        pages = [leaf for leaf in whole.leaves() if leaf.kind.startswith("text/")]
    if not pages:
        raise NotReadError(DocumentState.FAILED, "The file is damaged: no web page is in it.")
    title, deep = "", False
    for page in pages:  # the first is the page; what follows are frames in it
        text = page.text()[:_MOST_TEXT]
        if text.strip():
            root, cut_short = html.parse(text)
            html.add(root, flow)
            title = title or sensible_title(root.findtext(".//title"))
            deep = deep or cut_short
    return title, deep
