"""What a question looks for, apart from how it wants its answer.

"Is 3M capital-intensive? Answer in one sentence and round to two decimals." looks for the first
sentence; "answer", "round" and "decimals" are rare words in most libraries and would decide a
keyword search. Possessives lose their ending. Years and quarters are also looked for as documents
write them, and neighbouring words as the one word that file names make of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.lexical import joined
from engine.query import STOP_WORDS, Query

_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z(“\"])")
_ABOUT_THE_ANSWER = re.compile(
    r"(?:please\s+)?(?:answer|round|give|respond|reply|provide|state|explain|calculate|compute|"
    r"express|report|base|basing|assume|write|use|utili[sz]e|do not|don't|return|show your|"
    r"note that|keep|make sure|be (?:brief|concise|specific)|"
    r"if\b.*\b(?:state|explain|say|answer|respond)\b)\b",
    re.IGNORECASE | re.DOTALL,
)
_FISCAL = re.compile(r"\b(?:FY|CY)\s?'?(\d{4}|\d{2})\b", re.IGNORECASE)
_QUARTER = re.compile(r"\b(?:FY\s?)?(\d{4})\s?-?Q([1-4])\b|\bQ([1-4])\b", re.IGNORECASE)
_MONTHS = (
    "january february march april may june july august september october november december".split()
)
_DAY = re.compile(rf"\b({'|'.join(_MONTHS)})\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+(\d{{4}})\b", re.I)
_POSSESSIVE = re.compile(r"(?<=\w)['’]s\b|(?<=s)['’](?!\w)")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Question:
    """``text`` is what is embedded. ``terms`` are what the keyword index is asked for; ``names``
    are more words that only a document's name would hold."""

    text: str
    terms: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, query: Query) -> Question:
        text = sought(query.text)
        terms = query.terms if text == query.text else Query.parse(text).terms
        terms = tuple(_POSSESSIVE.sub("", term) for term in terms)
        words = [word.lower() for word in _WORD.findall(_POSSESSIVE.sub("", text))]
        content = [word for word in words if len(word) > 1 or word.isdigit()]
        names = dict.fromkeys(
            word for word in joined(content) if len(word) > 4 and word not in STOP_WORDS
        )
        dates = tuple(dict.fromkeys(_dates(text)))
        named = dict.fromkeys((*names, *_quarters(text)))
        return cls(text, tuple(dict.fromkeys((*terms, *dates))), tuple(named))


def sought(text: str) -> str:
    """The text without sentences that only say how to answer; all of it where nothing is left or
    nothing is asked."""
    sentences = _SENTENCE.split(text)
    asked = [sentence for sentence in sentences if "?" in sentence]
    if len(sentences) == 1 or not asked:
        return text
    return " ".join(
        sentence
        for sentence in sentences
        if "?" in sentence or not _ABOUT_THE_ANSWER.match(sentence)
    )


def _dates(text: str) -> list[str]:
    found = []
    for match in _FISCAL.finditer(text):
        year = match[1]
        found.append(year if len(year) == 4 else f"20{year}")
    for match in _QUARTER.finditer(text):
        found += [match[1], f"q{match[2]}"] if match[1] else [f"q{match[3]}"]
    return found


def _quarters(text: str) -> list[str]:
    """The quarter in which a day lies, as names of reports write it: "2022q2"."""
    return [
        f"{match[2]}q{_MONTHS.index(match[1].lower()) // 3 + 1}" for match in _DAY.finditer(text)
    ]
