"""What a person typed, as the keyword index understands it: words, phrases, and operators.

"these words"        must be there one after the other, in any of their forms
-word  -"two words"  must not be there (a hyphen before a figure is a sign, not an operator)
file:  folder:  type:  before:  after:
                     narrow where to look; a value with spaces goes in quotation marks, and a
                     hyphen before the operator turns it around. ``engine.scoping`` knows what
                     the values mean.

An operator stands at the beginning of a word and its value follows at once, so that "10:30",
"http://..." and "note: this" are what they always were.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from engine.lexical import WORD, expressions, quoted

OPERATORS = ("file", "folder", "type", "before", "after")

# bounded, so that quotation marks that nothing closes cost nothing
_QUOTED = r'"([^"]{1,400})"|“([^”]{1,400})”|„([^“”]{1,400})[“”]|«([^»]{1,400})»'
_PHRASE = re.compile(_QUOTED)
_OPERATOR = re.compile(
    rf"(?<!\S)(-?)({'|'.join(OPERATORS)}):(?!//)(?:{_QUOTED}|([^\s\"“”„«»]+))", re.IGNORECASE
)
_EXCLUDED = re.compile(rf"(?<!\S)-(?:{_QUOTED}|([^\W\d_][^\s\"“”„«»]*))")
_DATE = re.compile(r"(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2}))?)?")
_SHORTEST_PREFIX = 3  # letters; a character of East Asian scripts is as good as a word
_SPECIAL = re.compile("|".join((_OPERATOR.pattern, _EXCLUDED.pattern, _QUOTED)), re.IGNORECASE)

STOP_WORDS = frozenset(
    """a about above after again all also am an and any are as at be because been before being
    below between both but by can could did do does doing down during each few for from further
    give had has have having he her here hers him his how i if in into is it its itself just let
    me more most my no nor not of off on once only or other our ours out over own please same she
    should show so some such tell than that the their theirs them then there these they this those
    through to too under until up very was we were what when where which while who whom why will
    with would you your yours""".split()
)


# the mark that ends a question is not its last operator's; "file:20??" keeps its own
_ASKING = re.compile(r"\w+\W+\w+\W+\w+")
_QUESTION_MARK = re.compile(r"(?<![?？؟])[?？؟]$")


@dataclass(frozen=True, slots=True)
class Operator:
    """``name:value`` as it was typed in ``raw``; ``negated`` with a hyphen before it."""

    name: str
    value: str
    raw: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """``text`` is what was typed without its operators. ``terms`` are the words that matter,
    lower case, each once; ``phrases`` were quoted; ``excluded`` words and phrases must not be
    there."""

    text: str
    terms: tuple[str, ...]
    phrases: tuple[str, ...]
    excluded: tuple[str, ...] = ()
    operators: tuple[Operator, ...] = ()

    @classmethod
    def parse(cls, text: str, plain: Collection[Operator] = ()) -> Query:
        """``plain`` are operators that mean nothing here and are read as words."""
        text = valid(text)
        operators: list[Operator] = []
        excluded: list[str] = []
        kept: list[str] = []
        at = 0
        for special in _SPECIAL.finditer(text):
            kept.append(text[at : special.start()])
            at = special.end()
            if (found := _OPERATOR.match(text, special.start())) is not None:
                value = found[7].rstrip(",;") if found[7] else _value(found.groups()[2:6])
                if at >= len(text.rstrip()) and _ASKING.search("".join(kept)):
                    value = _QUESTION_MARK.sub("", value)
                operator = Operator(found[2].lower(), value, found[0], bool(found[1]))
                if value and operator not in plain:
                    operators.append(operator)
                else:
                    kept.append(found[0])
            elif (found := _EXCLUDED.match(text, special.start())) is not None:
                excluded.append(_value(found.groups()))
            else:
                kept.append(special[0])
        left = "".join([*kept, text[at:]]).strip()
        if operators or excluded:
            left = " ".join(left.split())
        phrases = [_value(groups) for groups in _PHRASE.findall(left)]
        words = [word.lower() for word in WORD.findall(left)]
        terms = [word for word in words if word not in STOP_WORDS]
        return cls(
            left,
            tuple(dict.fromkeys(terms or words)),
            tuple(dict.fromkeys(phrase for phrase in phrases if WORD.search(phrase))),
            tuple(dict.fromkeys(words for words in excluded if WORD.search(words))),
            tuple(operators),
        )

    def required(self) -> str:
        """An FTS5 expression for the phrases, all of which must be there; empty without any."""
        return " AND ".join(quoted(phrase) for phrase in self.phrases)

    def unwanted(self) -> str:
        """An FTS5 expression for what must not be there; empty where anything may."""
        return " OR ".join(quoted(words) for words in self.excluded)

    def matching(self, expressions: Collection[str]) -> str:
        """An FTS5 expression: every phrase must be there, nothing that is excluded; without
        phrases, any of the expressions. Empty where nothing can be searched for."""
        required, wanted = self.required(), " OR ".join(expressions)
        # beside phrases, words only weigh
        both = f"({required}) AND (({required}) OR {wanted})" if required and wanted else ""
        both = both or required or wanted
        return f"({both}) NOT ({self.unwanted()})" if both and self.excluded else both

    def unfinished(self) -> tuple[str, ...]:
        """The terms' expressions while the last word is still being typed: it may be the start
        of one. Empty where the last word is done, and where so much begins with it that it says
        nothing (and takes long to find)."""
        if not self.terms or not self.text or not self.text[-1].isalnum():
            return ()
        last = WORD.findall(self.text)[-1].lower()
        if last in STOP_WORDS or (len(last) < _SHORTEST_PREFIX and last < "\u2e80"):
            return ()
        *done, start = expressions(last)
        finished = [e for term in self.terms if term != last for e in expressions(term)]
        return tuple(dict.fromkeys((*finished, *done, f"{start} *")))


def period(text: str) -> tuple[date, date]:
    """The first day of a year, a month or a day, and the first day after it. Raises
    ``ValueError`` with what to write."""
    match = _DATE.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        year, month, day = (int(part) if part else 0 for part in match.groups())
        first = date(year, month or 1, day or 1)
        if day:
            return first, first + timedelta(days=1)
        return first, date(year + month // 12, month % 12 + 1, 1) if month else date(year + 1, 1, 1)
    except (ValueError, OverflowError):
        raise ValueError("a date is written 2022, 2022-05 or 2022-05-31") from None


def valid(text: str) -> str:
    """Text that can be stored and sent: half of a surrogate pair is no character."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _value(groups: Collection[str | None]) -> str:
    """What one of several ways of quoting holds."""
    return next((group for group in groups if group), "").strip()
