"""What a text claims: its sentences, without what only puts them in order.

The mark that opens an item of a list ("1.", "a)", "-") is no part of what the item says, and a
heading ("Findings:", "## Rent", "**Summary**") says nothing. A number is such a mark only where
the list is counted from its beginning: "20. Juli 1944" is a date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.sentences import sentences

_BULLET = re.compile(r"[-–—*+•◦▪‣·●○■□](?:\s+|$)")
_NUMBER = re.compile(
    r"[*_]{0,2}\(?(?:(?P<figure>\d{1,3})|(?P<roman>[ivx]{1,5})|(?P<letter>[a-z]))[.):]{1,2}"
    r"[*_]{0,2}(?:\s+|$)"
)
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii")
_SECTIONS = (
    r"(?:(?:key|main|short|brief|final|direct|supporting) )?(?:abstract|summary|findings?|results?|"
    r"conclusions?|background|answers?|response|methods?|context|evidence|limitations?|sources?|"
    r"notes?|observations?|details?|overview|facts?|points?|takeaways?)(?: \d{1,2})?"
)
_IN_SHORT = r"in (?:short|brief|sum|summary|conclusion)|to sum up|tl;? ?dr"
_ANSWER_IS = r"the (?:short )?answer(?: to (?:the|this|your) question)? is"
_LABEL = re.compile(
    rf"(?:#{{1,6}}\s+)?[*_]{{0,2}}(?:{_SECTIONS}|{_IN_SHORT}|{_ANSWER_IS})(?:[*_]{{0,2}}\s*[:–—][*_]{{0,2}}(?:\s+|$)|"
    r"[*_]{0,2}\.?[*_]{0,2}\s*$)",
    re.IGNORECASE,
)
_TITLE = re.compile(r"#{1,6}\s+\S|[*_]{2}[^*_\n]+[*_]{2}:?\s*$")
_CUT = re.compile(
    r"(?<=\S)[^\S\n]*\n\s*(?=\S)(?![a-z])|(?<=[.;!?])\s+(?=\((?:\d{1,3}|[a-z]|[ivx]{2,5})\)\s)"
)
_DIGIT = re.compile(r"\d")
_SHORT = 8  # words of a heading at most
_LAST = ".!?…。！？؟"


def claims(text: str) -> list[tuple[int, int]]:
    """The ``(start, end)`` of each claim, in order, without the whitespace around it."""
    numbering = _Numbering()
    found = []
    for first, last in sentences(text):
        for start, end in _parts(text, first, last):
            start = _said_from(text, start, end, numbering)
            if start < end and not _is_heading(text, start, end):
                found.append((start, end))
    return found


def unmarked(text: str) -> str:
    """A sentence without what opens it as an item of a list, whatever its number."""
    return text[_said_from(text, 0, len(text), None) :]


class _Numbering:
    """Tells the number of a list's item from any other: it goes on from the one before."""

    def __init__(self) -> None:
        self._last = {"figure": 0, "roman": 0, "letter": 0}

    def counts(self, match: re.Match[str]) -> bool:
        for kind, number in _read(match):
            if number in (1, self._last[kind] + 1):
                self._last[kind] = number
                return True
        return False


def _read(match: re.Match[str]) -> Iterator[tuple[str, int]]:
    """What a number may mean: "i" is the first of some lists and the ninth of others."""
    if match["figure"]:
        yield "figure", int(match["figure"])
        return
    mark = match["roman"] or match["letter"]
    if len(mark) == 1:
        yield "letter", ord(mark) - ord("a") + 1
    if mark in _ROMAN:
        yield "roman", _ROMAN.index(mark) + 1


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A sentence in the lines and the items of a list that it runs through: models break no line
    inside a sentence, unless it goes on in small letters."""
    at = start
    for cut in _CUT.finditer(text, start, end):
        if text[at : cut.start()].strip():
            yield at, cut.start()
            at = cut.end()
    yield at, end


def _said_from(text: str, start: int, end: int, numbering: _Numbering | None) -> int:
    """Where an item begins to say something."""
    while start < end:
        # an end of its own, so that "$" means that of the sentence
        part = text[start:end]
        match = _BULLET.match(part) or _LABEL.match(part)
        if match is None:
            match = _NUMBER.match(part)
            if match is None or not (numbering is None or numbering.counts(match)):
                break
        start += match.end()
    return start


def _is_heading(text: str, start: int, end: int) -> bool:
    said = text[start:end].strip("*_ ")
    if not said or len(said.split()) > _SHORT or _DIGIT.search(said):
        return not said
    if said.endswith(":") or said.startswith("#"):
        return True
    if said[-1] in _LAST:
        return False
    line = text[text.rfind("\n", 0, start) + 1 : end].strip()
    if _TITLE.fullmatch(line):
        return True
    after = text[end:].lstrip(" \t*_")
    follows = after.lstrip()
    alone = line == text[start:end].strip() and after.startswith("\n")
    return alone and bool(_BULLET.match(follows) or re.match(r"\(?(?:1|a|i)[.)]\s", follows))
