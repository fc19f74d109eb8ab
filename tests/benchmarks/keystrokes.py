"""From a key to the first live results on the screen, in the real window.

    python -m tests.benchmarks.keystrokes [--size 100000] [--offscreen]

A library of 100,000 passages, made as in ``tests.benchmarks.scale``, is opened by the real
application in a process of its own; once it has read its vectors, texts are typed into the
question box letter by letter. Each key is timed to the end of the paint that shows the passages
for the text as it then is, found by words and by meaning with the real embedder. The way is then
told in its stretches: until the search begins (the key is handled, the box repainted, the search
goes to its thread), the search, until the result is taken up on the UI thread, until it is
listed, and until it is painted.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.data import bench_data
from tests.benchmarks.tables import show
from tests.benchmarks.window import LIBRARY, Scenario, child, play, screen, until

ASKED_MS = 50.0
PAUSE = 0.15  # seconds between two keys, as of a brisk typist
PATIENCE = 2.0  # seconds; later than that, the results are taken as not shown
TEXTS = (
    "what is the capital expenditure of 3M in FY2018",
    "vitamin D reduces depression",
    "gross margin of Boeing",
    "statins lower the risk of stroke in diabetes",
    "which segment grew most in 2022",
    "gut bacteria and obesity",
    "dividends paid to shareholders",
    "smoking causes",
)


# --- in the application's process -------------------------------------------------------------


@dataclass
class Key:
    """One key. All in milliseconds since it was pressed; ``took`` is what the engine says."""

    begun: float = 0.0
    ended: float = 0.0
    met: float = 0.0
    listed: float = 0.0
    painted: float | None = None
    took: float = 0.0


def typing(view: Any, texts: Sequence[str], keys: list[Key], *, pause: float = PAUSE) -> Scenario:
    """A scenario (see ``tests.benchmarks.window``) that types ``texts`` into an ``AskView``, one
    key every ``pause`` seconds or as soon as its passages are there, whichever is later.
    ``painted`` is None for keys whose passages did not come within two seconds."""
    from PySide6.QtTest import QTest

    clock = _Clock(view)
    for text in texts:
        view.focus_question()
        view._box.edit.clear()
        yield 0.3
        for letter in text:
            keys.append(clock.begin(view._box.text + letter))
            QTest.keyClicks(view._box.edit, letter)
            end = time.monotonic() + PATIENCE
            while keys[-1].painted is None and time.monotonic() < end:
                yield 0.005
            yield pause
    clock.stop()


class _Clock:
    """Notes when the search of the query that it waits for begins and ends, and when its list
    has been painted."""

    def __init__(self, view: Any) -> None:
        from PySide6.QtCore import QObject, QTimer

        clock = self

        class Paints(QObject):
            def eventFilter(self, watched: Any, event: Any) -> bool:  # noqa: N802
                if event.type() == event.Type.Paint and clock._due:
                    clock._due = False
                    QTimer.singleShot(0, self, clock._painted)  # once this paint is over
                return False

        self._query, self._due, self._key = "", False, Key()
        self._began = 0.0
        self._view = view
        self._paints = Paints()
        self._library = view._bridge.library
        self._search, self._show = self._library.search, view._results.show_result
        self._library.search, view._results.show_result = self._searched, self._met
        view._results._list.viewport().installEventFilter(self._paints)
        view.results_shown.connect(self._listed)

    def begin(self, query: str) -> Key:
        self._query, self._due, self._key = query.strip(), False, Key()
        self._began = time.perf_counter()
        return self._key

    def stop(self) -> None:
        self._library.search, self._view._results.show_result = self._search, self._show
        self._view._results._list.viewport().removeEventFilter(self._paints)
        self._view.results_shown.disconnect(self._listed)

    @property
    def _now(self) -> float:
        return (time.perf_counter() - self._began) * 1000

    def _searched(self, query: str, **how: Any) -> Any:
        """On the thread that searches."""
        key, begun = self._key, self._now
        result = self._search(query, **how)
        if query == self._query:
            key.begun, key.ended, key.took = begun, self._now, result.took_ms
        return result

    def _met(self, result: Any, *rest: Any) -> None:
        self._key.met = self._now
        self._show(result, *rest)

    def _listed(self, query: str) -> None:
        if query.strip() == self._query and self._key.painted is None:
            self._due = True
            self._key.listed = self._now

    def _painted(self) -> None:
        self._key.painted = self._now


def typed(window: Any, report: dict[str, Any]) -> Scenario:
    """The scene: waits until nothing is left to do ahead, then types."""
    bridge = window._bridge
    library = bridge.library
    yield from until(lambda: library._embedder.ready, 120)
    warmed = library._warming.submit(lambda: None)  # behind what warm() has put there
    yield from until(lambda: warmed.done() and not bridge.indexing, 120)
    yield 2.0
    keys: list[Key] = []
    yield from typing(window.ask, TEXTS, keys)
    report["keys"] = [asdict(key) for key in keys]


# --- outside ----------------------------------------------------------------------------------


def library(path: Path, size: int, data: Path, place: Path) -> None:
    """Make a library of so many passages."""
    from engine.models.embedder import Embedder
    from engine.store import Store
    from tests.benchmarks.scale import fill, gather

    embedder = Embedder()
    store = Store(path)
    try:
        material = gather(data, place, embedder)
        fill(store, size, material, embedder.facts().fingerprint)
    finally:
        store.close()
        embedder.close()


def row(name: str, times: Sequence[float], asked: str = "") -> tuple[str, ...]:
    ordered = sorted(times)
    p50, p95 = (ordered[min(len(ordered) - 1, int(len(ordered) * at))] for at in (0.5, 0.95))
    return (name, f"{p50:.1f}", f"{p95:.1f}", f"{ordered[-1]:.1f}", asked)


def stretches(keys: Sequence[Key]) -> Iterator[tuple[str, ...]]:
    """The whole way of every key, and the stretches of those that got there."""
    whole = [math.inf if key.painted is None else key.painted for key in keys]
    yield row("key to painted results", whole, f"p95 {ASKED_MS:.0f}")
    shown = [(key, key.painted) for key in keys if key.painted is not None]
    if shown:
        yield row("of it the engine's search", [key.took for key, _ in shown])
        yield row("of it all the rest", [painted - key.took for key, painted in shown])
        yield row("  until the search begins", [key.begun for key, _ in shown])
        yield row("  until the result is met", [key.met - key.ended for key, _ in shown])
        yield row("  until it is listed", [key.listed - key.met for key, _ in shown])
        yield row("  until it is painted", [painted - key.listed for key, painted in shown])


def main(arguments: Sequence[str] = ()) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=100_000, help="passages")
    parser.add_argument("--offscreen", action="store_true", help="no X server, even if there is")
    parser.add_argument("--library", type=Path, help=argparse.SUPPRESS)
    wishes = parser.parse_args(arguments)
    if wishes.library is not None:
        return play(wishes.library, typed)
    data = bench_data()
    if data is None or not (data / "financebench").is_dir() or not (data / "scifact").is_dir():
        print("keystrokes: skipped, there are no filings or abstracts in the benchmark data")
        return 0
    with tempfile.TemporaryDirectory(prefix="carrel-keys-") as name:
        (home := Path(name) / "home").mkdir()
        library(home / LIBRARY, wishes.size, data, Path(name))
        with screen(wishes.offscreen) as environment:
            load = os.getloadavg()[0]
            report = child(home, environment, module=__spec__.name)
    keys = [Key(**key) for key in report["keys"]]
    shown = sum(key.painted is not None for key in keys)
    where = f"{environment['QT_QPA_PLATFORM']}, {os.cpu_count()} cores"
    show(
        f"From a key to live results, ms ({wishes.size:,} passages, {shown} of {len(keys)} keys "
        f"shown, {where}, load {load:.1f} before and {os.getloadavg()[0]:.1f} after)",
        ("what", "p50", "p95", "most", "asked"),
        list(stretches(keys)),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
