"""Checks a record against a library: are the documents, quotes and models still what they were?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from engine.answers import Answer, AnswerKind, AppliedAdapter
from engine.errors import CancelledError, CarrelError
from engine.exporting.hashing import sha256_of, size_of
from engine.exporting.record import (
    Record,
    RecordedAnswer,
    RecordedCitation,
    RecordedDocument,
    RecordedFile,
    quote_digest,
)
from engine.store import Store
from engine.store.cited import CitedDocument
from engine.workers import CancelToken


class FileState(StrEnum):
    """What became of a file. ``UNREACHABLE``: the library has read just this content, but the
    file is not in its place; ``UNKNOWN``: the record does not say what it was."""

    SAME = "same"
    CHANGED = "changed"
    UNREACHABLE = "unreachable"
    GONE = "gone"
    UNKNOWN = "unknown"


class QuoteState(StrEnum):
    """What became of a quote. ``MOVED``: it is elsewhere on its page; ``ALTERED``: the record
    itself was changed, for its quote and the quote's hash differ."""

    SAME = "same"
    MOVED = "moved"
    CHANGED = "changed"
    GONE = "gone"
    ALTERED = "altered"


class AgainState(StrEnum):
    """What asking again gave: the same text and quotes, others, or nothing to compare."""

    SAME = "same"
    DIFFERENT = "different"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """``kind`` is "document", "model" or "adapter"."""

    kind: str
    name: str
    state: FileState


@dataclass(frozen=True, slots=True)
class CheckedQuote:
    """``answer`` is the answer's place in the record, from 1."""

    answer: int
    n: int
    document: str
    page: int
    state: QuoteState


@dataclass(frozen=True, slots=True)
class CheckedAgain:
    """``why`` is a sentence where the state is not SAME."""

    answer: int
    state: AgainState
    why: str = ""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """``reproducible`` says that every answer names what it was made with."""

    documents: tuple[CheckedFile, ...]
    quotes: tuple[CheckedQuote, ...]
    models: tuple[CheckedFile, ...]
    again: tuple[CheckedAgain, ...]
    reproducible: bool

    @property
    def holds(self) -> bool:
        """Whether everything is there and as it was."""
        return not self.problems()

    def problems(self) -> list[str]:
        """What is not as it was, in sentences, one for each kind."""
        found = []
        for kind, files in (("documents", self.documents), ("models", self.models)):
            other = sum(file.state is not FileState.SAME for file in files)
            if other:
                found.append(f"{other} of {len(files)} {kind} are not there as they were.")
        other = sum(quote.state is not QuoteState.SAME for quote in self.quotes)
        if other:
            found.append(f"{other} of {len(self.quotes)} quotes do not stand where they stood.")
        other = sum(again.state is not AgainState.SAME for again in self.again)
        if other:
            found.append(f"{other} of {len(self.again)} answers could not be made again.")
        return found


AskAgain = Callable[[RecordedAnswer, Path | None, Sequence[AppliedAdapter]], Answer]


