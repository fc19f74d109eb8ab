"""What is taken away, in the one form that every format is written from.

Everything in it is plain text that any format can hold (see ``wording.readable``); the writers
escape it for theirs. Sources are numbered through the whole conversation: a quote that two
answers cite has one number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine.answers import Answer, AnswerKind, Citation, Claim, Provenance, Support
from engine.applied import described
from engine.exporting.wording import MARKS, date, model_name, one_line, place, readable, title_of

_LONGEST_TITLE = 200
_LINE_END = re.compile(r"\n\s*")


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a paragraph: a claim or what stands between claims. ``mark`` says what its
    sources lack, empty where they lack nothing; ``sources`` are numbers."""

    text: str
    support: Support | None = None
    sources: tuple[int, ...] = ()
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """``heading`` says that it stands over those that follow, in a summary or a survey."""

    runs: tuple[Run, ...]
    heading: bool = False

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class Source:
    """A cited quote. ``where`` is the page in words, ``first_turn`` the number of the turn that
    cites it first."""

    number: int
    title: str
    document: str
    where: str
    quote: str
    first_turn: int


@dataclass(frozen=True, slots=True)
class Turn:
    """A question with its answer. ``quotes`` are source numbers, under ``quotes_heading``;
    ``text_leads`` says that they come after the paragraphs. ``notes`` are sentences that say how
    the answer came about and what it lacks."""

    number: int
    question: str
    refusal: str
    paragraphs: tuple[Paragraph, ...]
    quotes: tuple[int, ...]
    quotes_heading: str
    text_leads: bool
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """An answer or a conversation. ``about`` are lines on the whole."""

    title: str
    about: tuple[str, ...]
    turns: tuple[Turn, ...]
    sources: tuple[Source, ...]

    @property
    def quotes_inside(self) -> bool:
        """Whether turns show their quotes in full: with one turn the sources follow at once."""
        return len(self.turns) > 1

    @property
    def sources_heading(self) -> str:
        alone = len(self.turns) == 1 and not self.turns[0].paragraphs
        return self.turns[0].quotes_heading if alone else "Sources"

    def source(self, number: int) -> Source:
        return self.sources[number - 1]


def content(
    answers: Sequence[Answer],
    *,
    title: str = "",
    asked: Sequence[float] = (),
    exported: float | None = None,
) -> Content:
    """The answers in the order in which they were given. ``asked`` are their times in Unix
    seconds, where known; ``exported`` is now, where it is to be told."""
    numbers = _Numbers()
    turns = tuple(
        _turn(n, answer, asked[n - 1] if len(asked) >= n else None, numbers)
        for n, answer in enumerate(answers, 1)
    )
    first = turns[0].question if turns else ""
    name = one_line(title) or first or "Conversation"
    about = () if exported is None else (f"Exported from Carrel on {date(exported)}.",)
    return Content(name[:_LONGEST_TITLE], about, turns, numbers.sources())


def _turn(number: int, answer: Answer, asked: float | None, numbers: _Numbers) -> Turn:
    given = {c.n: numbers.number(c, number) for c in cited(answer)}
    unchecked = bool(answer.claims) and not answer.citations
    unchecked &= all(claim.support is Support.UNCHECKED for claim in answer.claims)
    return Turn(
        number=number,
        question=one_line(answer.question),
        refusal=one_line(answer.reason) if answer.refused else "",
        paragraphs=tuple(_paragraphs(answer, given, marked=not unchecked)),
        quotes=tuple(given[n] for n in answer.quotes if n in given),
        quotes_heading="Closest passages" if answer.refused else "Quotes",
        text_leads=answer.text_leads,
        notes=tuple(one_line(note) for note in _notes(answer, asked, unchecked=unchecked)),
    )


def cited(answer: Answer) -> list[Citation]:
    """The citations that an answer rests on, or that are the closest, by their numbers."""
    used = set(answer.quotes).union(*map(_backing, answer.claims))
    return sorted((c for c in answer.citations if c.n in used), key=lambda c: c.n)


