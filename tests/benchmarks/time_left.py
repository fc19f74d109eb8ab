"""Whether the time left can be believed: what a run foretells, beside what it took.

    python -m tests.benchmarks.time_left [--share 0.5] [--no-embed] [--remembered]

Indexes a share of the filings, taken from all over the list, and compares each total that was
foretold (the time so far, and the time left) with the real one. Asked: within 25 % from the
moment on when a tenth of the time is over. ``--remembered`` lets the library know from an
earlier run how fast this machine embeds; otherwise nothing is foretold before that is measured.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path

from engine.library import Library
from engine.records import IndexProgress, Stage
from tests.benchmarks.data import bench_data
from tests.benchmarks.tables import show

_ASKED = 0.25
_FROM = 0.1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--share", type=float, default=0.5)
    parser.add_argument("--no-embed", action="store_true")
    parser.add_argument("--remembered", action="store_true")
    options = parser.parse_args()
    data = bench_data()
    if data is None or not (data / "financebench").is_dir():
        print("time left: skipped, there is no financebench folder in the benchmark data")
        return 0
    files = sorted((data / "financebench" / "pdfs").glob("*.pdf"))
    files = files[:: max(1, round(1 / options.share))]
    with tempfile.TemporaryDirectory(prefix="carrel-bench-") as name:
        place = Path(name)
        folder = place / "filings"
        folder.mkdir()
        library = Library.open(place / "filings.carrel")
        try:
            library.add_folder(folder)
            if options.remembered:
                shutil.copy(files[0], folder)
                library.index()
            for file in files:
                shutil.copy(file, folder)
            return _measure(library, embed=not options.no_embed)
        finally:
            library.close()


def _measure(library: Library, *, embed: bool) -> int:
    told: list[tuple[float, IndexProgress]] = []
    began = time.monotonic()
    library.index(embed=embed, on_progress=lambda p: told.append((time.monotonic() - began, p)))
    total = time.monotonic() - began
    rows = []
    for tenth in range(1, 10):
        at, progress = next((t for t in told if t[0] >= tenth / 10 * total), told[-1])
        left = progress.seconds_left
        foretold = "nothing" if left is None else f"{at + left:.1f} s"
        off = "" if left is None else f"{(at + left - total) / total:+.0%}"
        rows.append((f"{tenth / 10:.0%}", progress.stage.value, foretold, off))
    show(f"Time left, a run of {total:.1f} s", ("at", "stage", "foretold", "off by"), rows)
    late = [(at, p) for at, p in told if at >= _FROM * total and p.stage is not Stage.DONE]
    said = [(at, p.seconds_left) for at, p in late if p.seconds_left is not None]
    good = sum(abs(at + left - total) <= _ASKED * total for at, left in said)
    worst = max((abs(at + left - total) / total for at, left in said), default=1.0)
    print(
        f"  from a tenth on: {len(said)} of {len(late)} told something, {good} of them within "
        f"{_ASKED:.0%}; the worst is {worst:.0%} off"
    )
    return 0 if said and good == len(said) == len(late) else 1


if __name__ == "__main__":
    raise SystemExit(main())
