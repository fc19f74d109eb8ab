"""The nearest vectors of one embedder, found in memory and scored exactly from the store.

Three stages, each of which leaves fewer rows for a dearer look:

1. one sign bit for each component (after the mean is taken off), all rows, by Hamming distance;
2. four bits for each component, some thousand rows, against the query as it is;
3. the stored vector, some hundred rows, by its cosine: sqlite-vec computes it where it lies.

A row takes five bits a component and 12 bytes: 252 bytes at 384 dimensions. The store stays the
only truth: before each search the index takes in what was added and drops what was removed
since the last look, whoever did it, and what it finds is read from the store once more.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import apsw
import numpy as np
from numpy.typing import NDArray

from engine.store.connection import Database, count, first, select

_SEGMENT = 1 << 16  # rows; the scan's buffers then stay in the second-level cache
_READ = 8192  # rows fetched at once
_CODED = 1024  # rows coded at once
_SAMPLE = 4096  # rows that the mean and the spread are estimated from
_SETTLED = 20_000  # rows after which the estimate is kept
_GROWTH = 4
_STEP = 0.335  # of a standard deviation: the best 16 even levels for a Gaussian (Max, 1960)
_DEPTH = (1000, 20, 0.004)  # candidates of the first stage: always, per wanted row, of all rows
_SPARE = (1.5, 50)  # rows that are scored exactly: per wanted row, and on top

Floats = NDArray[np.float32]


def vector_table(embedder_id: int) -> str:
    return f"vectors_{int(embedder_id)}"


@dataclass(frozen=True, slots=True)
class _Coder:
    """Vectors to codes of 16 levels for each component, with the upper bit as the sign bit."""

    centre: Floats
    width: Floats

    @classmethod
    def fitted(cls, sample: Floats) -> _Coder:
        rows = sample / _lengths(sample)[:, None]
        centre = rows.mean(axis=0)
        spread = (rows - centre).std(axis=0)
        # of a handful of rows some components do not vary; their levels must still mean something
        width = np.maximum(spread, 0.1 * float(spread.mean()) + 1e-6) * _STEP
        return cls(centre, width.astype(np.float32))

    @property
    def words(self) -> int:
        """64-bit words of sign bits in a row."""
        return -(-len(self.centre) // 64)

    def code(self, rows: Floats) -> NDArray[np.uint8]:
        """(n, 64 * words), values 0 to 15."""
        codes = np.zeros((len(rows), 64 * self.words), np.uint8)
        levels = rows * (1.0 / _lengths(rows))[:, None]
        levels -= self.centre
        levels /= self.width
        levels += 8.0
        np.clip(levels, 0.0, 15.5, out=levels)
        codes[:, : rows.shape[1]] = levels
        return codes

    def weights(self, vector: Floats) -> Floats:
        """What one level is worth in each component; the rest of the sum is the same for all."""
        weights = np.zeros(64 * self.words, np.float32)
        weights[: len(vector)] = vector * self.width
        return weights


class _Segment:
    """Some rows. Rows are only ever added at the end, so that searches need no lock; the
    document of a removed row is -1."""

    def __init__(self, capacity: int, words: int) -> None:
        self.size = 0
        self.signs = np.empty((words, capacity), np.uint64)  # by column: a scan reads it in order
        self.codes = np.empty((capacity, 32 * words), np.uint8)
        self.numbers = np.empty(capacity, np.int64)
        self.documents = np.empty(capacity, np.int32)

    @property
    def room(self) -> int:
        return len(self.numbers) - self.size

    def append(
        self, codes: NDArray[np.uint8], numbers: NDArray[np.int64], documents: NDArray[np.int32]
    ) -> None:
        at = slice(self.size, self.size + len(numbers))
        self.signs[:, at] = np.packbits(codes >> 3, axis=1).view(np.uint64).T
        half = self.codes.shape[1]
        self.codes[at] = codes[:, :half] | (codes[:, half:] << 4)
        self.numbers[at] = numbers
        self.documents[at] = documents
        self.size = at.stop

    def forget(self, documents: NDArray[np.int32], numbers: NDArray[np.int64]) -> None:
        """All rows of some documents, and single rows."""
        rows = self.documents[: self.size]
        rows[np.isin(rows, documents)] = -1
        rows[np.isin(self.numbers[: self.size], numbers)] = -1

    def compact(self) -> _Segment:
        """Itself, or one without the removed rows where these are most."""
        kept = np.flatnonzero(self.documents[: self.size] >= 0)
        if 2 * len(kept) >= self.size:
            return self
        smaller = _Segment(len(kept), len(self.signs))
        smaller.signs[:] = self.signs[:, kept]
        for name in ("codes", "numbers", "documents"):
            getattr(smaller, name)[:] = getattr(self, name)[kept]
        smaller.size = len(kept)
        return smaller


@dataclass(frozen=True, slots=True)
class _Snapshot:
    coder: _Coder
    segments: tuple[_Segment, ...]
    sizes: tuple[int, ...]


class Nearest:
    """Safe from several threads. The first search reads all vectors, some hundred thousand a
    second; :meth:`refresh` does it ahead of time."""

    def __init__(self, database: Database, embedder_id: int) -> None:
        self.embedder_id = embedder_id
        self._db = database
        self._table = vector_table(embedder_id)
        self._lock = threading.Lock()
        self._forget_all()

    def search(
        self, vector: Floats, limit: int, documents: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """(passage id, cosine), best first; ``vector`` has unit length."""
        snapshot = self.refresh()
        if snapshot is None or limit < 1:
            return []
        numbers = _candidates(snapshot, vector, limit, documents)
        with self._db.reading() as db:
            if not self._exists(db):
                return []
            rows = select(
                db,
                # a vector of nothing is near nothing
                "SELECT passage_id, coalesce(1.0 - vec_distance_cosine(embedding, ?), 0.0) AS near "
                f"FROM {self._table} WHERE seq IN (SELECT value FROM json_each(?)) "
                "ORDER BY near DESC, passage_id LIMIT ?",
                (vector.astype("<f4").tobytes(), json.dumps(numbers.tolist()), limit),
            )
        return [(int(row[0]), float(row[1])) for row in rows]

    def refresh(self) -> _Snapshot | None:
        """Take in what changed; None where there are no vectors."""
        with self._lock, self._db.reading() as db:
            if not self._exists(db):
                self._forget_all()
                return None
            last = count(db, f"SELECT max(seq) FROM {self._table}") if self._any(db) else 0
            removal = count(db, "SELECT coalesce(max(number), 0) FROM removals")
            if removal != self._removal:
                self._remove(db, removal)
            if last > self._last:
                self._add(db, last)
            if self._coder is None:
                return None
            sizes = tuple(segment.size for segment in self._segments)
            return _Snapshot(self._coder, tuple(self._segments), sizes)

    # --- keeping up -------------------------------------------------------------------------

    def _forget_all(self) -> None:
        self._coder: _Coder | None = None
        self._fitted_to = 0
        self._segments: list[_Segment] = []
        self._last = 0
        self._removal = 0

    def _exists(self, db: apsw.Connection) -> bool:
        return first(db, "SELECT 1 FROM embedders WHERE id = ?", (self.embedder_id,)) is not None

    def _any(self, db: apsw.Connection) -> bool:
        return first(db, f"SELECT 1 FROM {self._table} LIMIT 1") is not None

    def _remove(self, db: apsw.Connection, removal: int) -> None:
        """Rows in memory are from before the removals, even those of a document whose id was
        given to its new content since."""
        oldest = count(db, "SELECT min(number) FROM removals")
        if self._removal < oldest - 1:  # the record of what went does not reach back so far
            self._forget_all()
        else:
            rows = select(
                db,
                "SELECT DISTINCT document_id, seq FROM removals "
                "WHERE number > ? AND (seq IS NULL OR embedder_id = ?)",
                (self._removal, self.embedder_id),
            )
            gone = np.array([document for document, seq in rows if seq is None], np.int32)
            single = np.array([seq for _, seq in rows if seq is not None], np.int64)
            for segment in self._segments:
                segment.forget(gone, single)
            compacted = [segment.compact() for segment in self._segments]
            self._segments = [segment for segment in compacted if segment.size]
        self._removal = removal

    def _add(self, db: apsw.Connection, last: int) -> None:
        held = sum(segment.size for segment in self._segments)
        if self._coder is None or (
            self._fitted_to < _SETTLED and held + last - self._last > _GROWTH * self._fitted_to
        ):
            self._segments, self._last = [], 0
            self._coder, self._fitted_to = self._fitted(db, last)
        for numbers, documents, rows in self._blocks(db):
            for at in range(0, len(rows), _CODED):
                part = slice(at, at + _CODED)
                codes = self._coder.code(rows[part])
                self._append(codes, numbers[part], documents[part])
            self._last = int(numbers[-1])

    def _append(
        self, codes: NDArray[np.uint8], numbers: NDArray[np.int64], documents: NDArray[np.int32]
    ) -> None:
        assert self._coder is not None
        while len(numbers):
            if not self._segments or not self._segments[-1].room:
                self._segments.append(_Segment(_SEGMENT, self._coder.words))
            room = self._segments[-1].room
            self._segments[-1].append(codes[:room], numbers[:room], documents[:room])
            codes, numbers, documents = codes[room:], numbers[room:], documents[room:]

    def _fitted(self, db: apsw.Connection, last: int) -> tuple[_Coder, int]:
        """A coder for rows from all over the table, and how many rows there are at most."""
        start = count(db, f"SELECT min(seq) FROM {self._table}")
        wanted = np.unique(np.linspace(start, last, _SAMPLE).astype(np.int64))
        rows = select(
            db,
            f"SELECT embedding FROM {self._table} WHERE seq IN (SELECT value FROM json_each(?))",
            (json.dumps(wanted.tolist()),),
        )
        blobs = [row[0] for row in rows]
        return _Coder.fitted(_rows(blobs, len(blobs[0]) // 4)), last - start + 1

    def _blocks(
        self, db: apsw.Connection
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int32], Floats]]:
        """New rows, some thousand at a time, so that they never lie in memory all at once."""
        cursor = db.execute(
            f"SELECT seq, document_id, embedding FROM {self._table} WHERE seq > ? ORDER BY seq",
            (self._last,),
        )
        while block := [row for _, row in zip(range(_READ), cursor, strict=False)]:
            numbers, documents, blobs = zip(*block, strict=True)
            yield (
                np.array(numbers, np.int64),
                np.array(documents, np.int32),
                np.frombuffer(b"".join(blobs), "<f4").reshape(len(block), -1),
            )


def _candidates(
    snapshot: _Snapshot, vector: Floats, limit: int, documents: Collection[int] | None
) -> NDArray[np.int64]:
    """Numbers of the rows that are worth an exact look, in no order."""
    depth = int(_DEPTH[0] + _DEPTH[1] * limit + _DEPTH[2] * sum(snapshot.sizes))
    weights = snapshot.coder.weights(vector)
    near = _near(snapshot, vector, depth, _allowed(snapshot, documents))
    scores, numbers = [np.empty(0, np.float32)], [np.empty(0, np.int64)]
    for segment, rows in zip(snapshot.segments, near, strict=True):
        for at in range(0, len(rows), _CODED):
            part = rows[at : at + _CODED]
            scores.append(_approximate(segment.codes[part], weights))
            numbers.append(segment.numbers[part])
    score, number = np.concatenate(scores), np.concatenate(numbers)
    wanted = int(_SPARE[0] * limit + _SPARE[1])
    if wanted < len(score):
        number = number[np.argpartition(score, len(score) - wanted)[-wanted:]]
    return np.sort(number)


def _allowed(
    snapshot: _Snapshot, documents: Collection[int] | None
) -> list[NDArray[np.bool_] | None]:
    """For each segment the rows that may be found; None for all."""
    rows = [
        segment.documents[:size]
        for segment, size in zip(snapshot.segments, snapshot.sizes, strict=True)
    ]
    if documents is None:
        return [None if part.min(initial=0) >= 0 else part >= 0 for part in rows]
    inside = np.zeros(max((int(part.max(initial=0)) for part in rows), default=0) + 2, np.bool_)
    ids = np.fromiter(documents, np.int64, len(documents))
    inside[ids[(ids >= 0) & (ids < len(inside) - 1)]] = True
    return [inside[part] for part in rows]  # the last is never set, and -1 means that one


def _near(
    snapshot: _Snapshot, vector: Floats, depth: int, allowed: list[NDArray[np.bool_] | None]
) -> list[NDArray[np.int64]]:
    """For each segment the rows that are among the ``depth`` nearest by sign bits, or a few
    more: equal distances are not parted."""
    total = sum(
        size if rows is None else int(np.count_nonzero(rows))
        for size, rows in zip(snapshot.sizes, allowed, strict=True)
    )
    if total <= depth:
        return [
            np.arange(size) if rows is None else np.flatnonzero(rows)
            for size, rows in zip(snapshot.sizes, allowed, strict=True)
        ]
    words = snapshot.coder.words
    query = np.packbits(
        snapshot.coder.code(vector[None, :]) >> 3, axis=1
    ).view(np.uint64)[0]  # fmt: skip
    histogram = np.zeros(64 * words + 2, np.int64)
    distances = []
    for segment, size, rows in zip(snapshot.segments, snapshot.sizes, allowed, strict=True):
        distance = _hamming(segment.signs[:, :size], query)
        if rows is not None:
            distance[~rows] = 64 * words + 1
        histogram += np.bincount(distance, minlength=len(histogram))
        distances.append(distance)
    cut = min(int(np.searchsorted(np.cumsum(histogram), depth)), 64 * words)
    return [np.flatnonzero(distance <= cut) for distance in distances]


def _hamming(signs: NDArray[np.uint64], query: NDArray[np.uint64]) -> NDArray[np.uint16]:
    """Of each column of ``signs`` (words, n) to the query (words)."""
    total = np.zeros(signs.shape[1], np.uint16)
    differing = np.empty(signs.shape[1], np.uint64)
    bits = np.empty(signs.shape[1], np.uint8)
    for word, column in zip(query, signs, strict=True):
        np.bitwise_xor(column, word, out=differing)
        np.bitwise_count(differing, out=bits)
        np.add(total, bits, out=total)
    return total


def _approximate(codes: NDArray[np.uint8], weights: Floats) -> Floats:
    half = codes.shape[1]
    lower = (codes & 15).astype(np.float32) @ weights[:half]
    scores: Floats = lower + (codes >> 4).astype(np.float32) @ weights[half:]
    return scores


def _rows(blobs: Sequence[bytes], dimension: int) -> Floats:
    return np.frombuffer(b"".join(blobs), "<f4").reshape(-1, dimension)


def _lengths(rows: Floats) -> Floats:
    """Never zero."""
    lengths: Floats = np.maximum(np.sqrt(np.einsum("ij,ij->i", rows, rows)), 1e-9)
    return lengths
