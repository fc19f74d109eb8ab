"""Years, quarters and months in questions: finding them, and putting one for another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_YEAR = r"(?<![\d.,$€£])(?:(?:FY|CY)\s?['’]?(?:\d{4}|\d{2})|(?:1[5-9]|20)\d{2})(?![\d%]|[.,]\d)"
_QUARTER = (
    r"(?<![A-Za-z])[QH][1-4](?!\d)|\b(?:first|second|third|fourth|1st|2nd|3rd|4th|last)\s"
    r"(?:fiscal\s)?(?:quarter|half)\b|\b(?:ersten?|zweiten?|dritten?|vierten?|[1-4]\.)\s"
    r"(?:Quartal|Halbjahr)\b|\b(?:premier|deuxième|troisième|quatrième|[1-4]e)\s"
    r"(?:trimestre|semestre)\b|\b(?:primer|segundo|tercer|cuarto)\s(?:trimestre|semestre)\b"
)
_MONTH = (
    r"\b(?:January|February|March|April|May(?=[\s?.,]*(?:\d|$))|June|July|August|September|October|"
    r"November|December|Januar|Februar|März|Mai|Juni|Juli|Oktober|Dezember|janvier|février|mars|"
    r"avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|enero|febrero|marzo|abril|"
    r"mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)\b"
)
_KINDS = {
    "quarter": re.compile(_QUARTER, re.IGNORECASE),
    "month": re.compile(_MONTH),
    "year": re.compile(_YEAR, re.IGNORECASE),
}
_FIGURES = re.compile(r"\d+$")
_JOINT = re.compile(r"[\W_]*(?:to|and|or|through|bis|und|oder|et|y|a|à)?[\W_]*", re.IGNORECASE)
_IN = "in|during|for|of|im|für|en|pour|de|para|por"
_OTHER = (
    "since|before|after|until|till|by|through|seit|vor|nach|bis|ab|depuis|avant|après|jusqu'en|"
    "desde|antes de|después de|hasta"
)
_LEAD = re.compile(rf"\b(?:{_OTHER}|{_IN})\s+(?:the\s+)?(?:year\s+)?$", re.IGNORECASE)
_OTHER_LEAD = re.compile(rf"\b(?:{_OTHER})\s+(?:the\s+)?(?:year\s+)?$", re.IGNORECASE)
_RANGE = re.compile(r"\b(?:from|between|von|zwischen|de|entre|desde)\s+$", re.IGNORECASE)
_AROUND = frozenset(
    "year years fiscal financial calendar full the a an quarter month in during for of at by since "
    "before after until till and or to from between through fy only im jahr jahre dem den der das "
    "für seit vor nach bis ab und von en l le la année an ans exercice pour depuis avant après et "
    "de du el año años ejercicio para desde antes después hasta y".split()
)
_BEFORE = re.compile(
    r"\b(?:year (?:before|earlier)|(?:previous|prior|preceding|last) year)\b|"
    r"\b(?:Jahr (?:davor|zuvor)|Vorjahr)\b|année (?:précédente|d['’]avant)|año (?:anterior|previo)",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\b(?:year (?:after|later)|(?:following|next|subsequent) year)\b|"
    r"\b(?:Jahr danach|Folgejahr)\b|année (?:suivante|d['’]après)|año siguiente",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class When:
    kind: str
    text: str
    start: int
    end: int


def found(text: str) -> list[When]:
    times = [
        When(kind, match[0], match.start(), match.end())
        for kind, pattern in _KINDS.items()
        for match in pattern.finditer(text)
    ]
    return sorted(times, key=lambda when: when.start)


def shift(question: str) -> int:
    """-1 for "the year before", 1 for "the year after", otherwise 0."""
    return -1 if _BEFORE.search(question) else 1 if _AFTER.search(question) else 0


def time_spans(text: str) -> list[tuple[int, int]]:
    return [(when.start, when.end) for when in found(text)]


def only_times(words: Sequence[str], timed: frozenset[int]) -> bool:
    """Whether the words (in lower case) say when and nothing else; ``timed`` are indexes."""
    return bool(timed) and all(at in timed or word in _AROUND for at, word in enumerate(words))


def moved(base: str, question: str, within: str = "in ") -> str:
    """The base with the times of the question for its own; empty where the question names none.
    ``question`` may also say "the year before". ``within`` comes before a year that had no place
    in the base."""
    if by := shift(question):
        return _shifted(base, by)
    asked = found(question)
    if not asked:
        return ""
    for kind in ("year", "month", "quarter"):
        mine = [when for when in asked if when.kind == kind]
        if mine:
            base = _put(base, question, kind, mine, within)
    return base


def _shifted(base: str, by: int) -> str:
    """Every year ``by`` later; empty where there is none."""
    years = [when for when in found(base) if when.kind == "year"]
    for old in reversed(years):
        figures = _FIGURES.search(old.text)
        assert figures is not None
        at = old.start + figures.start()
        base = f"{base[:at]}{int(figures[0]) + by:0{len(figures[0])}d}{base[old.end :]}"
    return base if years else ""


def _apart(base: str, years: Sequence[When]) -> bool:
    """Whether something is said between the years: "from 1 April 2022 to 30 June 2023"."""
    between = (base[one.end : two.start] for one, two in pairwise(years))
    return any(_JOINT.fullmatch(text) is None for text in between)


def _put(base: str, question: str, kind: str, mine: list[When], within: str) -> str:
    theirs = [when for when in found(base) if when.kind == kind]
    if not theirs:
        return _added(base, question, kind, mine, within)
    if len(mine) == len(theirs) > 1:
        for new, old in reversed(list(zip(mine, theirs, strict=True))):
            base = base[: old.start] + _like(old.text, new.text) + base[old.end :]
        return base
    if len(mine) == 1 and kind == "year" and len(theirs) > 1 and _apart(base, theirs):
        figures = [_figures(when.text) for when in (*theirs, mine[0])]
        return _shifted(base, figures[-1] - max(figures[:-1]))
    start, end = theirs[0].start, theirs[-1].end
    new_start, new_end = mine[0].start, mine[-1].end
    text = question[new_start:new_end]
    if len(mine) == 1:
        text = _like(theirs[0].text, text)
    lead = _OTHER_LEAD.search(question[:new_start])
    before = _LEAD.search(base[:start])
    spread = _RANGE.search(base[:start]) if len(theirs) > 1 else None
    ranging = _RANGE.search(question[:new_start]) if len(mine) > 1 else None
    if lead is not None:
        start = before.start() if before is not None else start
        text = question[lead.start() : new_end]
    elif ranging is not None:
        start = before.start() if before is not None else start
        text = question[ranging.start() : new_end]
    elif spread is not None:
        start, text = spread.start(), f"{within}{text}"
    return base[:start] + text + base[end:]


def _added(base: str, question: str, kind: str, mine: list[When], within: str) -> str:
    """A quarter or month goes before the year that is there, anything else to the end."""
    new = question[mine[0].start : mine[-1].end]
    years = [when for when in found(base) if when.kind == "year"]
    if kind != "year" and len(years) == 1 and len(mine) == 1:
        at = years[0].start
        joint = " of " if " " in new else " "
        article = "the " if " " in new and new.isascii() else ""
        return f"{base[:at]}{article}{new}{joint}{base[at:]}"
    lead = _LEAD.search(question[: mine[0].start])
    text = question[lead.start() : mine[-1].end] if lead else f"{within}{new}"
    end = len(base.rstrip(" ?!."))
    return f"{base[:end]} {text}{base[end:]}"


def _figures(year: str) -> int:
    """Of two digits as of four."""
    number = int(year[-2:]) if len(year.lstrip("FYCfyc '’")) == 2 else int(year[-4:])
    return number + 2000 if number < 100 else number


def _like(old: str, new: str) -> str:
    """A year written as the one before it: "FY2018" and "2019" give "FY2019"."""
    written = re.match(r"(?:FY|CY)\s?['’]?", old, re.IGNORECASE)
    if written is None or not new.isdigit():
        return new
    return written[0] + new
