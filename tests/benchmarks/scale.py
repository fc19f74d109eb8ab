"""How search keeps up as a library grows: 10,000, 100,000 and 1,000,000 passages.

    python -m tests.benchmarks.scale [--most 100000]

The libraries are made through the store's own methods, of varied rather than repeated passages:

* *Text.* The filings and the SciFact abstracts are read by Carrel. A made passage is two
  sentences of one real passage and as many more as make 110 words, each drawn from the same kind
  of document. Words have the shares they have in the real collection, which is hard on keyword
  search: in a real collection of that size many of the words would be rarer. Titles, headings
  and word boxes are those of real pages.
* *Vectors.* Of 3,000 real passages a, b, c: ``a + (b - c) / 2``, renormalised, where a is the
  passage that gave the two sentences and b and c are drawn from the same kind of document. The
  noise so has the shape of the real differences. A made vector is at cosine 0.84 to the one it
  comes from and 0.7 to its siblings, as near as the nearest neighbours are among the real ones.

Queries are FinanceBench's questions and SciFact's claims, embedded as Carrel embeds them.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import apsw
import numpy as np
import sqlite_vec
from numpy.typing import NDArray

from engine.embedding import embedding_text
from engine.library import Library
from engine.models.embedder import SHIPPED, Embedder
from engine.records import DocumentState, Page, PageState, Passage, SearchMode
from engine.retrieval import Retriever
from engine.sentences import sentences
from engine.store import Store
from engine.store.connection import select
from engine.store.documents import FileRecord, ReadResult
from engine.store.vectors import PassageText
from tests.benchmarks.data import ROOT, bench_data
from tests.benchmarks.tables import show

SIZES = (10_000, 100_000, 1_000_000)
_EMBEDDED = 3_000
_NOISE = 0.5
_WORDS = 110
_ON_A_PAGE = 5
_IN_A_DOCUMENT = 500
_QUERIES = 200
_SECONDS = 30.0  # for one figure; slow ones are of fewer queries
_LONGEST_BUILD = 600.0
_RECALLED = 20
_PASSPHRASE = "correct horse"

Floats = NDArray[np.float32]

OPEN = """
import json, sys
import psutil
from PySide6.QtWidgets import QApplication
from engine.library import Library
from engine.store import Store
from pathlib import Path
app = QApplication(["carrel", "-platform", "offscreen"])
library = Library.open(Path(sys.argv[1]), passphrase=sys.argv[2] or None)
memory = psutil.Process().memory_info
before = memory().rss
library._store.warm()
warmed = memory().rss
for query in json.load(sys.stdin):
    library.search(query)
