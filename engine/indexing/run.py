"""The state of one run: what it has to do, what it has done, and what it has to say."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from engine.indexing.jobs import READER_VERSION, Job, Jobs, Outcome, Wishes
from engine.indexing.planning import Plan, Planner, attachments
from engine.indexing.reading import duplicate_of
from engine.progress import ProgressMeter
from engine.records import DocumentState, Folder, IndexReport, Stage
from engine.store import Store
from engine.store.files import FolderGoneError, ParentGoneError, ReadResult
from engine.workers import Steering

_NOT_READ = (DocumentState.FAILED, DocumentState.LOCKED, DocumentState.UNSUPPORTED)
_READ = (DocumentState.INDEXED, DocumentState.PARTIAL)


class Run:
    """Belongs to one thread, which is the one that writes."""

    def __init__(
        self, store: Store, meter: ProgressMeter, steering: Steering, wishes: Wishes
    ) -> None:
        self._store = store
        self.meter = meter
        self.steering = steering
        self.jobs = Jobs(wishes)
        self._wishes = wishes
        self._granted = 0
        self._later: list[Job] = []
        self._renewals: dict[tuple[int, str], Job] = {}
        self._planner = Planner(store, steering)
        self._plan = Plan()
        self._seconds: dict[str, float] = {}
        self._read = self._unchanged = self._not_read = self._pages = self._passages = 0

    def problem(self, sentence: str) -> None:
        self._plan.problems.append(sentence)

    @contextlib.contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self._seconds[stage] = self._seconds.get(stage, 0) + time.perf_counter() - started

    def plan(self, folders: Sequence[Folder]) -> None:
        """Compare folders with what is known: what to read, what moved, what is gone."""
        self.meter.begin(Stage.SCANNING)
        self._planner.plan(folders, self._plan)
        self._take_jobs()
        self.meter.begin(Stage.READING)

    def plan_orphaned_duplicates(self, folders: Sequence[Folder]) -> None:
        """After everything else was read: what else has to be, because of that."""
        self._planner.plan_orphaned_duplicates(folders, self._plan)
        self._take_jobs()

    def store_outcome(self, outcome: Outcome) -> None:
        """Raises ``LibraryError`` where the library cannot be written."""
        job, result = outcome.job, outcome.result
        try:
            if result is None:
                assert outcome.unchanged is not None
                document_id = outcome.unchanged
                self._store.documents.touch(document_id, outcome.record, READER_VERSION)
                self._unchanged += not job.found.inside and not job.renewal
            else:
                document_id = self._put(outcome, result)
        except (FolderGoneError, ParentGoneError):
            return  # the files are met again where they are now
        finally:
            self.meter.file_done()
        if outcome.later:
            known = self._store.documents.known_file(document_id)
            self._later.append(replace(job, known=known, digest="", pictures=True))
        self._follow(job, document_id)

    def plan_pictures(self) -> bool:
        """Whether there are files left whose pictures are to be read; they come next."""
        later, self._later = self._later, []
        return self._read_next(later)

    def plan_renewals(self) -> bool:
        """Whether there is anything left that an earlier version of Carrel read; it comes next."""
        renewals = list(self._renewals.values())
        self._renewals.clear()
        return self._read_next(renewals)

    def wish_read(self, being_read: Iterable[Job]) -> bool:
        """Whether all that a person wishes to have first was read just now."""
        if self._granted == self._wishes.made or self.jobs.wanted:
            return False
        if any(self._wishes.want(job) for job in being_read):
            return False
        self._granted = self._wishes.made
        return True

    def report(self, *, cancelled: bool = False) -> IndexReport:
        self.meter.begin(Stage.DONE)
        return IndexReport(
            files_seen=self._plan.seen,
            files_read=self._read,
            files_unchanged=self._plan.unchanged + self._unchanged,
            files_removed=self._plan.removed,
            files_not_read=self._not_read,
            pages=self._pages,
            passages=self._passages,
            embedded=self.meter.vectors,
            cancelled=cancelled,
            seconds=self._seconds,
            problems=tuple(self._plan.problems),
            files_moved=self._plan.moved,
        )

    def _put(self, outcome: Outcome, result: ReadResult) -> int:
        record = outcome.record
        documents = self._store.documents
        holder = (
            documents.holder_of(record.digest, record.folder_id, record.path)
            if record.digest and record.size
            else None
        )
        if holder is not None and result.state in _READ:
            result = duplicate_of(holder, outcome.job.found, result)
        document_id = documents.put(record, result, READER_VERSION, parent_id=outcome.job.parent_id)
        if outcome.later:  # counted when it is read as a whole
            return document_id
        self._read += 1
        self._not_read += result.state in _NOT_READ
        self._pages += len(result.pages)
        passages = sum(len(found) for _, found in result.pages)
        self._passages += passages
        self.meter.passages(passages)
        return document_id

    def _follow(self, job: Job, document_id: int) -> None:
        """A document's attachments come next."""
        known = self._store.documents.known_file(document_id)
        if known is None or not known.attachments:
            return
        attached = self._store.documents.attached(document_id)
        around = (*job.around, document_id)
        more = list(attachments(job.folder, job.found, around, known, attached))
        self._renew(each for each in more if each.renewal)
        now = [each for each in more if not each.renewal]
        self.meter.files_found(each.found for each in now)
        self.jobs.add_next(now)

    def _renew(self, jobs: Iterable[Job]) -> None:
        """When all else is done. A document that is met twice is renewed once."""
        self._renewals |= {(job.folder.id, job.found.path): job for job in jobs}

    def _read_next(self, jobs: Sequence[Job]) -> bool:
        if jobs:
            self.meter.begin(Stage.READING)
            self.meter.files_found(job.found for job in jobs)
            self.jobs.add(jobs)
        return bool(jobs)

    def _take_jobs(self) -> None:
        self._renew(self._plan.renewals)
        self._plan.renewals.clear()
        self.meter.files_found(job.found for job in self._plan.jobs)
        self.jobs.add(self._plan.jobs)
        self._plan.jobs.clear()
