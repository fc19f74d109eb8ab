"""The sentences that stand for a stretch of text, chosen without a language model.

A sentence stands for its section when it is near to what all of it is about: its cosine to the
middle of the section's passage vectors (Radev et al., "Centroid-based summarization of multiple
documents", 2004; with embeddings: Rossiello et al., "Centroid-based text summarization through
compositionality of word embeddings", 2017), how many of the section's frequent words it holds,
how early it comes, and whether it speaks of what the heading names. Only a sentence that can
be understood alone is of use: fragments, rows, beginnings such as "However, this" and mere
references elsewhere count for less, and orders to whoever reads it for nothing. Sentences that
say the same are taken once (maximal marginal relevance: Carbonell and Goldstein, 1998).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log1p, sqrt

import numpy as np

from engine.answering.quotes import Sentence
from engine.answering.sections import Section, Vector, innermost
from engine.answering.units import units
from engine.answering.words import content_stems
from engine.errors import ChildError
from engine.hidden import Spans, quotable
from engine.models.embedder import Embedder
from engine.passages import PATH_SEPARATOR, estimate_pieces
from engine.records import Hit
from engine.store.search import StoredPassage
from engine.untrusted import is_order
from engine.workers import CancelToken

_SHORTEST, _LONGEST = 6, 55  # word pieces
_PASSAGES = 8  # of a section that are looked into, and more for each sentence wanted
_EMBEDDED = 24  # sentences of a section, and more likewise
_SAME = 0.85  # cosine
_SAME_WORDS = 0.7  # of all the words of two sentences
READABLE, ANYTHING = 0.5, 0.0
"""How well a sentence must read alone: see :func:`prose`."""
_NEW = 0.35  # what being unlike the sentences chosen before counts

_ENDS = re.compile(r"[.!?…。！？؟۔][\"'”’»›)\]」』）]*$")
_LABEL = re.compile(r"^(?:[•▪◦‣·●○■□*–—-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{2,4})[.)])\s+")
_LEANING = re.compile(
    r"(?!this (?:agreement|lease|contract|deed|will|policy|report|paper|study|survey|handbook|"
    r"book|letter|memorandum|document|act|regulation|chapter)\b)"
    r"(?:however|therefore|thus|hence|moreover|furthermore|additionally|accordingly|consequently|"
    r"nevertheless|similarly|likewise|finally|also|but|and|or|so|then|this|these|those|such|that|"
    r"it|its|they|their|he|she|his|her|in addition|in contrast|for example|for instance|"
    r"as a result|on the other hand|by contrast|as such|jedoch|daher|dies|diese[rs]?|außerdem|"
    r"zudem|sie|er|es)\b|[^,]{1,40}, (?:it|they|he|she|this|these)\b",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"\b(?:see|refer to|set forth in|incorporated (?:herein )?by reference|included in item|"
    r"table of contents|following (?:tables?|graphs?|charts?|information|discussion)|"
    r"(?:table|forth|listed) (?:above|below)|as follows|"
    r"pages? \d|check mark|(?:when|as) used in|pursuant to (?:section|rule|item)|siehe)\b|[:：]$",
    re.IGNORECASE,
)
_HEDGED = re.compile(
    r"^(?:if|unless)\b|\b(?:may|might|could|would|forward[-‑ ]looking)\b|"
    r"\bthe (?:one|ones|former|latter)\b",
    re.IGNORECASE,
)
_OPENERS = "\"'“‘«„『「¿¡"
_LITTLE = frozenset(
    "a an and as at by for from in of on or per the to with und der die das des von zu im am mit "
    "für de la le les du des et à en el los las del y".split()
)
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_][^\W_]*")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A sentence that stands for its section; ``vector`` has unit length, None where there is
    no embedder to be had."""

    sentence: Sentence
    vector: Vector | None
    stems: frozenset[str]

    def says_the_same(self, other: Chosen) -> bool:
        a, b = self.vector, other.vector
        if a is not None and b is not None and float(a @ b) > _SAME:
            return True
        either = self.stems | other.stems
        return bool(either) and len(self.stems & other.stems) > _SAME_WORDS * len(either)


@dataclass(frozen=True, slots=True)
class _Candidate:
    chosen: Chosen
    evidence: float


