"""Whether the best sentences answer the question at all.

Each sign is something a person could point at: how near the sentences come compared with what
chance brings up in this library, and where question and sentence, laid side by side, disagree:
one is negated, one says the opposite, a name or figure of the question is nowhere near. How often
each sign is right was counted on questions with and without an answer; see
``tests/benchmarks/answers.py``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from engine.answering.aligning import NUMBERS, Sort, Token, align, alike, tokens
from engine.answering.chance import Chance
from engine.answering.opposites import opposed
from engine.answering.quotes import Sentence
from engine.answering.words import is_spelled_out

_NONE = 1.75  # spreads beyond chance; below is nothing
_NAMELESS = 2.75  # below is nothing where what the question names is not there either
_SURE = 3.2
_FEW_WORDS, _MOST_WORDS = 0.2, 0.6  # of the question's, where there is nothing else to go by
_AROUND = 600  # characters of the passage before and after a sentence in which a name may stand
_NOT_LETTERS = re.compile(r"[\W_]+")
_PERIODS = frozenset("fy cy q usd eur gbp h inc co corp ltd llc plc".split())


class Standing(Enum):
    """Nothing answers the question; something may; something does."""

    NOTHING = auto()
    DOUBTFUL = auto()
    GOOD = auto()


@dataclass(frozen=True, slots=True)
class Evidence:
    """``why`` says in a few words what speaks against it; empty where the standing is GOOD, and
    where there is simply nothing near."""

    standing: Standing
    why: str = ""


def weigh(question: str, sentences: Sequence[Sentence], chance: Chance | None) -> Evidence:
    """The evidence of sentences, best first; ``chance`` is None where nothing could be measured
    (no embedder), and only the words then speak."""
    if not sentences:
        return Evidence(Standing.NOTHING)
    best = sentences[0]
    if chance is None:
        if best.words < _FEW_WORDS:
            return Evidence(Standing.NOTHING)
        unsure = best.words < _MOST_WORDS
    else:
        beyond = chance.beyond(sentences)
        if beyond < _NONE:
            return Evidence(Standing.NOTHING)
        unsure = beyond < _SURE
    absent = _absent(question, best)
    if absent and chance is not None and beyond < _NAMELESS:
        return Evidence(Standing.NOTHING, absent)
    why = _disagreement(question, best) or absent
    if why or unsure:
        return Evidence(Standing.DOUBTFUL, why or "what was found may be about something else")
    return Evidence(Standing.GOOD)


def _disagreement(question: str, best: Sentence) -> str:
    """Where the sentence says the other way round what the question takes for granted."""
    asked, said = tokens(question), tokens(best.text)
    laid = align(asked, said)
    for i, j in laid.pairs:
        if asked[i].negated != said[j].negated:
            return f"what is nearest says the opposite about “{asked[i].word}”"
    matched = {i for i, _ in laid.pairs}
    used = {j for _, j in laid.pairs}
    left = [token for j, token in enumerate(said) if j not in used]
    near = tokens(_surroundings(best))
    for i, token in enumerate(asked):
        if i not in matched and not _among(token, near):
            for other in left:
                if opposed(token.key, other.key):
                    return f"what is nearest says “{other.word}”, not “{token.word}”"
    return ""


def _absent(question: str, best: Sentence) -> str:
    """What the question names and nothing near the sentence does."""
    around = _surroundings(best)
    asked, near, said = tokens(question), tokens(around), tokens(best.text)
    matched = {i for i, _ in align(asked, said).pairs}
    denies = any(token.negated for token in said)
    called = _NOT_LETTERS.sub("", f"{best.hit.document} {best.hit.title}".casefold())
    for n, token in enumerate(asked):
        named = token.sort in (Sort.NAME, Sort.FIGURE) and len(token.word) > 2
        named = named and token.key not in _PERIODS and token.word.lower() not in NUMBERS
        there = _among(token, near) or is_spelled_out(token.word, around)
        if named and token.key not in called and not there:
            return f"nothing that was found speaks of “{token.word}”"
        if token.negated and n not in matched and not denies:
            return f"nothing that was found denies “{token.word}”"
    return ""


def _among(token: Token, others: Sequence[Token]) -> bool:
    return any(alike(token, other) for other in others)


def _surroundings(sentence: Sentence) -> str:
    hit = sentence.hit
    at = max(0, sentence.start - hit.start)
    passage = hit.text[max(0, at - _AROUND) : at + len(sentence.text) + _AROUND]
    return f"{hit.title}. {hit.heading}. {sentence.context} {sentence.text} {passage}"