print(json.dumps([before, warmed, memory().rss]))
library.close()
"""


@dataclass(frozen=True)
class Kind:
    """Real material of one kind: passages with their vectors, more sentences, real pages."""

    name: str
    share: float
    cores: list[str]
    vectors: Floats
    sentences: list[str]
    titles: list[str]
    headings: list[str]
    layouts: list[bytes]


@dataclass(frozen=True)
class Material:
    kinds: list[Kind]
    queries: list[str]
    query_vectors: Floats


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--most", type=int, default=SIZES[-1], help="passages")
    most = parser.parse_args().most
    data = bench_data()
    if data is None or not (data / "financebench").is_dir() or not (data / "scifact").is_dir():
        print("scale: skipped, there are no filings or abstracts in the benchmark data")
        return 0
    with tempfile.TemporaryDirectory(prefix="carrel-scale-") as name:
        embedder = Embedder()
        try:
            material = gather(data, Path(name), embedder)
            for size in SIZES:
                if size <= most:
                    measure(size, material, Path(name), embedder, encrypted=False)
                if size == 100_000 <= most:
                    measure(size, material, Path(name), embedder, encrypted=True)
        finally:
            embedder.close()
    return 0


# --- real material ---------------------------------------------------------------------------


def gather(data: Path, place: Path, embedder: Embedder) -> Material:
    started = time.perf_counter()
    abstracts = place / "abstracts"
    abstracts.mkdir()
    for line in (data / "scifact" / "corpus.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        text = f"{entry['title']}\n\n{' '.join(entry['abstract'])}\n"
        (abstracts / f"{entry['id']}.txt").write_text(text, "utf-8")
    path = place / "real.carrel"
    library = Library.open(path)
    library.add_folder(abstracts)
    library.add_folder(data / "financebench" / "pdfs")
    library.index(embed=False)
    library.close()
    store = Store(path)
    chance = random.Random(1)
    kinds = [
        _kind(store, "pdf", 0.7, embedder, chance),
        _kind(store, "text", 0.3, embedder, chance),
    ]
    store.close()
    questions = (data / "financebench" / "questions.jsonl").read_text("utf-8").splitlines()
    claims = (data / "scifact" / "claims-dev.jsonl").read_text("utf-8").splitlines()
    queries = [json.loads(line)["question"] for line in chance.sample(questions, _QUERIES // 2)]
    queries += [json.loads(line)["claim"] for line in chance.sample(claims, _QUERIES // 2)]
    chance.shuffle(queries)
    vectors = np.concatenate([embedder.query(query).vector[None, :] for query in queries])
    print(f"scale: real material in {time.perf_counter() - started:.0f} s", flush=True)
    return Material(kinds, queries, vectors)


def _kind(store: Store, name: str, share: float, embedder: Embedder, chance: random.Random) -> Kind:
    with store._database.reading() as db:
        rows = select(
            db,
            "SELECT p.id, d.title, d.path, p.heading,"
            ' substr(g.text, p.start + 1, p."end" - p.start)'
            " FROM passages p JOIN pages g ON g.id = p.page_id"
            " JOIN documents d ON d.id = p.document_id WHERE d.format = ?",
            (name,),
        )
        pages = select(
            db,
            "SELECT g.layout FROM pages g JOIN documents d ON d.id = g.document_id "
            "WHERE d.format = ? AND length(g.text) > 2000",
            (name,),
        )
    passages = [PassageText(*row) for row in rows]
    chosen = chance.sample(passages, min(int(_EMBEDDED * share), len(passages)))
    texts = [embedding_text(passage) for passage in chosen]
    vectors = [embedder.embed(texts[at : at + 32]) for at in range(0, len(texts), 32)]
    cut = {passage.id: _sentences(passage.text) for passage in passages}
    return Kind(
        name,
        share,
        [" ".join(cut[passage.id][:2]) for passage in chosen],
        np.concatenate(vectors),
        [sentence for parts in cut.values() for sentence in parts],
        sorted({passage.title for passage in passages}),
        sorted({passage.heading for passage in passages}),
        [bytes(row[0]) for row in pages] or [b""],
    )


def _sentences(text: str) -> list[str]:
    return [" ".join(text[start:end].split()) for start, end in sentences(text)] or [text]


# --- a library of a size ---------------------------------------------------------------------


def fill(
    store: Store, size: int, material: Material, fingerprint: str
) -> tuple[Floats, dict[str, float]]:
    """The vectors, in the order of the passages' ids, and seconds by stage. ``fingerprint`` is
    the real embedder's, so that its queries find the made vectors."""
    chance, numbers = random.Random(2), np.random.default_rng(3)
    folder = store.documents.add_folder(Path("/made"))
    dimension = material.query_vectors.shape[1]
    vectors = np.empty((size, dimension), np.float32)
    seconds = {"texts": 0.0, "vectors": 0.0}
    by_name = {kind.name: kind for kind in material.kinds}
    embedder_id: int | None = None
    for at in range(0, size, _IN_A_DOCUMENT):
        many = min(_IN_A_DOCUMENT, size - at)
        kind = by_name["pdf" if chance.random() < material.kinds[0].share else "text"]
        bases = [chance.randrange(len(kind.cores)) for _ in range(many)]
        document = ReadResult(
            kind.name,
            f"{chance.choice(kind.titles)}, volume {at // _IN_A_DOCUMENT}",
            DocumentState.INDEXED,
            "",
            list(_pages(kind, bases, chance)),
        )
        record = FileRecord(folder.id, f"{at // _IN_A_DOCUMENT:05}.{kind.name}", many, 1, str(at))
        started = time.perf_counter()
        store.documents.put(record, document, reader=1)
        seconds["texts"] += time.perf_counter() - started
        rows = vectors[at : at + many]
        others = numbers.integers(0, len(kind.vectors), (2, many))
        rows[:] = kind.vectors[bases]
        rows += _NOISE * (kind.vectors[others[0]] - kind.vectors[others[1]])
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        started = time.perf_counter()
        if embedder_id is None:
            embedder_id = store.vectors.embedder_id(fingerprint, "made", dimension)
            store.embedder.number(SHIPPED, embedder_id)
        store.vectors.put(embedder_id, range(at + 1, at + many + 1), rows)
        seconds["vectors"] += time.perf_counter() - started
    return vectors, seconds


