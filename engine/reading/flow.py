"""Documents that have no pages of their own: blocks go in, pages come out.

A format adds its blocks in reading order and marks page breaks where it knows them. Without
any, a new page begins at a chapter's heading, or at a block's end after about 4,000 characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.hidden import Span, Spans, invisible, united, without
from engine.reading.document import clean
from engine.records import Block, BlockKind, Page, PageState
from engine.sentences import cut

PAGE_CHARACTERS = 4000
HIDE, SHOW = "\ufdd0", "\ufdd1"
"""Noncharacters of Unicode, which no text has any business to hold; see :meth:`Flow.add`."""

_MARKS = re.compile(f"([{HIDE}{SHOW}])")

_LONGEST_LABEL = 60
_TIGHT = (BlockKind.LIST_ITEM, BlockKind.TABLE_ROW, BlockKind.CODE)


Illustrated = tuple[Page, tuple[str, ...]]
"""A page, and the names of the pictures on it."""


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    kind: BlockKind
    level: int
    hidden: Spans = ()
    picture: str = ""  # its name, for what is no text


class Flow:
    """Collects a document's blocks. ``chapter_level`` is the deepest heading that begins a page
    where the document has no page breaks of its own; 0 for none."""

    def __init__(self, chapter_level: int = 1) -> None:
        self._chapter_level = chapter_level
        self._pages: list[list[_Piece]] = [[]]
        self._after_hard_break = False

    def add(self, text: str, kind: BlockKind = BlockKind.PARAGRAPH, level: int = 0) -> None:
        """Add a block; whitespace around it is dropped, and so is a block of nothing else.
        Between ``HIDE`` and ``SHOW`` stands what nobody sees; a heading of nothing else is a
        paragraph."""
        text, hidden = _unmarked(clean(text), "\n" if kind is BlockKind.CODE else None)
        if not text.strip():
            return
        if kind is BlockKind.HEADING:
            level = min(max(level, 1), 9)
            if hidden and not without(text, hidden):
                kind, level = BlockKind.PARAGRAPH, 0
        self._pages[-1].append(_Piece(text, kind, level, hidden))
        self._after_hard_break = False

    def add_picture(self, name: str) -> None:
        """Add a picture that can be asked for by its ``name``."""
        if name:
            self._pages[-1].append(_Piece("", BlockKind.PARAGRAPH, 0, picture=name))
            self._after_hard_break = False

    def page_break(self, *, hard: bool = True) -> None:
        """Begin a page. A soft break (where a program once began a page) that follows a hard one
        with nothing between them is the same break."""
        if not hard and self._after_hard_break:
            return
        self._pages.append([])
        self._after_hard_break = hard

    def end(self) -> None:
        """A page break that nothing followed was none."""
        if len(self._pages) > 1 and not self._pages[-1]:
            self._pages.pop()

    def __len__(self) -> int:
        """How many blocks and pictures there are so far."""
        return sum(map(len, self._pages))

    def headings(self) -> Iterator[tuple[int, str]]:
        """Level and text of each heading, in order."""
        for page in self._pages:
            for piece in page:
                if piece.kind is BlockKind.HEADING:
                    yield piece.level, without(piece.text, piece.hidden)

    def pages(self) -> list[Page]:
        """The pages, in order: at least one."""
        return [page for page, _ in self.illustrated()]

    def illustrated(self) -> list[Illustrated]:
        """The pages, each with the names of its pictures."""
        if len(self._pages) > 1:
            self.end()
            return [_illustrated(n, str(n), pieces) for n, pieces in enumerate(self._pages, 1)]
        return self._chapters(self._pages[0])

    def page(self, number: int, label: str) -> Page:
        """All of it as one page, for a format whose pages have a size of their own."""
        return self.illustrated_page(number, label)[0]

    def illustrated_page(self, number: int, label: str) -> Illustrated:
        """Likewise, with the names of its pictures."""
        pieces = [piece for page in self._pages for piece in page]
        return _illustrated(number, label, pieces)

    def _chapters(self, pieces: list[_Piece]) -> list[Illustrated]:
        pages: list[Illustrated] = []
        current: list[_Piece] = []
        size, chapter = 0, ""

        def close() -> None:
            nonlocal current, size
            if current:
                number = len(pages) + 1
                pages.append(_illustrated(number, chapter or str(number), current))
            current, size = [], 0

        for piece in pieces:
            begins = piece.kind is BlockKind.HEADING and piece.level <= self._chapter_level
            if begins and any(p.kind is not BlockKind.HEADING for p in current):
                close()
            if begins:
                named = without(piece.text, piece.hidden)
                chapter = " ".join(named.split())[:_LONGEST_LABEL].rstrip()
            for part in _parts(piece):
                heading = piece.kind is BlockKind.HEADING
                if size and size + len(part.text) > PAGE_CHARACTERS * (0.8 if heading else 1.1):
                    close()
                current.append(part)
                size += len(part.text) + 2
        close()
        return pages or [_illustrated(1, "1", [])]


def _parts(piece: _Piece) -> Iterator[_Piece]:
    if len(piece.text) <= 2 * PAGE_CHARACTERS:
        yield piece
        return
    for start, end in cut(piece.text, 0, len(piece.text), PAGE_CHARACTERS):
        inside = united(((a - start, b - start) for a, b in piece.hidden), end - start)
        yield _Piece(piece.text[start:end], piece.kind, piece.level, inside)


def _illustrated(number: int, label: str, pieces: list[_Piece]) -> Illustrated:
    names = tuple(piece.picture for piece in pieces if piece.picture)
    return _page(number, label, [piece for piece in pieces if not piece.picture]), names


def _page(number: int, label: str, pieces: list[_Piece]) -> Page:
    texts: list[str] = []
    blocks: list[Block] = []
    hidden: list[Span] = []
    at = 0
    before: _Piece | None = None
    for piece in pieces:
        if before is not None:
            gap = "\n" if piece.kind is before.kind and piece.kind in _TIGHT else "\n\n"
            texts.append(gap)
            at += len(gap)
        texts.append(piece.text)
        blocks.append(Block(at, at + len(piece.text), piece.kind, piece.level))
        hidden.extend((at + start, at + end) for start, end in piece.hidden)
        at += len(piece.text)
        before = piece
    state = PageState.TEXT if pieces else PageState.EMPTY
    text = "".join(texts)
    spans = united([*hidden, *invisible(text)], len(text))
    return Page(number, label, text, state, tuple(blocks), hidden=spans)


def hiding(text: str) -> str:
    """``text`` marked as what nobody sees."""
    return f"{HIDE}{text}{SHOW}" if text.strip() else text


def unmarked(text: str) -> str:
    """``text`` from a document without marks of its own."""
    return _MARKS.sub("\ufffd", text) if HIDE in text or SHOW in text else text


def _unmarked(text: str, blank: str | None) -> tuple[str, Spans]:
    """The text without the marks and the ``blank`` around it, and what the marks stood around."""
    if HIDE not in text and SHOW not in text:
        return text.strip(blank), ()
    parts: list[str] = []
    hidden: list[Span] = []
    length = depth = 0
    for part in _MARKS.split(text):
        if part in (HIDE, SHOW):
            depth = max(0, depth + (1 if part == HIDE else -1))
        elif part:
            if depth:
                hidden.append((length, length + len(part)))
            parts.append(part)
            length += len(part)
    whole = "".join(parts)
    skipped = length - len(whole.lstrip(blank))
    shifted = ((start - skipped, end - skipped) for start, end in hidden)
    whole = whole.strip(blank)
    return whole, united(shifted, len(whole))
