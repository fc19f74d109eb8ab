"""How soon the window is there, and how long it is ever held up.

    python -m tests.benchmarks.window [--pdfs 4] [--embedding 30] [--offscreen] [--where]

Runs the real application in processes of its own with a fresh home: three starts, then one that
indexes PDFs and answers five questions while a timer on the UI thread is to fire every 5 ms. How
late it fires is how long the window was held up, whatever by: work of the UI thread, a worker
that keeps Python's lock, or the operating system giving the core to somebody else. The row "at
rest" tells how much of that is the machine's own. ``--where`` prints what every thread was at
whenever the UI thread had been held up for more than 50 ms (this costs a little itself).

PDFs are taken from ``financebench/pdfs`` of the benchmarks' data, else made.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tests.benchmarks.data import ROOT, bench_data
from tests.benchmarks.tables import show

BUDGET_MS = 50.0
BEAT_MS = 5
LONGEST_RUN = 900.0  # seconds; a dialog nobody answers would wait for ever
LIBRARY = "Bench.carrel"  # in the home of a run
QUESTIONS = (
    "What was the total revenue?",
    "Who signed the agreement?",
    "How did net sales change from last year?",
    "What are the main risks to the business?",
    "What is the dividend for each share?",
)


# --- in the application's process -------------------------------------------------------------


class Heartbeat:
    """Notes how late a timer fires, in milliseconds, under the name of what is going on."""

    def __init__(self, where: bool) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.late: dict[str, list[float]] = {}
        self._now: list[float] | None = None
        self._where = where
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(BEAT_MS)

    def during(self, name: str) -> None:
        self._now = self.late.setdefault(name, [])
        self._last = time.perf_counter()

    def stop(self) -> None:
        self._timer.stop()
        faulthandler.cancel_dump_traceback_later()

    def _beat(self) -> None:
        now = time.perf_counter()
        if self._now is not None:
            self._now.append(max(0.0, (now - self._last) * 1000 - BEAT_MS))
        self._last = now
        if self._where:
            faulthandler.dump_traceback_later((BUDGET_MS + BEAT_MS) / 1000)


Scenario = Iterator[float]  # yields the seconds to wait
Scene = Callable[[Any, dict[str, Any]], Scenario]  # of the main window; it may add to the report


def until(condition: Callable[[], bool], seconds: float) -> Scenario:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        yield 0.1


def working(
    window: Any, report: dict[str, Any], folder: Path, embedding: float, where: bool
) -> Scenario:
    """Indexes a folder and answers questions, with an ear on the timer."""
    from engine.records import Stage

    bridge, ask, beat = window._bridge, window.ask, Heartbeat(where)
    report["late"] = beat.late
    yield 1.0
    beat.during("at rest")
    yield 3.0
    stages = []
    bridge.progressed.connect(lambda progress: stages.append(progress.stage))
    beat.during("reading")
    window.following.add([folder])
    yield from until(lambda: bridge.indexing, 10)
    yield from until(lambda: Stage.EMBEDDING in stages or not bridge.indexing, 300)
    beat.during("embedding")
    yield from until(lambda: not bridge.indexing, embedding)
    bridge.stop_indexing()
    yield from until(lambda: not bridge.indexing, 20)
    yield 1.0
    beat.during("answering")
    for question in QUESTIONS:
        ask.ask(question)
        yield 0.2
        yield from until(lambda: not bridge._runs, 120)
        yield 0.3
    beat.stop()
    yield 3.0


def play(library: Path, scene: Scene | None = None) -> int:
    """Run the application with a scene in it; prints its report, one JSON line, when it is over."""
    from PySide6.QtCore import QEvent, QObject, QTimer
    from PySide6.QtWidgets import QApplication, QWidget

    from desktop.__main__ import main
    from desktop.main_window import MainWindow

    run = QApplication.exec
    report: dict[str, Any] = {}

    class FirstPaint(QObject):
        """Waits until the window is painted and the event loop has nothing left to do."""

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
            if event.type() == QEvent.Type.Paint and isinstance(watched, QWidget):
                window = watched.window()
                if isinstance(window, MainWindow):
                    QApplication.instance().removeEventFilter(self)
                    QTimer.singleShot(0, self, lambda: self._idle(window))
            return False

        def _idle(self, window: MainWindow) -> None:
            report["ready"] = time.monotonic()
            step(iter(()) if scene is None else scene(window, report))

    def step(steps: Scenario) -> None:
        try:
            seconds = next(steps, None)
        except BaseException:
            finish()
            raise
        if seconds is None:
            finish()
        else:
            QTimer.singleShot(round(seconds * 1000), lambda: step(steps))

    def finish() -> None:
        import psutil

        report["rss"] = psutil.Process().memory_info().rss
        print(json.dumps(report), flush=True)
        window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))
        window.close()

    def watched_run(*_: object) -> int:
        watcher = FirstPaint()
        QApplication.instance().installEventFilter(watcher)
        return int(run())

    QApplication.exec = watched_run  # type: ignore[method-assign]
    return main(["--library", str(library)])


# --- outside ----------------------------------------------------------------------------------


@contextlib.contextmanager
def screen(offscreen: bool) -> Iterator[dict[str, str]]:
    """The environment of a real X server, or of none."""
    if offscreen or shutil.which("Xvfb") is None:
        yield {"QT_QPA_PLATFORM": "offscreen"}
        return
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1440x900x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as pipe:
            yield {"QT_QPA_PLATFORM": "xcb", "DISPLAY": f":{pipe.readline().strip()}"}
    finally:
        server.terminate()
        server.wait(5)


def child(
    home: Path, environment: dict[str, str], *arguments: str, module: str = __spec__.name
) -> dict[str, Any]:
    """One run of the application by the benchmark in ``module``, which is to :func:`play`; what
    it reports, and the seconds until it was usable."""
    folders = {f"XDG_{n}_HOME": str(home / n.lower()) for n in ("CONFIG", "DATA", "STATE", "CACHE")}
    began = time.monotonic()
    process = subprocess.run(
        [sys.executable, "-m", module, "--library", str(home / LIBRARY), *arguments],
        cwd=ROOT,
        env=os.environ | folders | environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=LONGEST_RUN,
    )
    report: dict[str, Any] = json.loads(process.stdout.splitlines()[-1])
    return report | {"start": report["ready"] - began}


def choose_pdfs(count: int, folder: Path) -> int:
    """Put PDFs of all sizes into ``folder``, or made ones; how many there are."""
    data = bench_data()
    pdfs = data.glob("financebench/pdfs/*.pdf") if data is not None else ()
    found = sorted(pdfs, key=lambda path: path.stat().st_size)
    if found:
        step = max(1, len(found) // count)
        for path in found[step // 2 :: step][:count]:
            shutil.copy(path, folder / path.name)
    else:
        make_pdfs(count, folder)
    return len(list(folder.iterdir()))


def make_pdfs(count: int, folder: Path) -> None:
    import pymupdf

    for number in range(count):
        document = pymupdf.open()
        for page in range(150):
            lines = [
                f"Line {line} of page {page} of report {number}: net sales of {line * page} were "
                f"signed for by {line} people at a risk of {page} per cent."
                for line in range(40)
            ]
            document.new_page().insert_text((40, 50), lines, fontsize=9)
        document.save(folder / f"report {number}.pdf")


def summed_up(name: str, late: list[float]) -> tuple[str, ...]:
    late = sorted(late) or [0.0]
    over = sum(ms > BUDGET_MS for ms in late)
    return (
        name,
        f"{len(late):,}",
        f"{late[int(len(late) * 0.99)]:.1f}",
        f"{late[-1]:.1f}",
        str(over),
    )


def main(arguments: Sequence[str] = ()) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pdfs", type=int, default=4)
    parser.add_argument("--embedding", type=float, default=30, help="most seconds to embed for")
    parser.add_argument("--offscreen", action="store_true", help="no X server, even if there is")
    parser.add_argument("--where", action="store_true", help="say what held the window up")
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--library", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    wishes = parser.parse_args(arguments)
    if wishes.library is not None:
        scene = None
        if wishes.folder is not None:
            scene = partial(
                working, folder=wishes.folder, embedding=wishes.embedding, where=wishes.where
            )
        return play(wishes.library, scene)

    with tempfile.TemporaryDirectory() as home, screen(wishes.offscreen) as environment:
        load = os.getloadavg()[0]
        starts = []
        for number in range(wishes.starts):
            (own := Path(home) / str(number)).mkdir()
            starts.append(child(own, environment)["start"])
        (papers := Path(home) / "papers").mkdir()
        count = choose_pdfs(wishes.pdfs, papers)
        (own := Path(home) / "work").mkdir()
        options = ["--folder", str(papers), "--embedding", str(wishes.embedding)]
        report = child(own, environment, *options, *(["--where"] if wishes.where else []))
    where = f"{environment['QT_QPA_PLATFORM']}, {os.cpu_count()} cores"
    show(
        f"The window ({where}, load {load:.1f} before and {os.getloadavg()[0]:.1f} after)",
        ("what", "measured", "budget"),
        [
            ("usable after start, median", f"{statistics.median(starts):.2f} s", "1.5 s"),
            ("each", ", ".join(f"{start:.2f}" for start in starts), ""),
            ("application's memory afterwards", f"{report['rss'] / 1e6:.0f} MB", "300 MB"),
        ],
    )
    show(
        f"How long the UI thread is held up, ms ({count} PDFs, {len(QUESTIONS)} questions)",
        ("during", "beats", "p99", "longest", f"over {BUDGET_MS:.0f}"),
        [summed_up(name, late) for name, late in report["late"].items()],
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
