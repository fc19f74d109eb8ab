"""Pages into passages: the unit that is searched, embedded and quoted.

A passage is some whole sentences (or rows of a table) of one page. It aims at about 110 words
and stays within what the embedder can take in at once, its title and headings included.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from engine.records import Block, BlockKind, Page, Passage
from engine.sentences import cut, sentences

PATH_SEPARATOR = " › "

_ROW_KINDS = (BlockKind.TABLE_ROW, BlockKind.TABLE_HEAD)
_LONGEST_HEADING = 100
_LONGEST_HEAD = 160
_MOST_HEADS = 40  # lines
_ROWS = re.compile(r"(?:\d[\d.,]*|[—–-])[)%]*[^\S\n]*$", re.MULTILINE)
# One match is about one word piece of a BERT vocabulary: long words and numbers are split,
# ideographs stand alone, scripts that the vocabulary hardly knows fall apart into letters.
_PIECE = re.compile(
    r"[A-Za-zÀ-ɏ]{1,9}|\d{1,3}|[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W\d_]{1,2}|[^\w\s]|_"
)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large passages are: words, and word pieces as :func:`estimate_pieces` counts them."""

    target_words: int = 110
    most_words: int = 165
    fewest_words: int = 40
    most_pieces: int = 220


def estimate_pieces(text: str) -> int:
    """About how many word pieces the embedder's vocabulary cuts ``text`` into."""
    return len(_PIECE.findall(text))


class _Unit(NamedTuple):
    """A sentence or row that a passage holds whole; ``last`` where its paragraph ends."""

    start: int
    end: int
    words: int
    pieces: int
    last: bool


class _Section(NamedTuple):
    """Units under one heading path, on one page; ``apart`` where a marginal stands before it."""

    path: tuple[str, ...]
    units: list[_Unit]
    words: int
    pieces: int
    apart: bool


class _Headings:
    """The headings above the current place, from page to page, and the head of the table that it
    is in: a table goes on until something comes that is no row."""

    def __init__(self) -> None:
        self._open: list[tuple[int, str]] = []
        self._table: dict[str, None] = {}
        self._in_head = False
        self.path: tuple[str, ...] = ()

    def meet(self, block: Block | None, text: str) -> None:
        """What comes next, a heading aside."""
        if block is None or block.kind not in _ROW_KINDS:
            self._leave_table()
            return
        head = block.kind is BlockKind.TABLE_HEAD
        if head:
            if not self._in_head:
                self._leave_table()
            if len(self._table) < _MOST_HEADS:
                self._table[" ".join(text.split())[:_LONGEST_HEAD]] = None
                self._tell()
        self._in_head = head

    def enter(self, level: int, text: str) -> None:
        while self._open and self._open[-1][0] >= level:
            self._open.pop()
        title = " ".join(text.split())[:_LONGEST_HEADING].rstrip()
        if title:
            self._open.append((level, title))
        self._table, self._in_head = {}, False
        self._tell()

    def _leave_table(self) -> None:
        if self._table:
            self._table = {}
            self._tell()
        self._in_head = False

    def _tell(self) -> None:
        head = " · ".join(self._table)[:_LONGEST_HEAD].rstrip()
        self.path = (*(title for _, title in self._open), *((head,) if head else ()))


def split(
    pages: Iterable[Page], sizes: Sizes | None = None
) -> Iterator[tuple[Page, tuple[Passage, ...]]]:
    """Each page with its passages, as the pages come.

    A passage never crosses a page; in order, without overlap and without whitespace at either
    end, a page's passages hold all of its text but marginals. ``Passage.heading`` is the path of
    headings above it, joined with ``PATH_SEPARATOR``; in a table, its head is the last of them.
    """
    sizes = sizes or Sizes()
    headings = _Headings()
    for page in pages:
        sections = _merged(list(_sections(page, headings, sizes)), sizes)
        yield (
            page,
            tuple(
                Passage(page.number, start, end, PATH_SEPARATOR.join(section.path))
                for section in sections
                for start, end in _packed(section, sizes)
            ),
        )


def _sections(page: Page, headings: _Headings, sizes: Sizes) -> Iterator[_Section]:
    units: list[_Unit] = []
    in_heading = apart = False
    for start, end, block in _stretches(page):
        if block is not None and block.kind is BlockKind.MARGINAL:
            if units:
                yield _section(headings.path, units, apart)
                units = []
            apart, in_heading = True, False
            continue
        text = page.text[start:end]
        if not text.strip():
            continue
        heading = block is not None and block.kind is BlockKind.HEADING
        path = headings.path
        if block is not None and heading:
            headings.enter(block.level, text)
        else:
            headings.meet(block, text)
        if units and not in_heading and headings.path != path:
            yield _section(path, units, apart)
            units, apart = [], False
        row = block is not None and block.kind in _ROW_KINDS
        before = len(units)
        units.extend(_units(page.text, start, end, row, sizes))
        in_heading = heading and (in_heading or before == 0)
    if units:
        yield _section(headings.path, units, apart)


