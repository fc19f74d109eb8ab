"""Vectors for the passages that have none yet, in the background of everything else.

Where another embedder is wanted, its vectors are made beside those of the one that serves; when
they are complete it takes over, and the old ones are dropped. A run that is killed anywhere goes
on at the next one.
"""

from __future__ import annotations

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
from engine.workers import CancelToken, Precedence

_FETCH = 512
_BATCH = 32
_CHANCES = 1  # an embedder that dies once is started again
_TITLE_WORDS = 14
_FEW = 0.1  # what is new meanwhile still gets the old embedder's vectors, unless it is much
_LOOK_AGAIN = 2.0  # seconds


class VectorFiller:
    """Fills in vectors batch by batch; each batch is stored before the next begins."""

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        precedence: Precedence,
        *,
        power: Power | None = None,
        on_switch: Callable[[str], None] = lambda folder: None,
    ) -> None:
        """``embedder`` is told which model folder to use; ``on_switch`` hears the folder of an
        embedder that has just taken over."""
        self._store = store
        self._embedder = embedder
        self._precedence = precedence
        self._power = power or Power()
        self._on_switch = on_switch

    def fill(
        self, meter: ProgressMeter, cancel: CancelToken, problem: Callable[[str], None]
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
            meter.begin(Stage.EMBEDDING, total)
        try:
            for chosen, _ in work:
                self._fill_with_chances(chosen, chosen == wanted, meter, cancel, problem)
        finally:
            self._embedder.rest()
        self._drop_others()

    def _waiting(self, chosen: ChosenEmbedder) -> int:
        if chosen.id is None:  # never used here: everything waits
            return self._store.documents.status().passages
        return self._store.vectors.waiting(chosen.id)

    def _fill_with_chances(
        self,
        chosen: ChosenEmbedder,
        wanted: bool,
        meter: ProgressMeter,
        cancel: CancelToken,
        problem: Callable[[str], None],
    ) -> None:
        self._embedder.use(chosen.folder)
        failures = 0
        while True:
            try:
                embedder_id = self._fill(chosen.folder, meter, cancel)
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

    def _fill(self, folder: str, meter: ProgressMeter, cancel: CancelToken) -> int:
        facts = self._embedder.facts(cancel)
        embedder_id = self._store.vectors.embedder_id(
            facts.fingerprint, facts.name, facts.dimension
        )
        self._store.embedder.number(folder, embedder_id)
        while passages := self._store.vectors.next_to_embed(embedder_id, _FETCH):
            # the same text twice (headers, boilerplate) is embedded once
            same: dict[str, list[int]] = {}
            for passage in passages:
                same.setdefault(embedding_text(passage), []).append(passage.id)
            # texts of like length together, so that little of a batch is padding
            texts = sorted(same, key=len)
            for at in range(0, len(texts), _BATCH):
                self._give_way(meter, cancel)
                batch = texts[at : at + _BATCH]
                vectors = self._embedder.embed(batch, cancel)
                rows = [row for row, text in enumerate(batch) for _ in same[text]]
                ids = [number for text in batch for number in same[text]]
                self._store.vectors.put(embedder_id, ids, vectors[rows])
                meter.embedded(len(ids))
        return embedder_id

    def _give_way(self, meter: ProgressMeter, cancel: CancelToken) -> None:
        """To a person who waits for an answer, and to a battery that runs low."""
        self._precedence.give_way(cancel)
        while reason := self._power.want():
            meter.waiting(reason)
            cancel.wait(_LOOK_AGAIN)
            cancel.check()
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