class RecordChecker:
    """Checks records against ``store``. ``models`` are the files to look for models and adapters
    among; only those of the right size are read."""

    def __init__(
        self, store: Store, models: Sequence[Path], cancel: CancelToken | None = None
    ) -> None:
        self._store = store
        self._models = models
        self._cancel = cancel or CancelToken()
        self._digests: dict[Path, str] = {}

    def check(self, record: Record, ask_again: AskAgain | None = None) -> CheckReport:
        """Raises ``CancelledError`` when it is stopped."""
        found = {document.n: self._document(document) for document in record.documents}
        models: dict[tuple[str, RecordedFile], tuple[FileState, Path | None]] = {}
        quotes, again = [], []
        for number, answer in enumerate(record.answers, 1):
            for citation in answer.citations:
                quotes.append(self._quote(number, citation, record, found))
            for kind, file in _files(answer):
                if (kind, file) not in models:
                    models[kind, file] = self._model(file)
            if ask_again is not None:
                places = {(kind, file): models[kind, file][1] for kind, file in _files(answer)}
                again.append(self._again(number, answer, places, ask_again))
        return CheckReport(
            documents=tuple(
                CheckedFile("document", document.path, found[document.n][0])
                for document in record.documents
            ),
            quotes=tuple(quotes),
            models=tuple(
                CheckedFile(kind, file.name, state) for (kind, file), (state, _) in models.items()
            ),
            again=tuple(again),
            reproducible=all(answer.making is not None for answer in record.answers),
        )

    # --- documents --------------------------------------------------------------------------

    def _document(self, recorded: RecordedDocument) -> tuple[FileState, CitedDocument | None]:
        self._cancel.check()
        alike = self._store.cited.like(recorded.sha256, recorded.path)
        if not alike:
            return FileState.GONE, None
        best = alike[0]
        if not recorded.sha256:
            return FileState.UNKNOWN, best
        if best.digest != recorded.sha256:
            return FileState.CHANGED, best
        states = {self._file(document, recorded.sha256) for document in alike}
        for state in (FileState.SAME, FileState.CHANGED):
            if state in states:
                return state, best
        return FileState.UNREACHABLE, best

    def _file(self, document: CitedDocument, digest: str) -> FileState:
        if document.digest != digest:
            return FileState.UNREACHABLE
        try:
            same = self._digest(document.file) == digest
        except OSError:
            return FileState.UNREACHABLE
        return FileState.SAME if same else FileState.CHANGED

    def _quote(
        self,
        answer: int,
        citation: RecordedCitation,
        record: Record,
        found: dict[int, tuple[FileState, CitedDocument | None]],
    ) -> CheckedQuote:
        path = next((d.path for d in record.documents if d.n == citation.document), "")
        document = found.get(citation.document, (FileState.GONE, None))[1]
        state = self._quote_state(citation, document)
        return CheckedQuote(answer, citation.n, path, citation.page, state)

    def _quote_state(
        self, citation: RecordedCitation, document: CitedDocument | None
    ) -> QuoteState:
        if quote_digest(citation.quote) != citation.quote_sha256:
            return QuoteState.ALTERED
        if document is None:
            return QuoteState.GONE
        try:
            text = self._store.documents.page(document.id, citation.page).text
        except CarrelError:
            return QuoteState.GONE
        inside = 0 <= citation.start <= citation.end <= len(text)
        if inside and text[citation.start : citation.end] == citation.quote:
            return QuoteState.SAME
        return QuoteState.MOVED if citation.quote in text else QuoteState.CHANGED

    # --- models -----------------------------------------------------------------------------

    def _model(self, recorded: RecordedFile) -> tuple[FileState, Path | None]:
        if not recorded.sha256:
            return FileState.UNKNOWN, None
        for path in self._models:
            try:
                if size_of(path) == recorded.size and self._digest(path) == recorded.sha256:
                    return FileState.SAME, path
            except OSError:
                continue
        named = any(path.name == recorded.name and path.is_file() for path in self._models)
        return (FileState.CHANGED if named else FileState.GONE), None

    def _digest(self, path: Path) -> str:
        if path not in self._digests:
            self._digests[path] = sha256_of(path, self._cancel)
        return self._digests[path]

    # --- asking again -----------------------------------------------------------------------

    def _again(
        self,
        number: int,
        answer: RecordedAnswer,
        places: dict[tuple[str, RecordedFile], Path | None],
        ask_again: AskAgain,
    ) -> CheckedAgain:
        def impossible(why: str) -> CheckedAgain:
            return CheckedAgain(number, AgainState.IMPOSSIBLE, why)

        made = answer.making
        if made is None:
            return impossible("The record does not say what the answer was made with.")
        if answer.kind != AnswerKind.ANSWER:
            return impossible(f"Only answers are asked again; this is a {answer.kind}.")
        if answer.stopped:
            return impossible("The answer was stopped before it was finished.")
        missing = next((kind for (kind, _), place in places.items() if place is None), None)
        if missing is not None:
            return impossible(f"The {missing} that was used is not here.")
        if any(adapter.file is None for adapter in made.applied()):
            return impossible("The record does not say which adapter was used.")
        model = None if made.model is None else places["model", made.model]
        applied = [
            AppliedAdapter(str(places["adapter", each.file]), each.scale, each.name)
            for each in made.applied()
            if each.file is not None
        ]
        try:
            now = ask_again(answer, model, applied)
        except CancelledError:
            raise
        except CarrelError as error:
            return impossible(f"It could not be asked again: {error}")
        return _compared(number, answer, now)


def _files(answer: RecordedAnswer) -> list[tuple[str, RecordedFile]]:
    made = answer.making
    if made is None:
        return []
    files = [("model", made.model), *(("adapter", each.file) for each in made.applied())]
    return [(kind, file) for kind, file in files if file is not None]


def _compared(number: int, then: RecordedAnswer, now: Answer) -> CheckedAgain:
    quotes_then = {c.n: c.quote for c in then.citations}
    quotes_now = {c.n: c.quote for c in now.citations}
    if [quotes_then.get(n) for n in then.quotes] != [quotes_now.get(n) for n in now.quotes]:
        return CheckedAgain(number, AgainState.DIFFERENT, "Other quotes were found.")
    if then.text == now.text:
        return CheckedAgain(number, AgainState.SAME)
    prompt = now.provenance.prompt if now.provenance is not None else ()
    same = then.making is not None and prompt == tuple(
        (message.role, message.text) for message in then.making.prompt
    )
    why = "from the same prompt" if same else "from another prompt"
    return CheckedAgain(number, AgainState.DIFFERENT, f"The model wrote another text {why}.")
