"""What could follow in the question box: values of an operator, and what operators there are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from desktop.ask.choices import Choices, counted, kind_name
from engine.query import OPERATORS

MOST = 7
_UNFINISHED = re.compile(
    rf"(?<!\S)-?({'|'.join(OPERATORS)}):(?:[\"“„]([^\"“”]*)|([^\s\"“”„]*))$", re.IGNORECASE
)
_BEGINNING = re.compile(r"(?<!\S)-?([a-z]{3,})$", re.IGNORECASE)
_OPEN_QUOTATION = re.compile(r"(?<!\S)-?[\"“„][^\"“”]*$")
_HYPHEN = re.compile(r"(?<!\S)-$")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value that could stand in the box: the last ``replaces`` code points before the caret
    become ``written``. ``shown`` is for the eye, with a ``note`` beside it."""

    shown: str
    note: str
    written: str
    replaces: int


def suggestions(before: str, choices: Choices) -> list[Suggestion]:
    """Values for the operator that ends ``before``, the text up to the caret; none where its
    value is complete or nothing is known to fit."""
    match = _UNFINISHED.search(before)
    if match is None:
        return []
    name = match[1].lower()
    typed = (match[2] if match[2] is not None else match[3]).casefold()
    found = list(islice(_values(name, typed, choices), MOST))
    if any(value.casefold() == typed for value, _, _ in found):
        return []  # it is complete: Tab and Enter mean again what they always mean
    start = before[match.start() : match.start(1)] + name + ":"
    return [
        Suggestion(shown, note, f"{start}{_quoted(value)} ", len(match[0]))
        for value, shown, note in found
    ]


def hint(before: str) -> str:
    """What could be said about the end of ``before``: "operators", "quotation", "excluding", or
    nothing."""
    if _UNFINISHED.search(before):
        return "operators"
    if _OPEN_QUOTATION.search(before):
        return "quotation"
    if _HYPHEN.search(before):
        return "excluding"
    match = _BEGINNING.search(before)
    if match and any(name.startswith(match[1].lower()) for name in OPERATORS):
        return "operators"
    return ""


def _values(name: str, typed: str, choices: Choices) -> Iterator[tuple[str, str, str]]:
    """(value, shown, note) for what was typed of an operator's value."""
    if name == "type":
        for kind, count in choices.kinds.items():
            if kind.startswith(typed) or kind_name(kind).casefold().startswith(typed):
                yield kind, kind_name(kind), counted(count)
    elif name == "folder":
        for folder, count in _best_first(choices.inner, typed):
            yield folder, folder, counted(count)
    elif name == "file":
        for path in choices.matching(typed):
            parent, _, file = path.rpartition("/")
            if typed in file.casefold() or "/" in typed:
                yield (path if "/" in typed else file), file, parent
    else:
        for year, count in choices.years.items():
            if str(year).startswith(typed):
                yield str(year), str(year), f"{counted(count)} changed in {year}"


def _best_first(names: dict[str, int], typed: str) -> Iterable[tuple[str, int]]:
    """Names that begin with what was typed, then those that contain it."""
    found = [(name, count) for name, count in names.items() if typed in name.casefold()]
    return sorted(found, key=lambda item: not item[0].casefold().startswith(typed))


def _quoted(value: str) -> str:
    """As an operator's value: in quotation marks where it needs them."""
    if not re.search(r"[\s\"“”„«»]|[,;]$", value):
        return value
    return f'"{value.replace(chr(34), "?")}"'
