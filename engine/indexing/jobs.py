"""What is to be read, in which order, and what came of it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from engine.records import Folder
from engine.scanning import FoundFile
from engine.store.files import FileRecord, KnownFile, ReadResult

READER_VERSION = 4
"""Of the reading code. When it changes, files that could not be read are tried again, and those
that could are read once more when all else is done."""


@dataclass(frozen=True, slots=True)
class Job:
    """A file to read. ``known`` is what the library has of it, and ``digest`` that of its
    content where it was needed before; ``around`` are the ids of the documents that an
    attachment is in, the outermost first. ``pictures`` says that it is read once more, for them;
    ``renewal`` that an earlier version of Carrel read it, and what that gave serves until then."""

    folder: Folder
    found: FoundFile
    known: KnownFile | None
    digest: str = ""
    around: tuple[int, ...] = ()
    pictures: bool = False
    renewal: bool = False

    @property
    def parent_id(self) -> int | None:
        return self.around[-1] if self.around else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What reading one file came to. Where there is no result, only the date of the document
    ``unchanged`` is new. ``later``: it holds pictures that are still to be read."""

    job: Job
    record: FileRecord
    result: ReadResult | None
    unchanged: int | None = None
    later: bool = False


class Wishes:
    """What a person wants to have read before all else. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._documents: frozenset[int] = frozenset()
        self._paths: tuple[Path, ...] = ()
        self.made = 0  # how often there was a new one

    def wish(self, document_ids: Collection[int], paths: Collection[Path]) -> None:
        """In place of what was wished before."""
        with self._lock:
            self._documents, self._paths = frozenset(document_ids), tuple(paths)
            self.made += 1

    @property
    def documents(self) -> frozenset[int]:
        return self._documents

    def names(self, file: Path) -> bool:
        """Whether it is one of the files that are wished for, or in one of the folders."""
        return any(file == path or path in file.parents for path in self._paths)

    def __bool__(self) -> bool:
        return bool(self._documents or self._paths)

    def want(self, job: Job) -> bool:
        mine = {job.known.document_id} if job.known is not None else set()
        return not self._documents.isdisjoint({*mine, *job.around}) or self.names(job.found.file)


class Jobs:
    """The files that wait, wished ones first; otherwise in the order of the folders."""

    def __init__(self, wishes: Wishes) -> None:
        self._wishes = wishes
        self._wanted: deque[Job] = deque()
        self._others: deque[Job] = deque()
        self._sorted = wishes.made

    def __len__(self) -> int:
        return len(self._wanted) + len(self._others)

    @property
    def wanted(self) -> int:
        """How many of them are wished for."""
        return len(self._wanted)

    def add(self, jobs: Iterable[Job]) -> None:
        for job in jobs:
            (self._wanted if self._wishes.want(job) else self._others).append(job)

    def add_next(self, jobs: Iterable[Job]) -> None:
        """These follow at once."""
        for job in reversed(list(jobs)):
            (self._wanted if self._wishes.want(job) else self._others).appendleft(job)

    def take(self) -> Job | None:
        if self._sorted != self._wishes.made:
            self._sorted = self._wishes.made
            waiting = [*self._wanted, *self._others]
            self._wanted.clear()
            self._others.clear()
            self.add(waiting)
        for jobs in (self._wanted, self._others):
            if jobs:
                return jobs.popleft()
        return None
