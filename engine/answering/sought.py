"""What kind of thing a question asks for, and whether a sentence holds one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

_NUMBER_ASKED = re.compile(
    r"\bhow (?:many|much|long|far|old|large|tall|big|high|deep|fast|often)\b"
    r"|\b(?:what|which) (?:percent(?:age)?|number|amount|fraction|share|rate|ratio|price|size)\b",
    re.I,
)
_TIME_ASKED = re.compile(
    r"\bwhen\b|\b(?:what|which) (?:year|century|date|decade|month|day|time)\b", re.I
)
_NAME_ASKED = re.compile(
    r"\b(?:who|whose|whom|where)\b|\b(?:what|which) (?:city|country|company|person|state)\b", re.I
)
_NUMBER = re.compile(
    r"\b(?:\d[\d.,]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|hundred"
    r"|thousand|million|billion|dozen|half|third|quarter)\b",
    re.I,
)
_TIME = re.compile(
    r"\b(?:1\d{3}|20\d\d|january|february|march|april|may|june|july|august|september|october"
    r"|november|december|century|centuries|\d{1,2}(?:st|nd|rd|th))\b",
    re.I,
)
_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-Z][\w'’-]+")


class Kind(Enum):
    NUMBER = auto()
    TIME = auto()
    NAME = auto()
    ANYTHING = auto()


_HOLDS = {Kind.NUMBER: _NUMBER, Kind.TIME: _TIME, Kind.NAME: _NAME}


@dataclass(frozen=True, slots=True)
class Sought:
    """``asked`` is the question in small letters: what it names itself is no answer to it."""

    kind: Kind
    asked: str

    @classmethod
    def of(cls, question: str) -> Sought:
        kind = Kind.ANYTHING
        for pattern, meant in (
            (_NUMBER_ASKED, Kind.NUMBER),
            (_TIME_ASKED, Kind.TIME),
            (_NAME_ASKED, Kind.NAME),
        ):
            if pattern.search(question):
                kind = meant
                break
        return cls(kind, question.lower())

    def found_in(self, text: str) -> float:
        """1 where the text holds such a thing, -1 where it does not; names, which are hard to
        tell, count half, and 0 is for questions after anything at all."""
        if self.kind is Kind.ANYTHING:
            return 0.0
        there = any(m.group().lower() not in self.asked for m in _HOLDS[self.kind].finditer(text))
        certain = 0.5 if self.kind is Kind.NAME else 1.0
        return certain if there else -certain
