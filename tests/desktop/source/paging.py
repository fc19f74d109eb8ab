"""Pages made by hand, as the readers make them."""

from __future__ import annotations

from typing import Any

from engine.hidden import Spans
from engine.records import Block, BlockKind, Page, PageState

TIGHT = (BlockKind.TABLE_ROW, BlockKind.TABLE_HEAD, BlockKind.LIST_ITEM, BlockKind.CODE)


def page(*parts: tuple[Any, ...], label: str = "", hidden: Spans = ()) -> Page:
    """Of (kind, text) or (kind, text, level), one after the other."""
    text, blocks, before = "", [], None
    for kind, words, *level in parts:
        if text:
            text += "\n" if kind in TIGHT and before in TIGHT else "\n\n"
        blocks.append(Block(len(text), len(text) + len(words), kind, level[0] if level else 0))
        text += words
        before = kind
    return Page(1, label, text, PageState.TEXT, tuple(blocks), hidden=hidden)


def span(of: Page, words: str) -> tuple[int, int]:
    start = of.text.index(words)
    return start, start + len(words)
