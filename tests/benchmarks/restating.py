"""Questions with their answers, made into statements: "When was it built?" and "1931" say that it
was built in 1931.

Only questions whose words need hardly be moved are restated; the others give nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_AUXILIARY = "is|are|was|were|has|have|had|can|could|will|would|must|may|might|should|do|does|did"
_DONE = (
    r"(?:\w+ed|built|born|made|held|given|written|founded|known|begun|sent|taken|chosen|seen|found|"
    r"lost|won|put|led|set|brought)"
)
_DID = (
    rf"(?!(?:{_AUXILIARY})\b)(?:[a-z]+(?:ed|s)|led|won|made|built|wrote|said|gave|took|became|began|"
    r"held|saw|found|ran|lost|brought|sent|broke|fell|sold|left|got|kept|put|set|sat)"
)
_DETERMINER = r"(?:the|an?|his|her|its|their)\b"
_THING = rf"(?!(?:{_AUXILIARY}|of)\b)[a-z]+(?: (?!(?:{_AUXILIARY}|of)\b)[a-z]+){{0,2}}?"
_IS_DONE = (
    rf"(?:is|are|was|were|has|have|had|can|could|will|would|must) (?!{_DETERMINER}|[A-Z])"
    r"(?:\w+ed|located|part|in|near|known|been|be|made|built)"
)
_INVERTED = re.compile(r"\b(?:did|do|does)\b")
_LOOSE_END = re.compile(
    rf"\b(?:{_AUXILIARY}|{_DONE}|of|in|for|to|by|as|with|on|from|at|than|like|called|that|which|who)$"
)
_SECOND_VERB = re.compile(rf"\b(?:that|which|who|when|where|did|do|does)\b| (?:{_DONE}|able|to) ")
_WITH_PREPOSITION = re.compile(
    r"(?:in|on|at|by|during|from|since|after|before|around|about|between|until|early|late|near|to)\b",
    re.IGNORECASE,
)
_SMALL_BEGINNING = re.compile(r"(?:The|An?|In|By|On|His|Her|Its|Their)\b")
_LONGEST_ANSWER = 8  # words


def restated(question: str, answer: str) -> str:
    """A statement, or nothing where the question is none of those that are easily restated."""
    asked = " ".join(question.strip().rstrip(" ?").split())
    said = answer.strip().rstrip(".")
    fits = asked and said and len(said.split()) <= _LONGEST_ANSWER
    if not fits or said.lower() in asked.lower():
        return ""
    if _SMALL_BEGINNING.match(said):
        said = said[0].lower() + said[1:]
    for way in _WAYS:
        for statement in way(asked, said):
            return f"{statement[0].upper()}{statement[1:]}."
    return ""


def _who_did(asked: str, said: str) -> Iterator[str]:
    match = re.match(rf"(?:who|what) (?P<rest>{_DID} .+)$", asked, re.I)
    if match and not _INVERTED.search(match["rest"]):
        yield f"{said} {match['rest']}"


def _what_is(asked: str, said: str) -> Iterator[str]:
    match = re.match(
        rf"(?:who|what) (?P<is>is|are|was|were) (?P<thing>{_DETERMINER} .+)$", asked, re.I
    )
    if match:
        thing = match["thing"]
        if not _LOOSE_END.search(thing) and not _SECOND_VERB.search(thing):
            yield f"{thing} {match['is']} {said}"


def _which_did(asked: str, said: str) -> Iterator[str]:
    verb = rf"{_IS_DONE}|(?!(?:{_AUXILIARY})\b)[a-z]{{3,}}ed|led|won|made|built|wrote|became"
    match = re.match(rf"(?:[Ww]hat|[Ww]hich) {_THING} (?P<rest>(?:{verb}) .+)$", asked)
    if match and not _INVERTED.search(asked):
        yield f"{said} {match['rest']}"


def _when_was(asked: str, said: str) -> Iterator[str]:
    when = r"when|where|(?:in|during) (?:what|which) (?:year|month|city|country|century|decade)"
    match = re.match(
        rf"(?:{when}|what year) (?P<was>was|were|is|are) (?P<thing>.+?) (?P<done>{_DONE})"
        r"(?P<rest>(?: (?:in|by|to|on|as|for|from|with|at|into|against)\b.*)?)$",
        asked,
        re.I,
    )
    if match and not re.search(
        rf" (?:{_AUXILIARY}|that|which|who) ", f" {match['thing']}{match['rest']} "
    ):
        place = said if _WITH_PREPOSITION.match(said) else f"in {said}"
        yield f"{match['thing']} {match['was']} {match['done']}{match['rest']} {place}"


def _asked_last(asked: str, said: str) -> Iterator[str]:
    match = re.match(
        r"(?P<rest>.+ (?:of|by|in|to|for|with|from|on|at|as|into|called|named|is|are|was|were))"
        r" (?:what|whom|which|who)$",
        asked,
        re.I,
    )
    if match and not re.match(r"(?:what|who|which|where|when|how|why)\b", asked, re.I):
        yield f"{match['rest']} {said}"


def _how_many(asked: str, said: str) -> Iterator[str]:
    match = re.match(
        r"how many (?P<things>[a-z]+(?: [a-z]+){0,2}?) "
        rf"(?P<rest>(?:(?:are|were|was|is|have|had|has) (?!{_DETERMINER}|[A-Z]|there)"
        r"(?:\w+ed|in|on|made|part)|lived?|work(?:ed)?|died|attended|participated|make|made) .+)$",
        asked,
        re.I,
    )
    if match and re.match(r"[\d,.]+$|\w+$", said):
        yield f"{said} {match['things']} {match['rest']}"


_WAYS: tuple[Callable[[str, str], Iterator[str]], ...] = (
    _who_did, _what_is, _which_did, _when_was, _asked_last, _how_many,
)  # fmt: skip
