"""A document cut into the parts that a summary gives a sentence or two each.

Headings come first: passages under one heading belong together. What is too long is cut into runs
of about the same length, and what is too short joins a neighbour, sooner one under the same
heading above. A document without headings is cut into runs alone. Length counts what a reader
wants from it: thirty pages of tables weigh no more than the sentences between them, the beginning
more than the end, summaries and conclusions twice as much as the rest, what is far from what the
document begins with (plans and contracts attached to a report) less, and what every document of a
kind has (disclaimers, certifications, lists of exhibits or references) hardly anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.passages import PATH_SEPARATOR
from engine.store.search import StoredPassage

Vector = NDArray[np.float32]

_FIGURES = re.compile(r"[\d$€£%|()—_]|\.{3,}")
_LEAST_PROSE = 0.05
_LETTERS_A_WORD = 6
_FORMAL = re.compile(
    r"\b(?:forward[-‑ ]looking|safe harbou?r|disclaimers?|certifications?|signatures?|"
    r"exhibits?|schedules?|references|bibliography|acknowledge?ments?|table of contents|contents|"
    r"index|conference call|contacts?|current report|form \d+-?\w?|appendix|literatur|"
    r"inhaltsverzeichnis|impressum)\b",
    re.IGNORECASE,
)
_WEIGHTY = re.compile(
    r"\b(?:abstract|summary|overview|highlights|key (?:points|findings|facts)|findings|results|"
    r"conclusions?|recommendations?|decisions?|zusammenfassung|überblick|ergebnisse?|fazit)\b",
    re.IGNORECASE,
)
_FORMAL_WORTH, _WEIGHTY_WORTH = 0.15, 2.0
_LONG = 40  # passages
_BEGINNING = 8  # the first eighth
_NEIGHBOURS = 9
_LEAST_NEAR = 0.03
_FIRST, _LAST = 1.7, 0.3  # what the first and the last word count
_TOO_LONG = 1.6  # times the length that each part would have were they all alike
_STRANGERS = 1.15  # how much longer two neighbours seem that share no heading


@dataclass(frozen=True, slots=True)
class Section:
    """Passages that follow each other. ``weight`` is about how many characters of prose they
    hold, made more or less by where they stand."""

    passages: tuple[StoredPassage, ...]
    weight: float

    @property
    def heading(self) -> str:
        """The innermost heading that they are under; of several, the one of most text."""
        lengths: dict[str, int] = {}
        for passage in self.passages:
            inner = innermost(passage.heading)
            lengths[inner] = lengths.get(inner, 0) + len(passage.text)
        return max(lengths, key=lambda heading: lengths[heading])


def innermost(path: str) -> str:
    return path.rpartition(PATH_SEPARATOR)[2]


def divided(
    passages: Sequence[StoredPassage], most: int, vectors: Mapping[int, Vector] | None = None
) -> list[Section]:
    """At most ``most`` sections that hold all of the passages, in their order. ``vectors`` of
    unit length are those of the passages, by id, where they are there."""
    if not passages:
        return []
    near = _nearness_to_the_beginning(passages, vectors or {})
    weights = [
        _prose(passage.text) * _worth(passage.heading, at / len(passages)) * near[at]
        for at, passage in enumerate(passages)
    ]
    goal = sum(weights) / most
    sections: list[Section] = []
    start = 0
    for at in range(1, len(passages) + 1):
        if at < len(passages) and passages[at].heading == passages[start].heading:
            continue
        sections += _runs(passages[start:at], weights[start:at], goal)
        start = at
    return _merged(sections, most, goal)


def _nearness_to_the_beginning(
    passages: Sequence[StoredPassage], vectors: Mapping[int, Vector]
) -> list[float]:
    """For each passage with its neighbours: 1 where they are as near to the beginning in meaning
    as the beginning itself is, and less the farther they are."""
    if len(vectors) < len(passages) or len(passages) < _LONG:
        return [1.0] * len(passages)
    rows = np.stack([vectors[passage.id] for passage in passages])
    first = len(passages) // _BEGINNING
    middle = rows[:first].mean(axis=0)
    window = np.ones(_NEIGHBOURS) / _NEIGHBOURS
    cosines = np.convolve(np.pad(rows @ middle, _NEIGHBOURS // 2, mode="edge"), window, "valid")
    usual = float(np.median(cosines[:first]))
    return [min(1.0, max(_LEAST_NEAR, (c / usual) ** 3)) for c in cosines.tolist()]


def prose_words(passages: Sequence[StoredPassage]) -> int:
    """About how many words there are to read, leaving out figures and what is formal."""
    return int(sum(_prose(p.text) * _worth(p.heading, 0.5) for p in passages) / _LETTERS_A_WORD)


def _prose(text: str) -> float:
    return len(text) * max(_LEAST_PROSE, 1 - 5 * len(_FIGURES.findall(text)) / max(len(text), 1))


def _worth(heading: str, at: float) -> float:
    """``at`` is between 0, the document's beginning, and 1."""
    place = _FIRST + at * (_LAST - _FIRST)
    name = innermost(heading)
    if _FORMAL.search(name):
        return place * _FORMAL_WORTH
    return place * (_WEIGHTY_WORTH if _WEIGHTY.search(name) else 1.0)


def _runs(
    passages: Sequence[StoredPassage], weights: Sequence[float], goal: float
) -> list[Section]:
    """The passages under one heading, cut into equal runs where they are too long for one."""
    whole = sum(weights)
    runs = 1 if whole <= _TOO_LONG * goal else min(len(passages), round(whole / goal))
    cut: list[list[int]] = [[] for _ in range(runs)]
    before = 0.0
    for at, weight in enumerate(weights):
        cut[min(runs - 1, int((before + weight / 2) * runs / whole))].append(at)
        before += weight
    return [
        Section(tuple(passages[at] for at in run), sum(weights[at] for at in run))
        for run in cut
        if run
    ]


def _merged(sections: list[Section], most: int, goal: float) -> list[Section]:
    """The pair of neighbours that is shortest together is joined until there are few enough."""
    small: list[Section] = []
    for section in sections:  # at first in one go: a long document may have thousands
        if small and min(small[-1].weight, section.weight) < goal / 8:
            small[-1] = _joined(small[-1], section)
        else:
            small.append(section)
    while len(small) > most:
        costs = [_cost(a, b) for a, b in pairwise(small)]
        at = costs.index(min(costs))
        small[at : at + 2] = [_joined(small[at], small[at + 1])]
    return small


def _cost(a: Section, b: Section) -> float:
    first, second = a.passages[-1].heading, b.passages[0].heading
    related = first.partition(PATH_SEPARATOR)[0] == second.partition(PATH_SEPARATOR)[0]
    return (a.weight + b.weight) * (1.0 if related else _STRANGERS)


def _joined(a: Section, b: Section) -> Section:
    return Section(a.passages + b.passages, a.weight + b.weight)


def shares(sections: Sequence[Section], sentences: int) -> list[int]:
    """How many of the summary's sentences each section gets: one each, as far as they go, the
    rest by length (D'Hondt's method)."""
    got = [0] * len(sections)
    order = sorted(range(len(sections)), key=lambda at: -sections[at].weight)
    for at in order[:sentences]:
        got[at] = 1
    for _ in range(sentences - sum(got)):
        best = max(range(len(sections)), key=lambda at: sections[at].weight / (got[at] + 1))
        got[best] += 1
    return got
