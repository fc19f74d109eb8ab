"""The façade: everything that the window and the command line may ask of a library.

Every method blocks and may be called from any thread; failures a person can act on are
``CarrelError`` with the sentence to show.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import filelock

from engine.answers import Answer, AnswerEvent, AppliedAdapter, Conversation, Length, Turn
from engine.applied import in_effect
from engine.comparisons import (
    ComparingProgress,
    Comparison,
    ComparisonTable,
    Variant,
    VariantBegun,
    VariantDone,
)
from engine.errors import CarrelError, ChildError, ChildFailedError, LibraryInUseError
from engine.exporting.exporter import Exporter, ExportFormat
from engine.indexing import READER_LIMITS, Indexer
from engine.models.catalogue import Catalogue
from engine.models.embedder import SHIPPED, Embedder, Reranker
from engine.models.entries import ModelKind
from engine.models.generator import Generator
from engine.paths import lock_file, starter_model
from engine.reading.formats import DRAWN
from engine.reading.messages import (
    Opened,
    ReadEnded,
    ReaderReply,
    ReadFile,
    Rendered,
    RenderPage,
)
from engine.records import (
    DocumentState,
    EmbedderState,
    Folder,
    IndexProgress,
    IndexReport,
    LedgerEntry,
    LibraryStatus,
    OcrWish,
    PageEntry,
    PageImage,
    Scope,
    SearchMode,
    SearchResult,
    SourcePage,
)
from engine.retrieval import Retriever
from engine.settings import PATIENCE, AddedModel
from engine.store import Store
from engine.workers import CancelToken, ChildProcess, Lane, PauseToken, Precedence
from engine.workers.confinement import Confined

if TYPE_CHECKING:
    from engine.exporting.checking import CheckReport
    from engine.exporting.record import RecordedAnswer
    from engine.exporting.tables import TableFormat
    from engine.responders import Responders
    from engine.watching import Watch

_RENDER_TIME = 30.0
_TURNS = 12  # of a conversation that a question may follow


class Library:
    """One open library with its children. Made by :meth:`open`."""

    def __init__(
        self,
        store: Store,
        lock: filelock.BaseFileLock,
        *,
        holds_lock: bool,
        reranker: str,
        catalogue: Catalogue | None,
        patience: Callable[[], float],
        ocr: Callable[[], OcrWish],
    ) -> None:
        self._store = store
        self._lock = lock
        self._holds_lock = holds_lock
        self._embedder = Embedder(store.embedder.serving().folder)
        self._filling_embedder = Embedder(background=True)
        self._catalogue = catalogue
        self._generator = Generator(catalogue.speed if catalogue is not None else None)
        self._precedence = Precedence()
        self._indexer = Indexer(
            store,
            self._filling_embedder,
            precedence=self._precedence,
            on_switch=self._switched,
            ocr=ocr,
        )
        self._renderer = ChildProcess[ReaderReply]("reader", ReaderReply, limits=READER_LIMITS)
        self._reranker = Reranker(reranker) if reranker else None
        self._retriever = Retriever(store, self._embedder, reranker=self._reranker)
        self._patience = patience
        self._made: Responders | None = None
        self._making = threading.Lock()
        self._exporter = Exporter(store)
        self._warming = Lane("warm")
        self._expected: tuple[AppliedAdapter, ...] = ()
        self._indexing = threading.Lock()
        self._closed = False

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        passphrase: str | None = None,
        exclusive: bool = False,
        reranker: str = "",
        catalogue: Catalogue | None = None,
        patience: Callable[[], float] = lambda: PATIENCE,
        ocr: Callable[[], OcrWish] = OcrWish,
    ) -> Library:
        """Open the library file, or make it where there is none.

        ``exclusive`` is for the window, which writes at any time: it holds the library until it
        closes. ``reranker`` is the folder of the one to use, if any. ``catalogue`` says which
        model the person chose; without one the starter answers. ``patience`` gives the seconds
        within which the person wants to see the first word of an answer, ``ocr`` how pictures are
        read. Raises the ``LibraryError`` that says what is wrong; the file is then as it was.
        """
        lock = filelock.FileLock(lock_file(path), timeout=0, thread_local=False)
        if exclusive:
            _take(lock, path)
        try:
            return cls(
                Store(path, passphrase),
                lock,
                holds_lock=exclusive,
                reranker=reranker,
                catalogue=catalogue,
                patience=patience,
                ocr=ocr,
            )
        except BaseException:
            lock.release()
            raise

    @property
    def path(self) -> Path:
        return self._store.path

    @property
    def name(self) -> str:
        return self._store.path.stem

    @property
    def encrypted(self) -> bool:
        return self._store.encrypted

    @property
    def _responders(self) -> Responders:
        """Made when they are first wanted: loading their modules is what opening would take
        longest for."""
        with self._making:
            if self._made is None:
                from engine.responders import Responders

                self._made = Responders(
                    self._store, self._embedder, self._generator, self._retriever, self._patience
                )
            return self._made

    def warm(self, adapters: Sequence[AppliedAdapter] = ()) -> None:
        """Start the embedder, read the vectors and load the model, with the adapters that the
        first question is to be answered with, in the background, so that it need not wait. What
        fails here says so when it is needed."""
        if self._closed:
            return
        self._expected = tuple(adapters)
        self._warming.submit(self._retriever.warm)
        self._warming.submit(lambda: self._responders.answerer.warm(self.model(), self._expected))

    def stop_children(self) -> None:
        """Stop every child at once, whatever it is at; for the end."""
        self._closed = True
        for child in (
            self._indexer,
            self._filling_embedder,
            self._renderer,
            self._exporter,
            self._generator,
            self._embedder,
        ):
            child.close()
        if self._reranker is not None:
            self._reranker.close()

    def close(self) -> None:
        self.stop_children()
        self._store.close()  # ends the reading of vectors too
        self._retriever.close()
        self._warming.close()
        self._lock.release()

    def check(self) -> list[str]:
        """What is wrong with the file, as sentences; an empty list when it is sound."""
        return self._store.check()

    def confinement(self) -> frozenset[Confined]:
        """What the operating system holds those to that open documents. Starts one."""
        self._renderer.warm()
        return self._renderer.held

    # --- folders and documents --------------------------------------------------------------

    def folders(self) -> list[Folder]:
        return self._store.documents.folders()

    def add_folder(self, path: Path) -> Folder:
        """Follow a folder; :meth:`index` reads it. One inside a followed folder is that one."""
        try:
            folder = path.expanduser().resolve(strict=True)
        except FileNotFoundError:
            raise CarrelError(f"There is no folder {path}.") from None
        except (OSError, RuntimeError) as error:
            raise CarrelError(f"The folder {path} cannot be opened: {error}.") from error
        if not folder.is_dir():
            raise CarrelError(f"{path} is a file. Carrel follows folders: add the one it is in.")
        return self._store.documents.add_folder(folder)

    def remove_folder(self, folder_id: int) -> None:
        """Forget a folder and what was read from it. The files stay untouched."""
        self._store.documents.remove_folder(folder_id)

    def ledger(self) -> list[LedgerEntry]:
        return self._store.documents.ledger()

    def pages_of(self, document_id: int) -> list[PageEntry]:
        """How each page of a document was read, in order."""
        return self._store.documents.pages(document_id)

    def unlock(self, document_id: int, passphrase: str) -> None:
        """Open a locked file with its passphrase; the next :meth:`index` reads it.

        The passphrase is kept until the library is closed, or in the library where that is
        encrypted. Raises ``CarrelError`` where it does not open the file.
        """
        location = self._store.documents.location(document_id)
        passphrases = [self._store.passphrases.of(holder) for holder in location.documents[:-1]]
        request = ReadFile(
            str(location.file), passphrase, inside=location.inside, around=tuple(passphrases)
        )
        ended = ReadEnded(DocumentState.FAILED, "The reader ended without a word.")
        try:
            with contextlib.closing(
                self._renderer.request(request, silence=_RENDER_TIME)
            ) as replies:
                for reply in replies:
                    if isinstance(reply, Opened):
                        self._store.passphrases.keep(document_id, passphrase)
                        self._store.documents.read_again(document_id)
                        return
                    if isinstance(reply, ReadEnded):
                        ended = reply
        except ChildError as error:
            raise CarrelError(f"The file could not be opened: {error}") from error
        if ended.state is DocumentState.LOCKED:
            raise CarrelError("This passphrase does not open the file.")
        raise CarrelError(ended.reason)

    def watch(self, on_change: Callable[[], None]) -> Watch:
        """Notice what happens to files of the followed folders, until the watch is closed.
        ``on_change`` is called on a thread of its own, some moments after the last of several
        changes: it is time to :meth:`index`."""
        from engine.watching import Watch

        return Watch(lambda: [Path(folder.path) for folder in self.folders()], on_change)

    def read_first(
        self, document_ids: Collection[int] = (), *, paths: Collection[Path] = ()
    ) -> None:
        """Take these documents, and the files at or below ``paths``, before all others: in a
        run that is going on and in the next ones, when reading and when embedding."""
        self._indexer.read_first(document_ids, paths)

    def status(self) -> LibraryStatus:
        return self._store.documents.status()

    def index(
        self,
        *,
        folders: Sequence[Folder] | None = None,
        embed: bool = True,
        on_progress: Callable[[IndexProgress], None] | None = None,
        cancel: CancelToken | None = None,
        pause: PauseToken | None = None,
    ) -> IndexReport:
        """Bring the folders (all of them unless told) up to date; nothing goes on while
        ``pause`` is set. Raises ``LibraryInUseError`` where another Carrel is indexing this
        library."""
        with self._indexing:
            if not self._holds_lock:
                _take(self._lock, self.path)
            try:
                return self._indexer.run(
                    self.folders() if folders is None else folders,
                    embed=embed,
                    on_progress=on_progress,
                    cancel=cancel,
                    pause=pause,
                )
            finally:
                if not self._holds_lock:
                    self._lock.release()

    # --- embedders --------------------------------------------------------------------------

    def embedders(self, known: Sequence[AddedModel]) -> list[EmbedderState]:
        """What this library does with each of the known embedders."""
        serving, wanted = self._store.embedder.serving(), self._store.embedder.wanted()
        passages = self.status().passages
        states = []
        for model in known:
            if model.kind != "embedder":
                continue
            chosen = next((c for c in (serving, wanted) if c and c.folder == model.folder), None)
            embedded = 0
            if chosen is not None and chosen.id is not None:
                embedded = passages - self._store.vectors.waiting(chosen.id)
            states.append(
                EmbedderState(
                    folder=model.folder,
                    serves=chosen == serving,
                    wanted=chosen is not None and chosen == (wanted or serving),
                    embedded=embedded,
                )
            )
        return states

    def use_embedder(self, folder: Path | None) -> None:
        """Let the embedder in ``folder`` (None: the one that ships) serve this library: at once
        where there are no vectors yet, otherwise when :meth:`index` has made all of its own. Until
        then the one before goes on answering. Raises ``CarrelError`` where it is not there."""
        if folder is not None and not folder.is_dir():
            raise CarrelError(f"The folder {folder} is not there. Was it moved or renamed?")
        chosen = SHIPPED if folder is None else str(folder)
        self._store.embedder.want(chosen)
        serving = self._store.embedder.serving()
        empty = serving.id is None or (
            self._store.vectors.waiting(serving.id) == self.status().passages
        )
        if empty and self._store.embedder.serve(chosen):
            self._switched(chosen)

    def _switched(self, folder: str) -> None:
        self._embedder.use(folder)
        if not self._closed:
            self._warming.submit(self._retriever.warm)

    # --- finding and answering --------------------------------------------------------------

    def search(
        self,
        query: str,
        *,
        limit: int = 20,
        mode: SearchMode = SearchMode.HYBRID,
        scope: Scope | None = None,
        hurried: bool = False,
        cancel: CancelToken | None = None,
    ) -> SearchResult:
        """See :meth:`engine.retrieval.Retriever.search`."""
        return self._retriever.search(
            query, limit=limit, mode=mode, scope=scope, hurried=hurried, cancel=cancel
        )

    def use_model(self) -> None:
        """Take note that another model was chosen in the catalogue: it is loaded in the
        background."""
        model = self.model()
        if model is not None and not self._closed:
            self._warming.submit(self._generator.load, model)

    def use_reranker(self, folder: str) -> None:
        """Let the reranker in ``folder`` put the best passages in order from now on; empty for
        none."""
        before, self._reranker = self._reranker, Reranker(folder) if folder else None
        self._retriever.use_reranker(self._reranker)
        if before is not None:
            self._warming.submit(before.rest)  # once it is done with the search that it is at

    def model(self) -> Path | None:
        """The model that answers: the one chosen, the starter by default where it is installed,
        and None where the person wants quotes only."""
        if self._catalogue is not None:
            return self._catalogue.chosen_generator()
        model = starter_model()
        return model if model.is_file() else None

    def ask(
        self,
        question: str,
        *,
        model: Path | None = None,
        adapters: Sequence[AppliedAdapter] = (),
        quotes_only: bool = False,
        use_documents: bool = True,
        freely: bool = False,
        scope: Scope | None = None,
        conversation_id: int | None = None,
        seed: int = 0,
        on_event: Callable[[AnswerEvent], None] | None = None,
        cancel: CancelToken | None = None,
    ) -> Answer:
        """See :meth:`engine.answering.Answerer.ask`; the answer is kept in the conversation."""
        with self._precedence.taken():
            answer = self._responders.answerer.ask(
                question,
                model=None if quotes_only else model or self.model(),
                scope=scope,
                use_documents=use_documents,
                turns=self._so_far(conversation_id, question),
                adapters=adapters,
                freely=freely,
                seed=seed,
                on_event=on_event,
                cancel=cancel,
            )
        if conversation_id is not None:
            self._store.conversations.add_turn(conversation_id, answer)
        return answer

    def _so_far(self, conversation_id: int | None, question: str) -> list[Answer]:
        """The turns that a question follows: none of those in which it was asked just before."""
        if conversation_id is None:
            return []
        turns = self._store.conversations.turns(conversation_id)[-_TURNS:]
        while turns and turns[-1].question == question.strip():
            turns.pop()
        return turns

    def summarise(
        self,
        document_id: int,
        *,
        length: Length = Length.MEDIUM,
        model: Path | None = None,
        quotes_only: bool = False,
        conversation_id: int | None = None,
        on_event: Callable[[AnswerEvent], None] | None = None,
        cancel: CancelToken | None = None,
    ) -> Answer:
        """See :meth:`engine.answering.summarising.Summariser.summarise`; it is kept in the
        conversation."""
        with self._precedence.taken():
            answer = self._responders.summariser.summarise(
                document_id,
                length=length,
                model=None if quotes_only else model or self.model(),
                on_event=on_event,
                cancel=cancel,
            )
        if conversation_id is not None:
            self._store.conversations.add_turn(conversation_id, answer)
        return answer

    def survey(
        self,
        question: str,
        *,
        scope: Scope | None = None,
        model: Path | None = None,
        quotes_only: bool = False,
        conversation_id: int | None = None,
        on_event: Callable[[AnswerEvent], None] | None = None,
        cancel: CancelToken | None = None,
    ) -> Answer:
        """See :meth:`engine.answering.surveying.Surveyor.survey`; it is kept in the
        conversation."""
        with self._precedence.taken():
            answer = self._responders.surveyor.survey(
                question,
                scope=scope,
                model=None if quotes_only else model or self.model(),
                on_event=on_event,
                cancel=cancel,
            )
        if conversation_id is not None:
            self._store.conversations.add_turn(conversation_id, answer)
        return answer

    def documents_matching(self, pattern: str) -> list[LedgerEntry]:
        """Those whose path is ``pattern`` or matches it as a glob."""
        inside = self._retriever.scoped("", Scope(document=pattern)).documents or frozenset()
        return [entry for entry in self.ledger() if entry.document_id in inside]

    # --- comparing --------------------------------------------------------------------------

    def compare(
        self,
        question: str,
        adapters: Sequence[AppliedAdapter],
        *,
        model: Path | None = None,
        scope: Scope | None = None,
        seed: int = 0,
        on_event: Callable[[VariantBegun | AnswerEvent | VariantDone], None] | None = None,
        cancel: CancelToken | None = None,
    ) -> Comparison:
        """See :meth:`engine.comparing.Comparer.compare`; :meth:`keep_comparison` keeps it."""
        try:
            with self._precedence.taken():
                return self._responders.comparer.compare(
                    question,
                    adapters,
                    model=model or self.model(),
                    scope=scope,
                    seed=seed,
                    on_event=on_event,
                    cancel=cancel,
                )
        finally:
            self.expect(self._expected)  # comparing left other adapters applied

    def compare_all(
        self,
        questions: Sequence[str],
        adapters: Sequence[AppliedAdapter],
        *,
        model: Path | None = None,
        scope: Scope | None = None,
        seed: int = 0,
        on_progress: Callable[[ComparingProgress], None] | None = None,
        cancel: CancelToken | None = None,
    ) -> ComparisonTable:
        """See :meth:`engine.comparing.Comparer.compare_all`; :mod:`engine.comparing.questions`
        reads lists of questions."""
        try:
            with self._precedence.taken():
                return self._responders.comparer.compare_all(
                    questions,
                    adapters,
                    model=model or self.model(),
                    scope=scope,
                    seed=seed,
                    on_progress=on_progress,
                    cancel=cancel,
                )
        finally:
            self.expect(self._expected)

    def keep_comparison(self, comparison: Comparison) -> Comparison:
        """It with its number in the library."""
        return self._store.comparisons.keep(comparison)

    def comparisons(self) -> list[Comparison]:
        """Those that are kept, the one made last first."""
        return self._store.comparisons.all()

    def delete_comparison(self, comparison_id: int) -> None:
        """:meth:`restore_comparison` brings it back, for an hour."""
        self._store.comparisons.delete(comparison_id)

    def restore_comparison(self, comparison_id: int) -> None:
        self._store.comparisons.restore(comparison_id)

    def export_comparison(
        self,
        comparison: Comparison,
        file: Path,
        *,
        format: ExportFormat | None = None,
        overwrite: bool = False,
        cancel: CancelToken | None = None,
    ) -> None:
        """See :meth:`engine.exporting.exporter.Exporter.export_comparison`."""
        self._exporter.export_comparison(
            comparison, file, format=format, overwrite=overwrite, cancel=cancel
        )

    def export_table(
        self,
        table: ComparisonTable,
        file: Path,
        *,
        format: TableFormat | None = None,
        overwrite: bool = False,
    ) -> None:
        """See :func:`engine.exporting.tables.export`."""
        from engine.exporting import tables

        tables.export(table, file, format=format, overwrite=overwrite)

    # --- showing a source -------------------------------------------------------------------

    def source_page(self, document_id: int, number: int) -> SourcePage:
        """A page with what is needed to show it; the ``file`` of an attachment is the one that
        holds it. Raises ``CarrelError`` where it is gone."""
        _, path, title, kind, pages = self._store.documents.file_of(document_id)
        file = self._store.documents.location(document_id).file
        available = file.is_file()
        return SourcePage(
            document_id=document_id,
            document=path,
            title=title,
            file=str(file),
            page=self._store.documents.page(document_id, number),
            page_count=pages,
            has_image=available and kind in DRAWN,
            available=available,
        )

    def render_page(self, document_id: int, number: int, scale: float) -> PageImage:
        """The page as it looks, at ``scale`` pixels a point. Drawn in a child process."""
        location = self._store.documents.location(document_id)
        *around, passphrase = map(self._store.passphrases.of, location.documents)
        request = RenderPage(
            str(location.file), number, scale, passphrase, location.inside, tuple(around)
        )
        try:
            reply = self._renderer.ask(request, silence=_RENDER_TIME)
        except ChildFailedError as error:
            raise CarrelError(str(error)) from error
        assert isinstance(reply, Rendered)
        return reply.image

    # --- adapters ---------------------------------------------------------------------------

    def applied(self, conversation_id: int) -> tuple[AppliedAdapter, ...]:
        """The adapters of a conversation, those at scale 0 too. Raises ``CarrelError`` where
        there is no such conversation."""
        return self._store.conversations.applied(conversation_id)

    def apply_adapters(self, conversation_id: int, adapters: Sequence[AppliedAdapter]) -> None:
        """Keep these for the conversation; :meth:`ask` is to be given them. The model gets ready
        in the background. Raises ``ModelError`` for a scale that is none, and ``CarrelError``
        where there is no such conversation."""
        in_effect(adapters)
        self._store.conversations.apply(conversation_id, adapters)
        self.expect(adapters)

    def expect(self, adapters: Sequence[AppliedAdapter]) -> None:
        """The next question will be asked with these adapters, or none: let the model get ready
        in the background. Of several wishes in a row only the last is fulfilled."""
        self._expected = wish = tuple(adapters)
        model = self.model()

        def get_ready() -> None:
            if model is not None and self._expected is wish:
                self._responders.answerer.expect(model, wish)

        if not self._closed:
            self._warming.submit(get_ready)

    # --- taking away ------------------------------------------------------------------------

    def export(
        self,
        turns: Sequence[Turn],
        file: Path,
        *,
        format: ExportFormat | None = None,
        title: str = "",
        overwrite: bool = False,
        cancel: CancelToken | None = None,
    ) -> None:
        """See :meth:`engine.exporting.exporter.Exporter.export`; :meth:`history` gives turns."""
        self._exporter.export(
            turns, file, format=format, title=title, overwrite=overwrite, cancel=cancel
        )

    def check_record(
        self,
        file: Path,
        *,
        again: bool = False,
        models: Sequence[Path] = (),
        cancel: CancelToken | None = None,
    ) -> CheckReport:
        """Compare an exported record with this library. ``again`` asks its questions once more,
        with the same models, and compares the answers. Models are looked for among ``models``
        and those that Carrel knows. Raises ``CarrelError`` where the file is no record."""
        from engine.exporting.checking import RecordChecker
        from engine.exporting.record import read

        known = [starter_model()]
        if self._catalogue is not None:
            entries = self._catalogue.entries()
            known += [Path(e.place) for e in entries if e.kind is ModelKind.GENERATOR]
        checker = RecordChecker(self._store, list(dict.fromkeys([*models, *known])), cancel)

        def ask(
            then: RecordedAnswer, model: Path | None, adapters: Sequence[AppliedAdapter]
        ) -> Answer:
            alone = then.variant in (Variant.PLAIN, Variant.ADAPTER)
            return self.ask(
                then.searched or then.question,
                model=model,
                adapters=adapters,
                quotes_only=model is None,
                use_documents=not alone and (bool(then.citations) or then.refused),
                freely=then.making is not None and not then.making.held,
                seed=then.making.seed if then.making is not None else 0,
                cancel=cancel,
            )

        return checker.check(read(file), ask if again else None)

    # --- conversations ----------------------------------------------------------------------

    def conversations(self, search: str = "") -> list[Conversation]:
        """All of them, the one used last first; or those that hold every word, best first, with
        the place where it was ``found``."""
        if search.strip():
            return self._store.conversations.search(search)
        return self._store.conversations.all()

    def conversation(self, conversation_id: int) -> Conversation:
        """Raises ``CarrelError`` where there is none."""
        return self._store.conversations.one(conversation_id)

    def new_conversation(self, title: str = "") -> Conversation:
        """Without a title it is called by its first question."""
        return self._store.conversations.create(title)

    def history(self, conversation_id: int) -> list[Turn]:
        return self._store.conversations.history(conversation_id)

    def turns(self, conversation_id: int) -> list[Answer]:
        return self._store.conversations.turns(conversation_id)

    def rename_conversation(self, conversation_id: int, title: str) -> None:
        """A blank title is that of its first question."""
        self._store.conversations.rename(conversation_id, title)

    def delete_conversation(self, conversation_id: int) -> None:
        """:meth:`restore_conversation` brings it back, for an hour."""
        self._store.conversations.delete(conversation_id)

    def restore_conversation(self, conversation_id: int) -> None:
        self._store.conversations.restore(conversation_id)

    def delete_turn(self, turn_id: int) -> None:
        """:meth:`restore_turn` brings it back to its place, for an hour."""
        self._store.conversations.delete_turn(turn_id)

    def restore_turn(self, turn_id: int) -> None:
        self._store.conversations.restore_turn(turn_id)


def _take(lock: filelock.BaseFileLock, path: Path) -> None:
    try:
        lock.acquire()
    except filelock.Timeout:
        raise LibraryInUseError(
            f"“{path.name}” is already in use by another Carrel. Close it there first, or open "
            "another library."
        ) from None
