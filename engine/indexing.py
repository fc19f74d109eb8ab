"""Files into the library: scan, read in children, store, then embed.

Everything that a killed run had finished stays, because a document is one transaction, and what
it had not finished is found again by the next run: files by their date and size, vectors by the
passages that lack one. Keyword search works on a document as soon as it is stored.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import queue
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from engine.embedding import VectorFiller
from engine.errors import CancelledError, CarrelError, ChildError
from engine.models.embedder import Embedder
from engine.progress import ProgressMeter
from engine.reading.document import LEFT_UNREAD
from engine.reading.messages import Opened, PageRead, ReadEnded, ReaderReply, ReadFile
from engine.records import (
    DocumentState,
    Folder,
    IndexProgress,
    IndexReport,
    OcrWish,
    Page,
    Passage,
    Stage,
)
from engine.scanning import FoundFile, scan
from engine.store import Store
from engine.store.documents import FileRecord, FolderGoneError, KnownFile, ReadResult
from engine.workers import CancelToken, ChildProcess, Lane, Limits, Precedence

READER_VERSION = 1
READER_LIMITS = Limits(memory=4 << 30, cpu=1800, file_size=512 << 20, nice=5)

_SILENCE = 60.0
_LONGEST = 7200.0  # a page that is read by OCR takes seconds
_TRY_AGAIN = -1  # a date no file has: the next scan takes the file for changed


class _UnsoundError(CarrelError):
    """A reader said what cannot be."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What reading one file came to. ``unchanged`` means that only its date is new."""

    record: FileRecord
    result: ReadResult | None
    unchanged: int | None = None


class Indexer:
    """Brings folders of a store up to date. One run at a time; the caller's thread writes."""

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        *,
        readers: int | None = None,
        limits: Limits = READER_LIMITS,
        silence: float = _SILENCE,
        precedence: Precedence | None = None,
        on_switch: Callable[[str], None] = lambda folder: None,
        ocr: Callable[[], OcrWish] = OcrWish,
    ) -> None:
        """``embedder`` is for the background alone; see ``VectorFiller`` for ``on_switch``.
        ``ocr`` is asked for each file."""
        self._store = store
        self._ocr = ocr
        self._silence = silence
        self._precedence = precedence or Precedence()
        self._filler = VectorFiller(store, embedder, self._precedence, on_switch=on_switch)
        count = readers or max(1, min(4, os.cpu_count() or 1))
        self._readers = [
            ChildProcess[ReaderReply]("reader", ReaderReply, limits=limits) for _ in range(count)
        ]
        self._free: queue.SimpleQueue[ChildProcess[ReaderReply]] = queue.SimpleQueue()
        for reader in self._readers:
            self._free.put(reader)

    def run(
        self,
        folders: Sequence[Folder],
        *,
        embed: bool = True,
        on_progress: Callable[[IndexProgress], None] | None = None,
        cancel: CancelToken | None = None,
    ) -> IndexReport:
        """Read what is new or changed, forget what is gone, then fill in vectors.

        Cancelling ends the run early with ``cancelled`` set in its report; what was done stays.
        Raises ``LibraryError`` where the library cannot be written.
        """
        run = _Run(self._store, ProgressMeter(on_progress), cancel or CancelToken())
        try:
            with run.timed("scan"):
                self._store.picture_wish.keep(self._ocr(), LEFT_UNREAD)
                run.plan(folders)
            with run.timed("read"):
                self._read_all(run)
                # an original that was edited leaves its duplicates without one
                run.plan_orphaned_duplicates(folders)
                self._read_all(run)
            if embed:
                with run.timed("embed"):
                    self._filler.fill(run.meter, run.cancel, run.problem)
        except CancelledError:  # by the token, or because the children were closed
            return run.report(cancelled=True)
        return run.report()

    def close(self) -> None:
        """Stop the readers at once; what they were reading is read again by the next run."""
        for reader in self._readers:
            reader.close()

    # --- reading ----------------------------------------------------------------------------

    def _read_all(self, run: _Run) -> None:
        if not run.files:
            return
        lane = Lane("reader", len(self._readers))
        waiting: deque[Future[_Outcome]] = deque()
        files = iter(run.files)
        try:
            while True:
                for folder, found, known in files:
                    waiting.append(lane.submit(self._read, run, folder, found, known))
                    if len(waiting) > 2 * len(self._readers):
                        break
                if not waiting:
                    break
                run.store_outcome(waiting.popleft().result())
        finally:
            lane.close()
            for reader in self._readers:
                reader.rest()

    def _read(
        self, run: _Run, folder: Folder, found: FoundFile, known: KnownFile | None
    ) -> _Outcome:
        self._precedence.give_way(run.cancel)
        run.meter.current(found.path)
        record = FileRecord(folder.id, found.path, found.size, found.modified_ns)
        if found.problem:
            return _Outcome(record, _not_read(DocumentState.UNSUPPORTED, found.problem))
        try:
            digest = ""
            if known is not None and known.digest and known.reader == READER_VERSION:
                digest = _digest(found.file, run)
                if known.digest == digest and known.state is not DocumentState.DUPLICATE:
                    same = FileRecord(folder.id, found.path, found.size, found.modified_ns, digest)
                    return _Outcome(same, None, unchanged=known.document_id)
            try:
                result = self._read_with_any(found.file, run)
            except (ChildError, _UnsoundError) as error:
                return self._not_survived(error, folder, found, known)
            # what Carrel does not read (films, disk images) need not be read for its digest
            if not digest and result.state is not DocumentState.UNSUPPORTED:
                digest = _digest(found.file, run)
            info = found.file.stat()
        except OSError as error:
            again = FileRecord(folder.id, found.path, found.size, _TRY_AGAIN)
            return _Outcome(again, _not_read(DocumentState.FAILED, _unreadable(error)))
        modified = found.modified_ns
        if (info.st_size, info.st_mtime_ns) != (found.size, found.modified_ns):
            # it changed meanwhile: which content was read is not known
            modified, digest = _TRY_AGAIN, ""
        return _Outcome(FileRecord(folder.id, found.path, found.size, modified, digest), result)

    def _not_survived(
        self, error: CarrelError, folder: Folder, found: FoundFile, known: KnownFile | None
    ) -> _Outcome:
        """The reader died or gave up. That may be the machine's fault, so the next run tries
        once more; a file that does it twice is left alone until it changes."""
        again = known is not None and known.modified_ns == _TRY_AGAIN
        modified = found.modified_ns if again else _TRY_AGAIN
        return _Outcome(
            FileRecord(folder.id, found.path, found.size, modified),
            _not_read(DocumentState.FAILED, str(error), found.file.suffix.lstrip(".").lower()),
        )

    def _read_with_any(self, file: Path, run: _Run) -> ReadResult:
        reader = self._free.get()
        try:
            return self._read_in(reader, file, run)
        finally:
            self._free.put(reader)

    def _read_in(self, reader: ChildProcess[ReaderReply], file: Path, run: _Run) -> ReadResult:
        facts_format, title = file.suffix.lstrip(".").lower(), ""
        pages: list[tuple[Page, tuple[Passage, ...]]] = []
        ended = ReadEnded(DocumentState.FAILED, "The reader ended without a word.")
        request = ReadFile(str(file), ocr=self._ocr())
        for reply in reader.request(
            request, silence=self._silence, total=_LONGEST, cancel=run.cancel
        ):
            if isinstance(reply, Opened):
                facts_format, title = reply.facts.format, reply.facts.title
            elif isinstance(reply, PageRead):
                pages.append((reply.page, _sound(reply.page, reply.passages)))
                run.meter.page_read()
            elif isinstance(reply, ReadEnded):
                ended = reply
        return ReadResult(facts_format, title, ended.state, ended.reason, pages)


