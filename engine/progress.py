"""Progress that can be believed: what is done, how fast, and how long it may still take."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from engine.records import IndexProgress, Stage

_EVERY = 0.1
_WINDOW = 15.0
_HONEST_AFTER = 1.5
_HONEST_SHARE = 0.02


class ProgressMeter:
    """Collects counts from any thread and hands out snapshots at most ten times a second.

    The time left is the work left (bytes while reading, passages while embedding) at the pace
    of the last quarter of a minute, once enough was done to know a pace.
    """

    def __init__(self, listener: Callable[[IndexProgress], None] | None) -> None:
        self._listener = listener
        self._lock = threading.Lock()
        self._now = IndexProgress(Stage.SCANNING)
        self._work = self._work_done = 0
        self._began = self._told = time.monotonic()
        self._pace: deque[tuple[float, int, int]] = deque()

    @property
    def vectors(self) -> int:
        """Passages embedded so far."""
        return self._now.passages_embedded

    def begin(self, stage: Stage, total: int, *, work: int = 0) -> None:
        with self._lock:
            if stage is Stage.READING:
                self._now = replace(self._now, stage=stage, files_total=total)
                self._work = work
            elif stage is Stage.EMBEDDING:
                self._now = replace(self._now, stage=stage, passages_to_embed=total, current="")
                self._work = total
            else:
                self._now = replace(self._now, stage=stage, current="")
                self._work = 0
            self._work_done = 0
            self._began = time.monotonic()
            self._pace.clear()
            self._now = replace(self._now, rate=0.0, seconds_left=None)
            self._tell(force=True)

    def current(self, path: str) -> None:
        with self._lock:
            self._now = replace(self._now, current=path)

    def waiting(self, reason: str) -> None:
        """Say why nothing goes on for now; an empty reason says that it does again."""
        with self._lock:
            if reason != self._now.current:
                self._now = replace(self._now, current=reason)
                self._tell(force=True)

    def page_read(self) -> None:
        with self._lock:
            self._now = replace(self._now, pages_done=self._now.pages_done + 1)
            self._tell()

    def passages(self, count: int) -> None:
        with self._lock:
            self._now = replace(self._now, passages_done=self._now.passages_done + count)

    def file_done(self, size: int) -> None:
        with self._lock:
            self._work_done += size
            self._now = replace(self._now, files_done=self._now.files_done + 1)
            self._tell()

    def embedded(self, count: int) -> None:
        with self._lock:
            self._work_done += count
            self._now = replace(self._now, passages_embedded=self._now.passages_embedded + count)
            self._tell()

    def _tell(self, *, force: bool = False) -> None:
        now = time.monotonic()
        if self._listener is None or (not force and now - self._told < _EVERY):
            return
        self._told = now
        counted = (
            self._now.pages_done
            if self._now.stage is Stage.READING
            else self._now.passages_embedded
        )
        self._pace.append((now, counted, self._work_done))
        while now - self._pace[0][0] > _WINDOW:
            self._pace.popleft()
        then, counted_then, work_then = self._pace[0]
        seconds = now - then
        rate = (counted - counted_then) / seconds if seconds > 0 else 0.0
        left: float | None = None
        known = now - self._began >= _HONEST_AFTER and self._work_done >= _HONEST_SHARE * self._work
        if known and self._work_done > work_then and self._work:
            left = (self._work - self._work_done) * seconds / (self._work_done - work_then)
        elif known and self._work_done and self._work:
            left = (self._work - self._work_done) * (now - self._began) / self._work_done
        self._now = replace(self._now, rate=rate, seconds_left=left)
        self._listener(self._now)
