"""A text that grows section by section, each sentence a claim with its citations."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.answering.quotes import Sentence
from engine.answers import (
    Answer,
    AnswerEvent,
    AnswerKind,
    Citation,
    Claim,
    MapProgress,
    Provenance,
    QuotesFound,
    Support,
    TextStreamed,
    Timings,
    UsedFile,
)
from engine.hidden import drawn
from engine.models.messages import ChatMessage, Generated
from engine.records import Hit
from engine.retrieval import Retriever
from engine.store import Store
from engine.untrusted import as_name
from engine.version import version

Listener = Callable[[AnswerEvent], None]

_HONEST_AFTER = 1.5  # seconds


@dataclass(frozen=True, slots=True)
class Stated:
    """One sentence of the text and what it rests on: sentences that say it, or hold it."""

    text: str
    sources: tuple[Sentence, ...]
    support: Support = Support.SUPPORTED

    @classmethod
    def quoted(cls, sentence: Sentence) -> Stated:
        """The sentence itself."""
        return cls(one_line(sentence.text), (sentence,))


class Composition:
    """Collects paragraphs and tells ``listener`` of citations, text and progress as they come.

    The finished text is what was streamed, byte for byte: headings on lines of their own,
    paragraphs below them, an empty line between two.
    """

    def __init__(self, store: Store, retriever: Retriever, listener: Listener | None) -> None:
        self._store = store
        self._retriever = retriever
        self._listener = listener
        self._text = ""
        self._heading = ""
        self._claims: list[Claim] = []
        self._numbers: dict[tuple[int, int, int, int], int] = {}
        self._citations: list[Citation] = []
        self._hits: dict[int, Hit] = {}
        self._started = time.perf_counter()
        self._first = 0.0
        self._written: list[Generated] = []
        self._prompts: list[ChatMessage] = []

    @property
    def empty(self) -> bool:
        return not self._claims

    def add(self, heading: str, stated: Sequence[Stated]) -> None:
        """A paragraph under a heading, which is not repeated where the one before had it too and
        left out where it gives orders."""
        if not stated:
            return
        start, known = len(self._text), len(self._claims)
        title = as_name(heading)
        numbers = [tuple(self._number(source) for source in each.sources) for each in stated]
        self._text += "\n\n" if self._text else ""
        if title and title != self._heading:
            self._text += f"{title}\n"
        self._heading = title
        for number, (each, cited) in enumerate(zip(stated, numbers, strict=True)):
            self._text += " " if number else ""
            begin = len(self._text)
            self._text += each.text
            self._claims.append(Claim(each.text, begin, len(self._text), each.support, cited))
        self._first = self._first or self._elapsed()
        self._tell(QuotesFound(tuple(self._citations), tuple(self._hits.values()), "", True))
        self._tell(TextStreamed(self._text[start:], tuple(self._claims[known:])))

    def progress(self, done: int, total: int, current: str = "") -> None:
        """``done`` of ``total`` parts are worked through; how long the rest takes is told once
        there is a pace to go by."""
        elapsed = self._elapsed() / 1000
        left = elapsed * (total - done) / done if done and elapsed >= _HONEST_AFTER else None
        self._tell(MapProgress(done, total, current, left))

    def wrote(self, generated: Generated, prompt: Sequence[ChatMessage]) -> None:
        """A model has written some of it."""
        self._written.append(generated)
        self._prompts += prompt

    def answer(
        self,
        question: str,
        kind: AnswerKind,
        *,
        searched: str = "",
        model: Path | None = None,
        stopped: bool = False,
        refused: bool = False,
        reason: str = "",
        notice: str = "",
    ) -> Answer:
        """What there is by now."""
        wrote = model if self._written else None
        return Answer(
            question=question,
            quotes=(),
            text=self._text,
            claims=tuple(self._claims),
            citations=tuple(self._citations),
            refused=refused,
            reason=reason,
            stopped=stopped,
            notice=notice,
            model="" if wrote is None else wrote.stem,
            timings=self._timings(),
            kind=kind,
            text_leads=True,
            provenance=self._provenance(searched, wrote),
        )

    def _provenance(self, searched: str, model: Path | None) -> Provenance:
        known = self._store.cited.numbered({c.document_id for c in self._citations})
        return Provenance(
            version=version(),
            searched=searched,
            prompt=tuple((message.role, message.content) for message in self._prompts),
            model=None if model is None else _used(model),
            documents=tuple((document.id, document.digest) for document in known.values()),
        )

    def _number(self, sentence: Sentence) -> int:
        hit = sentence.hit
        key = (hit.document_id, hit.page, sentence.start, sentence.end)
        if key not in self._numbers:
            self._numbers[key] = len(self._citations) + 1
            self._citations.append(sentence.cited(self._numbers[key], self._retriever.boxes))
            self._hits.setdefault(hit.passage_id, hit)
        return self._numbers[key]

    def _timings(self) -> Timings:
        tokens = sum(each.output_tokens for each in self._written)
        seconds = sum(each.total_s - each.first_token_s for each in self._written)
        return Timings(
            retrieve_ms=round(self._first, 1),
            first_token_ms=round(self._first, 1),
            total_ms=round(self._elapsed(), 1),
            prompt_tokens=sum(each.prompt_tokens for each in self._written),
            output_tokens=tokens,
            tokens_per_s=round(tokens / seconds, 1) if seconds > 0 else 0.0,
        )

    def _tell(self, event: AnswerEvent) -> None:
        if self._listener is not None:
            self._listener(event)

    def _elapsed(self) -> float:
        return (time.perf_counter() - self._started) * 1000


def _used(model: Path) -> UsedFile | None:
    try:
        state = model.stat()
    except OSError:  # it went since it wrote
        return None
    return UsedFile(str(model), state.st_size, state.st_mtime_ns)


def one_line(text: str) -> str:
    """Without line ends and what is never drawn: a document's text is not to shape ours."""
    return " ".join(drawn(text).split())
