"""Which words of a passage the person typed, and the stretch of it worth showing.

Words match as the keyword index matches them: by their stem, whatever their case and accents, and
the last one by its beginning while it is still being typed. In scripts that put no spaces between
words, pairs of characters match. A word that is nowhere by itself may be part of a longer one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple

from engine.query import STOP_WORDS, Query

_SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
_MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0dff"
_RUN = re.compile(f"[{_SPACELESS}]+|(?:[^\\W{_SPACELESS}]|[{_MARKS}])+")
_SPACELESS_RUN = re.compile(f"[{_SPACELESS}]+")
_SHORTEST_PREFIX = 2
_SHORTEST_PART = 5
_LEAD = 60  # code points shown before the first match


@dataclass(frozen=True, slots=True)
class Snippet:
    """``text`` on one line, with the matched words as (start, end) code points in it."""

    text: str
    matches: tuple[tuple[int, int], ...]


class _Word(NamedTuple):
    start: int
    end: int
    folded: str


class _Words:
    """The words of a text, in order and by their first two letters."""

    def __init__(self, text: str) -> None:
        self.all = [_Word(*match.span(), _folded(match[0])) for match in _RUN.finditer(text)]
        self._beginning: dict[str, list[_Word]] = {}
        for word in self.all:
            self._beginning.setdefault(word.folded[:2], []).append(word)

    def beginning_like(self, wanted: str) -> Sequence[_Word]:
        return self._beginning.get(wanted[:2], ())


def matched_words(text: str, query: str) -> tuple[tuple[int, int], ...]:
    """Where in ``text`` is what ``query`` looks for, as (start, end) in order; common words count
    only where the query has no others."""
    parsed = Query.parse(query)
    words = _words(text)
    found: list[tuple[int, int]] = []
    loose = parsed.text
    for phrase in parsed.phrases:
        loose = loose.replace(phrase, " ")
        if _SPACELESS_RUN.search(phrase):
            found += [match.span() for match in re.finditer(re.escape(phrase), text)]
        else:
            found += _sequences(words.all, [word.folded for word in _words(phrase).all])
    wanted = [word.folded for word in _words(loose).all]
    beginning = wanted[-1] if wanted and loose[-1:].isalnum() else ""
    wanted = [word for word in wanted if word not in STOP_WORDS] or wanted
    for word in dict.fromkeys(wanted):
        if _SPACELESS_RUN.fullmatch(word):
            found += _shared_characters(text, word)
        else:
            alone = _alone(words, word, unfinished=word == beginning)
            found += alone or _inside(words.all, word)
    return _merged(found)


def snippet(text: str, query: str, length: int = 220) -> Snippet:
    """``length`` code points of ``text`` from shortly before its first matched word."""
    line = " ".join(text.split())
    found = matched_words(line, query)
    start = 0
    if found and found[0][0] > _LEAD and len(line) > length:
        start = max(0, min(found[0][0] - _LEAD, len(line) - length))
        start = max(start, line.find(" ", start, found[0][0]) + 1)
    end = min(len(line), start + length)
    if end < len(line) and (space := line.rfind(" ", start + length // 2, end)) > start:
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


@lru_cache(maxsize=64)
def _words(text: str) -> _Words:
    # most passages stay on the list from one key to the next
    return _Words(text)


@lru_cache(maxsize=20_000)
def _folded(word: str) -> str:
    """Without case and accents, as the index keeps words."""
    plain = word.casefold()
    if plain.isascii():
        return plain
    parts = unicodedata.normalize("NFD", plain)
    bare = "".join(sign for sign in parts if not "\u0300" <= sign <= "\u036f")
    return unicodedata.normalize("NFC", bare)


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    return str(_stemmer().stemWord(word)) if word.isascii() else word


@cache
def _stemmer() -> Any:
    import snowballstemmer  # it brings every language; by the first search, answering has loaded it

    return snowballstemmer.stemmer("porter")


def _alike(word: str, wanted: str) -> bool:
    # stemming is slow and leaves the beginning of a word alone
    return word == wanted or (word[:2] == wanted[:2] and _stem(word) == _stem(wanted))


def _alone(words: _Words, wanted: str, *, unfinished: bool) -> list[tuple[int, int]]:
    begun = unfinished and len(wanted) >= _SHORTEST_PREFIX
    return [
        (word.start, word.end)
        for word in words.beginning_like(wanted)
        if (_alike(word.folded, wanted) or (begun and word.folded.startswith(wanted)))
        # "one" has the stem of "on", and nobody who asks for the one means the other
        and (word.folded == wanted or word.folded not in STOP_WORDS)
    ]


def _inside(words: Iterable[_Word], wanted: str) -> list[tuple[int, int]]:
    """Parts of compounds such as "Kündigungsfrist"."""
    if len(wanted) < _SHORTEST_PART:
        return []
    return [
        (word.start + at, word.start + at + len(wanted))
        for word in words
        if len(word.folded) == word.end - word.start and (at := word.folded.find(wanted)) >= 0
    ]


def _sequences(words: list[_Word], phrase: list[str]) -> list[tuple[int, int]]:
    """The words of a phrase one after the other, each by itself."""
    found = []
    for first in range(len(words) - len(phrase) + 1 if phrase else 0):
        stretch = words[first : first + len(phrase)]
        if all(_alike(word.folded, w) for word, w in zip(stretch, phrase, strict=True)):
            found += [(word.start, word.end) for word in stretch]
    return found


def _shared_characters(text: str, wanted: str) -> list[tuple[int, int]]:
    size = min(2, len(wanted))
    pieces = {wanted[at : at + size] for at in range(len(wanted) - size + 1)}
    return [
        (at, at + size)
        for run in _SPACELESS_RUN.finditer(text)
        for at in range(run.start(), run.end() - size + 1)
        if text[at : at + size] in pieces
    ]


def _merged(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
