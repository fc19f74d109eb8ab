"""Jupyter notebooks: Markdown as it is shown, code, and what the code printed. Nothing is run,
and pictures are left out."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from engine.reading import markdown
from engine.reading.document import NotReadError, Reading, Source, sensible_title
from engine.reading.encoding import first_bytes
from engine.reading.flow import Flow, unmarked
from engine.records import BlockKind, DocumentFacts, DocumentState

_MOST_CELLS = 20_000
_LONGEST_OUTPUT = 20_000
_MOST_PARSED = 1_000_000
_COLOURS = re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]")


def read(source: Source) -> Reading:
    """Raises ``NotReadError`` where the file is no notebook."""
    data, omitted = first_bytes(source.path)
    try:
        book = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _damaged() from error
    if not isinstance(book, dict):
        raise _damaged()
    cells = _list(book.get("cells"))
    for sheet in _list(book.get("worksheets")):  # up to version 3
        cells += _list(sheet.get("cells")) if isinstance(sheet, dict) else []
    if not cells and "nbformat" not in book:
        raise _damaged()
    flow = Flow(chapter_level=2)
    cut_short = False
    for cell in cells[:_MOST_CELLS]:
        if isinstance(cell, dict):
            cut_short |= _add(cell, flow)
    if cut_short or len(cells) > _MOST_CELLS:
        omitted = omitted or "Some of what the code printed is very long; its end was left out."
    title = next((heading for level, heading in flow.headings() if level == 1), "")
    pages = flow.pages()
    return Reading(
        DocumentFacts("notebook", sensible_title(title), len(pages)), iter(pages), omitted
    )


def _damaged() -> NotReadError:
    return NotReadError(DocumentState.FAILED, "The file is damaged: it is no notebook.")


def _add(cell: dict[str, Any], flow: Flow) -> bool:
    """Add a cell; whether something of it was left out."""
    kind = cell.get("cell_type")
    text = unmarked(_joined(cell.get("source", cell.get("input"))))
    if kind == "markdown" and len(text) <= _MOST_PARSED:
        markdown.add(text, flow)
        return False
    if kind == "heading":
        level = cell.get("level")
        flow.add(text, BlockKind.HEADING, level if isinstance(level, int) else 1)
        return False
    flow.add(text, BlockKind.CODE)
    if kind != "code":
        return False
    cut_short = False
    for output in _list(cell.get("outputs")):
        printed = _COLOURS.sub("", unmarked(_printed(output)))
        cut_short |= len(printed) > _LONGEST_OUTPUT
        flow.add(printed[:_LONGEST_OUTPUT], BlockKind.CODE)
    return cut_short


def _printed(output: Any) -> str:
    if not isinstance(output, dict):
        return ""
    if output.get("output_type") in ("error", "pyerr"):
        return "\n".join(str(line) for line in _list(output.get("traceback")))
    if "text" in output:
        return _joined(output["text"])
    data = output.get("data")
    return _joined(data.get("text/plain")) if isinstance(data, dict) else ""


def _joined(text: Any) -> str:
    """A text as notebooks keep it: whole, or in lines."""
    return text if isinstance(text, str) else "".join(str(line) for line in _list(text))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
