"""Claims checked against sources, without trusting anything that the model printed.

A claim is a sentence of the answer. It is *supported* when one sentence of the sources holds what
it says beyond the question, all of its figures and names, and says it the same way round; what it
repeats of the question may in part stand elsewhere in that passage ("it" for the rent). *Partly*
is when most of that is there and nothing contradicts, or when it takes two sentences together,
which may be about two things; else it is *unsupported*.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.answering.quotes import Sentence
from engine.answering.words import all_stems, content_stems, figures, stem
from engine.answers import Support
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
_IN_PASSAGE = 0.75  # shares of the claim's words that must be found
_NEW = 0.8
_REPEATED = 0.5
_NOTHING_NEW = 0.75
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
        self._asked = frozenset(content_stems(question))
        self._sources = [_Source.of(sentence) for sentence in sources]

    def check(self, answer: str) -> list[CheckedClaim]:
        """One checked claim for each sentence of the answer."""
        return [self._check(answer[start:end], start, end) for start, end in sentences(answer)]

    def _check(self, text: str, start: int, end: int) -> CheckedClaim:
        claim = _Source.of_text(text)
        if not claim.stems:
            return CheckedClaim(text, start, end, Support.UNCHECKED)
        best: tuple[float, tuple[_Source, ...]] = (0.0, ())
        singles = sorted(self._sources, key=lambda source: -_share(claim.stems, source.stems))[:4]
        candidates: list[tuple[_Source, ...]] = [(source,) for source in singles]
        candidates += [(singles[0], other) for other in singles[1:]]
        for sources in candidates:
            together = _Source.joined(sources)
            if not self._agrees(claim, together, sources):
                continue
            new, repeated = claim.stems - self._asked, claim.stems & self._asked
            new_words = _share(new, together.stems)
            repeated_words = _share(repeated, together.stems)
            in_passage = _share(claim.stems, together.around)
            enough = (
                in_passage >= _IN_PASSAGE
                and new_words >= _NEW
                and repeated_words >= (_REPEATED if new else _NOTHING_NEW)
            )
            if enough and len(sources) == 1:
                return CheckedClaim(text, start, end, Support.SUPPORTED, _sentences(sources))
            held = min(_share(claim.stems, together.stems), new_words)
            if held > best[0]:
                best = (held, sources)
        if best[0] >= _PARTLY:
            return CheckedClaim(text, start, end, Support.PARTLY, _sentences(best[1]))
        return CheckedClaim(text, start, end, Support.UNSUPPORTED)

    def _agrees(self, claim: _Source, together: _Source, sources: tuple[_Source, ...]) -> bool:
        """Nothing in the claim that the sources do not have or say the other way round."""
        if not claim.figures <= together.figures:
            return False
        if not claim.names <= together.around | self._asked:
            return False
        if all(source.negated != claim.negated for source in sources):
            return False
        return not any(
            a in claim.directions and b in together.directions and a not in together.directions
            for a, b in _OPPOSED
        )


@dataclass(frozen=True, slots=True)
class _Source:
    """A sentence as it is compared: its own words, and those ``around`` it in its passage and
    title, because sentences rarely repeat what their document is about."""

    sentence: Sentence | None
    stems: frozenset[str]
    around: frozenset[str]
    figures: frozenset[str]
    names: frozenset[str]
    directions: frozenset[str]
    negated: bool

    @classmethod
    def of_text(cls, text: str, context: str = "", sentence: Sentence | None = None) -> _Source:
        return cls(
            sentence,
            frozenset(content_stems(text)),
            frozenset(content_stems(f"{context} {text}")),
            frozenset(figures(text)),
            frozenset(stem(name) for name in _NAME.findall(text.strip())),
            frozenset(all_stems(text)) & _DIRECTIONS,
            bool(_NEGATION.search(text)),
        )

    @classmethod
    def of(cls, sentence: Sentence) -> _Source:
        context = f"{sentence.hit.title} {sentence.hit.heading} {sentence.hit.text}"
        return cls.of_text(sentence.text, context, sentence)

    @classmethod
    def joined(cls, sources: Sequence[_Source]) -> _Source:
        first, *rest = sources
        for other in rest:
            first = cls(
                None,
                first.stems | other.stems,
                first.around | other.around,
                first.figures | other.figures,
                first.names | other.names,
                first.directions | other.directions,
                first.negated or other.negated,
            )
        return first


def _share(wanted: frozenset[str], found: frozenset[str]) -> float:
    return len(wanted & found) / len(wanted) if wanted else 1.0


def _sentences(sources: Sequence[_Source]) -> tuple[Sentence, ...]:
    return tuple(source.sentence for source in sources if source.sentence is not None)


_OPPOSED = [pair for a, b in _OPPOSITES for pair in ((stem(a), stem(b)), (stem(b), stem(a)))]
_DIRECTIONS = frozenset(word for pair in _OPPOSED for word in pair)
