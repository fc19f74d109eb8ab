"""Vectors for the passages that have none yet, in the background of everything else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from engine.errors import ChildError
from engine.models.embedder import Embedder
from engine.progress import ProgressMeter
from engine.records import Stage
from engine.store import Store
from engine.store.vectors import PassageText
from engine.workers import CancelToken, Precedence

_FETCH = 256
_BATCH = 32
_CHANCES = 1  # an embedder that dies once is started again
_TITLE_WORDS = 14


class VectorFiller:
    """Fills in vectors batch by batch; each batch is stored before the next begins."""

    def __init__(self, store: Store, embedder: Embedder, precedence: Precedence) -> None:
        self._store = store
        self._embedder = embedder
        self._precedence = precedence

    def fill(
        self, meter: ProgressMeter, cancel: CancelToken, problem: Callable[[str], None]
    ) -> None:
        """Embed all that waits. An embedder that keeps failing is a ``problem``, not an error:
        what is read stays searchable by its words. Raises ``CancelledError``."""
        total = self._store.vectors.waiting()
        if not total:
            return
        meter.begin(Stage.EMBEDDING, total)
        failures = 0
        while True:
            try:
                self._fill(meter, cancel)
                return
            except ChildError as error:
                failures += 1
                if failures > _CHANCES:
                    problem(
                        f"The embedder failed: {error} {self._store.vectors.waiting():,} passages "
                        "are found by their words only until the next run."
                    )
                    return

    def _fill(self, meter: ProgressMeter, cancel: CancelToken) -> None:
        facts = self._embedder.facts(cancel)
        embedder_id = self._store.vectors.embedder_id(
            facts.fingerprint, facts.name, facts.dimension
        )
        while passages := self._store.vectors.next_to_embed(embedder_id, _FETCH):
            for batch in _batches(passages):
                self._precedence.give_way(cancel)
                # the same text twice (headers, boilerplate) is embedded once
                texts = list(dict.fromkeys(embedding_text(passage) for passage in batch))
                vectors = self._embedder.embed(texts, urgent=False, cancel=cancel)
                place = {text: i for i, text in enumerate(texts)}
                rows = [place[embedding_text(passage)] for passage in batch]
                self._store.vectors.put(embedder_id, [p.id for p in batch], vectors[rows])
                meter.embedded(len(batch))


def embedding_text(passage: PassageText) -> str:
    """A passage as the embedder reads it: where it stands, then what it says."""
    name = Path(passage.path).stem.replace("_", " ")
    title = name if passage.title in (name, Path(passage.path).stem) else f"{passage.title} {name}"
    title = " ".join(title.split()[:_TITLE_WORDS])
    place = f"{title} › {passage.heading}" if passage.heading else title
    return f"{place}\n{passage.text}"


def _batches(passages: list[PassageText]) -> Iterator[list[PassageText]]:
    """Passages of like length together, so that little of a batch is padding."""
    ordered = sorted(passages, key=lambda passage: len(passage.text))
    for at in range(0, len(ordered), _BATCH):
        yield ordered[at : at + _BATCH]
