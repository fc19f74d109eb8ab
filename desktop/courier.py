"""Takes work off the UI thread and brings its results back to it."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal, Slot

from engine.errors import CancelledError
from engine.workers import Lane

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Errand:
    """Who asked for some work and what to do with its result; stays on the UI thread."""

    owner: QObject
    on_success: Callable[[Any], None]
    on_failure: Callable[[Exception], None]


class Courier(QObject):
    """Takes work to its lanes and brings the results back to the UI thread.

    Owners and callbacks never leave the UI thread: a widget whose last reference was dropped on
    a worker thread would be destroyed there.
    """

    failed = Signal(object)  # Exception that no caller took
    _arrived = Signal(int, bool, object)

    def __init__(self, lanes: Mapping[str, int], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes = {name: Lane(name, threads) for name, threads in lanes.items()}
        self._errands: dict[int, _Errand] = {}
        self._tickets = itertools.count()
        self._closed = False
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        owner: QObject,
        operation: Callable[[], T],
        on_success: Callable[[T], None],
        on_failure: Callable[[Exception], None] | None = None,
        *,
        lane: str = "read",
    ) -> None:
        """Run ``operation`` on a lane; then call back on the UI thread, if ``owner`` (the widget
        that wants to know) still exists. Failures nobody takes arrive at ``failed``."""
        if self._closed:
            return
        ticket = next(self._tickets)
        self._errands[ticket] = _Errand(owner, on_success, on_failure or self.failed.emit)
        self._lanes[lane].submit(self._work, ticket, operation)

    def close(self) -> None:
        """Drop what has not begun, wait for what has, and deliver nothing more."""
        self._closed = True
        for lane in self._lanes.values():
            lane.close()
        self._errands.clear()

    def _work(self, ticket: int, operation: Callable[[], object]) -> None:
        try:
            succeeded, value = True, operation()
        except Exception as error:
            if not isinstance(error, CancelledError):
                log.debug("work failed", exc_info=True)
            succeeded, value = False, error
        if shiboken6.isValid(self):
            self._arrived.emit(ticket, succeeded, value)

    @Slot(int, bool, object)
    def _deliver(self, ticket: int, succeeded: bool, value: object) -> None:
        errand = self._errands.pop(ticket, None)
        if errand is None or self._closed or not shiboken6.isValid(errand.owner):
            return
        if succeeded:
            errand.on_success(value)
        else:
            assert isinstance(value, Exception)
            errand.on_failure(value)
