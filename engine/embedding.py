"""Vectors for the passages that have none yet, in the background of everything else.

Where another embedder is wanted, its vectors are made beside those of the one that serves; when
they are complete it takes over, and the old ones are dropped. A run that is killed anywhere goes
on at the next one.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

from engine.errors import ChildError
from engine.models.embedder import Embedder
from engine.power import Power
from engine.progress import ProgressMeter
from engine.records import Stage
from engine.store import Store
from engine.store.choice import ChosenEmbedder
from engine.store.vectors import PassageText
from engine.workers import Steering

_FETCH = 512
_BATCH = 32
_CHANCES = 1  # an embedder that dies once is started again
_TASTE = 4 * _BATCH
_TITLE_WORDS = 14
_FEW = 0.1  # what is new meanwhile still gets the old embedder's vectors, unless it is much
_LOOK_AGAIN = 2.0  # seconds
_PACE = "embedding pace"  # seconds a character
_LIKE = (0.8, 1.25)  # a pace that is so like the last need not be remembered anew


class VectorFiller:
    """Fills in vectors batch by batch; each batch is stored before the next begins."""

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        *,
        first: Callable[[], frozenset[int]] = frozenset,
        power: Power | None = None,
        on_switch: Callable[[str], None] = lambda folder: None,
    ) -> None:
        """``embedder`` is told which model folder to use; ``first`` is asked again and again
        for ids of the documents that come before all others; ``on_switch`` hears the folder of
        an embedder that has just taken over."""
        self._store = store
        self._embedder = embedder
        self._first = first
        self._power = power or Power()
        self._on_switch = on_switch

    def fill(
        self, meter: ProgressMeter, steering: Steering, problem: Callable[[str], None]
    ) -> None:
        """Embed all that waits. An embedder that keeps failing is a ``problem``, not an error:
        what is read stays searchable by its words. Raises ``CancelledError``."""
        serving, wanted = self._store.embedder.serving(), self._store.embedder.wanted()
        left = self._waiting(serving)
        if wanted is None:
            work = [(serving, left)] if left else []
        else:
            new = self._waiting(wanted)
            work = [(serving, left)] if 0 < left <= _FEW * new else []
            work.append((wanted, new))
        total = sum(count for _, count in work)
        if total:
            meter.begin(Stage.EMBEDDING, passages=meter.vectors + total)
            meter.time_left.to_embed(
                sum(self._store.vectors.waiting_text(chosen.id) for chosen, _ in work)
            )
        try:
            for chosen, _ in work:
                self._fill_with_chances(chosen, chosen == wanted, meter, steering, problem)
        finally:
            self._embedder.rest()
        self._remember_pace(meter)
        self._drop_others()

    def expect(self, meter: ProgressMeter) -> None:
        """Tell how much there is to embed already, and how fast that went before."""
        pace = self._store.remembered.get(_PACE)
        text = self._store.vectors.waiting_text(self._store.embedder.serving().id)
        meter.time_left.expect_embedding(text, float(pace) if pace else None)

    def fill_first(self, meter: ProgressMeter, steering: Steering) -> None:
        """Embed what comes before all others, while those are still being read. What fails
        here fails once more, and says so, in :meth:`fill`. Raises ``CancelledError``."""
        self._fill_some(meter, steering, self._of_first)

    def taste(self, meter: ProgressMeter, steering: Steering) -> None:
        """Embed a little while files are still being read, to know how fast that goes."""
        served = [_TASTE]  # once

        def some(embedder_id: int) -> list[PassageText]:
            return self._store.vectors.next_to_embed(embedder_id, served.pop()) if served else []

        self._fill_some(meter, steering, some)

    def _fill_some(
        self,
        meter: ProgressMeter,
        steering: Steering,
        next_to_embed: Callable[[int], list[PassageText]],
    ) -> None:
        chosen = self._store.embedder.serving()
        self._embedder.use(chosen.folder)
        with contextlib.suppress(ChildError):
            self._fill(chosen.folder, meter, steering, next_to_embed)

    def _remember_pace(self, meter: ProgressMeter) -> None:
        pace, before = meter.time_left.measured_pace, self._store.remembered.get(_PACE)
        if pace is not None and not (before and _LIKE[0] < float(before) / pace < _LIKE[1]):
            self._store.remembered.put(_PACE, f"{pace:.3g}")

    def _waiting(self, chosen: ChosenEmbedder) -> int:
        if chosen.id is None:  # never used here: everything waits
            return self._store.documents.status().passages
        return self._store.vectors.waiting(chosen.id)

    def _fill_with_chances(
        self,
        chosen: ChosenEmbedder,
        wanted: bool,
        meter: ProgressMeter,
        steering: Steering,
        problem: Callable[[str], None],
    ) -> None:
        self._embedder.use(chosen.folder)
        failures = 0
        while True:
            try:
                embedder_id = self._fill(chosen.folder, meter, steering, self._next)
            except ChildError as error:
                failures += 1
                if failures <= _CHANCES:
                    continue
                problem(self._sentence(chosen, wanted, error))
                return
            if (
                wanted
                and self._store.vectors.complete(embedder_id)
                and self._store.embedder.serve(chosen.folder)
            ):
                self._on_switch(chosen.folder)
            return

    def _fill(
        self,
        folder: str,
        meter: ProgressMeter,
        steering: Steering,
        next_to_embed: Callable[[int], list[PassageText]],
    ) -> int:
        facts = self._embedder.facts(steering.cancel)
        embedder_id = self._store.vectors.embedder_id(
            facts.fingerprint, facts.name, facts.dimension
        )
        self._store.embedder.number(folder, embedder_id)
        while passages := next_to_embed(embedder_id):
            # the same text twice (headers, boilerplate) is embedded once
            same: dict[str, list[PassageText]] = {}
            for passage in passages:
                same.setdefault(embedding_text(passage), []).append(passage)
            # texts of like length together, so that little of a batch is padding
            texts = sorted(same, key=len)
            for at in range(0, len(texts), _BATCH):
                self._give_way(meter, steering)
                batch = texts[at : at + _BATCH]
                began = time.monotonic()
                vectors = self._embedder.embed(batch, steering.cancel)
                rows = [row for row, text in enumerate(batch) for _ in same[text]]
                filled = [passage for text in batch for passage in same[text]]
                ids = [passage.id for passage in filled]
                self._store.vectors.put(embedder_id, ids, vectors[rows])
                length = sum(len(passage.text) for passage in filled)
                meter.embedded(len(ids), length, time.monotonic() - began)
        return embedder_id

    def _next(self, embedder_id: int) -> list[PassageText]:
        found = self._of_first(embedder_id)
        return found or self._store.vectors.next_to_embed(embedder_id, _FETCH)

    def _of_first(self, embedder_id: int) -> list[PassageText]:
        first = self._first()
        return self._store.vectors.next_to_embed(embedder_id, _FETCH, first) if first else []

    def _give_way(self, meter: ProgressMeter, steering: Steering) -> None:
        """To a person who waits for an answer, and to a battery that runs low."""
        steering.give_way()
        while reason := self._power.want():
            meter.waiting(reason)
            steering.cancel.wait(_LOOK_AGAIN)
            steering.check()
        meter.waiting("")

    def _drop_others(self) -> None:
        """Vectors that no question will be compared with."""
        serving, wanted = self._store.embedder.serving(), self._store.embedder.wanted()
        used = {chosen.id for chosen in (serving, wanted) if chosen is not None}
        if serving.id is not None:
            for embedder in self._store.vectors.embedders():
                if embedder.id not in used:
                    self._store.vectors.drop(embedder.id)

    def _sentence(self, chosen: ChosenEmbedder, wanted: bool, error: ChildError) -> str:
        if wanted:
            return (
                f"The embedder that you chose cannot be used: {error} The one before goes on "
                "serving. Put the folder back, or choose with: carrel models use NAME"
            )
        return (
            f"The embedder failed: {error} {self._waiting(chosen):,} passages are found by their "
            "words only until the next run."
        )


def embedding_text(passage: PassageText) -> str:
    """A passage as the embedder reads it: where it stands, then what it says. A name made of
    figures says nothing, and what the passage begins with is not said twice."""
    stem = Path(passage.path).stem
    name = stem.replace("_", " ") if any(map(str.isalpha, stem)) else ""
    title = "" if passage.title in (name, stem) else passage.title
    if passage.text.startswith(title):
        title = ""
    named = " ".join(f"{title} {name}".split()[:_TITLE_WORDS])
    place = " › ".join(filter(None, (named, passage.heading)))
    return f"{place}\n{passage.text}" if place else passage.text
