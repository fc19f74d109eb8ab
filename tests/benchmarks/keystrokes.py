"""From a key to the first live result on the screen, in the real window."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any


def typing(
    view: Any, texts: Sequence[str], latencies: list[float], *, pause: float = 0.15
) -> Iterator[float]:
    """A scenario (see ``tests.benchmarks.window``) that types ``texts`` into an ``AskView``, one
    key every ``pause`` seconds or as soon as its passages are there, whichever is later.

    ``latencies`` gets the milliseconds from each key to the end of the paint that shows the
    passages for the text as it then is; infinity where they did not come within two seconds.
    """
    from PySide6.QtTest import QTest

    clock = _Clock(view)
    for text in texts:
        view.focus_question()
        view._box.edit.clear()
        yield 0.3
        for letter in text:
            clock.begin(view._box.text + letter)
            QTest.keyClicks(view._box.edit, letter)
            end = time.monotonic() + 2.0
            while clock.elapsed is None and time.monotonic() < end:
                yield 0.002
            latencies.append(float("inf") if clock.elapsed is None else clock.elapsed)
            yield pause
    clock.stop()


class _Clock:
    """Notes when the list of the query that it waits for has been painted."""

    def __init__(self, view: Any) -> None:
        from PySide6.QtCore import QObject, QTimer

        clock = self

        class Paints(QObject):
            def eventFilter(self, watched: Any, event: Any) -> bool:  # noqa: N802
                if event.type() == event.Type.Paint and clock._due:
                    clock._due = False
                    QTimer.singleShot(0, self, clock._painted)  # once this paint is over
                return False

        self.elapsed: float | None = None
        self._query, self._due, self._began = "", False, 0.0
        self._view = view
        self._paints = Paints()
        view._results._list.viewport().installEventFilter(self._paints)
        view.results_shown.connect(self._shown)

    def begin(self, query: str) -> None:
        self._query, self._due, self.elapsed = query.strip(), False, None
        self._began = time.perf_counter()

    def stop(self) -> None:
        self._view._results._list.viewport().removeEventFilter(self._paints)
        self._view.results_shown.disconnect(self._shown)

    def _shown(self, query: str) -> None:
        if query.strip() == self._query and self.elapsed is None:
            self._due = True

    def _painted(self) -> None:
        self.elapsed = (time.perf_counter() - self._began) * 1000