class CentralSentences:
    """Chooses sentences. Each is embedded once, and only those of the passages that come into
    question: a section of twenty pages costs no more than one of two."""

    def __init__(self, embedder: Embedder, hidden: Callable[[int, int], Spans]) -> None:
        """``hidden`` says what a reader does not see of a document's page, by its number."""
        self._embedder = embedder
        self._hidden = hidden

    def choose(
        self,
        section: Section,
        vectors: Mapping[int, Vector],
        wanted: int,
        *,
        before: Sequence[Chosen] = (),
        least_prose: float = READABLE,
        cancel: CancelToken | None = None,
    ) -> list[Chosen]:
        """At most ``wanted``, best first, none of which says what one ``before`` says.

        ``vectors`` are those of passages, by id, where they are there already. An embedder that
        fails leaves the words to decide. Raises ``CancelledError``.
        """
        middle = _middle([vectors[p.id] for p in section.passages if p.id in vectors])
        passages = _likely(_placed(section.passages), vectors, middle, _PASSAGES + 3 * wanted)
        frequent = Counter(stem for _, p in passages for stem in content_stems(p.text))
        candidates = [
            candidate
            for at, passage in passages
            for candidate in self._candidates(passage, at, frequent, least_prose)
        ]
        candidates.sort(key=lambda candidate: -candidate.evidence)
        candidates = candidates[: _EMBEDDED + 6 * wanted]
        candidates = [c for c in candidates if not is_order(c.chosen.sentence.text)]
        candidates = self._by_meaning(candidates, middle, cancel)
        return _unlike(candidates, wanted, before)

    def meant(self, text: str, source: Sentence, cancel: CancelToken | None = None) -> Chosen:
        """A sentence of somebody else's that rests on ``source``, to be compared with others."""
        try:
            vector = self._embedder.embed([text], cancel)[0]
        except ChildError:
            vector = None
        return Chosen(source, vector, frozenset(content_stems(text)))

    def _candidates(
        self, passage: StoredPassage, place: int, frequent: Counter[str], least_prose: float
    ) -> list[_Candidate]:
        hit = as_hit(passage)
        hidden = self._hidden(passage.document_id, passage.page)
        headings = passage.heading.split(PATH_SEPARATOR)
        named = set(content_stems(f"{passage.title} {innermost(passage.heading)}"))
        commonest = frequent.most_common(1)[0][1] if frequent else 1
        found = []
        for number, (start, end) in enumerate(sentence_spans(passage, headings, hidden)):
            text = passage.text[start:end]
            readable = prose(text)
            stems = frozenset(content_stems(text))
            if readable < least_prose or not stems:
                continue
            often = sum(log1p(frequent[stem]) for stem in stems) / log1p(commonest)
            words = min(1.0, often / sqrt(8 * len(stems)))
            early = 1.0 / (1.0 + place + 0.3 * number)
            heading = len(stems & named) / len(named) if named else 0.0
            evidence = readable * (0.4 + 0.3 * words + 0.15 * early + 0.25 * heading)
            sentence = Sentence(hit, hit.start + start, hit.start + end, text)
            found.append(_Candidate(Chosen(sentence, None, stems), evidence))
        return found

    def _by_meaning(
        self, candidates: list[_Candidate], middle: Vector | None, cancel: CancelToken | None
    ) -> list[_Candidate]:
        texts = [" ".join(each.chosen.sentence.text.split()) for each in candidates]
        try:
            rows = self._embedder.embed(texts, cancel) if texts else np.empty((0, 0), np.float32)
        except ChildError:
            return candidates
        if middle is None:
            middle = _middle(list(rows))
        if middle is None or (len(rows) and middle.shape != rows[0].shape):
            return candidates
        return [
            _Candidate(
                Chosen(each.chosen.sentence, row, each.chosen.stems),
                each.evidence * (0.5 + float(middle @ row)),
            )
            for each, row in zip(candidates, rows, strict=True)
        ]


def as_hit(passage: StoredPassage) -> Hit:
    """A passage that was not searched for, as what cites it expects it."""
    return Hit(
        rank=0,
        passage_id=passage.id,
        document_id=passage.document_id,
        document=passage.document,
        title=passage.title,
        page=passage.page,
        label=passage.label,
        start=passage.start,
        end=passage.end,
        text=passage.text,
        heading=passage.heading,
        score=0.0,
        found_by=(),
    )