def _pages(
    kind: Kind, bases: Sequence[int], chance: random.Random
) -> Iterator[tuple[Page, tuple[Passage, ...]]]:
    for number, at in enumerate(range(0, len(bases), _ON_A_PAGE), 1):
        text, spans = "", []
        for base in bases[at : at + _ON_A_PAGE]:
            parts = [kind.cores[base]]
            words = len(parts[0].split())
            while words < _WORDS:
                parts.append(kind.sentences[int(chance.random() * len(kind.sentences))])
                words += parts[-1].count(" ") + 1
            start = len(text)
            text += " ".join(parts)
            spans.append((start, len(text)))
            text += "\n\n"
        page = Page(
            number, str(number), text, PageState.TEXT, (), 612.0, 792.0,
            chance.choice(kind.layouts),
        )  # fmt: skip
        heading = chance.choice(kind.headings)
        yield page, tuple(Passage(number, start, end, heading) for start, end in spans)


# --- measuring -------------------------------------------------------------------------------


def measure(
    size: int, material: Material, place: Path, embedder: Embedder, *, encrypted: bool
) -> None:
    passphrase = _PASSPHRASE if encrypted else None
    path = place / f"{size}{'-encrypted' if encrypted else ''}.carrel"
    store = Store(path, passphrase)
    vectors, seconds = fill(store, size, material, embedder.facts().fingerprint)
    store.close()
    store = Store(path, passphrase)
    what = f"{size:,} passages{', encrypted' if encrypted else ''}"
    load = f"load {os.getloadavg()[0]:.1f}"
    print(
        f"scale: {what} made in {seconds['texts']:.0f} s (texts, keywords) and "
        f"{seconds['vectors']:.0f} s (vectors)",
        flush=True,
    )
    rows: list[tuple[object, ...]] = []
    try:
        exact = _exact(vectors, material.query_vectors)
        if not encrypted:
            rows.append(_vec0(vectors, material, exact, place))
            rows.append(_numpy(vectors, material, exact))
            rows.append(_hnsw(vectors, material, exact))
        del vectors
        gc.collect()
        rows += _ours(store, material, exact)
        show(
            f"The nearest {_RECALLED} of {what} ({load})",
            ("search", "ms p50", "p95", f"recall@{_RECALLED}", "memory", "build"),
            rows,
        )
        if not encrypted:
            _show_size(store, path, size)
        _show_searches(store, embedder, material, what)
    finally:
        store.close()
    _show_memory(path, passphrase, material, what)
    for file in place.glob(f"{path.name}*"):
        file.unlink()


def _exact(vectors: Floats, queries: Floats) -> NDArray[np.int64]:
    """Passage ids of the nearest, (queries, 20)."""
    found = np.empty((len(queries), _RECALLED), np.int64)
    for at in range(0, len(queries), 20):
        scores = vectors @ queries[at : at + 20].T
        found[at : at + 20] = np.argpartition(-scores, _RECALLED, axis=0)[:_RECALLED].T + 1
    return found


def _row(
    name: str,
    find: Callable[[int], Sequence[int]],
    exact: NDArray[np.int64],
    memory: float,
    build: float,
) -> tuple[object, ...]:
    """``find`` gives passage ids for the query of that number."""
    find(0)
    times, shares = [], []
    while len(times) < len(exact) and sum(times) < _SECONDS * 1000:
        started = time.perf_counter()
        found = find(len(times))
        times.append((time.perf_counter() - started) * 1000)
        shares.append(len({*found} & {*exact[len(times) - 1].tolist()}) / _RECALLED)
    p50, p95 = _percentiles(times)
    return (name, p50, p95, f"{np.mean(shares):.4f}", f"{memory / 1e6:.0f} MB", f"{build:.1f} s")


def _percentiles(times: Sequence[float]) -> tuple[str, str]:
    return f"{np.percentile(times, 50):.1f}", f"{np.percentile(times, 95):.1f}"


