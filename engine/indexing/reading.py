"""One file at a time through a reader child, whatever it holds and whatever happens meanwhile."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from engine.errors import CarrelError, ChildError
from engine.indexing.digesting import digest_of
from engine.indexing.jobs import READER_VERSION, Job, Outcome
from engine.progress import ProgressMeter
from engine.reading.allowance import Allowance
from engine.reading.messages import (
    Extracted,
    Opened,
    PageRead,
    ReadEnded,
    ReaderReply,
    ReadFile,
)
from engine.records import DocumentFacts, DocumentState, OcrWish, Page, Passage
from engine.scanning import FoundFile
from engine.store import Store
from engine.store.files import TRY_AGAIN, FileRecord, KnownFile, ReadResult
from engine.workers import ChildProcess, Limits, Steering

_LONGEST = 7200.0  # a page that is read by OCR takes seconds
_PATIENCE = 6  # times as long for a page of pictures, on a computer that has much else to do
_READ = (DocumentState.INDEXED, DocumentState.PARTIAL)
_MOST_EXTRACTED = 2 << 30
"""Bytes of attachments that are taken out of one file in one run, altogether."""


class _UnsoundError(CarrelError):
    """A reader said what cannot be."""


class Readers:
    """Some reader children; each is used by one thread at a time."""

    def __init__(
        self,
        store: Store,
        count: int,
        limits: Limits,
        silence: float,
        ocr: Callable[[], OcrWish],
    ) -> None:
        self._store = store
        self._silence = silence
        self._ocr = ocr
        self.children = [
            ChildProcess[ReaderReply]("reader", ReaderReply, limits=limits) for _ in range(count)
        ]
        self._free: queue.SimpleQueue[ChildProcess[ReaderReply]] = queue.SimpleQueue()
        for child in self.children:
            self._free.put(child)

    def rest(self) -> None:
        for child in self.children:
            child.rest()

    def close(self) -> None:
        """Stop them at once; what they were reading is read again by the next run."""
        for child in self.children:
            child.close()

    def reading(self, steering: Steering, meter: ProgressMeter) -> Reading:
        """For one run."""
        return Reading(self._store, self._free, self._silence, self._ocr, steering, meter)


class Reading:
    """Reads the files of one run. Safe from several threads."""

    def __init__(
        self,
        store: Store,
        free: queue.SimpleQueue[ChildProcess[ReaderReply]],
        silence: float,
        ocr: Callable[[], OcrWish],
        steering: Steering,
        meter: ProgressMeter,
    ) -> None:
        self._store = store
        self._free = free
        self._silence = silence
        self._ocr = ocr
        self._steering = steering
        self._meter = meter
        self._lock = threading.Lock()
        self._extracted: dict[Path, int] = defaultdict(int)

    def read(self, job: Job) -> Outcome:
        """Raises ``CancelledError``; all else is an outcome."""
        self._steering.give_way()
        self._meter.file_begun(job.found)
        try:
            return self._read(job)
        finally:
            self._meter.file_ended(job.found)

    def _read(self, job: Job) -> Outcome:
        found = job.found
        record = FileRecord(job.folder.id, found.path, found.size, found.modified_ns)
        if found.problem:
            return Outcome(job, record, _not_read(DocumentState.UNSUPPORTED, found.problem))
        try:
            read = self._read_attachment if found.inside else self._read_file
            outcome = read(job, record)
            if job.renewal:
                outcome = _kept_unless_read(outcome)
            info = found.file.stat()
        except (ChildError, _UnsoundError) as error:
            if job.renewal:
                return _kept(job, record)
            if job.pictures:
                return self._without_pictures(error, job, record)
            return _not_survived(error, job, record)
        except OSError as error:
            again = replace(record, modified_ns=TRY_AGAIN)
            if job.renewal:
                return _kept(job, again)
            return Outcome(job, again, _not_read(DocumentState.FAILED, _unreadable(error)))
        size = info.st_size if found.inside else found.size
        if (info.st_size, info.st_mtime_ns) != (size, found.modified_ns):
            # it changed meanwhile: which content was read is not known
            record = replace(outcome.record, modified_ns=TRY_AGAIN, digest="")
            return replace(outcome, record=record)
        return outcome

    def _read_file(self, job: Job, record: FileRecord) -> Outcome:
        file, digest = job.found.file, job.digest
        if known := _usable(job.known):
            digest = digest or digest_of(file, self._steering.check)
            if known.digest == digest:
                return Outcome(job, replace(record, digest=digest), None, known.document_id)
        result, ended = self._ask(self._request(job), job, lambda extracted: None)
        if ended.again or ended.later:
            record = replace(record, modified_ns=TRY_AGAIN)
            return Outcome(job, record, result, later=ended.later)
        # what Carrel does not read (films, disk images) need not be read for its digest
        if not digest and result.state is not DocumentState.UNSUPPORTED:
            digest = digest_of(file, self._steering.check)
        return Outcome(job, replace(record, digest=digest), result)

    def _without_pictures(self, error: CarrelError, job: Job, record: FileRecord) -> Outcome:
        """What could be read before the reader met the pictures is not lost with them."""
        outcome = self._read(replace(job, pictures=False))
        if not outcome.later or outcome.result is None:
            return outcome
        reason = f"Its pictures could not be read: {error}"
        result = replace(outcome.result, state=DocumentState.PARTIAL, reason=reason)
        file = replace(outcome.record, modified_ns=record.modified_ns)
        return replace(outcome, record=file, result=result, later=False)

    def _read_attachment(self, job: Job, record: FileRecord) -> Outcome:
        known = _usable(job.known)
        digest = known.digest if known is not None else ""
        taken: list[Extracted] = []

        def left_out(extracted: Extracted) -> ReadResult | None:
            taken.append(extracted)
            return None if extracted.digest == digest else self._left_out(job, extracted)

        result, ended = self._ask(self._request(job, digest), job, left_out)
        for extracted in taken:
            record = replace(record, size=extracted.size, digest=extracted.digest)
        if known is not None and record.digest == digest:
            return Outcome(job, record, None, known.document_id)
        if ended.again or ended.later:
            record = replace(record, modified_ns=TRY_AGAIN, digest="")
        return Outcome(job, record, result, later=ended.later)

    def _left_out(self, job: Job, extracted: Extracted) -> ReadResult | None:
        """What becomes of an attachment that need not, or may not, be read."""
        found = job.found
        holder = self._store.documents.holder_of(extracted.digest, job.folder.id, found.path)
        if holder is not None and extracted.size:
            return duplicate_of(holder, found)
        with self._lock:
            self._extracted[found.file] += extracted.size
            if self._extracted[found.file] <= _MOST_EXTRACTED:
                return None
        return _not_read(
            DocumentState.FAILED,
            f"The files inside “{found.file.name}” are larger than "
            f"{_MOST_EXTRACTED >> 30} GB together; this one was left out.",
            found.suffix,
        )

    def _request(self, job: Job, known: str = "") -> ReadFile:
        passphrases = self._store.passphrases
        return ReadFile(
            path=str(job.found.file),
            passphrase=passphrases.of(job.known.document_id) if job.known is not None else "",
            inside=job.found.inside,
            around=tuple(passphrases.of(holder) for holder in job.around),
            known=known,
            ocr=replace(self._ocr(), later=not job.pictures),
        )

    def _ask(
        self, request: ReadFile, job: Job, left_out: Callable[[Extracted], ReadResult | None]
    ) -> tuple[ReadResult, ReadEnded]:
        """What a reader gives, and how it ended."""
        reader = self._free.get()
        try:
            return self._ask_in(reader, request, job, left_out)
        finally:
            self._free.put(reader)

    def _ask_in(
        self,
        reader: ChildProcess[ReaderReply],
        request: ReadFile,
        job: Job,
        left_out: Callable[[Extracted], ReadResult | None],
    ) -> tuple[ReadResult, ReadEnded]:
        opened = Opened(DocumentFacts(job.found.suffix, "", 0))
        pages: list[tuple[Page, tuple[Passage, ...]]] = []
        allowance = Allowance()
        ended = ReadEnded(DocumentState.FAILED, "The reader ended without a word.")
        replies = reader.request(
            request,
            silence=self._silence * (_PATIENCE if job.pictures else 1),
            total=_LONGEST,
            cancel=self._steering.cancel,
            pause=self._steering.pause,
        )
        with contextlib.closing(replies):
            for reply in replies:
                if isinstance(reply, PageRead):
                    if not allowance.takes(reply.page, reply.passages):
                        ended = ReadEnded(*allowance.ending())
                        break
                    pages.append((reply.page, _sound(reply.page, reply.passages)))
                    self._meter.page_read(job.found, reply.page)
                elif isinstance(reply, Opened):
                    opened = reply
                    self._meter.file_opened(job.found, reply.facts.page_count)
                elif isinstance(reply, ReadEnded):
                    ended = reply
                elif isinstance(reply, Extracted) and (result := left_out(reply)):
                    return result, ReadEnded(result.state)
        facts = opened.facts
        result = ReadResult(
            facts.format, facts.title, ended.state, ended.reason, pages, opened.attachments
        )
        return result, ended


def duplicate_of(holder: str, found: FoundFile, result: ReadResult | None = None) -> ReadResult:
    """What stands in the ledger for a file whose content was read from another one already."""
    return ReadResult(
        result.format if result is not None else found.suffix,
        result.title if result is not None else "",
        DocumentState.DUPLICATE,
        f"The same content as “{holder}”, which is searched instead.",
    )


def _usable(known: KnownFile | None) -> KnownFile | None:
    """Where the same content would give the same once more."""
    if known is None or not known.digest or known.reader != READER_VERSION:
        return None
    return None if known.state is DocumentState.DUPLICATE else known


def _kept_unless_read(outcome: Outcome) -> Outcome:
    """What an earlier version could read is not lost because this one cannot: the passphrase was
    given long ago, say."""
    if outcome.result is None or outcome.result.state in _READ:
        return outcome
    return _kept(outcome.job, outcome.record)


def _kept(job: Job, record: FileRecord) -> Outcome:
    assert job.known is not None
    return Outcome(job, record, None, job.known.document_id)


def _not_survived(error: CarrelError, job: Job, record: FileRecord) -> Outcome:
    """The reader died or gave up. That may be the machine's fault, so the next run tries
    once more; a file that does it twice is left alone until it changes."""
    again = job.known is not None and job.known.modified_ns == TRY_AGAIN
    if not again:
        record = replace(record, modified_ns=TRY_AGAIN)
    return Outcome(job, record, _not_read(DocumentState.FAILED, str(error), job.found.suffix))


def _sound(page: Page, passages: tuple[Passage, ...]) -> tuple[Passage, ...]:
    """The child is not trusted: a passage that is no span of its page ends the document."""
    for passage in passages:
        if passage.page != page.number or not 0 <= passage.start < passage.end <= len(page.text):
            raise _UnsoundError("The reader gave passages that do not fit their page.")
    return passages


def _not_read(state: DocumentState, reason: str, format_name: str = "") -> ReadResult:
    return ReadResult(format_name, "", state, reason)


def _unreadable(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "Carrel may not read this file: permission denied."
    if isinstance(error, FileNotFoundError):
        return "The file went away before it could be read."
    return f"The file could not be read: {error.strerror}."