class _Run:
    """The state of one run."""

    def __init__(self, store: Store, meter: ProgressMeter, cancel: CancelToken) -> None:
        self._store = store
        self.meter = meter
        self.cancel = cancel
        self.files: list[tuple[Folder, FoundFile, KnownFile | None]] = []
        self._files_before = 0
        self._seconds: dict[str, float] = {}
        self._problems: list[str] = []
        self._seen = self._unchanged = self._removed = self._read = self._not_read = 0
        self._pages = self._passages = 0

    def check(self) -> None:
        self.cancel.check()

    def problem(self, sentence: str) -> None:
        self._problems.append(sentence)

    @contextlib.contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self._seconds[stage] = time.perf_counter() - started

    def plan(self, folders: Sequence[Folder]) -> None:
        """Compare folders with what is known: what to read, what is gone."""
        self.meter.begin(Stage.SCANNING, 0)
        for folder in folders:
            known = self._store.documents.known(folder.id)
            try:
                found = self._scan(Path(folder.path))
            except OSError as error:
                self._problems.append(
                    f"The folder {folder.path} cannot be opened ({error.strerror}). What was "
                    "read from it before stays searchable."
                )
                continue
            present = {file.path for file in found}
            unseen = tuple(f"{file.path}/" for file in found if file.unlisted)
            gone = [
                file
                for path, file in known.items()
                if path not in present and not path.startswith(unseen)
            ]
            self._store.documents.delete(file.document_id for file in gone)
            self._removed += len(gone)
            for file in found:
                before = known.get(file.path)
                if before is not None and _same(before, file):
                    self._unchanged += 1
                else:
                    self.files.append((folder, file, before))
        self._add_orphaned_duplicates(folders)
        self._begin_reading()

    def plan_orphaned_duplicates(self, folders: Sequence[Folder]) -> None:
        """After everything else was read: what else has to be, because of that."""
        self._files_before += len(self.files)
        self.files = []
        self._add_orphaned_duplicates(folders)
        if self.files:
            self._begin_reading()

    def _begin_reading(self) -> None:
        self.meter.begin(
            Stage.READING,
            self._files_before + len(self.files),
            work=sum(file.size for _, file, _ in self.files),
        )

    def store_outcome(self, outcome: _Outcome) -> None:
        record, result = outcome.record, outcome.result
        documents = self._store.documents
        if result is None:
            assert outcome.unchanged is not None
            documents.touch(outcome.unchanged, record)
            self._unchanged += 1
            self.meter.file_done(record.size)
        else:
            holder = (
                documents.holder_of(record.digest, record.folder_id, record.path)
                if record.digest and record.size
                else None
            )
            if holder is not None and result.state in (
                DocumentState.INDEXED,
                DocumentState.PARTIAL,
            ):
                result = ReadResult(
                    result.format,
                    result.title,
                    DocumentState.DUPLICATE,
                    f"The same content as “{holder}”, which is searched instead.",
                )
            try:
                documents.put(record, result, READER_VERSION)
            except FolderGoneError:
                return  # the files are met again through the folder that holds it now
            finally:
                self.meter.file_done(record.size)
            self._read += 1
            self._not_read += result.state in (
                DocumentState.FAILED,
                DocumentState.LOCKED,
                DocumentState.UNSUPPORTED,
            )
            self._pages += len(result.pages)
            passages = sum(len(found) for _, found in result.pages)
            self._passages += passages
            self.meter.passages(passages)

    def report(self, *, cancelled: bool = False) -> IndexReport:
        self.meter.begin(Stage.DONE, 0)
        return IndexReport(
            files_seen=self._seen,
            files_read=self._read,
            files_unchanged=self._unchanged,
            files_removed=self._removed,
            files_not_read=self._not_read,
            pages=self._pages,
            passages=self._passages,
            embedded=self.meter.vectors,
            cancelled=cancelled,
            seconds=self._seconds,
            problems=tuple(self._problems),
        )

    def _scan(self, folder: Path) -> list[FoundFile]:
        found = []
        for file in scan(folder):
            self.check()
            found.append(file)
            self._seen += 1
        return found

    def _add_orphaned_duplicates(self, folders: Sequence[Folder]) -> None:
        """A duplicate whose original went away is a document in its own right again."""
        by_id = {folder.id: folder for folder in folders}
        planned = {(folder.id, file.path) for folder, file, _ in self.files}
        for folder_id, path in self._store.documents.orphaned_duplicates():
            folder = by_id.get(folder_id)
            if folder is None or (folder_id, path) in planned:
                continue
            file = Path(folder.path) / path
            with contextlib.suppress(OSError):
                info = file.stat()
                self.files.append(
                    (folder, FoundFile(path, file, info.st_size, info.st_mtime_ns), None)
                )
                self._unchanged -= 1


