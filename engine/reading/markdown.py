"""Markdown, as the text that a reader would see: without comments, and without the addresses and
titles of links."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from engine.reading.document import Reading, Source, clean
from engine.reading.encoding import decode, first_bytes
from engine.reading.flow import Flow, unmarked
from engine.reading.text import paged
from engine.records import BlockKind, DocumentFacts

_MOST_PARSED = 4_000_000
"""Characters; the parser is slow, and what is longer than this was not written by hand."""

_FRONT_MATTER = re.compile(r"\s*---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_TITLE = re.compile(r"^title:[ \t]*(.+?)[ \t]*$", re.MULTILINE)


def read(source: Source) -> Reading:
    data, omitted = first_bytes(source.path)
    text = decode(data, whole=not omitted).replace("\r\n", "\n").replace("\r", "\n")
    title = ""
    if matter := _FRONT_MATTER.match(text):
        text = text[matter.end() :]
        if named := _TITLE.search(matter.group(1)):
            title = clean(named.group(1).strip("\"'"))
    if len(text) > _MOST_PARSED:
        return paged(text, "markdown", title, omitted)
    flow = Flow(chapter_level=1)
    add(unmarked(text), flow)
    title = title or next((heading for level, heading in flow.headings() if level == 1), "")
    pages = flow.pages()
    return Reading(DocumentFacts("markdown", title, len(pages)), iter(pages), omitted)


def add(text: str, flow: Flow) -> None:
    """Add what Markdown shows to ``flow``."""
    _add(MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text), flow)


def _add(tokens: Sequence[Token], flow: Flow) -> None:
    heading, items, numbers = 0, 0, [0]
    mark = ""
    cells: list[str] = []
    row = False
    for token in tokens:
        match token.type:
            case "heading_open":
                heading = int(token.tag[1:])
            case "heading_close":
                heading = 0
            case "ordered_list_open":
                numbers.append(int(token.attrs.get("start", 1)))
            case "bullet_list_open":
                numbers.append(-1)
            case "ordered_list_close" | "bullet_list_close":
                numbers.pop()
            case "list_item_open":
                items += 1
                mark = "• " if numbers[-1] < 0 else f"{numbers[-1]}. "
                numbers[-1] += numbers[-1] >= 0
            case "list_item_close":
                items -= 1
                mark = ""
            case "tr_open":
                row, cells = True, []
            case "tr_close":
                row = False
                flow.add(" | ".join(cells), BlockKind.TABLE_ROW)
            case "fence" | "code_block":
                flow.add(token.content, BlockKind.CODE)
            case "inline":
                shown = _shown(token.children or ())
                if row:
                    cells.append(shown)
                elif heading:
                    flow.add(shown, BlockKind.HEADING, heading)
                elif items:
                    flow.add(mark + shown, BlockKind.LIST_ITEM)
                    mark = ""
                else:
                    flow.add(shown)


def _shown(children: Sequence[Token]) -> str:
    parts: list[str] = []
    for child in children:
        match child.type:
            case "text" | "code_inline" | "text_special":
                parts.append(child.content)
            case "softbreak":
                parts.append(" ")
            case "hardbreak":
                parts.append("\n")
            case "image":
                parts.append(_shown(child.children or ()))
    return "".join(parts)
