"""Claims checked against sources, without trusting anything that the model printed.

A claim is a sentence of the answer, or an item of a list in it. It is *supported* when a sentence
of the sources, or two that follow each other, say the same: the claim's figures, names and amounts
stand there, nothing is negated on one side only, no word is exchanged for its opposite, and nearly
all of its words are found in the same order, or with whole parts moved. Where only words are
lacking, none of them a name, a figure or an amount, a sentence that is as near in meaning as one in
other words supports it too. It is *partly* supported when most of it is there and nothing
contradicts; else it is *unsupported*, and ``why`` says what is lacking.
``tests/benchmarks/answers.py`` measures how often "supported" is right.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from engine.answering.aligning import Alignment, Sort, Token, align, alike, tokens
from engine.answering.claims import claims, unmarked
from engine.answering.declining import declines
from engine.answering.leaving_out import breaks, left_out
from engine.answering.meaning import Embed, nearness
from engine.answering.opposites import opposed
from engine.answering.quotes import Sentence
from engine.answering.turning import active, bare, turned
from engine.answering.words import content_stems
from engine.answers import Support
from engine.errors import ChildError

_ENOUGH = 0.8
_NEARLY_ALL = 0.85
_PARTLY = 0.5
_LOOKED_AT = 4
_SAME_MEANING, _LIKE_MEANING = 0.75, 0.6  # nearness, see :mod:`engine.answering.meaning`
_EMBEDDED = 16  # sources at most: nobody is to wait for it
_POSSIBLE = frozenset("may might could possibly perhaps".split())


@dataclass(frozen=True, slots=True)
class CheckedClaim:
    """``text[start:end]`` of the answer with what was found; ``sources`` are the sentences that
    support it, none unless ``support`` is SUPPORTED or PARTLY. ``why`` is empty where it is
    SUPPORTED. ``declines`` says that it claims nothing but that there is no answer."""

    text: str
    start: int
    end: int
    support: Support
    sources: tuple[Sentence, ...] = ()
    why: str = ""
    declines: bool = False


@dataclass(frozen=True, slots=True)
class _Source:
    """A sentence, or two that follow each other, as it is compared."""

    sentences: tuple[Sentence, ...]
    tokens: tuple[Token, ...]
    plain: str

    @classmethod
    def of(cls, *parts: Sentence) -> _Source:
        laid = [token for n, part in enumerate(parts) for token in tokens(part.text, n)]
        return cls(parts, tuple(laid), _plain(" ".join(part.text for part in parts)))

    @classmethod
    def readings(cls, sentence: Sentence) -> Iterator[_Source]:
        """The sentence. The row of a table is also, word for word, what the model was told of it,
        and what each of its figures is: a figure of one year is not to bear out another's."""
        source = cls.of(sentence)
        yield source
        if sentence.said != sentence.text:
            yield replace(source, plain=_plain(sentence.said))
        for said in sentence.readings:
            yield cls((sentence,), tuple(tokens(said)), _plain(said))


@dataclass(frozen=True, slots=True)
class _Finding:
    support: Support
    share: float
    source: _Source
    why: str = ""


