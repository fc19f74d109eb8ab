"""Runs: from the folders to a library that is up to date."""

from __future__ import annotations

import math
import os
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, wait
from pathlib import Path

from engine.embedding import VectorFiller
from engine.errors import CancelledError
from engine.indexing.jobs import Job, Outcome, Wishes
from engine.indexing.reading import Readers
from engine.indexing.run import Run
from engine.models.embedder import Embedder
from engine.progress import ProgressMeter
from engine.reading.document import LEFT_UNREAD
from engine.records import Folder, IndexProgress, IndexReport, OcrWish
from engine.store import Store
from engine.workers import CancelToken, Lane, Limits, PauseToken, Precedence, Steering

READER_LIMITS = Limits(memory=4 << 30, cpu=1800, file_size=512 << 20, nice=5, confined=True)

_SILENCE = 60.0
_LONG = 15.0  # seconds of reading after which a person wants to know how long it takes in all
_LOOK = 0.2  # seconds between two looks whether the run is to rest


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
        self._precedence = precedence or Precedence()
        self._ocr = ocr
        self._wishes = Wishes()
        self._filler = VectorFiller(store, embedder, first=self._wanted_first, on_switch=on_switch)
        self._count = readers or max(1, min(4, os.cpu_count() or 1))
        self._readers = Readers(store, self._count, limits, silence, ocr)

    def run(
        self,
        folders: Sequence[Folder],
        *,
        embed: bool = True,
        on_progress: Callable[[IndexProgress], None] | None = None,
        cancel: CancelToken | None = None,
        pause: PauseToken | None = None,
    ) -> IndexReport:
        """Read what is new or changed, forget what is gone, then fill in vectors. Pictures, of
        which a page takes as long as a thousand pages of text, come after all that, and last what
        an earlier version of Carrel has read.

        Cancelling ends the run early with ``cancelled`` set in its report; what was done stays.
        While ``pause`` is set nothing goes on. Raises ``LibraryError`` where the library cannot
        be written.
        """
        meter = ProgressMeter(on_progress)
        steering = Steering(
            cancel or CancelToken(), pause or PauseToken(), self._precedence, meter.resting
        )
        run = Run(self._store, meter, steering, self._wishes)
        try:
            with run.timed("scan"):
                self._store.picture_wish.keep(self._ocr(), LEFT_UNREAD)
                run.plan(folders)
            if embed:
                self._filler.expect(meter)
            with run.timed("read"):
                self._read_all(run, embed)
                # an original that was edited leaves its duplicates without one
                run.plan_orphaned_duplicates(folders)
                self._read_all(run, embed)
            self._embed(run, embed)
            if run.plan_pictures():
                with run.timed("pictures"):
                    self._read_all(run, embed)
                self._embed(run, embed)
            while run.plan_renewals():
                with run.timed("renew"):
                    self._read_all(run, embed)
                self._embed(run, embed)
        except CancelledError:  # by the token, or because the children were closed
            return run.report(cancelled=True)
        return run.report()

    def _embed(self, run: Run, embed: bool) -> None:
        if embed:
            with run.timed("embed"):
                self._filler.fill(run.meter, run.steering, run.problem)

    def read_first(self, document_ids: Collection[int], paths: Collection[Path]) -> None:
        """These, and the files at or below the paths, come before all others, from now on."""
        self._wishes.wish(document_ids, paths)

    def close(self) -> None:
        """Stop the readers at once; what they were reading is read again by the next run."""
        self._readers.close()

    def _read_all(self, run: Run, embed: bool) -> None:
        if not run.jobs:
            return
        lane = Lane("reader", self._count)
        reading = self._readers.reading(run.steering, run.meter)
        waiting: deque[tuple[Job, Future[Outcome]]] = deque()
        taste_at = time.monotonic() + _LONG
        try:
            while True:
                while len(waiting) <= 2 * self._count and (job := run.jobs.take()) is not None:
                    waiting.append((job, lane.submit(reading.read, job)))
                if not waiting:
                    break
                _, outcome = waiting.popleft()
                while not wait([outcome], _LOOK).done:
                    run.steering.check()
                run.store_outcome(outcome.result())
                if embed and run.wish_read(job for job, _ in waiting):
                    self._filler.fill_first(run.meter, run.steering)
                if embed and time.monotonic() > taste_at and not run.meter.time_left.knows_pace:
                    self._filler.taste(run.meter, run.steering)
                    taste_at = math.inf
        finally:
            lane.close()
            self._readers.rest()

    def _wanted_first(self) -> frozenset[int]:
        """Ids of the documents that are to be embedded before all others."""
        if not self._wishes:
            return frozenset()
        return self._wishes.documents | self._store.documents.numbers_at(self._wishes.names)
