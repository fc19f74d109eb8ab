"""Hostile and odd files from other projects' tests: nothing crashes, everything is in the ledger.

    python -m tests.benchmarks.hostile [--all-reasons] [--minutes 60] [FOLDER]

The folder is indexed as a person would add it, without vectors. Measured for each file: seconds in
the reader, and the most memory of the reader with all that it had started (sampled, so that a peak
of some milliseconds is missed). Exits 1 where the app or the ledger fell short: a file without its
line, a reason missing, a limit passed, or a library that is not sound afterwards.

Whether a file holds text nobody has written down, so a rule says what is expected: formats that are
made of text are to yield some, but for the ``_WORDLESS`` (what their names say) and for those whose
line says that they are locked.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from engine.indexing import READER_LIMITS
from engine.library import Library
from engine.reading.messages import ReadFile
from engine.records import DocumentState, LedgerEntry
from engine.workers import CancelToken, ChildProcess
from tests.benchmarks.data import bench_data
from tests.benchmarks.tables import show

_SAMPLED_EVERY = 0.02
_SLOWEST = 10
_PICTURES = frozenset(".png .jpg .jpeg .tif .tiff .webp .gif .bmp".split())
_WORDLESS = frozenset(
    "blank.pdf no_contents.pdf invalid.pdf testexcel_charts.xlsx testbmpfp.txt".split()
)


@dataclass
class Measured:
    """What reading one file took: seconds, and bytes of memory."""

    seconds: float = 0.0
    memory: int = 0
    died: str = ""


@dataclass
class Watch:
    """Measures what goes on in the readers while it is entered."""

    files: dict[str, Measured] = field(default_factory=lambda: defaultdict(Measured))
    _running: dict[int, Measured] = field(default_factory=dict)
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Watch:
        self._request = request = ChildProcess.request

        def measured(child: ChildProcess[Any], message: Any, **how: Any) -> Iterator[Any]:
            if not isinstance(message, ReadFile):
                yield from request(child, message, **how)
                return
            file = self.files[message.path]
            child.warm()
            process = child._process
            started = time.perf_counter()
            if process is not None:
                self._running[process.pid] = file
            try:
                yield from request(child, message, **how)
            except Exception as error:
                file.died = f"{type(error).__name__}: {error}"
                raise
            finally:
                file.seconds += time.perf_counter() - started
                if process is not None:
                    self._running.pop(process.pid, None)

        ChildProcess.request = measured  # type: ignore[method-assign]
        threading.Thread(target=self._sample, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        ChildProcess.request = self._request  # type: ignore[method-assign]
        self._over.set()

    def _sample(self) -> None:
        while not self._over.wait(_SAMPLED_EVERY):
            for pid, file in list(self._running.items()):
                with contextlib.suppress(psutil.Error):
                    reader = psutil.Process(pid)
                    memory = reader.memory_info().rss
                    for started in reader.children(recursive=True):
                        with contextlib.suppress(psutil.Error):
                            memory += started.memory_info().rss
                    file.memory = max(file.memory, memory)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--all-reasons", action="store_true", help="name each file of each reason")
    parser.add_argument("--minutes", type=float, default=60.0, help="stop after so long")
    options = parser.parse_args()
    data = bench_data()
    folder = options.folder or (data / "hostile" if data else None)
    if folder is None or not folder.is_dir():
        print("hostile: skipped, there is no hostile folder in the benchmark data")
        return 0
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    with tempfile.TemporaryDirectory(prefix="carrel-bench-") as place, Watch() as watch:
        library = Library.open(Path(place) / "hostile.carrel")
        try:
            library.add_folder(folder)
            started = time.perf_counter()
            cancel = CancelToken()
            enough = threading.Timer(60 * options.minutes, cancel.cancel)
            enough.daemon = True
            enough.start()
            report = library.index(embed=False, cancel=cancel)
            seconds = time.perf_counter() - started
            ledger = library.ledger()
            unsound = library.check()
        finally:
            library.close()
    measured = {
        Path(path).relative_to(folder).as_posix(): taken
        for path, taken in watch.files.items()
        if Path(path).is_relative_to(folder)
    }
    own = [entry for entry in ledger if entry.path in files]
    inside = [entry for entry in ledger if entry.path not in files]
    _show_totals(len(files), own, inside, report.pages, seconds, measured)
    _show_costs(measured)
    _show_reasons(ledger, named=options.all_reasons)
    _show_text(own)
    problems = [f"without a line in the ledger: {path}" for path in files - {e.path for e in own}]
    problems += [f"unsound: {what}" for what in unsound]
    problems += [f"the run told of: {what}" for what in report.problems]
    problems += [f"no reason: {e.path} is {e.state.value}" for e in ledger if _unexplained(e)]
    problems += [
        f"over its memory: {path} took {taken.memory / 1e6:,.0f} MB"
        for path, taken in measured.items()
        if READER_LIMITS.memory is not None and taken.memory > READER_LIMITS.memory
    ]
    print("  problems:", "; ".join(problems) if problems else "none")
    return 1 if problems else 0


def _unexplained(entry: LedgerEntry) -> bool:
    return entry.state is not DocumentState.INDEXED and not entry.reason


def _show_totals(
    files: int,
    own: list[LedgerEntry],
    inside: list[LedgerEntry],
    pages: int,
    seconds: float,
    measured: dict[str, Measured],
) -> None:
    states = Counter(entry.state for entry in own)
    attached = Counter(entry.state for entry in inside)
    died = [taken for taken in measured.values() if taken.died]
    show(
        f"{files} files in {seconds:.1f} s (load {os.getloadavg()[0]:.1f})",
        ("state", "files", "attachments"),
        [
            *((state.value, states[state], attached[state]) for state in DocumentState),
            ("lines in the ledger", len(own), len(inside)),
            ("pages", pages, ""),
            ("readers that died or were stopped", len(died), ""),
        ],
    )


def _show_costs(measured: dict[str, Measured]) -> None:
    slowest = sorted(measured.items(), key=lambda item: -item[1].seconds)[:_SLOWEST]
    largest = sorted(measured.items(), key=lambda item: -item[1].memory)[:_SLOWEST]
    show(
        f"The slowest {_SLOWEST}, of {sum(m.seconds for m in measured.values()):.1f} s in readers",
        ("file", "seconds", "MB", "died of"),
        [(path, f"{m.seconds:.2f}", f"{m.memory / 1e6:.0f}", m.died) for path, m in slowest],
    )
    show(
        f"The largest {_SLOWEST}",
        ("file", "MB", "seconds"),
        [(path, f"{m.memory / 1e6:.0f}", f"{m.seconds:.2f}") for path, m in largest],
    )


def _show_reasons(ledger: list[LedgerEntry], *, named: bool) -> None:
    """Each reason with how many files it is the line of, and which (all, or the first three)."""
    groups: dict[tuple[DocumentState, str], list[str]] = defaultdict(list)
    for entry in ledger:
        if entry.state is not DocumentState.INDEXED and entry.state is not DocumentState.DUPLICATE:
            groups[entry.state, entry.reason].append(Path(entry.path).name)
    rows = []
    for (state, reason), names in sorted(groups.items(), key=lambda g: (g[0][0], -len(g[1]))):
        every = named or state is DocumentState.FAILED
        some = names if every else [*names[:3], *(["…"] if len(names) > 3 else [])]
        rows.append((state.value, len(names), reason, ", ".join(some)))
    show("What could not be read, or not whole", ("state", "files", "reason", "which"), rows)


def _show_text(own: list[LedgerEntry]) -> None:
    """Which of the files that hold text gave text, by kind; and which did not."""
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    silent: list[tuple[str, str, str]] = []
    for entry in own:
        path = Path(entry.path)
        kind = path.suffix.lower() or "none"
        if kind in _PICTURES or path.name.lower() in _WORDLESS:
            kinds[kind]["not expected"] += 1
        elif entry.state is DocumentState.LOCKED:
            kinds[kind]["locked"] += 1
        elif entry.passages or entry.state is DocumentState.DUPLICATE:
            kinds[kind]["text"] += 1
        else:
            kinds[kind]["none"] += 1
            silent.append((entry.path, entry.state.value, entry.reason))
    columns = ("text", "none", "locked", "not expected")
    total = Counter[str]()
    for counted in kinds.values():
        total.update(counted)
    show(
        f"Text from {total['text']} of {total['text'] + total['none']} files that are to hold some",
        ("kind", *columns),
        [(kind, *(kinds[kind][column] or "" for column in columns)) for kind in sorted(kinds)],
    )
    show("Without any text", ("file", "state", "reason"), sorted(silent))


if __name__ == "__main__":
    raise SystemExit(main())