def _section(path: tuple[str, ...], units: list[_Unit], apart: bool) -> _Section:
    words, pieces = sum(u.words for u in units), sum(u.pieces for u in units)
    return _Section(path, units, words, pieces, apart)


def _stretches(page: Page) -> Iterator[tuple[int, int, Block | None]]:
    """The page's text cut at its blocks; what lies between blocks comes without one."""
    at = 0
    for block in sorted(page.blocks, key=lambda block: block.start):
        start, end = max(at, block.start), min(block.end, len(page.text))
        if end <= start:
            continue
        if at < start:
            yield at, start, None
        yield start, end, block
        at = end
    if at < len(page.text):
        yield at, len(page.text), None


def _units(text: str, start: int, end: int, row: bool, sizes: Sizes) -> Iterator[_Unit]:
    stretch = text[start:end]
    spans = [
        (start + a, start + b) for a, b in ([_trimmed(stretch)] if row else sentences(stretch))
    ]
    for number, (first, last) in enumerate(spans):
        if first == last:
            continue
        ends = number + 1 == len(spans) or "\n\n" in text[last : spans[number + 1][0]]
        parts = _lines(text, first, last) if _is_table(text[first:last]) else [(first, last)]
        for part_number, (a, b) in enumerate(parts):
            yield from _fitting(text, a, b, ends and part_number + 1 == len(parts), sizes)


def _trimmed(text: str) -> tuple[int, int]:
    left = len(text) - len(text.lstrip())
    return (left, max(left, len(text.rstrip())))


def _is_table(text: str) -> bool:
    """Whether most lines end in a number or a dash, as the rows of a table of figures do."""
    lines = text.count("\n") + 1
    return lines >= 3 and 2 * len(_ROWS.findall(text)) >= lines


def _lines(text: str, start: int, end: int) -> list[tuple[int, int]]:
    lines: list[tuple[int, int]] = []
    while start < end:
        at = text.find("\n", start, end)
        at = end if at < 0 else at
        left, right = _trimmed(text[start:at])
        if left < right:
            lines.append((start + left, start + right))
        start = at + 1
    return lines


def _fitting(text: str, start: int, end: int, last: bool, sizes: Sizes) -> Iterator[_Unit]:
    """The stretch as one unit, or as several where the embedder could not take it whole."""
    stretch = text[start:end]
    pieces, words = estimate_pieces(stretch), len(stretch.split())
    if (pieces <= sizes.most_pieces and words <= sizes.most_words) or end - start < 2:
        yield _Unit(start, end, words, pieces, last)
        return
    share = min(sizes.most_pieces / max(pieces, 1), sizes.most_words / words)
    parts = list(cut(text, start, end, max(1, int((end - start) * min(0.9 * share, 0.5)))))
    for number, (a, b) in enumerate(parts):
        yield from _fitting(text, a, b, last and number + 1 == len(parts), sizes)


def _merged(sections: list[_Section], sizes: Sizes) -> list[_Section]:
    """Small sections put together with the next one; the page's last with the one before."""
    merged: list[_Section] = []
    for section in sections:
        if merged and merged[-1].words < sizes.fewest_words and not section.apart:
            merged[-1] = _joined(merged[-1], section)
        else:
            merged.append(section)
    if len(merged) > 1 and merged[-1].words < sizes.fewest_words and not merged[-1].apart:
        last = merged.pop()
        merged[-1] = _joined(merged[-1], last)
    return merged


def _joined(a: _Section, b: _Section) -> _Section:
    path = a.path if a.words > b.words else b.path
    return _Section(path, a.units + b.units, a.words + b.words, a.pieces + b.pieces, a.apart)


def _packed(section: _Section, sizes: Sizes) -> Iterator[tuple[int, int]]:
    """The section's passages, of about the same size each, ended at a paragraph where near."""
    units = section.units
    ratio = sizes.most_pieces / sizes.target_words
    load = [max(ratio * unit.words, unit.pieces) for unit in units]
    total = sum(load)
    left = max(1, round(total / sizes.most_pieces))
    goal = total / left
    first, words, pieces, full = 0, 0, 0, 0.0
    for number, unit in enumerate(units):
        over = words + unit.words > sizes.most_words or pieces + unit.pieces > sizes.most_pieces
        near = full + load[number] / 2 > goal or (
            full > 0.75 * goal and units[number - 1].last and total > 0.4 * goal
        )
        if number > first and (over or near):
            yield units[first].start, units[number - 1].end
            left = max(1, left - 1, round(total / sizes.most_pieces))
            goal = total / left
            first, words, pieces, full = number, 0, 0, 0.0
        words, pieces, full = words + unit.words, pieces + unit.pieces, full + load[number]
        total -= load[number]
    yield units[first].start, units[-1].end
