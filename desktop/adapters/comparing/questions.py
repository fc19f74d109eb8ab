"""A set of questions, typed or out of a file: one on a line, a column of a table, or JSON lines."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from engine.errors import CarrelError

MOST = 500  # questions
_LARGEST = 4_000_000  # bytes
_NAMES = ("question", "prompt", "query", "frage", "pregunta", "input")


def from_text(text: str) -> list[str]:
    """One on each line; empty lines and repetitions are left out."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if line))


def from_file(path: Path) -> list[str]:
    """Raises ``CarrelError`` where it holds none, or cannot be read. Asks the disk, so not for
    the UI thread."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise CarrelError(f"“{path.name}” cannot be read: {error.strerror or error}.") from error
    if len(data) > _LARGEST:
        raise CarrelError(f"“{path.name}” is too large for a list of questions.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    kind = path.suffix.lower()
    if kind in (".csv", ".tsv"):
        questions = _from_table(text, "\t" if kind == ".tsv" else "")
    elif kind in (".jsonl", ".ndjson"):
        questions = _from_json_lines(text, path.name)
    else:
        questions = from_text(text)
    if not questions:
        raise CarrelError(
            f"“{path.name}” holds no question. Carrel reads text with one on each line, CSV with "
            "a column “question”, and JSON lines with a field “question”."
        )
    if len(questions) > MOST:
        raise CarrelError(
            f"“{path.name}” holds {len(questions):,} questions, and {MOST} can be compared at a "
            "time. Take the most telling ones."
        )
    return questions


def _from_table(text: str, delimiter: str) -> list[str]:
    """The column that is called like a question, else the first one."""
    if not delimiter:
        first = text.partition("\n")[0]
        delimiter = ";" if first.count(";") > first.count(",") else ","
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(row)]
    except csv.Error as error:
        raise CarrelError(f"The table cannot be read: {error}.") from error
    if not rows:
        return []
    heads = [cell.strip().casefold() for cell in rows[0]]
    at = next((heads.index(name) for name in _NAMES if name in heads), None)
    body = rows if at is None else rows[1:]
    cells = (row[at or 0] for row in body if len(row) > (at or 0))
    return from_text("\n".join(" ".join(cell.split()) for cell in cells))


def _from_json_lines(text: str, name: str) -> list[str]:
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            found.append(_asked(json.loads(line)))
        except (ValueError, RecursionError):
            raise CarrelError(f"Line {number} of “{name}” is no JSON.") from None
    return from_text("\n".join(" ".join(question.split()) for question in found))


def _asked(value: Any) -> str:
    """The question of one line: its text, a field, or the last that was said by the user."""
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        return ""
    for name in _NAMES:
        if isinstance(value.get(name), str):
            return str(value[name])
    messages = value.get("messages")
    for message in reversed(messages if isinstance(messages, list) else []):
        if isinstance(message, dict) and message.get("role") == "user":
            return str(message.get("content") or "")
    return ""
