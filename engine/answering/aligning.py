"""A claim laid beside a source, word by word.

Only words that carry meaning are laid side by side; a negation belongs to the word it precedes.
The order of the words is kept, as in the longest common subsequence (Needleman and Wunsch, 1970,
without a penalty for gaps), so that a word which the source says of something else is not taken
for the claim's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from engine.answering.words import figures, stem
from engine.query import STOP_WORDS

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)?|[%$€£¥°]")
_NEGATIONS = frozenset(
    "not no never none neither nor without cannot hardly fail fails failed failing deny denies "
    "denied denying refuse refuses refused false untrue incorrect unable lack lacks lacked".split()
)
_HEDGES = frozenset(
    "may might could if unless only except provided until alleged allegedly reportedly would "
    "should supposedly perhaps possibly probably".split()
)
_UNITS = frozenset(
    "% $ € £ ¥ ° thousand million billion trillion percent per dollar dollars euro euros pound "
    "pounds francs yen cents kg g mg km m cm mm mi ft tonnes tons kilograms grams metres meters "
    "kilometres kilometers miles feet inches litres liters hours minutes seconds days weeks months "
    "years degrees celsius fahrenheit watts volts mw kw gw bn mn".split()
)
_ARTICLES = frozenset("a an the his her its their".split())
_SKIPPED = frozenset("able".split())  # "unable" and "not able" are one
_NEW_CLAUSE = re.compile(r"[,;:()–—]")
_CONTRACTED = re.compile(r"n['’]t$")
NUMBERS = {
    word: str(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve".split()
    )
}
AMOUNTS = frozenset(
    "all every each both some few many most several any only always often sometimes usually "
    "rarely seldom half more less fewer least almost nearly about approximately".split()
)
"""Words that say how many or how often: a claim may not change them."""
_PLACES = frozenset(
    "before after until since above below over under inside outside against between during "
    "through up down first last former latter other same another own".split()
)
_MONTHS = frozenset(
    "january february march april may june july august september october november december".split()
)
_NEAR = 0.1  # for a pair whose next words are the same, too
_ALIKE = 5  # letters at the beginning: "colonial" and "colonize"


class Sort(Enum):
    WORD = auto()
    NAME = auto()
    FIGURE = auto()
    AMOUNT = auto()
    UNIT = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """``word`` is as it stands; ``key`` is what is compared: a stem, or a figure's value.
    ``hedge`` is what makes it less than certain ("may", "unless"), empty for nothing. ``sentence``
    and ``clause`` count from the beginning of the source. ``agent`` follows "by"."""

    word: str
    key: str
    sort: Sort
    negated: bool
    hedge: str = ""
    sentence: int = 0
    clause: int = 0
    agent: bool = False


def tokens(text: str, sentence: int = 0) -> list[Token]:
    """The words that carry meaning, in order."""
    found: list[Token] = []
    negated, hedge, agent, beginning = False, "", False, True
    clause = end = 0
    for match in _TOKEN.finditer(text):
        word = match.group()
        lower = word.lower()
        clause += len(_NEW_CLAUSE.findall(text, end, match.start()))
        end = match.end()
        if lower in _NEGATIONS or _CONTRACTED.search(lower):
            negated = not negated
            continue
        if lower in _SKIPPED:
            continue
        if lower in _HEDGES and not (lower == "may" and word[0].isupper() and not beginning):
            hedge = lower
            continue
        sort = _sort(word, lower, beginning)
        beginning = text[end : end + 2].rstrip()[:1] in tuple(".!?:;")
        if sort is None:
            agent = lower == "by" or (agent and lower in _ARTICLES)
            continue
        key = _sign(text, match) + _key(word, lower, sort)
        found.append(Token(word, key, sort, negated, hedge, sentence, clause, agent))
        negated, hedge, agent = False, "", False
    return found


def _sign(text: str, figure: re.Match[str]) -> str:
    """A minus before a figure, or the brackets that stand for one in accounts."""
    start, end = figure.span()
    if not figure.group()[0].isdigit() or start == 0:
        return ""
    before = text[start - 1]
    if before in "-−" and not text[start - 2 : start - 1].isalnum():
        return "-"
    return "-" if before == "(" and "." in figure.group() and text[end : end + 1] == ")" else ""


def _sort(word: str, lower: str, beginning: bool) -> Sort | None:
    if word[0].isdigit() or lower in NUMBERS:
        return Sort.FIGURE
    if lower in AMOUNTS:
        return Sort.AMOUNT
    if lower in _UNITS and (not word[0].isupper() or len(word) > 1):
        return Sort.UNIT
    if lower in STOP_WORDS and lower not in _PLACES and not (len(word) > 1 and word.isupper()):
        return None
    if (word[0].isupper() and not beginning) or (len(word) > 1 and word.isupper()):
        return Sort.NAME
    if lower in _MONTHS and word[0].isupper():
        return Sort.NAME
    return Sort.WORD


def _key(word: str, lower: str, sort: Sort) -> str:
    if sort is Sort.FIGURE:
        return NUMBERS.get(lower) or next(iter(figures(word)), lower)
    return stem(word)


@dataclass(frozen=True, slots=True)
class Gap:
    """What stands between two words that both sides have: what only the claim says there, and
    what only the source says there."""

    claim: tuple[Token, ...]
    source: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Alignment:
    """``pairs`` are positions of the same word in claim and source."""

    claim: Sequence[Token]
    source: Sequence[Token]
    pairs: tuple[tuple[int, int], ...]

    def gaps(self) -> Iterator[Gap]:
        at, into = 0, 0
        for i, j in (*self.pairs, (len(self.claim), len(self.source))):
            yield Gap(tuple(self.claim[at:i]), tuple(self.source[into:j]))
            at, into = i + 1, j + 1


def align(claim: Sequence[Token], source: Sequence[Token]) -> Alignment:
    """The pairs of the same words, in order, that weigh most; figures and names weigh double."""
    rows, columns = len(claim), len(source)
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        mine, row, below = claim[i], best[i], best[i + 1]
        for j in range(columns - 1, -1, -1):
            value = max(below[j], row[j + 1])
            if alike(mine, source[j]):
                near = (
                    _NEAR
                    if i + 1 < rows and j + 1 < columns and alike(claim[i + 1], source[j + 1])
                    else 0.0
                )
                value = max(value, below[j + 1] + _weight(mine) + near)
            row[j] = value
    pairs = []
    i = j = 0
    while i < rows and j < columns:
        # of equally good pairs the first: the words that follow each other stay together
        paired = best[i + 1][j + 1] + _weight(claim[i]) + _NEAR
        if alike(claim[i], source[j]) and best[i + 1][j] < best[i][j] <= paired:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            i += 1
    return Alignment(claim, source, tuple(pairs))


def alike(a: Token, b: Token) -> bool:
    """The same word, or two of one family."""
    if a.key == b.key:
        return True
    if Sort.FIGURE in (a.sort, b.sort):
        return False
    shared = min(len(a.key), len(b.key))
    return (
        shared >= _ALIKE and a.key[:_ALIKE] == b.key[:_ALIKE] and abs(len(a.key) - len(b.key)) <= 4
    )


def _weight(token: Token) -> float:
    return 2.0 if token.sort in (Sort.FIGURE, Sort.NAME) else 1.0