def _same(before: KnownFile, file: FoundFile) -> bool:
    if file.problem:
        return before.state is DocumentState.UNSUPPORTED and not before.digest
    read = before.state in (DocumentState.INDEXED, DocumentState.PARTIAL, DocumentState.DUPLICATE)
    return (
        before.size == file.size
        and before.modified_ns == file.modified_ns
        and (read or before.reader == READER_VERSION)
    )


def _sound(page: Page, passages: tuple[Passage, ...]) -> tuple[Passage, ...]:
    """The child is not trusted: a passage that is no span of its page ends the document."""
    for passage in passages:
        if passage.page != page.number or not 0 <= passage.start < passage.end <= len(page.text):
            raise _UnsoundError("The reader gave passages that do not fit their page.")
    return passages


def _not_read(state: DocumentState, reason: str, format_name: str = "") -> ReadResult:
    return ReadResult(format_name, "", state, reason)


def _digest(file: Path, run: _Run) -> str:
    """SHA-256 of the content, hexadecimal; ``OSError`` where it cannot be read."""
    digest = hashlib.sha256()
    buffer = bytearray(1 << 20)
    view = memoryview(buffer)
    with file.open("rb", buffering=0) as stream:
        while count := stream.readinto(buffer):
            digest.update(view[:count])
            run.check()
    return digest.hexdigest()


def _unreadable(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "Carrel may not read this file: permission denied."
    if isinstance(error, FileNotFoundError):
        return "The file went away before it could be read."
    return f"The file could not be read: {error.strerror}."
