"""Makes what the engine's tests are about: pages, stored documents, unit vectors, files."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.layout import Layout
from engine.models.embedder import QueryVector
from engine.models.messages import EmbedderFacts
from engine.records import (
    Block,
    DocumentState,
    Page,
    PageState,
    Passage,
)
from engine.store import Store
from engine.store.documents import FileRecord, ReadResult
from engine.workers import CancelToken

DIMENSION = 16


def unit_vectors(texts: Sequence[str], dimension: int = DIMENSION) -> NDArray[np.float32]:
    """A direction for each text: the sum of one random direction for each of its words, so that
    texts which share words are near each other."""
    vectors = np.zeros((len(texts), dimension), np.float32)
    for row, text in zip(vectors, texts, strict=True):
        for word in text.lower().split() or [""]:
            seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
            row += np.random.default_rng(seed).standard_normal(dimension).astype(np.float32)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


class FakeEmbedder:
    """Stands in for ``engine.models.embedder.Embedder`` at the process border. ``hold`` stops
    it before each batch until it is set; ``error`` is raised at the next ``failures`` calls."""

    def __init__(self, *, ready: bool = True) -> None:
        self.ready = ready
        self.folder = ""
        self.hold = threading.Event()
        self.hold.set()
        self.asked = threading.Event()
        self.error: Exception | None = None
        self.failures = 0
        self.texts: list[str] = []

    def facts(self, cancel: CancelToken | None = None) -> EmbedderFacts:
        return EmbedderFacts("fake", "f" * 64, DIMENSION, 256, "float32")

    def use(self, folder: str) -> None:
        self.folder = folder

    def query(self, text: str, cancel: CancelToken | None = None) -> QueryVector:
        return QueryVector(self.facts(), self.embed([text], cancel)[0])

    def embed(self, texts: Sequence[str], cancel: CancelToken | None = None) -> NDArray[np.float32]:
        self.asked.set()
        while not self.hold.wait(0.01):
            if cancel is not None:
                cancel.check()
        if self.error is not None and self.failures > 0:
            self.failures -= 1
            raise self.error
        self.texts += texts
        return unit_vectors(texts)

    def rest(self) -> None:
        pass

    def close(self) -> None:
        pass


def page(text: str, number: int = 1, *, label: str = "", layout: bytes = b"") -> Page:
    blocks = (Block(0, len(text)),) if text else ()
    state = PageState.TEXT if text else PageState.EMPTY
    return Page(number, label or str(number), text, state, blocks, 595.0, 842.0, layout)


def lines_layout(text: str) -> bytes:
    """Boxes of words on lines 12 points high, each character 6 points wide."""
    words: list[tuple[int, int, tuple[float, float, float, float]]] = []
    at = 0
    for row, line in enumerate(text.split("\n")):
        column = 0
        for word in line.split(" "):
            if word:
                x = 72.0 + 6 * column
                box = (x, 72.0 + 12 * row, x + 6 * len(word), 82.0 + 12 * row)
                words.append((at + column, at + column + len(word), box))
            column += len(word) + 1
        at += len(line) + 1
    return Layout.of_words(words).encode()


def document(
    *pages: str | Sequence[str], title: str = "", state: DocumentState = DocumentState.INDEXED
) -> ReadResult:
    """A document; a page is its one passage's text, or the texts of several."""
    read: list[tuple[Page, tuple[Passage, ...]]] = []
    for number, parts in enumerate(pages, 1):
        texts = [parts] if isinstance(parts, str) else list(parts)
        whole, passages = "", []
        for text in texts:
            start = len(whole)
            whole += text + "\n\n"
            if text:
                passages.append(Passage(number, start, start + len(text), "Part"))
        whole = whole.strip("\n")
        read.append((page(whole, number, layout=lines_layout(whole)), tuple(passages)))
    return ReadResult("text", title, state, "", read)


def put(store: Store, path: str, result: ReadResult, *, folder: Path = Path("/documents")) -> int:
    """Store a document below ``folder``; its id."""
    followed = store.documents.add_folder(folder)
    digest = hashlib.sha256(repr((path, result.pages)).encode()).hexdigest()
    record = FileRecord(followed.id, path, 100, 1, digest)
    return store.documents.put(record, result, reader=1)


def embed_all(store: Store) -> int:
    """Give every passage a vector; the embedder's number."""
    number = store.vectors.embedder_id("f" * 64, "fake", DIMENSION)
    while passages := store.vectors.next_to_embed(number, 100):
        texts = [passage.text for passage in passages]
        store.vectors.put(number, [passage.id for passage in passages], unit_vectors(texts))
    return number


def bytes_around(library: Path) -> bytes:
    """Everything on disk that belongs to a library: the file, its log and its backups."""
    files = sorted(library.parent.glob(f"{library.name}*"))
    return b"".join(file.read_bytes() for file in files if file.is_file())
