"""A question as words and phrases, without a grammar: names by their capitals, noun phrases by
the small words around them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from engine.followups.languages import ENGLISH, FRENCH, GERMAN, Language
from engine.followups.times import time_spans

_WORD = re.compile(
    r"(?:[ldjsncm]|qu)['’](?=\w{2})"  # elided in French
    r"|\w+(?=-(?:t-)?(?:ils?|elles?|on)\b)"
    r"|\w+(?:[.,&]\w+)*(?:-\w+)*(?:['’]\w+|(?<=s)['’](?=\s))?",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\s*\(([^()]*)\)\W*$")
_DONE = ("paid", "made", "built", "sold", "held", "won", "lost", "born", "written", "known", "sent")
_BEING = frozenset("is are was were be been has have had".split())
_HELPING = frozenset("do does did can could will would shall should may might must".split())
_GERMAN_JOINED = frozenset("im am zum zur beim vom ins ans".split())  # with their articles
_ABBREVIATED = 3  # letters: "Dr. Weber", "E. coli"
# what a firm's name may end with, after a comma or an ampersand
_FIRMS = frozenset("Inc Co Corp Ltd LLC LLP LP plc PLC AG SE GmbH KG SA NV Company Sons".split())
_COUNTING = frozenset("many much which what".split())


@dataclass(frozen=True, slots=True)
class Word:
    """``lower`` has a straight apostrophe, and none where one was elided."""

    text: str
    lower: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words ``first`` to ``last`` (exclusive), an article included. ``names`` are indexes;
    ``owner`` is the index after a possessive ("3M's"), 0 without one; ``counted`` follows "how
    many"."""

    first: int
    last: int
    names: tuple[int, ...]
    preposition: str = ""
    article: bool = False
    owner: int = 0
    counted: bool = False


