"""10,000 PDF pages dropped: how long until all can be searched by their words, and what takes it.

    python -m tests.benchmarks.reading [--pages 10000]

The pages are those of real filings, and of copies that differ in a byte, so that none is taken for
a duplicate. Everything is measured in this run: PyMuPDF alone and then each part of a reader, in
one process; then the whole as the app does it, with as many readers as it starts. Seconds of
computing say more than seconds where other programs compute as well.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pymupdf

from engine.library import Library
from engine.passages import split
from engine.reading import pdf
from engine.reading.document import Source
from engine.records import OcrWish, Page, SearchMode
from tests.benchmarks.data import bench_data
from tests.benchmarks.tables import show

ASKED = 30.0
_TEXT_ONLY = OcrWish(on=False)  # what pictures say is read after all that
_SAMPLED = 9  # every so many filings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=10_000)
    options = parser.parse_args()
    data = bench_data()
    if data is None or not (data / "financebench" / "pdfs").is_dir():
        print("reading: skipped, there is no financebench folder in the benchmark data")
        return 0
    filings = sorted((data / "financebench" / "pdfs").glob("*.pdf"))
    with tempfile.TemporaryDirectory(prefix="carrel-bench-") as place:
        folder = Path(place) / "dropped"
        files, pages = drop(filings, folder, options.pages)
        parts = _parts(filings[::_SAMPLED])
        library = Library.open(Path(place) / "reading.carrel", ocr=lambda: _TEXT_ONLY)
        try:
            library.add_folder(folder)
            started, computed = time.perf_counter(), _computed()
            report = library.index(embed=False)
            seconds, computed = time.perf_counter() - started, _computed() - computed
            found = len(library.search("annual report", mode=SearchMode.KEYWORD, limit=50).hits)
        finally:
            library.close()
    rates = [(name, *rate) for name, rate in parts]
    rates.append(("read, split and store, all readers", pages / seconds, pages / computed))
    show(
        f"{files} files, {pages:,} pages: searchable by words after {seconds:.1f} s, with "
        f"{computed:.1f} s of computing ({ASKED * pages / 10_000:.0f} s asked; load "
        f"{os.getloadavg()[0]:.1f})",
        ("stage", "pages/s", "pages/s of computing", "to PyMuPDF alone"),
        [
            (name, f"{rate:.0f}", f"{computing:.0f}", f"{computing / rates[0][2]:.2f}")
            for name, rate, computing in rates
        ],
    )
    print("  scan", f"{report.seconds['scan']:.2f} s; {found} hits for a search by words")
    missing = pages - report.pages
    if missing:
        print(f"  {missing:,} pages are missing")
    return 1 if missing or not found else 0


def drop(filings: list[Path], folder: Path, most: int) -> tuple[int, int]:
    """Copy filings into ``folder``, again and again until they have ``most`` pages or just over;
    how many files and pages there are."""
    folder.mkdir()
    counts = []
    for file in filings:
        with pymupdf.open(file) as document:
            counts.append(document.page_count)
    files = pages = 0
    while pages < most:
        file, count = filings[files % len(filings)], counts[files % len(filings)]
        copy = folder / f"{files // len(filings)} {file.name}"
        shutil.copyfile(file, copy)
        with copy.open("ab") as end:
            end.write(b"\n%% copy %d\n" % files)
        files += 1
        pages += count
    return files, pages


def _parts(filings: list[Path]) -> list[tuple[str, tuple[float, float]]]:
    """What each part of a reader does in this process."""
    return [
        ("PyMuPDF's text alone", _rates(filings, _raw)),
        ("read", _rates(filings, _read)),
        ("read and split", _rates(filings, lambda file: split(_read(file)))),
    ]


def _rates(filings: list[Path], pages: Callable[[Path], Iterator[object]]) -> tuple[float, float]:
    """Pages a second, and a second of computing."""
    started, computed = time.perf_counter(), time.process_time()
    count = sum(1 for file in filings for _ in pages(file))
    return count / (time.perf_counter() - started), count / (time.process_time() - computed)


def _computed() -> float:
    """Seconds that this process and its ended children have computed."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _raw(file: Path) -> Iterator[str]:
    with pymupdf.open(file) as document:
        for page in document:
            yield page.get_text("text")


def _read(file: Path) -> Iterator[Page]:
    return pdf.read(Source(file, ocr=_TEXT_ONLY)).pages


if __name__ == "__main__":
    raise SystemExit(main())