class Grounding:
    """Checks answers to one question against one list of source sentences, best first. Without
    ``embed`` claims are judged by their words alone."""

    def __init__(
        self, question: str, sources: Sequence[Sentence], embed: Embed | None = None
    ) -> None:
        self._asked = tuple(tokens(question))
        self._singles = [source for sentence in sources for source in _Source.readings(sentence)]
        self._exact = {
            plain: source
            for source in reversed(self._singles)
            for plain in (_plain(unmarked(source.sentences[0].text)), source.plain)
        }
        self._around: dict[tuple[int, int], frozenset[str]] = {}
        self._embed = embed

    def check(self, answer: str) -> list[CheckedClaim]:
        """Each claim of the answer, checked."""
        checked = [self._check(answer[start:end], start, end) for start, end in claims(answer)]
        lacking = [
            n
            for n, claim in enumerate(checked)
            if claim.support in (Support.PARTLY, Support.UNSUPPORTED)
        ]
        if self._embed is not None and lacking:
            with contextlib.suppress(ChildError):  # the words have spoken
                for n, found in zip(lacking, self._by_meaning(checked, lacking), strict=True):
                    checked[n] = found
        return checked

    def _by_meaning(
        self, checked: Sequence[CheckedClaim], lacking: Sequence[int]
    ) -> Iterator[CheckedClaim]:
        """Those that are lacking, lifted where the source that is nearest in meaning may say it
        in other words."""
        assert self._embed is not None
        texts = [_said(checked[n].text) for n in lacking]
        claims = [tuple(tokens(text)) for text in texts]
        near = {id(source): source for claim in claims for source in self._nearest(claim)}
        near |= {id(source): source for source in self._singles}
        sources = list(near.values())[:_EMBEDDED]
        rows = nearness(texts, [source.sentences[0].text for source in sources], self._embed)
        for n, claim, row in zip(lacking, claims, rows, strict=True):
            nearest = int(row.argmax())
            yield self._lifted(checked[n], claim, sources[nearest], float(row[nearest]))

    def _lifted(
        self, checked: CheckedClaim, claim: tuple[Token, ...], source: _Source, near: float
    ) -> CheckedClaim:
        laid = align(claim, source.tokens)
        if near < _LIKE_MEANING or self._contradiction(laid, source):
            return checked
        if near >= _SAME_MEANING and self._is_reworded(laid, source):
            return replace(checked, support=Support.SUPPORTED, sources=source.sentences, why="")
        if checked.support is Support.UNSUPPORTED:
            return replace(checked, support=Support.PARTLY, sources=source.sentences)
        return checked

    def _is_reworded(self, laid: Alignment, source: _Source) -> bool:
        """Whether only words are lacking, and few enough to be said in others."""
        used = {j for _, j in laid.pairs}
        if any(token.negated for j, token in enumerate(laid.source) if j not in used):
            return False
        lacking = [t for t in laid.claim if not any(alike(t, other) for other in laid.source)]
        if any(token.sort is not Sort.WORD or token.negated for token in lacking):
            return False
        return _share(laid) >= _PARTLY and not self._doubt(laid, source, in_other_words=True)

    def _check(self, text: str, start: int, end: int) -> CheckedClaim:
        said = _said(text)
        claim = tuple(tokens(said))
        if not claim:
            return CheckedClaim(text, start, end, Support.UNCHECKED, declines=declines(text))
        exact = self._exact.get(_plain(said))
        if exact is not None:
            return CheckedClaim(text, start, end, Support.SUPPORTED, exact.sentences)
        best: _Finding | None = None
        for source in self._candidates(claim):
            found = self._compare(said, claim, source)
            if best is None or _rank(found) > _rank(best):
                best = found
            if best.support is Support.SUPPORTED:
                break
        if best is not None and best.support is not Support.SUPPORTED:
            best = self._turned(said, claim) or best
        if declines(text) and (best is None or best.support is not Support.SUPPORTED):
            return CheckedClaim(text, start, end, Support.UNCHECKED, declines=True)
        if best is not None and best.support is Support.UNSUPPORTED:
            best = self._from_two(claim) or best
        if best is None:
            return CheckedClaim(text, start, end, Support.UNSUPPORTED, (), "no source speaks of it")
        cited = best.source.sentences if best.support is not Support.UNSUPPORTED else ()
        return CheckedClaim(text, start, end, best.support, cited, best.why)

    def _turned(self, text: str, claim: tuple[Token, ...]) -> _Finding | None:
        """Whether a source says the same with the sentence's parts in another order. All of it
        must be there then."""
        for source in self._nearest(claim):
            for original in self._wordings(source):
                if not self._holds_all(claim, original):
                    continue
                for wording in turned(text):
                    laid = align(wording, original.tokens)
                    if self._is_whole(laid, original) and not (
                        self._contradiction(laid, original) or self._doubt(laid, original)
                    ):
                        return _Finding(Support.SUPPORTED, 1.0, source)
        return None

    def _wordings(self, source: _Source) -> Iterator[_Source]:
        yield source
        said = active(source.sentences[0].text)
        if said:
            yield _Source(source.sentences, tuple(tokens(said)), _plain(said))

    def _holds_all(self, claim: Sequence[Token], source: _Source) -> bool:
        found = [any(alike(token, other) for other in source.tokens) for token in claim]
        rest = [token for token, there in zip(claim, found, strict=True) if not there]
        share = sum(_weight(t) for t, there in zip(claim, found, strict=True) if there)
        return share >= _NEARLY_ALL * sum(map(_weight, claim)) and all(
            self._is_understood(token, source) and not token.negated for token in rest
        )

    def _is_whole(self, laid: Alignment, source: _Source) -> bool:
        used = {i for i, _ in laid.pairs}
        rest = [token for i, token in enumerate(laid.claim) if i not in used]
        negated = [laid.source[j].negated for _, j in laid.pairs]
        return (
            _share(laid) >= _NEARLY_ALL
            and all(self._is_understood(token, source) and not token.negated for token in rest)
            and sum(t.negated for t in laid.claim) == sum(negated)
        )

    def _from_two(self, claim: tuple[Token, ...]) -> _Finding | None:
        """What takes two sentences from different places is at best partly supported: they may
        be about two things."""
        nearest = self._nearest(claim)
        for first, second in itertools.permutations(nearest, 2):
            source = _Source.of(*first.sentences, *second.sentences)
            laid = align(claim, source.tokens)
            share = _share(laid)
            if share >= _ENOUGH and not self._contradiction(laid, source):
                return _Finding(Support.PARTLY, share, source, "it takes two sources together")
        return None

    def _candidates(self, claim: Sequence[Token]) -> Iterator[_Source]:
        """The sentences that hold most of the claim, then each with its neighbours."""
        ordered = self._nearest(claim)
        yield from ordered
        for source in ordered[:2]:
            sentence = source.sentences[0]
            for other in self._singles:
                neighbour = other.sentences[0]
                if _follows(sentence, neighbour):
                    yield _Source.of(sentence, neighbour)
                elif _follows(neighbour, sentence):
                    yield _Source.of(neighbour, sentence)

    def _nearest(self, claim: Sequence[Token]) -> list[_Source]:
        keys = {token.key for token in claim}
        shares = [(len(keys & {t.key for t in source.tokens}), source) for source in self._singles]
        ordered = sorted(shares, key=lambda x: -x[0])
        return [source for share, source in ordered[:_LOOKED_AT] if share]

    def _compare(self, text: str, claim: tuple[Token, ...], source: _Source) -> _Finding:
        if _plain(text) == source.plain:
            return _Finding(Support.SUPPORTED, 1.0, source)
        laid = align(claim, source.tokens)
        share = _share(laid)
        why = self._contradiction(laid, source)
        if why:
            return _Finding(Support.UNSUPPORTED, share, source, why)
        doubt = self._doubt(laid, source)
        if share >= _ENOUGH and not doubt:
            return _Finding(Support.SUPPORTED, share, source)
        if share >= _PARTLY:
            return _Finding(Support.PARTLY, share, source, doubt or _missing(laid))
        return _Finding(Support.UNSUPPORTED, share, source, _missing(laid))

    def _contradiction(self, laid: Alignment, source: _Source) -> str:
        """What the claim says and the source does not, or says the other way round."""
        for i, j in laid.pairs:
            if laid.claim[i].negated != laid.source[j].negated:
                return f"“{laid.claim[i].word}” is negated on one side only"
        held = {token.key for token in source.tokens}
        used = {j for _, j in laid.pairs}
        left = [token for j, token in enumerate(laid.source) if j not in used]
        for gap in laid.gaps():
            turned = any(t.negated for t in gap.claim) != any(t.negated for t in gap.source[:2])
            if gap.claim and gap.source and turned:
                return f"“{gap.claim[0].word}” is negated on one side only"
            for token in gap.claim:
                if token.sort is Sort.FIGURE and (
                    token.key not in held or any(s.sort is Sort.FIGURE for s in gap.source)
                ):
                    return f"the figure {token.word} is not what the source says"
                if token.sort is Sort.UNIT and any(s.sort is Sort.UNIT for s in gap.source):
                    return f"the source does not say “{token.word}”"
                if token.sort is Sort.NAME and not self._known(token, source):
                    return f"the source does not name “{token.word}”"
                if token.sort is Sort.NAME and any(_other_name(s, laid) for s in gap.source):
                    return f"the source names another than “{token.word}”"
                if any(opposed(token.key, s.key) for s in left):
                    return f"the source says the opposite of “{token.word}”"
        return ""

    def _doubt(self, laid: Alignment, source: _Source, *, in_other_words: bool = False) -> str:
        """What keeps a claim that contradicts nothing from being the source's own."""
        for i, j in laid.pairs:
            if laid.source[j].hedge and not _hedged_alike(laid.claim[i], laid.source[j]):
                return f"the source says “{laid.source[j].hedge}”"
            if _is_doer(laid.claim[i]) != _is_doer(laid.source[j]):
                return f"the source does not say what “{laid.claim[i].word}” did"
        last = len(laid.pairs)
        for number, gap in enumerate(laid.gaps()):
            about = [t for t in gap.source if t.sort is not Sort.AMOUNT and not self._is_asked(t)]
            foreign = [t for t in gap.claim if not self._is_understood(t, source)]
            if number == 0 and about and foreign:
                return "the source says it of something else"
            for token in gap.claim:
                if token.sort is Sort.NAME and token in foreign and (number or about):
                    return f"the source does not name “{token.word}” there"
                if token.sort in (Sort.AMOUNT, Sort.UNIT):
                    return f"the source does not say “{token.word}” there"
            if foreign and gap.source and not in_other_words:
                return f"the source does not say “{foreign[0].word}” there"
            if not gap.claim and gap.source:
                why = left_out(laid, number, last)
                if why:
                    return why
        if breaks(laid):
            return "it joins what the source says of different things"
        return ""

    def _is_understood(self, token: Token, source: _Source) -> bool:
        """Whether it repeats the question, and the passage speaks of it too: a question may take
        for granted what is not so."""
        return self._is_asked(token) and token.key in self._words_around(source.sentences[0])

    def _is_asked(self, token: Token) -> bool:
        return any(alike(token, asked) for asked in self._asked)

    def _known(self, name: Token, source: _Source) -> bool:
        """Whether the source is about it: a name may stand in the passage, its title or the
        question."""
        return self._is_asked(name) or name.key in self._words_around(source.sentences[0])

    def _words_around(self, sentence: Sentence) -> frozenset[str]:
        hit = sentence.hit
        key = (hit.document_id, hit.passage_id)
        if key not in self._around:
            text = f"{hit.title} {hit.heading} {hit.text}"
            self._around[key] = frozenset(content_stems(text))
        return self._around[key]