class Sentence:
    """``words`` of a question in a language; what is in brackets at its end is an aside."""

    def __init__(self, text: str, language: Language) -> None:
        self.text = text.strip()
        self.language = language
        self.words = words_of(self.text)

    @cached_property
    def bare(self) -> str:
        """Without the marks at its end."""
        return self.text.rstrip(" ?!.…¿؟？")

    @cached_property
    def timed(self) -> frozenset[int]:
        """Indexes of the words that say when."""
        spans = time_spans(self.text)
        return frozenset(
            at
            for at, word in enumerate(self.words)
            if any(start < word.end and word.start < end for start, end in spans)
        )

    def small(self, at: int) -> bool:
        return self.words[at].lower in self.language.small

    def is_name(self, at: int) -> bool:
        """By its capital, or by figures within; the first word only if it is no other."""
        word, text = self.words[at], self.words[at].text
        if at in self.timed or self.small(at):
            return False
        if any(c.isdigit() for c in text) and any(c.isalpha() for c in text):
            return True
        if self.language is GERMAN and at and self._joined(at - 1):
            return False  # every noun has a capital
        if not text[0].isupper():
            return at == 0 and word.lower.endswith("'s")
        first = at == 0 or self._gap(at).strip() in tuple(".?!:¿¡")
        return not first or text[1:] != text[1:].lower() or word.lower.endswith("'s")

    @cached_property
    def names(self) -> tuple[int, ...]:
        return tuple(at for at in range(len(self.words)) if self.is_name(at))

    def content(self, first: int = 0, last: int | None = None) -> list[int]:
        """Indexes of the words that say something, the time apart."""
        end = len(self.words) if last is None else min(last, len(self.words))
        return [at for at in range(first, end) if not self.small(at) and at not in self.timed]

    def span(self, first: int, last: int) -> tuple[int, int]:
        return self.words[first].start, self.words[last - 1].end

    @cached_property
    def topic(self) -> str:
        """What it is about: what stands in brackets at its end, or it without its asking words."""
        if (aside := _ASIDE.search(self.text)) is not None:
            return aside[1]
        at = 0
        while at < len(self.words) and self.words[at].lower in (
            self.language.asking | self.language.verbs | self.language.bare | self.language.joints
        ):
            at += 1
        return self.bare[self.words[at].start :] if at < len(self.words) else ""

    @cached_property
    def phrases(self) -> tuple[Phrase, ...]:
        """Noun phrases: what may be replaced by another, or stand for a pronoun."""
        return tuple(found for run in self._runs() if (found := self._phrase(*run)) is not None)

    def _runs(self) -> Iterator[tuple[int, int]]:
        """Neighbouring words that are not small, with the article before them."""
        start, named, article = -1, False, False
        for at in range(len(self.words)):
            between = self._gap(at)
            if start >= 0 and (between.strip() or self.small(at) or at in self.timed):
                yield start, at
                start = -1
            if self.small(at) or at in self.timed:
                continue
            if start < 0:
                article = at > 0 and not between.strip() and self._determines(at - 1)
                start, named = (at - 1 if article else at), False
            elif self.language is not GERMAN and self.is_name(at) and not self.is_name(at - 1):
                owned = self.words[at - 1].lower.endswith("'s")
                if (named or not article) and not owned:
                    yield start, at
                    start, named, article = at, False, False
            named = named or self.is_name(at)
        if start >= 0:
            yield start, len(self.words)

    def _gap(self, at: int) -> str:
        """What is between a word and the one before it; an abbreviation's full stop is nothing."""
        if not at:
            return ""
        before = self.words[at - 1]
        between = self.text[before.end : self.words[at].start]
        if self.words[at].text in _FIRMS and between.strip() in (",", "&", ".,"):
            return ""
        short = before.text[:1].isupper() and len(before.text) <= _ABBREVIATED and at > 1
        return between.lstrip(".") if short else between

    def _joined(self, at: int) -> bool:
        return self._determines(at) or self.words[at].lower in _GERMAN_JOINED

    def _determines(self, at: int) -> bool:
        word = self.words[at].lower
        language = self.language
        return word in language.articles | language.possessives | language.pointing

    def _phrase(self, first: int, last: int) -> Phrase | None:
        article = self.small(first)
        inner = first + 1 if article else first
        before = self.words[first - 1].lower if first else ""
        asked = any(self.words[at].lower in self.language.asking for at in range(first))
        helped = any(self.words[at].lower in self.language.verbs for at in range(first))
        counted = False
        if self.language is ENGLISH:
            counted = first > 0 and before in _COUNTING and not article
            said = before not in self.language.prepositions and not article and not counted
            if asked and not helped and said:
                return None  # what somebody did: "who signed"
            if before in _HELPING and last - inner > 1:
                last = self._without_verb(inner, last, article)
            elif before in _BEING and last - inner > 1:
                # "was the lease signed", "is the deposit refundable"
                told = first == 1 and last == len(self.words) and not self.is_name(last - 1)
                last -= told or _done(self.words[last - 1].lower)
        elif self.language is FRENCH and self.text[self.words[last - 1].end :].startswith("-"):
            last -= last - inner > 1  # the verb of "le contrat expire-t-il"
        names = tuple(at for at in range(inner, last) if self.is_name(at))
        owner = max(
            (
                at + 1
                for at in range(inner, last - 1)
                if self.words[at].lower.endswith(("'s", "s'"))
            ),
            default=0,
        )
        preposition = before if before in self.language.prepositions else ""
        return Phrase(first, last, names, preposition, article, owner, counted)

    def _without_verb(self, inner: int, last: int, article: bool) -> int:
        """ "does the Nord lease end": what stands after a helping verb ends in another."""
        if not article and self.is_name(inner) and not self.words[inner].lower.endswith("'s"):
            at = inner
            while at < last and self.is_name(at):
                at += 1
            return at
        return last - 1 if not self.is_name(last - 1) else last


def words_of(text: str) -> list[Word]:
    return [
        Word(match[0], match[0].lower().replace("’", "'").rstrip("'"), match.start(), match.end())
        if not match[0].endswith("s'")
        else Word(match[0], match[0].lower(), match.start(), match.end())
        for match in _WORD.finditer(text)
    ]


def _done(word: str) -> bool:
    return word.endswith("ed") or word in _DONE