def _vec0(
    vectors: Floats, material: Material, exact: NDArray[np.int64], place: Path
) -> tuple[object, ...]:
    path = place / "vec0.db"
    db = apsw.Connection(str(path))
    db.enable_load_extension(True)
    db.load_extension(sqlite_vec.loadable_path())
    db.execute("PRAGMA cache_size = -32768; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
    dimension = vectors.shape[1]
    db.execute(f"CREATE VIRTUAL TABLE v USING vec0(id INTEGER PRIMARY KEY, e float[{dimension}])")
    started = time.perf_counter()
    with db:
        for at, row in enumerate(vectors, 1):
            db.execute("INSERT INTO v(id, e) VALUES (?, ?)", (at, row.tobytes()))
    build = time.perf_counter() - started

    def find(number: int) -> list[int]:
        blob = material.query_vectors[number].tobytes()
        rows = db.execute("SELECT id FROM v WHERE e MATCH ? AND k = ?", (blob, _RECALLED))
        return [int(row[0]) for row in rows]  # type: ignore[arg-type]

    row = _row("sqlite-vec, vec0, float32", find, exact, 32e6, build)
    db.close()
    path.unlink()
    return row


def _numpy(vectors: Floats, material: Material, exact: NDArray[np.int64]) -> tuple[object, ...]:
    def find(number: int) -> list[int]:
        scores = vectors @ material.query_vectors[number]
        found: list[int] = (np.argpartition(scores, -_RECALLED)[-_RECALLED:] + 1).tolist()
        return found

    return _row("numpy, exact, float32", find, exact, vectors.nbytes, 0.0)


def _hnsw(vectors: Floats, material: Material, exact: NDArray[np.int64]) -> tuple[object, ...]:
    name = "usearch, HNSW, float32"
    try:
        from usearch.index import Index
    except ImportError:
        return (name, "skipped: usearch is not installed (pip install carrel[bench])", *[""] * 4)
    index = Index(ndim=vectors.shape[1], metric="cos", dtype="f32")
    started = time.perf_counter()
    step = 10_000
    for at in range(0, len(vectors), step):
        index.add(np.arange(at + 1, min(at + step, len(vectors)) + 1), vectors[at : at + step])
        spent = time.perf_counter() - started
        # the later rows are dearer: what is left costs at least what was spent
        if spent * len(vectors) / (at + step) > _LONGEST_BUILD and at + step < len(vectors):
            about = spent * len(vectors) / (at + step)
            reason = f"skipped: would take over {about:.0f} s to build"
            return (name, reason, *[""] * 4)
    build = time.perf_counter() - started

    def find(number: int) -> list[int]:
        found: list[int] = index.search(material.query_vectors[number], _RECALLED).keys.tolist()
        return found

    return _row(name, find, exact, index.memory_usage, build)


def _ours(
    store: Store, material: Material, exact: NDArray[np.int64]
) -> Iterator[tuple[object, ...]]:
    embedder_id = store.vectors.embedders()[0].id
    started = time.perf_counter()
    store.search.warm(embedder_id)
    build = time.perf_counter() - started
    index = store.search._index_of(embedder_id)
    memory = sum(
        segment.size * (segment.signs[:, :1].nbytes + segment.codes[0].nbytes + 12)
        for segment in index._segments
    )
    for limit in (_RECALLED, 200):

        def find(number: int, limit: int = limit) -> list[int]:
            found = store.search.semantic(embedder_id, material.query_vectors[number], limit)
            return [candidate.passage_id for candidate in found[:_RECALLED]]

        yield _row(f"Carrel, {limit} candidates", find, exact, memory, build)


def _show_searches(store: Store, embedder: Embedder, material: Material, what: str) -> None:
    retriever = Retriever(store, embedder)
    rows = []
    for mode in (SearchMode.KEYWORD, SearchMode.SEMANTIC, SearchMode.HYBRID):
        retriever.search(material.queries[0], mode=mode)
        times: list[float] = []
        for query in material.queries:
            times.append(retriever.search(query, mode=mode).took_ms)
            if sum(times) > _SECONDS * 1000:
                break
        rows.append((mode.value, len(times), *_percentiles(times), f"{max(times):.1f}"))
    show(
        f"Search of {what}, whole: query embedded, pages merged, boxes found "
        f"(load {os.getloadavg()[0]:.1f})",
        ("mode", "queries", "ms p50", "p95", "most"),
        rows,
    )


def _show_size(store: Store, path: Path, size: int) -> None:
    with store._database.reading() as db:
        (text,) = select(db, "SELECT sum(length(CAST(text AS BLOB))) FROM pages")[0]
        (layout,) = select(db, "SELECT sum(length(layout)) FROM pages")[0]
        tables = select(db, "SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC")
    whole = path.stat().st_size
    rows = [(name, f"{taken / size:.0f}") for name, taken in tables if taken / size >= 1]
    rows += [
        ("of it word boxes", f"{layout / size:.0f}"),
        ("of it text", f"{text / size:.0f}"),
        ("whole file", f"{whole / size:.0f}"),
        ("beyond the text", f"{(whole - text) / size:.0f}"),
    ]
    show(f"Bytes a passage on disk, {size:,} passages", ("table or index", "bytes"), rows)


def _show_memory(path: Path, passphrase: str | None, material: Material, what: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", OPEN, str(path), passphrase or ""],
        input=json.dumps(material.queries[:50]),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    names = ("opened, with Qt", "vectors read", "50 searches later")
    rows = [
        (name, f"{rss / 1e6:.0f} MB")
        for name, rss in zip(names, json.loads(done.stdout), strict=True)
    ]
    show(f"Memory of the process with {what}", ("", "resident"), rows)


if __name__ == "__main__":
    raise SystemExit(main())
