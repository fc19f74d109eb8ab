"""What the embedder costs: passages a second by every way to run it, the start of its child, a
query's time, its memory; and that SciFact's ranking is as good as with exact arithmetic.

All ways embed the same passages and take turns, so that what else the machine does falls on all
of them alike. Exact vectors for the ranking come from OpenVINO in float32, and are compared with
those of sentence-transformers on a sample.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

from engine.models import compiled
from engine.models.embedder import Embedder
from engine.models.folders import look
from engine.models.prepared import PreparedModel, Run, fast, load, place_of
from engine.models.reference import ReferenceModel, native_arithmetics
from engine.paths import prepared_models_dir, shipped_embedder
from tests.benchmarks.data import bench_data
from tests.benchmarks.metrics import ndcg
from tests.benchmarks.tables import show

_PASSAGES = 256
_WORDS = 120
_ROUNDS = 3
_QUERIES = 200
_SAMPLE = 64
_BATCH = 256
_ASKED_RATIO = 4.0
_ASKED_LOSS = 0.005
_MOST_MEMORY = 1 << 30

Encode = Callable[[Sequence[str]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class SciFact:
    """``relevant`` are the abstracts that hold evidence for a claim."""

    abstracts: dict[str, str]
    claims: list[str]
    relevant: list[set[str]]

    @classmethod
    def read(cls, folder: Path) -> SciFact:
        abstracts = {
            row["id"]: " ".join([row["title"], *row["abstract"]])
            for row in _rows(folder / "corpus.jsonl")
        }
        claims = [row for row in _rows(folder / "claims-dev.jsonl") if row["documents"]]
        return cls(abstracts, [c["claim"] for c in claims], [set(c["documents"]) for c in claims])

    def passages(self, count: int) -> list[str]:
        """Of ``_WORDS`` words each, from the whole of the corpus."""
        found = []
        for text in list(self.abstracts.values())[:: max(1, len(self.abstracts) // count)]:
            words = text.split()
            found += [" ".join(words[at : at + _WORDS]) for at in range(0, len(words), _WORDS)]
        return found[:count]


def main() -> int:
    data = bench_data()
    if data is None:
        print("embedding: no data to measure with (set CARREL_BENCH_DATA)")
        return 0
    facts = SciFact.read(data / "scifact")
    first = _first_start()
    folder = look(shipped_embedder())
    model = load(folder, prepared_models_dir())
    ratio = _throughput(facts.passages(_PASSAGES), model)
    child, vectors = _child(facts, first)
    loss = _quality(facts, vectors, model)
    print(f"embedding: {ratio:.1f} × float32 (asked {_ASKED_RATIO}), nDCG loss {loss:.4f}")
    return int(ratio < _ASKED_RATIO or loss > _ASKED_LOSS or child > _MOST_MEMORY)


def _throughput(passages: list[str], model: PreparedModel) -> float:
    ways = dict(_ways(model))
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    vectors = {name: _unit(encode(passages[:_SAMPLE])) for name, encode in ways.items()}
    for _ in range(_ROUNDS):
        for name, encode in ways.items():
            time.sleep(0.3)  # torch's threads spin on for a while
            started = time.perf_counter()
            encode(passages)
            seconds[name].append(time.perf_counter() - started)
    rates = {name: len(passages) / statistics.median(taken) for name, taken in seconds.items()}
    exact, *_ = ways
    show(
        f"{len(passages)} passages of {_WORDS} words, median of {_ROUNDS} rounds in turn",
        ("way", "passages/s", "× float32", "lowest cosine to float32"),
        [
            (name, f"{rate:.1f}", f"{rate / rates[exact]:.2f}",
             f"{(vectors[name] * vectors[exact]).sum(axis=1).min():.6f}")
            for name, rate in rates.items()
        ],
    )  # fmt: skip
    return rates[f"{model.facts.engine} {model.facts.arithmetic}"] / rates[exact]


def _ways(model: PreparedModel) -> Iterator[tuple[str, Encode]]:
    for arithmetic in native_arithmetics():
        yield f"torch {arithmetic}", ReferenceModel(model.folder, arithmetic).run
    for arithmetic in compiled.native_arithmetics():
        yield f"openvino {arithmetic}", _openvino(model, arithmetic)


def _openvino(model: PreparedModel, arithmetic: str) -> Encode:
    """The prepared model in any arithmetic, whichever was chosen."""
    assert model.facts.form is not None, "OpenVINO was not chosen here: nothing to compare"
    place = place_of(model.folder, prepared_models_dir())
    run: Run = fast(place, arithmetic, model.facts.form, model.facts.width)
    return lambda texts: run(list(texts), "", lambda: False)


def _first_start() -> float:
    """Seconds until a child that meets the model for the first time has prepared it."""
    with tempfile.TemporaryDirectory(prefix="carrel-bench-") as home, _cache(home):
        return _start()


def _start() -> float:
    embedder = Embedder()
    started = time.perf_counter()
    embedder.facts()
    taken = time.perf_counter() - started
    embedder.close()
    return taken


@contextmanager
def _cache(home: str) -> Iterator[None]:
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = home
    try:
        yield
    finally:
        if before is None:
            del os.environ["XDG_CACHE_HOME"]
        else:
            os.environ["XDG_CACHE_HOME"] = before


def _child(facts: SciFact, first: float) -> tuple[int, NDArray[np.float32]]:
    """The real children, from their start to the whole corpus: memory then, and the vectors."""
    starts = [_start() for _ in range(3)]
    embedder, filling = Embedder(), Embedder(background=True)
    try:
        embedder.facts()
        filling.facts()
        alone = _query_times(embedder, facts.claims[:_QUERIES])
        process = filling._child._process
        assert process is not None
        before = psutil.Process(process.pid).memory_info().rss
        texts = [*facts.abstracts.values(), *facts.claims]
        with ThreadPoolExecutor(1) as asking:
            meanwhile = asking.submit(_query_times, embedder, facts.claims[_QUERIES:])
            started = time.perf_counter()
            vectors = np.concatenate(
                [filling.embed(texts[at : at + _BATCH]) for at in range(0, len(texts), _BATCH)]
            )
            rate = len(texts) / (time.perf_counter() - started)
            busy = meanwhile.result()
        memory = psutil.Process(process.pid).memory_info().rss
    finally:
        embedder.close()
        filling.close()
    show(
        "the embedder's children",
        ("what", "measured"),
        [
            ("first start, preparing the model", f"{first:.1f} s"),
            ("start from then on", f"{statistics.median(starts):.2f} s"),
            ("a query, p50 and p95", _percentiles(alone)),
            ("a query while vectors are filled in", _percentiles(busy)),
            ("abstracts of up to 256 tokens", f"{rate:.0f} a second"),
            ("memory before and after them", f"{before >> 20} and {memory >> 20} MB"),
        ],
    )
    return memory, vectors


def _query_times(embedder: Embedder, queries: Sequence[str]) -> list[float]:
    """Milliseconds, a query every thirtieth of a second."""
    taken = []
    for query in queries:
        started = time.perf_counter()
        embedder.query(query)
        taken.append((time.perf_counter() - started) * 1000)
        time.sleep(1 / 30)
    return taken


def _percentiles(times: list[float]) -> str:
    p50, p95 = np.percentile(times, (50, 95))
    return f"{p50:.1f} and {p95:.1f} ms"


def _quality(facts: SciFact, found: NDArray[np.float32], model: PreparedModel) -> float:
    exact = _openvino(model, "float32")
    texts = [*facts.abstracts.values(), *facts.claims]
    wanted = _unit(exact(texts))
    sample = texts[:: len(texts) // _SAMPLE]
    reference = _unit(ReferenceModel(model.folder).run(sample))
    agreement = float((wanted[:: len(texts) // _SAMPLE] * reference).sum(axis=1).min())
    scores = {"float32": _ndcg(facts, wanted), model.facts.arithmetic: _ndcg(facts, found)}
    show(
        f"SciFact-dev, {len(facts.claims)} claims, {len(facts.abstracts)} abstracts; float32 by "
        f"OpenVINO, cosine to sentence-transformers at least {agreement:.6f}",
        ("arithmetic", "nDCG@10"),
        [(name, f"{score:.4f}") for name, score in scores.items()],
    )
    return scores["float32"] - scores[model.facts.arithmetic]


def _ndcg(facts: SciFact, vectors: NDArray[np.float32]) -> float:
    names = np.array(list(facts.abstracts))
    abstracts, claims = vectors[: len(names)], vectors[len(names) :]
    best = np.argsort(-(claims @ abstracts.T), axis=1)[:, :10]
    return statistics.fmean(
        ndcg(names[row].tolist(), relevant, 10)
        for row, relevant in zip(best, facts.relevant, strict=True)
    )


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def _rows(file: Path) -> Iterator[dict[str, list[str]]]:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


if __name__ == "__main__":
    raise SystemExit(main())