class _Numbers:
    """Numbers quotes in the order in which they are first cited."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str, int, int, int, str], int] = {}
        self._sources: list[Source] = []

    def number(self, cited: Citation, turn: int) -> int:
        key = (cited.document_id, cited.document, cited.page, cited.start, cited.end, cited.quote)
        if key not in self._known:
            number = self._known[key] = len(self._sources) + 1
            self._sources.append(
                Source(
                    number=number,
                    title=one_line(title_of(cited)),
                    document=one_line(cited.document),
                    where=one_line(place(cited.page, cited.label, cited.title)),
                    quote=one_line(cited.quote),
                    first_turn=turn,
                )
            )
        return self._known[key]

    def sources(self) -> tuple[Source, ...]:
        return tuple(self._sources)


def _paragraphs(answer: Answer, given: dict[int, int], *, marked: bool) -> Iterator[Paragraph]:
    for runs in _lines(_runs(answer, given, marked=marked)):
        stated = any(run.support is not None for run in runs)
        yield Paragraph(runs, heading=answer.kind is not AnswerKind.ANSWER and not stated)


def _lines(runs: Iterable[Run]) -> Iterator[tuple[Run, ...]]:
    """Those with text. What belongs to a claim stands at its end."""
    line: list[Run] = []
    for run in runs:
        *before, last = _LINE_END.split(readable(run.text))
        for piece in before:
            line.append(Run(piece, run.support))
            if any(part.text.strip() for part in line):
                yield tuple(line)
            line = []
        if last or run.sources or run.mark:
            line.append(Run(last, run.support, run.sources, run.mark))
    if any(part.text.strip() for part in line):
        yield tuple(line)


def _runs(answer: Answer, given: dict[int, int], *, marked: bool) -> Iterator[Run]:
    at = 0
    for claim in sorted(answer.claims, key=lambda claim: claim.start):
        start = max(at, claim.start)
        if start > at:
            yield Run(answer.text[at:start])
        if claim.end > start:
            sources = tuple(dict.fromkeys(given[n] for n in _backing(claim) if n in given))
            mark = _mark(claim) if marked else ""
            yield Run(answer.text[start : claim.end], claim.support, sources, mark)
            at = claim.end
    if at < len(answer.text):
        yield Run(answer.text[at:])


def _backing(claim: Claim) -> tuple[int, ...]:
    """What does not bear a claim out is no source of it."""
    backed = claim.support in (Support.SUPPORTED, Support.PARTLY)
    return claim.citations if backed else ()


def _mark(claim: Claim) -> str:
    mark = MARKS.get(claim.support, "")
    return f"{mark}: {one_line(claim.why)}" if mark and claim.why.strip() else mark


def _notes(answer: Answer, asked: float | None, *, unchecked: bool) -> Iterator[str]:
    if answer.searched:
        yield f"Understood as: {answer.searched}"
    if answer.stopped:
        yield "Stopped before it was finished."
    if answer.doubt:
        yield f"This may not answer the question: {answer.doubt}."
    if answer.notice:
        yield answer.notice
    if unchecked:
        yield "Written without documents: nothing in it was checked."
    if answer.context is not None and (answer.context.quotes_left or answer.context.turns_left):
        left = _left(answer.context.quotes_left, answer.context.turns_left)
        yield f"The model was not given {left}: there was no room."
    when = "" if asked is None else f" Asked on {date(asked)}."
    yield _writer(answer) + when


def _left(quotes: int, turns: int) -> str:
    parts = []
    if quotes:
        parts.append(f"{quotes} of the quotes that were found")
    if turns:
        parts.append("1 earlier answer" if turns == 1 else f"{turns} earlier answers")
    return " and ".join(parts)


_WROTE = {
    AnswerKind.ANSWER: "Written",
    AnswerKind.SUMMARY: "Summary written",
    AnswerKind.SURVEY: "Survey written",
}


def _writer(answer: Answer) -> str:
    if not answer.model:
        return (
            "No model wrote an answer: the closest passages are shown."
            if answer.refused
            else "No model wrote this: the words are the documents’ own."
        )
    made = f"{_WROTE[answer.kind]} by {model_name(answer.model)}{_adapted(answer)}"
    return f"{made}{_held(answer.provenance)}."


def _adapted(answer: Answer) -> str:
    if not answer.adapter:
        return ""
    used = answer.provenance.adapters if answer.provenance is not None else ()
    return f" with the adapter{'s' * (len(used) > 1)} {described(used) or answer.adapter}"


def _held(made: Provenance | None) -> str:
    return ", held to the words of the sources" if made is not None and made.held else ""
