"""Progress that can be believed: what is done, how fast, and how long it may still take."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace

from engine.estimating import TimeLeft
from engine.records import IndexProgress, Page, Stage
from engine.scanning import FoundFile

_EVERY = 0.1
_WINDOW = 15.0


class ProgressMeter:
    """Collects counts from any thread and hands out snapshots at most ten times a second. Rates
    are those of the last quarter of a minute; for the time left see ``TimeLeft``."""

    def __init__(self, listener: Callable[[IndexProgress], None] | None) -> None:
        self._listener = listener
        self._lock = threading.RLock()
        self._now = IndexProgress(Stage.SCANNING)
        self._told = time.monotonic()
        self._rested: float | None = None
        self._pace: deque[tuple[float, int]] = deque()
        self.time_left = TimeLeft()

    @property
    def vectors(self) -> int:
        """Passages embedded so far."""
        return self._now.passages_embedded

    def begin(self, stage: Stage, *, passages: int = 0) -> None:
        """``passages`` are those to embed in all."""
        with self._lock:
            self._now = replace(self._now, stage=stage, rate=0.0, seconds_left=None)
            if stage is not Stage.READING:
                self._now = replace(self._now, current="")
            if stage is Stage.EMBEDDING:
                self._now = replace(self._now, passages_to_embed=passages)
            self._pace.clear()
            self._tell(force=True)

    # --- reading ----------------------------------------------------------------------------

    def files_found(self, files: Iterable[FoundFile]) -> None:
        """These are to be read."""
        with self._lock:
            count = 0
            for file in files:
                self.time_left.found(file.suffix, file.size)
                count += 1
            self._now = replace(self._now, files_total=self._now.files_total + count)

    def file_begun(self, file: FoundFile) -> None:
        self.time_left.begun(file.path, file.suffix, file.size)
        with self._lock:
            self._now = replace(self._now, current=file.path)

    def file_opened(self, file: FoundFile, pages: int) -> None:
        self.time_left.opened(file.path, pages)

    def page_read(self, file: FoundFile, page: Page) -> None:
        self.time_left.page(file.path, len(page.text))
        with self._lock:
            self._now = replace(self._now, pages_done=self._now.pages_done + 1)
            self._tell()

    def file_ended(self, file: FoundFile) -> None:
        """It was read, or given up; it is not stored yet."""
        self.time_left.ended(file.path)

    def file_done(self) -> None:
        with self._lock:
            self._now = replace(self._now, files_done=self._now.files_done + 1)
            self._tell()

    def passages(self, count: int) -> None:
        with self._lock:
            self._now = replace(self._now, passages_done=self._now.passages_done + count)

    # --- embedding --------------------------------------------------------------------------

    def embedded(self, count: int, text: int, seconds: float) -> None:
        """``text`` is the passages' length in characters."""
        self.time_left.embedded(text, seconds)
        with self._lock:
            self._now = replace(self._now, passages_embedded=self._now.passages_embedded + count)
            self._tell()

    # --- resting ----------------------------------------------------------------------------

    def waiting(self, reason: str) -> None:
        """Say why nothing goes on for now; an empty reason says that it does again."""
        with self._lock:
            if reason != self._now.current:
                self._now = replace(self._now, current=reason)
                self._tell(force=True)

    def resting(self, resting: bool) -> None:
        """The person paused the run, or let it go on."""
        with self._lock:
            if resting == self._now.paused:
                return
            now = time.monotonic()
            if self._rested is not None:
                self.time_left.rested(now - self._rested)
            self._rested = now if resting else None
            self._pace.clear()
            self._now = replace(self._now, paused=resting)
            self._tell(force=True)

    def _tell(self, *, force: bool = False) -> None:
        now = time.monotonic()
        if self._listener is None or (not force and now - self._told < _EVERY):
            return
        self._told = now
        done = (
            self._now.pages_done
            if self._now.stage is Stage.READING
            else self._now.passages_embedded
        )
        self._pace.append((now, done))
        while now - self._pace[0][0] > _WINDOW:
            self._pace.popleft()
        then, done_then = self._pace[0]
        rate = (done - done_then) / (now - then) if now > then else 0.0
        left = None
        if self._now.stage in (Stage.READING, Stage.EMBEDDING):
            left = self.time_left.seconds()
        self._now = replace(self._now, rate=rate, seconds_left=left)
        self._listener(self._now)
