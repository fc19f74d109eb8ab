"""What somebody types to find a conversation, and the place where it is found.

Every word counts as the beginning of one, so that nothing that was found goes away while it is
typed on; a plural's ending is left off. Spelling is folded as in :mod:`engine.lexical`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from engine.lexical import WORD, indexed

_JOINTS = re.compile(r"[\W_]+")
_POSSESSIVE = re.compile(r"['’]s$")
_ENDING = re.compile(r"(?<=[a-z]{4})(?:ies|es|en|s|e|n)$")
_BEFORE, _AFTER = 40, 80  # characters around what is found


@dataclass(frozen=True, slots=True)
class Wanted:
    """``words`` as the index has them, a script without spaces cut into its characters."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Wanted:
        words = (_POSSESSIVE.sub("", word) for word in WORD.findall(text))
        return cls(tuple(dict.fromkeys(_ENDING.sub("", _folded(word)) for word in words)))

    @property
    def expression(self) -> str:
        """For FTS5: all of the words, each the beginning of one; empty without words."""
        return " AND ".join(f'"{word}" *' for word in self.words)

    def excerpt(self, texts: Iterable[str]) -> str:
        """The surroundings of the words, on one line, from the text that holds most of them (the
        first of several such); empty where none does."""
        best, place = 0, ("", 0, 0)
        wanted = {part for word in self.words for part in _parts(word)}
        for text in texts:
            found = list(_matches(text, wanted))
            several = len({word for word, _, _ in found})
            if several > best:
                best, place = several, (text, *_densest(found))
            if best == len(wanted):
                break
        return _around(*place) if best else ""


def _parts(word: str) -> list[str]:
    """Those of a compound, which may be written apart; characters that follow each other stay."""
    parts = word.split()
    return [word] if all(len(part) == 1 for part in parts) else parts


def _matches(text: str, wanted: Collection[str]) -> Iterator[tuple[str, int, int]]:
    for match in WORD.finditer(text):
        folded = f" {_folded(match[0])}"
        for word in wanted:
            if f" {word}" in folded:
                yield word, *_within(match, word)


def _within(match: re.Match[str], word: str) -> tuple[int, int]:
    """Where in a long run of a script without spaces; otherwise the whole word."""
    run = word.replace(" ", "")
    at = match[0].find(run) if " " in word or len(match[0]) > _AFTER else -1
    return (match.start() + at, match.start() + at + len(run)) if at >= 0 else match.span()


def _densest(found: list[tuple[str, int, int]]) -> tuple[int, int]:
    """The span of the window with the most different words."""
    best, span = 0, found[0][1:]
    for at, (_, start, end) in enumerate(found):
        seen = set()
        for word, _, last in found[at:]:
            if last - start > _AFTER:
                break
            seen.add(word)
            end = max(end, last)
        if len(seen) > best:
            best, span = len(seen), (start, end)
    return span


def _around(text: str, start: int, end: int) -> str:
    first, last = max(0, start - _BEFORE), min(len(text), max(end, start + _AFTER))
    head, tail = text[first:start], text[end:last]
    if first and " " in head:
        head = head.split(maxsplit=1)[-1] if not text[first - 1].isspace() else head
    if last < len(text) and " " in tail and not text[last].isspace():
        tail = tail.rsplit(maxsplit=1)[0]
    line = " ".join(f"{head}{text[start:end]}{tail}".split())
    return f"{'…' if first else ''}{line}{'…' if last < len(text) else ''}"


def _folded(word: str) -> str:
    return " ".join(_JOINTS.sub(" ", indexed(word).lower()).split())
