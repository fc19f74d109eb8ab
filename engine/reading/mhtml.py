"""Saved web pages (MHTML): the page itself; the pictures and styles around it are left."""

from __future__ import annotations

from engine.reading import html
from engine.reading.document import NotReadError, Reading, Source, sensible_title
from engine.reading.encoding import first_bytes
from engine.reading.flow import Flow
from engine.reading.mail import beginning
from engine.reading.mime import parsed
from engine.records import DocumentFacts, DocumentState

_MOST_BYTES = 256_000_000
_MOST_TEXT = 32_000_000
_TOO_DEEP = "The page is nested too deeply; what stands innermost was left out."


def read(source: Source) -> Reading:
    """Raises ``NotReadError`` where the file holds no page."""
    data, omitted = first_bytes(source.path, _MOST_BYTES)
    whole = parsed(data, beginning(data))
    pages = [leaf for leaf in whole.leaves() if "html" in leaf.kind or "xml" in leaf.kind]
    if not pages:
        pages = [leaf for leaf in whole.leaves() if leaf.kind.startswith("text/")]
    if not pages:
        raise NotReadError(DocumentState.FAILED, "The file is damaged: no web page is in it.")
    # the first is the page; what follows are frames in it
    root, cut_short = html.parse(pages[0].text()[:_MOST_TEXT])
    flow = Flow(chapter_level=2)
    html.add(root, flow)
    for frame in pages[1:]:
        if frame.kind == "text/html":
            inner, _ = html.parse(frame.text()[:_MOST_TEXT])
            html.add(inner, flow)
    title = sensible_title(root.findtext(".//title")) or sensible_title(whole.header("Subject"))
    shown = flow.pages()
    facts = DocumentFacts("html", title, len(shown))
    return Reading(facts, iter(shown), omitted or (_TOO_DEEP if cut_short else ""))
