"""What narrows a question ("file:lease.pdf", "-deposit") apart from what it asks: a follow-up is
understood without it, and looks where the question before looked."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.query import Operator, Query

_MARKS = ("?", "!", "？", "؟")  # that end a question, and no value


@dataclass(frozen=True, slots=True)
class Narrowed:
    """``text`` is a question without its ``operators`` and without the words ``excluded`` by a
    hyphen; each of these as it can be typed."""

    text: str
    operators: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    @classmethod
    def parse(cls, question: str) -> Narrowed:
        query = Query.parse(question)
        if not query.operators and not query.excluded:
            return cls(question)
        asked = question.rstrip()
        text = query.text
        if asked.endswith(_MARKS):
            text = text.rstrip(" ".join(_MARKS))
            text += asked[-1] if text else ""
        return cls(
            text,
            tuple(_typed(operator, asked) for operator in query.operators),
            tuple(_unwanted(words) for words in query.excluded),
        )

    @property
    def plain(self) -> bool:
        return not self.operators and not self.excluded

    def after(self, earlier: Narrowed) -> Narrowed:
        """With what narrows the earlier question, where this one has nothing of the kind."""
        return replace(
            self,
            operators=self.operators or earlier.operators,
            excluded=self.excluded or earlier.excluded,
        )

    def around(self, text: str) -> str:
        """Another question, narrowed alike."""
        return " ".join((text, *self.operators, *self.excluded))


def _typed(operator: Operator, question: str) -> str:
    """The mark at the question's end is not the value's, unlike one in "file:20?? rent"."""
    last = question.endswith(operator.raw)
    return operator.raw.rstrip("".join(_MARKS)) if last else operator.raw


def _unwanted(words: str) -> str:
    words = words.rstrip("".join(_MARKS))
    if '"' in words:
        return f"-“{words}”"
    return f'-"{words}"' if any(c.isspace() for c in words) else f"-{words}"
