"""What a person typed, as the keyword index understands it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PHRASE = re.compile(r'"([^"]+)"|“([^”]+)”')
_WORD = re.compile(r"[^\W_]+(?:[.'’&-][^\W_]+)*")

STOP_WORDS = frozenset(
    """a about above after again all also am an and any are as at be because been before being
    below between both but by can could did do does doing down during each few for from further
    give had has have having he her here hers him his how i if in into is it its itself just let
    me more most my no nor not of off on once only or other our ours out over own please same she
    should show so some such tell than that the their theirs them then there these they this those
    through to too under until up very was we were what when where which while who whom why will
    with would you your yours""".split()
)


@dataclass(frozen=True, slots=True)
class Query:
    """``terms`` are the words that matter, lower case, each once; ``phrases`` were quoted."""

    text: str
    terms: tuple[str, ...]
    phrases: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Query:
        text = valid(text)
        phrases = [(a or b).strip() for a, b in _PHRASE.findall(text)]
        words = [word.lower() for word in _WORD.findall(text)]
        terms = [word for word in words if word not in STOP_WORDS]
        return cls(
            text.strip(),
            tuple(dict.fromkeys(terms or words)),
            tuple(dict.fromkeys(phrase for phrase in phrases if _WORD.search(phrase))),
        )

    def required(self) -> str:
        """An FTS5 expression for the phrases, all of which must be there; empty without any."""
        return " AND ".join(_quoted(phrase) for phrase in self.phrases)

    def match(self) -> str:
        """An FTS5 expression: every phrase must be there, any of the words may; empty where
        nothing can be searched for."""
        return self._with_phrases([_quoted(term) for term in self.terms])

    def prefix_match(self) -> str:
        """The same while the last word is still being typed: it may be the start of one."""
        if not self.terms or not self.text or not self.text[-1].isalnum():
            return self.match()
        last = _WORD.findall(self.text)[-1].lower()
        terms = [_quoted(term) for term in self.terms if term != last]
        return self._with_phrases([*terms, f"{_quoted(last)} *"])

    def _with_phrases(self, terms: list[str]) -> str:
        required, wanted = self.required(), " OR ".join(terms)
        return f"({required}) AND ({wanted})" if required and wanted else required or wanted


def valid(text: str) -> str:
    """Text that can be stored and sent: half of a surrogate pair is no character."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _quoted(text: str) -> str:
    """A string that FTS5 takes as words and never as syntax."""
    return '"' + text.replace('"', '""').replace("\x00", " ") + '"'
