"""Which documents are listed, and in what order: plain functions that run off the UI thread."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

from desktop.documents.wording import STATES, is_problem, is_read, kind_of, title
from engine.records import LedgerEntry

_DIGITS = re.compile(r"(\d+)")


class Column(IntEnum):
    """The columns of the list, from the left."""

    TITLE = 0
    FILE = 1
    STATE = 2
    TYPE = 3
    PAGES = 4
    MODIFIED = 5
    SIZE = 6


class Shown(StrEnum):
    """Which states are listed."""

    ALL = "all"
    READ = "read"
    PROBLEMS = "problems"


@dataclass(frozen=True, slots=True)
class Arrangement:
    """``folder_id`` None is every folder; every word of ``text`` must occur in title or path."""

    text: str = ""
    shown: Shown = Shown.ALL
    folder_id: int | None = None
    column: Column = Column.TITLE
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """Documents by what can be shown, in the chosen folder."""

    all: int = 0
    read: int = 0
    problems: int = 0


def natural(text: str) -> list[str | int]:
    """A key under which "Part 9" stands before "Part 10"."""
    return [int(part) if part.isdecimal() else part for part in _DIGITS.split(text.casefold())]


_STATE_ORDER = {state: number for number, state in enumerate(STATES)}
_KEYS: dict[Column, Callable[[LedgerEntry], Any]] = {
    Column.TITLE: lambda entry: natural(title(entry)),
    Column.FILE: lambda entry: natural(entry.path),
    Column.STATE: lambda entry: (_STATE_ORDER[entry.state], entry.reason),
    Column.TYPE: kind_of,
    Column.PAGES: lambda entry: entry.pages,
    Column.MODIFIED: lambda entry: entry.modified,
    Column.SIZE: lambda entry: entry.size,
}


def arrange(entries: Iterable[LedgerEntry], how: Arrangement) -> list[LedgerEntry]:
    """The entries to list, in order."""
    words = how.text.casefold().split()
    wanted = {
        Shown.ALL: lambda _state: True,
        Shown.READ: is_read,
        Shown.PROBLEMS: is_problem,
    }[how.shown]
    found = [
        entry
        for entry in entries
        if (how.folder_id is None or entry.folder_id == how.folder_id)
        and wanted(entry.state)
        and _matches(entry, words)
    ]
    found.sort(key=_KEYS[how.column], reverse=how.descending)
    return _nested(found)


def _nested(entries: list[LedgerEntry]) -> list[LedgerEntry]:
    """Attachments right below what they are attached to, where that is listed."""
    listed = {entry.document_id for entry in entries}
    inside: dict[int, list[LedgerEntry]] = {}
    for entry in entries:
        if entry.parent_id in listed:
            inside.setdefault(entry.parent_id, []).append(entry)
    if not inside:
        return entries
    nested: list[LedgerEntry] = []
    waiting = [entry for entry in reversed(entries) if entry.parent_id not in listed]
    while waiting:
        entry = waiting.pop()
        nested.append(entry)
        waiting.extend(reversed(inside.get(entry.document_id, ())))
    return nested


def _matches(entry: LedgerEntry, words: Sequence[str]) -> bool:
    if not words:
        return True
    text = f"{entry.title}\n{entry.path}".casefold()
    return all(word in text for word in words)


def counts(entries: Iterable[LedgerEntry], folder_id: int | None) -> Counts:
    every = read = problems = 0
    for entry in entries:
        if folder_id is None or entry.folder_id == folder_id:
            every += 1
            read += is_read(entry.state)
            problems += is_problem(entry.state)
    return Counts(every, read, problems)