def _rank(found: _Finding) -> tuple[int, float]:
    order = (Support.UNSUPPORTED, Support.PARTLY, Support.SUPPORTED)
    return order.index(found.support), found.share


def _share(laid: Alignment) -> float:
    """How much of the claim is found; figures, names and amounts count double."""
    weights = [_weight(token) for token in laid.claim]
    return sum(weights[i] for i, _ in laid.pairs) / sum(weights)


def _weight(token: Token) -> float:
    return 1.0 if token.sort is Sort.WORD else 2.0


def _hedged_alike(a: Token, b: Token) -> bool:
    return a.hedge == b.hedge or {a.hedge, b.hedge} <= _POSSIBLE


def _is_doer(token: Token) -> bool:
    return token.agent and token.sort in (Sort.NAME, Sort.WORD)


def _other_name(token: Token, laid: Alignment) -> bool:
    return token.sort is Sort.NAME and all(not alike(token, own) for own in laid.claim)


def _missing(laid: Alignment) -> str:
    used = {i for i, _ in laid.pairs}
    words = [token.word for i, token in enumerate(laid.claim) if i not in used]
    return f"the sources do not say “{' '.join(words[:4])}”"


def _follows(first: Sentence, second: Sentence) -> bool:
    if (first.hit.document_id, first.hit.page) != (second.hit.document_id, second.hit.page):
        return False
    return 0 <= second.start - first.end <= 3


def _said(text: str) -> str:
    return text[bare(text) :]


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).strip(" .!?“”\"'")
