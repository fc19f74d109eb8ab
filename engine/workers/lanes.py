"""Lanes: one worker thread each, taking jobs in order; and the tokens that stop or rest a job."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from engine.errors import CancelledError

P = ParamSpec("P")
T = TypeVar("T")

_LOOK_AGAIN = 0.1  # seconds


class CancelToken:
    """A wish to stop, set from any thread and looked at by the work."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        self._event.set()

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()

    def check(self) -> None:
        """Raises ``CancelledError`` once the token is cancelled."""
        if self.cancelled:
            raise CancelledError("Stopped.")

    def wait(self, seconds: float) -> bool:
        """Sleep, but wake at once when cancelled; whether it was."""
        return self._event.wait(seconds)


class EitherToken(CancelToken):
    """Cancelled by itself, or while any of ``others`` says so."""

    def __init__(self, *others: Callable[[], bool]) -> None:
        super().__init__()
        self._others = others

    @property
    def cancelled(self) -> bool:
        return super().cancelled or any(other() for other in self._others)

    def wait(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while not self.cancelled and (left := until - time.monotonic()) > 0:
            super().wait(min(left, _LOOK_AGAIN))
        return self.cancelled


class PauseToken:
    """A wish to rest for a while, set from any thread and looked at by the work."""

    def __init__(self) -> None:
        self._going = threading.Event()
        self._going.set()

    def pause(self) -> None:
        self._going.clear()

    def resume(self) -> None:
        self._going.set()

    @property
    def paused(self) -> bool:
        return not self._going.is_set()

    def wait(self, cancel: CancelToken) -> None:
        """Sleep while paused. Raises ``CancelledError`` once cancelled."""
        while not self._going.wait(_LOOK_AGAIN):
            cancel.check()


class Precedence:
    """Work that a person waits for goes first: background work gives way between two steps."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting = 0

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """While the block runs, :meth:`give_way` waits. Blocks may overlap."""
        with self._changed:
            self._waiting += 1
        try:
            yield
        finally:
            with self._changed:
                self._waiting -= 1
                self._changed.notify_all()

    def give_way(self, cancel: CancelToken) -> None:
        """Wait until nobody has precedence. Raises ``CancelledError`` once cancelled."""
        cancel.check()
        with self._changed:
            while self._waiting:
                self._changed.wait(_LOOK_AGAIN)
                cancel.check()


class Lane:
    """A named row of worker threads, one unless told; jobs start in the order they came."""

    def __init__(self, name: str, threads: int = 1) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=f"carrel-{name}")

    def submit(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        return self._pool.submit(job, *args, **kwargs)

    def close(self, *, wait: bool = True) -> None:
        """Drop what has not started; with ``wait``, until the running job has ended."""
        self._pool.shutdown(wait=wait, cancel_futures=True)
