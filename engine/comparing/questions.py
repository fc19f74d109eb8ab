"""A list of questions, as somebody pastes it or has it in a file."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.errors import CarrelError
from engine.query import valid
from engine.reading.encoding import decode

MOST = 500
"""Questions of one table."""
LONGEST = 2000
"""Characters of a question."""
_MOST_BYTES = 4 << 20
_MARK = re.compile(r"(?:[-–—*•]|\(?\d{1,3}[.)])\s+")
_FIELD = "question"


def questions(text: str) -> tuple[str, ...]:
    """One on each line, without blank ones, doubles and the marks of a list. Raises
    ``CarrelError`` where there are none, or too many."""
    return _chosen(_MARK.sub("", line.strip(), count=1) for line in text.splitlines())


def read_questions(file: Path) -> tuple[str, ...]:
    """Those of a text file, one on each line; of a CSV file, in the column "question" or the
    first; of a JSONL file, in the field "question". Raises ``CarrelError``."""
    try:
        size = file.stat().st_size
        data = file.read_bytes() if size <= _MOST_BYTES else b""
    except OSError as error:
        raise CarrelError(f"{file} cannot be read: {error.strerror}.") from error
    if size > _MOST_BYTES:
        raise CarrelError(f"{file.name} is too large for a list of questions.")
    text = decode(data)
    suffix = file.suffix.lower()
    if suffix in (".jsonl", ".ndjson"):
        return _chosen(_of_lines(text, file.name))
    if suffix in (".csv", ".tsv"):
        return _chosen(_of_table(text, file.name))
    return questions(text)


def _of_lines(text: str, name: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        question = row.get(_FIELD) if isinstance(row, dict) else None
        if not isinstance(question, str):
            raise CarrelError(f'Line {number} of {name} is no JSON object with a "{_FIELD}".')
        yield question


def _of_table(text: str, name: str) -> Iterator[str]:
    head = text.partition("\n")[0]
    separator = max(",;\t", key=head.count)
    at = 0
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=separator)):
            if number == 0:
                titles = [cell.strip().casefold().removesuffix("s") for cell in row]
                if _FIELD in titles:
                    at = titles.index(_FIELD)
                    continue
            if at < len(row):
                yield row[at]
    except csv.Error as error:
        raise CarrelError(f"{name} is no table that can be read: {error}.") from error


def _chosen(found: Iterable[str]) -> tuple[str, ...]:
    each = dict.fromkeys(filter(None, (" ".join(valid(question).split()) for question in found)))
    if not each:
        raise CarrelError("There is no question in it. Give one on each line.")
    if len(each) > MOST:
        raise CarrelError(
            f"These are {len(each):,} questions, and a table takes {MOST} at most. Take some away."
        )
    long = next((question for question in each if len(question) > LONGEST), None)
    if long is not None:
        raise CarrelError(f"A question is too long: “{long[:60]}…”. Shorten it.")
    return tuple(each)
