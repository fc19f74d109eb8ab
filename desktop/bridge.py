"""The only crossing point between the engine's threads and the widgets.

Work is a plain callable that runs on a lane; its result comes back on the UI thread. Engine
callbacks become Qt signals here and nowhere else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal, Slot

from desktop.courier import Courier
from desktop.watching import FolderWatch
from engine.answers import (
    Answer,
    AnswerEvent,
    AnswerKind,
    AppliedAdapter,
    MapProgress,
    PromptRead,
    QuotesFound,
    TextStreamed,
)
from engine.errors import CancelledError
from engine.records import IndexProgress, Scope, SearchResult, Stage
from engine.workers import CancelToken, PauseToken

if TYPE_CHECKING:
    from engine.library import Library

WARM_EVERY_S = 120.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks for. ``document_id`` is the one to summarise; with ``use_documents``
    off the model answers from what it has learnt. Another ``seed`` may give other words;
    ``adapters`` shape them."""

    question: str
    scope: Scope = field(default_factory=Scope)
    kind: AnswerKind = AnswerKind.ANSWER
    document_id: int | None = None
    use_documents: bool = True
    seed: int = 0
    adapters: tuple[AppliedAdapter, ...] = ()


class AnswerRun(QObject):
    """One question on its way. Signals arrive on the UI thread; ``stop()`` ends it early."""

    quotes_found = Signal(object)  # QuotesFound
    prompt_read = Signal(object)  # PromptRead
    progressed = Signal(object)  # MapProgress
    text_streamed = Signal(object)  # TextStreamed
    finished = Signal(object)  # Answer; ``stopped`` is set after stop()
    failed = Signal(object)  # Exception
    _heard = Signal(object)  # AnswerEvent, on its way from the engine's thread

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.token = CancelToken()
        # always queued: an event before the caller has connected would be lost
        self._heard.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def stop(self) -> None:
        self.token.cancel()

    def deliver(self, event: AnswerEvent) -> None:
        """Called by the engine, on its thread."""
        if shiboken6.isValid(self):
            self._heard.emit(event)

    @Slot(object)
    def _tell(self, event: AnswerEvent) -> None:
        match event:
            case QuotesFound():
                self.quotes_found.emit(event)
            case PromptRead():
                self.prompt_read.emit(event)
            case MapProgress():
                self.progressed.emit(event)
            case TextStreamed():
                self.text_streamed.emit(event)


class Job(QObject):
    """Work that takes a while and tells how far it is. Signals arrive on the UI thread;
    ``stop()`` ends it early, with ``CancelledError`` as its failure."""

    progressed = Signal(object)
    finished = Signal(object)
    failed = Signal(object)  # Exception
    _heard = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.token = CancelToken()
        self._heard.connect(self.progressed, Qt.ConnectionType.QueuedConnection)

    def stop(self) -> None:
        self.token.cancel()

    def tell(self, progress: object) -> None:
        """Called by the work, on its thread."""
        if shiboken6.isValid(self):
            self._heard.emit(progress)


