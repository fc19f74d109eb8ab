"""Which of a table's first rows say what its columns are.

Formats that tell are believed. Of the others, a row is a head where it holds words over columns
of numbers, or, in a sheet of nothing but words, where it is filled, short and without repetition.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_MOST_ROWS = 3
_LOOKED_AT = 12
_LONGEST = 60  # characters of a column's head

_NUMBER = re.compile(
    r"[(\-–—+~<>≈]*\s?(?:[A-Z]{3}\s?|[$€£¥₹]\s?)?[(\-–+]?\d[\d.,' \u00a0\u202f]*(?:[eE][+-]?\d+)?"
    r"\s?(?:%|[$€£¥₹]|[A-Z]{3})?\s?\)?\*?|\d{4}-\d{2}-\d{2}.*|\d{1,2}:\d{2}.*|[—–-]|n/?a",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:FY\s?|Q[1-4]\s?)?(?:19|20)\d\d(?:[/-]\d\d)?[AEF]?", re.IGNORECASE)
_UNIT = re.compile(
    r"\(?\s*(?:all )?(?:(?:amounts?|figures|values)\s+)?(?:are )?(?:expressed )?"
    r"(?:in|unit)\b[^.]{0,60}\)?|\([^()]{1,40}\)",
    re.IGNORECASE,
)


def is_number(cell: str) -> bool:
    """Whether a cell holds an amount or a day, and not the name of a year."""
    return _NUMBER.fullmatch(cell) is not None and _YEAR.fullmatch(cell) is None


def is_unit(text: str) -> bool:
    """Whether a line above a table says in what its numbers are: "(in millions)"."""
    return len(text) <= 80 and _UNIT.fullmatch(text) is not None


def head_rows(rows: Sequence[Sequence[str]], *, words_suffice: bool = False) -> int:
    """How many of the first ``rows`` are heads. With ``words_suffice`` a table of nothing but
    words has one too, as it mostly does in a spreadsheet."""
    rows = rows[:_LOOKED_AT]
    if len(rows) < 2:
        return 0
    over = 0
    while over < min(_MOST_ROWS, len(rows) - 1) and _may_head(rows[over], first=not over):
        over += 1
    if not over:
        return 0
    body = rows[over:]
    if any(is_number(cell) for row in body for cell in row[1:]):
        # rows of words alone go on as heads only while each stands over numbers
        for count in range(over, 0, -1):
            if _stands_over(rows[count - 1], rows[count:]):
                return count
        return 0
    first = [cell for cell in rows[0] if cell]
    is_list = (
        words_suffice
        and len(first) > 1
        and len(first) == max(len([cell for cell in row if cell]) for row in rows)
        and len({cell.casefold() for cell in first}) == len(first)
        and sum(map(len, first)) <= sum(map(len, map("".join, rows[1:]))) / (len(rows) - 1) * 2
    )
    return int(is_list)


def heads(rows: Sequence[Sequence[str]], told: Sequence[bool]) -> list[bool]:
    """Which rows of a table in a text are heads: those that the format tells, ``told``, else the
    first ones where they look like it."""
    if any(told):
        return list(told)
    count = head_rows(rows)
    return [number < count for number in range(len(rows))]


def _may_head(row: Sequence[str], *, first: bool) -> bool:
    filled = [cell for cell in row if cell]
    # below the first, what stands in the first column alone is the name of a section
    enough = len(filled) > 1 or (not first and any(row[1:]))
    return enough and not any(is_number(c) or len(c) > _LONGEST for c in filled)


def _stands_over(row: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether words of the row stand over a column in which numbers prevail."""
    for column, cell in enumerate(row):
        if not cell:
            continue
        under = [line[column] for line in body if column < len(line) and line[column]]
        if under and sum(map(is_number, under)) >= max(1, len(under) / 2):
            return True
    return False
