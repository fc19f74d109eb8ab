"""Other wordings of a sentence that say the same: with its parts in another order, without "the
quotes say that".

Parts that change places stay whole and keep their own order. What remains of a sentence whose
two things have exchanged their places around a verb is no such wording.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from engine.answering.aligning import Token, tokens

_SOURCES = (
    r"(?:the |these |those |your )?(?:provided |given )?"
    r"(?:quotes?|documents?|sources?|text|passages?|context|excerpts?)"
)
_SAY = (
    r"(?:says?|states?|mentions?|suggests?|indicates?|explains?|shows?|tells? us|notes?|"
    r"imply|implies|describes?|specif(?:y|ies)|confirms?)"
)
_ATTRIBUTED = re.compile(
    rf"(?:{_SOURCES} {_SAY} (?:that )?|(?:according to|based on|as stated in) {_SOURCES},? )",
    re.IGNORECASE,
)
_PASSIVE = re.compile(
    r"^(?P<whom>.+?) (?:is|are|was|were|(?:has|have|had) been) "
    r"(?P<done>(?:\w+ly )?\w+(?:ed|en|n|t|d))(?P<how>(?: (?!by\b)[\w'’-]+){0,6}?) "
    r"by (?P<who>.+?)"
    r"(?P<more>(?:,| (?:in|on|at|from|during|after|before|for|since|until|with|as|to|under|when|"
    r"while|which|who|that)\b).*)?[.!?]*$"
)
_SET_APART = re.compile(
    r"^(?P<whom>[^,]+), (?P<done>\w+ed|built|written|made|won|led|sung) by (?P<who>[^,]+),"
)


def bare(text: str) -> int:
    """Where a sentence begins that may open with "The quotes say that"."""
    match = _ATTRIBUTED.match(text)
    return match.end() if match is not None else 0


def active(text: str) -> str:
    """ "B was seen by A" as "A seen B", and "B, seen by A, …" likewise; empty where it is not of
    that form."""
    match = _SET_APART.match(text)
    if match is not None:
        return f"{match['who']} {match['done']} {match['whom']}"
    match = _PASSIVE.match(text)
    if match is None:
        return ""
    return f"{match['who']} {match['done']} {match['whom']}{match['how']}{match['more'] or ''}"


def turned(text: str) -> Iterator[tuple[Token, ...]]:
    """The words that carry meaning: as they stand, and with the sentence's end before its
    beginning, for each place to cut; also in the active voice."""
    yield from _rotated(tokens(text))
    said = active(text)
    if said:
        yield from _rotated(tokens(said))


def _rotated(laid: Sequence[Token]) -> Iterator[tuple[Token, ...]]:
    for at in range(len(laid)):
        yield (*laid[at:], *laid[:at])
