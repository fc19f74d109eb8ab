"""Claims checked against sources, without trusting anything that the model printed.

A claim is a sentence of the answer. It is *supported* when one sentence of the sources holds its
words, all of its figures and names, and says it the same way round; *partly* when most of that is
there and nothing contradicts, or when it takes two sentences together, which may be about two
things; else *unsupported*.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.answering.quotes import Sentence
from engine.answering.words import content_stems, figures, stem
from engine.records import Support
from engine.sentences import sentences

_NEGATION = re.compile(r"\b(?:not|no|never|none|neither|nor|without|cannot)\b|n['’]t\b", re.I)
_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-Z][\w'’-]*[a-z0-9][\w'’-]*")
_OPPOSITES = (
    ("increase", "decrease"), ("rise", "fall"), ("rose", "fell"), ("grow", "shrink"),
    ("gain", "loss"), ("profit", "loss"), ("higher", "lower"), ("more", "less"),
    ("more", "fewer"), ("above", "below"), ("before", "after"), ("first", "last"),
    ("largest", "smallest"), ("highest", "lowest"), ("maximum", "minimum"), ("accept", "reject"),
    ("allow", "prohibit"), ("include", "exclude"), ("win", "lose"), ("won", "lost"),
    ("north", "south"), ("east", "west"), ("buy", "sell"), ("bought", "sold"),
)  # fmt: skip
_SUPPORTED = 0.75
_SUPPORTED_NEW = 0.8
_PARTLY = 0.5


@dataclass(frozen=True, slots=True)
class CheckedClaim:
    """``text[start:end]`` of the answer with what was found; ``sources`` are the sentences that
    support it, none unless ``support`` is SUPPORTED or PARTLY."""

    text: str
    start: int
    end: int
    support: Support
    sources: tuple[Sentence, ...] = ()


class Grounding:
    """Checks answers to one question against one list of source sentences, best first."""

    def __init__(self, question: str, sources: Sequence[Sentence]) -> None:
        self._asked = set(content_stems(question))
        self._sources = [_Source.of(sentence) for sentence in sources]

    def check(self, answer: str) -> list[CheckedClaim]:
        """One checked claim for each sentence of the answer."""
        return [self._check(answer[start:end], start, end) for start, end in sentences(answer)]

    def _check(self, text: str, start: int, end: int) -> CheckedClaim:
        claim = _Source.of_text(text)
        if not claim.stems:
            return CheckedClaim(text, start, end, Support.UNCHECKED)
        best: tuple[float, tuple[_Source, ...]] = (0.0, ())
        singles = sorted(self._sources, key=lambda s: -self._coverage(claim, s))[:4]
        candidates: list[tuple[_Source, ...]] = [(source,) for source in singles]
        candidates += [(singles[0], other) for other in singles[1:]]
        for sources in candidates:
            together = _Source.joined(sources)
            if not self._agrees(claim, together, sources):
                continue
            all_words = self._coverage(claim, together)
            new = claim.stems - self._asked
            new_words = len(new & together.stems) / len(new) if new else all_words
            enough = all_words >= _SUPPORTED and new_words >= _SUPPORTED_NEW
            if enough and len(sources) == 1:
                return CheckedClaim(text, start, end, Support.SUPPORTED, _sentences(sources))
            if min(all_words, new_words) > best[0]:
                best = (min(all_words, new_words), sources)
        if best[0] >= _PARTLY:
            return CheckedClaim(text, start, end, Support.PARTLY, _sentences(best[1]))
        return CheckedClaim(text, start, end, Support.UNSUPPORTED)

    def _coverage(self, claim: _Source, source: _Source) -> float:
        return len(claim.stems & source.stems) / len(claim.stems)

    def _agrees(self, claim: _Source, together: _Source, sources: tuple[_Source, ...]) -> bool:
        """Nothing in the claim that the sources do not have or say the other way round."""
        if not claim.figures <= together.figures:
            return False
        if not claim.names <= together.stems | self._asked:
            return False
        if all(source.negated != claim.negated for source in sources):
            return False
        return not any(
            a in claim.stems and b in together.stems and a not in together.stems
            for a, b in _OPPOSED
        )


@dataclass(frozen=True, slots=True)
class _Source:
    """A sentence as it is compared. A source's title counts towards its words, because
    sentences rarely repeat what their document is about."""

    sentence: Sentence | None
    stems: frozenset[str]
    figures: frozenset[str]
    names: frozenset[str]
    negated: bool

    @classmethod
    def of_text(cls, text: str, context: str = "", sentence: Sentence | None = None) -> _Source:
        return cls(
            sentence,
            frozenset(content_stems(f"{context} {text}")),
            frozenset(figures(text)),
            frozenset(stem(name) for name in _NAME.findall(text.strip())),
            bool(_NEGATION.search(text)),
        )

    @classmethod
    def of(cls, sentence: Sentence) -> _Source:
        return cls.of_text(sentence.text, sentence.hit.title, sentence)

    @classmethod
    def joined(cls, sources: Sequence[_Source]) -> _Source:
        first, *rest = sources
        for other in rest:
            first = cls(
                None,
                first.stems | other.stems,
                first.figures | other.figures,
                first.names | other.names,
                first.negated or other.negated,
            )
        return first


def _sentences(sources: Sequence[_Source]) -> tuple[Sentence, ...]:
    return tuple(source.sentence for source in sources if source.sentence is not None)


_OPPOSED = [pair for a, b in _OPPOSITES for pair in ((stem(a), stem(b)), (stem(b), stem(a)))]
