"""A library that answers by script: the test decides when each event comes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.answers import (
    Answer,
    AnswerEvent,
    AnswerKind,
    AppliedAdapter,
    Citation,
    Claim,
    Conversation,
    MapProgress,
    QuotesFound,
    Support,
    TextStreamed,
    Timings,
)
from engine.records import (
    Coverage,
    DocumentState,
    Folder,
    Hit,
    LedgerEntry,
    Scope,
    SearchMode,
    SearchResult,
)

HOSTILE = '<b>bold</b> <img src="http://example.org/x.png"> [x](http://example.org/) & ünï 🦉'


def citation(n: int, quote: str = "The lease ends on 31 March 2027.", **changes: Any) -> Citation:
    made = Citation(n, n, f"leases/lease {n}.pdf", f"Lease {n}", n + 3, "", 10, 10 + len(quote), "")
    return replace(made, quote=quote, **changes)


def hit(rank: int, text: str = "The tenant may end the lease early.", document: int = 1) -> Hit:
    return Hit(
        rank, rank, document, f"leases/lease {document}.pdf", f"Lease {document}", rank + 2, "",
        0, len(text), text, "", 1.0 / rank, ("keyword",),
    )  # fmt: skip


def written(*claims: tuple[str, Support, tuple[int, ...]], **changes: Any) -> Answer:
    """An answer of these claims, joined by spaces, over three citations."""
    text, made = "", []
    for words, support, numbers in claims:
        text += " " if text else ""
        made.append(Claim(words, len(text), len(text) + len(words), support, numbers))
        text += words
    answer = Answer(
        "When does the lease end?", (1, 2), text, tuple(made),
        (citation(1), citation(2), citation(3)),
        model="SmolLM2-135M-Instruct-Q4_1.gguf",
        timings=Timings(150, 900, 12_000, 400, 80, 7.0),
    )  # fmt: skip
    return replace(answer, **changes)


class ScriptedLibrary:
    """``go`` lets a question continue after its quotes; ``pieces`` are streamed before that."""

    def __init__(self) -> None:
        self.model_path: Path | None = Path("models/SmolLM2-135M-Instruct-Q4_1.gguf")
        self.go = threading.Event()
        self.pieces: tuple[str | TextStreamed, ...] = ()
        self.quotes: tuple[Citation, ...] = (citation(1), citation(2))
        self.answer = written(("It ends on 31 March 2027.", Support.SUPPORTED, (1,)))
        self.error: Exception | None = None
        self.hits: tuple[Hit, ...] = ()
        self.coverage: Coverage | None = None
        self.notice = ""
        self.searching = threading.Event()  # cleared, it holds searches up
        self.searching.set()
        self.asked: list[tuple[str, int | None, Scope]] = []
        self.unread = 0  # documents, after the three that could be read
        self.warmed = 0
        self.summarised: list[int] = []
        self.surveyed: list[tuple[str, Scope]] = []
        self.how: list[tuple[bool, int]] = []  # with documents, the seed
        self.shaped: list[tuple[AppliedAdapter, ...]] = []
        self.applied_to: dict[int, tuple[AppliedAdapter, ...]] = {}
        self.searched: list[tuple[str, Scope]] = []
        self.made: list[str] = []
        self.stored: dict[int, list[Answer]] = {}

    def folders(self) -> list[Folder]:
        return [Folder(1, "matters/Leases"), Folder(2, "matters/R&D")]

    def ledger(self) -> list[LedgerEntry]:
        states = [DocumentState.INDEXED] * 3 + [DocumentState.FAILED] * self.unread
        return [
            LedgerEntry(n, 1, f"leases/lease {n}.pdf", f"Lease {n}", "pdf", state, "", 9, 0.0,
                        4, 4, 0, 0, 9, 9)
            for n, state in enumerate(states, 1)
        ]  # fmt: skip

    def model(self) -> Path | None:
        return self.model_path

    def conversations(self) -> list[Conversation]:
        return []

    def turns(self, conversation_id: int) -> list[Answer]:
        return self.stored[conversation_id]

    def new_conversation(self, title: str) -> Conversation:
        self.made.append(title)
        return Conversation(40 + len(self.made), title, 0.0, 0.0)

    def search(self, query: str, *, scope: Scope, **how: Any) -> SearchResult:
        self.searched.append((query, scope))
        self.searching.wait(5)
        coverage = None if self.hits else self.coverage
        return SearchResult(query, SearchMode.HYBRID, self.hits, 3.0, self.notice, query, coverage)

    def ask(
        self,
        question: str,
        *,
        scope: Scope,
        conversation_id: int | None,
        use_documents: bool,
        seed: int,
        adapters: Sequence[AppliedAdapter],
        on_event: Callable[[AnswerEvent], None],
        cancel: Any,
    ) -> Answer:
        self.asked.append((question, conversation_id, scope))
        self.how.append((use_documents, seed))
        self.shaped.append(tuple(adapters))
        cancel.wait(0.03)  # searching takes a while
        on_event(QuotesFound(self.quotes, (), self.answer.searched, self.answer.text_leads))
        for piece in self.pieces:
            on_event(TextStreamed(piece) if isinstance(piece, str) else piece)
        while not self.go.wait(0.005):
            if cancel.cancelled:
                return replace(self.answer, question=question, stopped=True)
        if self.error is not None:
            raise self.error
        return replace(self.answer, question=question)

    def summarise(
        self,
        document_id: int,
        *,
        conversation_id: int | None,
        on_event: Callable[[AnswerEvent], None],
        cancel: Any,
    ) -> Answer:
        self.summarised.append(document_id)
        return self._map("Summarise", AnswerKind.SUMMARY, on_event, cancel)

    def survey(
        self,
        question: str,
        *,
        scope: Scope,
        conversation_id: int | None,
        on_event: Callable[[AnswerEvent], None],
        cancel: Any,
    ) -> Answer:
        self.surveyed.append((question, scope))
        return self._map(question, AnswerKind.SURVEY, on_event, cancel)

    def _map(
        self,
        question: str,
        kind: AnswerKind,
        on_event: Callable[[AnswerEvent], None],
        cancel: Any,
    ) -> Answer:
        """One section is done, the second waits for ``go``."""
        on_event(MapProgress(0, 2, "Rent"))
        on_event(QuotesFound(self.quotes, (), "", True))
        for piece in self.pieces:
            on_event(TextStreamed(piece) if isinstance(piece, str) else piece)
        on_event(MapProgress(1, 2, "Notice", 90.0))
        while not self.go.wait(0.005):
            if cancel.cancelled:
                break
        stopped = cancel.cancelled
        return replace(
            self.answer, question=question, kind=kind, quotes=(), text_leads=True, stopped=stopped
        )

    def applied(self, conversation_id: int) -> tuple[AppliedAdapter, ...]:
        return self.applied_to.get(conversation_id, ())

    def apply_adapters(self, conversation_id: int, adapters: Sequence[AppliedAdapter]) -> None:
        self.applied_to[conversation_id] = tuple(adapters)

    def expect(self, adapters: Sequence[AppliedAdapter]) -> None:
        pass

    def warm(self, adapters: Sequence[AppliedAdapter] = ()) -> None:
        self.warmed += 1

    def stop_children(self) -> None:
        self.go.set()
        self.searching.set()

    def close(self) -> None:
        pass