def sentence_spans(
    passage: StoredPassage, headings: Sequence[str], hidden: Spans
) -> list[tuple[int, int]]:
    """The sentences of a passage, as offsets into its text, without the headings, bullets and
    numbers before them, and without what is hidden."""
    found = []
    for first, last in quotable(passage.text, hidden, passage.start):
        stretch = passage.text[first:last]
        for start, end in units(stretch):
            for heading in headings:
                start += _beginning(stretch[start:end], heading)
            label = _LABEL.match(stretch[start:end])
            start += label.end() if label else 0
            if start < end:
                found.append((first + start, first + end))
    return found


def prose(text: str) -> float:
    """How well a stretch can be read alone, as a sentence: 0 to 1."""
    lines = text.count("\n") + 1
    text = " ".join(text.split())
    pieces = estimate_pieces(text)
    solid = text.replace(" ", "")
    letters = len(_LETTER.findall(solid))
    if pieces < _SHORTEST or not letters:
        return 0.0
    value = min(1.0, _LONGEST / pieces)
    value *= min(1.0, max(0.0, (letters / len(solid) - 0.5) / 0.25))
    words = _WORD.findall(text)
    for wrong, factor in (
        (not _ENDS.search(text), 0.4),
        (not (text[0].isalnum() or text[0] in _OPENERS), 0.3),
        (text[0].islower(), 0.4),
        (sum(map(str.isupper, solid)) > 0.3 * letters, 0.3),
        (_is_title(words), 0.4),
        (text.count("“") != text.count("”") or text.count('"') % 2 == 1, 0.6),
        (lines > 2 and len(text) < 30 * lines, 0.4),
        (_LEANING.match(text), 0.6),
        (_ELSEWHERE.search(text), 0.4),
        (_HEDGED.search(text), 0.8),
    ):
        if wrong:
            value *= factor
    return value


def _is_title(words: Sequence[str]) -> bool:
    """Whether nothing but little words begin with a small letter."""
    small = [word for word in words if word[0].islower()]
    return len(words) > 2 and len(small) < len(words) and _LITTLE.issuperset(small)


def _beginning(text: str, heading: str) -> int:
    """How long a heading is that stands before a sentence on lines of its own; 0 without one."""
    if not heading:
        return 0
    words = r"\s+".join(re.escape(word) for word in heading.split())
    match = re.match(rf"{words}[^\S\n]*\n\s*(?=\S)", text)
    return match.end() if match else 0


def _middle(vectors: Sequence[Vector]) -> Vector | None:
    if not vectors:
        return None
    total = np.sum(vectors, axis=0)
    length = float(np.linalg.norm(total))
    return (total / length).astype(np.float32) if length else None


def _placed(passages: Sequence[StoredPassage]) -> list[tuple[int, StoredPassage]]:
    """Each passage with its place under its heading, from 0."""
    placed: list[tuple[int, StoredPassage]] = []
    for passage in passages:
        follows = placed and placed[-1][1].heading == passage.heading
        placed.append((placed[-1][0] + 1 if follows else 0, passage))
    return placed


def _likely(
    placed: list[tuple[int, StoredPassage]],
    vectors: Mapping[int, Vector],
    middle: Vector | None,
    most: int,
) -> list[tuple[int, StoredPassage]]:
    """The passages nearest to the middle, sooner those that come first under their heading;
    without vectors, some from all over the section."""
    if len(placed) <= most:
        return placed
    if middle is None:
        step = len(placed) / most
        return [placed[int(at * step)] for at in range(most)]

    def nearness(at: int) -> float:
        place, passage = placed[at]
        near = float(vectors[passage.id] @ middle) if passage.id in vectors else 0.0
        return near + (0.2 if place == 0 else 0.0)

    best = sorted(range(len(placed)), key=lambda at: (-nearness(at), at))[:most]
    return [placed[at] for at in sorted(best)]


def _unlike(
    candidates: Sequence[_Candidate], wanted: int, before: Sequence[Chosen]
) -> list[Chosen]:
    """The best that are not too like each other (MMR)."""
    left = [c for c in candidates if not any(c.chosen.says_the_same(b) for b in before)]
    chosen: list[Chosen] = []
    while left and len(chosen) < wanted:
        best = max(left, key=lambda c: c.evidence * (1 - _NEW * _nearest(c.chosen, chosen)))
        chosen.append(best.chosen)
        left = [c for c in left if not c.chosen.says_the_same(best.chosen)]
    return chosen


def _nearest(one: Chosen, others: Sequence[Chosen]) -> float:
    vector = one.vector
    if vector is None:
        return 0.0
    return max((float(o.vector @ vector) for o in others if o.vector is not None), default=0.0)