class Bridge(Courier):
    """Runs the library's work off the UI thread."""

    progressed = Signal(object)  # IndexProgress
    index_started = Signal()
    index_finished = Signal(object)  # IndexReport
    index_failed = Signal(object)  # Exception
    index_paused = Signal(bool)
    library_changed = Signal()  # documents or folders are not what they were

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(
            {
                "index": 1,
                "search": 1,
                "answer": 1,
                "read": 2,
                "render": 1,
                "models": 1,
                "training": 1,
            },
            parent,
        )
        self.library = library
        self._index_token: CancelToken | None = None
        self._index_again = False
        self._stopped = False
        self._pause = PauseToken()
        self._stage = Stage.SCANNING
        self.progressed.connect(self._note_stage)
        self._watch = FolderWatch(library, self)
        self._watch.changed.connect(self.freshen)
        self._search_token: CancelToken | None = None
        self._runs: set[AnswerRun] = set()
        self._warmed = -WARM_EVERY_S
        self._jobs: set[Job] = set()

    # --- indexing ---------------------------------------------------------------------------

    @property
    def indexing(self) -> bool:
        return self._index_token is not None

    def start_indexing(self) -> None:
        """Bring the index up to date; asked again while at it, it runs once more after."""
        if self._closed:
            return
        self._stopped = False
        if self._index_token is not None:
            self._index_again = True
            return
        token = self._index_token = CancelToken()
        self._stage = Stage.SCANNING

        def progress(snapshot: IndexProgress) -> None:
            self.progressed.emit(snapshot)

        self.run(
            self,
            lambda: self.library.index(on_progress=progress, cancel=token, pause=self._pause),
            self._index_done,
            self._index_error,
            lane="index",
        )
        self.index_started.emit()

    def restart_indexing(self) -> None:
        """Look at the folders now: a run that is busy with older news gives way to a new one,
        which goes on where that one was."""
        if self._index_token is None:
            self.start_indexing()
        else:
            self._index_again = True
            self._index_token.cancel()

    def stop_indexing(self) -> None:
        """End the run that is going on. Until another is asked for, changes start none."""
        self._stopped = True
        self._index_again = False
        if self._index_token is not None:
            self._index_token.cancel()
            self.pause_indexing(False)

    @property
    def paused(self) -> bool:
        return self._pause.paused

    def pause_indexing(self, paused: bool) -> None:
        """Let the run that is going on rest, or go on."""
        if paused == self._pause.paused or (paused and self._index_token is None):
            return
        if paused:
            self._pause.pause()
        else:
            self._pause.resume()
        self.index_paused.emit(paused)

    def read_first(self, document_ids: Collection[int] = (), paths: Collection[Path] = ()) -> None:
        """Take these before all others, now or as soon as the run can turn to them."""

        def noted(_nothing: None) -> None:
            self.pause_indexing(False)
            if self._index_token is None:
                self.start_indexing()

        self.run(self, lambda: self.library.read_first(document_ids, paths=paths), noted)

    # --- watching ---------------------------------------------------------------------------

    def watch_folders(self) -> None:
        """Notice from now on what happens to files of the followed folders."""
        self.run(self, self._watch.begin, lambda _nothing: None)

    @Slot()
    def freshen(self) -> None:
        """Files have changed: look at them, once nothing is being read any more."""
        if self._stopped:
            return
        if self._index_token is not None and self._stage is Stage.EMBEDDING:
            self.restart_indexing()
        else:
            self.start_indexing()

    @Slot(object)
    def _note_stage(self, progress: IndexProgress) -> None:
        """Once all is read, the library is another one, however long the meanings take."""
        before, self._stage = self._stage, progress.stage
        if before is Stage.READING and progress.stage is not before:
            self.library_changed.emit()
            if self._index_again:
                self.restart_indexing()  # new files first, then what others mean

    def _index_done(self, report: object) -> None:
        self._ended(lambda: self.index_finished.emit(report))

    def _index_error(self, error: Exception) -> None:
        if not isinstance(error, CancelledError):
            self._index_again = False
        self._ended(lambda: self.index_failed.emit(error))

    def _ended(self, tell: Callable[[], None]) -> None:
        """Tell of the end of a run, unless it only made room for the next one."""
        self._index_token = None
        if not self._index_again:
            self.pause_indexing(False)
        self.library_changed.emit()
        if self._index_again:
            self._index_again = False
            self.start_indexing()
        else:
            tell()

    # --- finding ----------------------------------------------------------------------------

    def search(
        self,
        owner: QObject,
        query: str,
        scope: Scope,
        on_success: Callable[[SearchResult], None],
        *,
        limit: int = 8,
    ) -> None:
        """Search as you type: a newer call makes an older one void."""
        self.stop_searching()
        token = self._search_token = CancelToken()

        def found(result: SearchResult) -> None:
            if not token.cancelled:
                on_success(result)

        def operation() -> SearchResult:
            token.check()
            result: SearchResult = self.library.search(
                query, limit=limit, scope=scope, hurried=True, cancel=token
            )
            return result

        def failed(error: Exception) -> None:
            if not isinstance(error, CancelledError):
                self.failed.emit(error)

        self.run(owner, operation, found, failed, lane="search")

    def stop_searching(self) -> None:
        """What is being searched for is no longer wanted."""
        if self._search_token is not None:
            self._search_token.cancel()

    def ask(self, wish: Wish, conversation_id: int | None = None) -> AnswerRun:
        """Start answering. Connect the run's signals at once: they come after this returns."""
        run = AnswerRun(self)
        self._runs.add(run)

        def operation() -> object:
            return self._fulfil(wish, conversation_id, run)

        def finished(answer: object) -> None:
            self._runs.discard(run)
            run.finished.emit(answer)
            run.deleteLater()

        def failed(error: Exception) -> None:
            self._runs.discard(run)
            run.failed.emit(error)
            run.deleteLater()

        self.run(run, operation, finished, failed, lane="answer")
        return run

    # --- models -----------------------------------------------------------------------------

    def start(self, work: Callable[[Job], object], *, lane: str = "models") -> Job:
        """Do ``work``, which may tell of its progress and look at its token. Connect the job's
        signals at once: they come after this returns."""
        job = Job(self)
        self._jobs.add(job)

        def operation() -> object:
            job.token.check()
            return work(job)

        def finished(result: object) -> None:
            self._jobs.discard(job)
            job.finished.emit(result)
            job.deleteLater()

        def failed(error: Exception) -> None:
            self._jobs.discard(job)
            job.failed.emit(error)
            job.deleteLater()

        self.run(job, operation, finished, failed, lane=lane)
        return job

    def _fulfil(self, wish: Wish, conversation_id: int | None, run: AnswerRun) -> Answer:
        """On the lane of answers."""
        library, listen, cancel = self.library, run.deliver, run.token
        if wish.document_id is not None:
            return library.summarise(
                wish.document_id, conversation_id=conversation_id, on_event=listen, cancel=cancel
            )
        if wish.kind is AnswerKind.SURVEY:
            return library.survey(
                wish.question,
                scope=wish.scope,
                conversation_id=conversation_id,
                on_event=listen,
                cancel=cancel,
            )
        return library.ask(
            wish.question,
            scope=wish.scope,
            use_documents=wish.use_documents,
            conversation_id=conversation_id,
            seed=wish.seed,
            adapters=wish.adapters,
            on_event=listen,
            cancel=cancel,
        )

    def warm(self, adapters: tuple[AppliedAdapter, ...] = ()) -> None:
        """Make ready for a question that ``adapters`` are applied to, unless that was done a
        moment ago."""
        now = time.monotonic()
        if self._closed or now - self._warmed < WARM_EVERY_S:
            return
        self._warmed = now
        self.run(self, lambda: self.library.warm(adapters), lambda _nothing: None)

    # --- the end ----------------------------------------------------------------------------

    def close(self) -> None:
        """Stop all work and wait for the lanes; the library's children are stopped first.

        May be called from another thread once the widgets are gone or hidden.
        """
        self._closed = True
        self._watch.close()
        self.stop_indexing()
        self.stop_searching()
        for run in list(self._runs):
            run.stop()
        for job in list(self._jobs):
            job.stop()
        self.library.stop_children()
        super().close()
        self.library.close()
