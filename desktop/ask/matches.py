"""Which words of a passage the person typed, and the stretch of it worth showing."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = re.compile(r"\w+")
_ENDINGS = ("ing", "ed", "es", "s")
_COMMON = frozenset(
    {"a", "an", "and", "are", "as", "at", "be", "by", "can", "do", "does", "for", "from", "has"}
    | {"have", "how", "i", "in", "is", "it", "of", "on", "or", "that", "the", "this", "to", "was"}
    | {"were", "what", "when", "where", "which", "who", "why", "will", "with"}
)
_LEAD = 60  # code points shown before the first match


@dataclass(frozen=True, slots=True)
class Snippet:
    """``text`` on one line, with the matched words as (start, end) code points in it."""

    text: str
    matches: tuple[tuple[int, int], ...]


def matched_words(text: str, query: str) -> tuple[tuple[int, int], ...]:
    """The words of ``text`` that begin like a word of ``query``; common words count only where
    the query has no others."""
    words = [word.casefold() for word in _WORD.findall(query)]
    stems = {_stem(word) for word in words if word not in _COMMON} or set(words)
    return tuple(
        match.span() for match in _WORD.finditer(text) if _matches(match[0].casefold(), stems)
    )


def snippet(text: str, query: str, length: int = 220) -> Snippet:
    """``length`` code points of ``text`` from shortly before its first matched word."""
    line = " ".join(text.split())
    found = matched_words(line, query)
    start = 0
    if found and found[0][0] > _LEAD and len(line) > length:
        start = max(0, min(found[0][0] - _LEAD, len(line) - length))
        start = line.find(" ", start) + 1
    end = min(len(line), start + length)
    if end < len(line) and (space := line.rfind(" ", start, end)) > start:
        end = space
    before, after = "… " if start else "", " …" if end < len(line) else ""
    shift = len(before) - start
    shown = tuple((a + shift, b + shift) for a, b in found if a >= start and b <= end)
    return Snippet(before + line[start:end] + after, shown)


def without_headings(text: str, *known: str) -> str:
    """``text`` from behind its first lines, as far as they only repeat what is said beside it."""
    said = {" ".join(words.split()) for words in known}
    rest = text
    while rest:
        line, _, after = rest.partition("\n")
        if line.strip() and " ".join(line.split()) not in said:
            return rest
        rest = after
    return text


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def _matches(word: str, stems: set[str]) -> bool:
    return any(word.startswith(stem) and (len(stem) > 2 or word == stem) for stem in stems)
