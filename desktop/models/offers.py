"""What a row of the models view offers, made from what the engine knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from desktop.models import wording
from engine.models.entries import Fit, ModelEntry, ModelKind
from engine.records import EmbedderState

NO_MODEL = "none"  # the key of the choice to do without


@dataclass(frozen=True, slots=True)
class Offer:
    """One row. ``key`` tells it from the others of its kind; ``entry`` is None for doing without.
    ``tag`` is a word or two beside its name, ``lit`` where it says that this one is in use.
    ``note`` says what goes on with it now, and ``share`` how far that is in thousandths."""

    key: str
    kind: ModelKind
    name: str
    summary: str
    chosen: bool
    entry: ModelEntry | None = None
    tag: str = ""
    lit: bool = False
    note: str = ""
    share: int | None = None

    @property
    def problem(self) -> str:
        return self.entry.problem if self.entry is not None else ""

    @property
    def fit(self) -> Fit | None:
        return self.entry.fit if self.entry is not None else None

    @property
    def measurable(self) -> bool:
        entry = self.entry
        return entry is not None and entry.kind is ModelKind.GENERATOR and not entry.problem

    @property
    def removable(self) -> bool:
        return self.entry is not None and not self.entry.shipped


def generators(entries: Sequence[ModelEntry]) -> list[Offer]:
    """The models that write, then "Quotes only"."""
    models = [_offer(entry) for entry in entries if entry.kind is ModelKind.GENERATOR]
    without = Offer(
        NO_MODEL,
        ModelKind.GENERATOR,
        "Quotes only, no model",
        "The best passages and nothing else: at once, and word for word",
        chosen=not any(offer.chosen for offer in models),
    )
    return [*models, _in_use(without)]


def embedders(
    entries: Sequence[ModelEntry], states: Sequence[EmbedderState], passages: int
) -> list[Offer]:
    """Which of the embedders serves the open library, and which is on its way to."""
    models = [entry for entry in entries if entry.kind is ModelKind.EMBEDDER]
    by_folder = {state.folder: state for state in states}
    serving = next(
        (entry.name for entry in models if (s := by_folder.get(entry.place)) and s.serves), ""
    )
    return [_embedder(entry, by_folder.get(entry.place), passages, serving) for entry in models]


def rerankers(entries: Sequence[ModelEntry]) -> list[Offer]:
    """ "None" first, since that is how Carrel comes."""
    models = [_offer(entry) for entry in entries if entry.kind is ModelKind.RERANKER]
    without = Offer(
        NO_MODEL,
        ModelKind.RERANKER,
        "None",
        "Passages stay in the order in which the search found them",
        chosen=not any(offer.chosen for offer in models),
    )
    return [_in_use(without), *models]


def advice(generators: Sequence[Offer]) -> str:
    """What to do where no model was added yet."""
    if any(offer.removable for offer in generators):
        return ""
    if len(generators) > 1:
        return (
            "The model that comes with Carrel is very small. A larger one answers much better: "
            "“Which model should I get?” says which, and how to get it."
        )
    return (
        "No model is installed that could write: Carrel answers with quotes. Add a GGUF model to "
        "have answers written."
    )


def _in_use(offer: Offer) -> Offer:
    if not offer.chosen:
        return offer
    return replace(offer, tag="Chosen") if offer.problem else replace(offer, tag="In use", lit=True)


def _offer(entry: ModelEntry) -> Offer:
    return _in_use(
        Offer(
            entry.place,
            entry.kind,
            entry.name,
            wording.summary(entry),
            entry.chosen,
            entry,
            tag="Comes with Carrel" if entry.shipped else "",
        )
    )


def _embedder(entry: ModelEntry, state: EmbedderState | None, passages: int, serving: str) -> Offer:
    offer = replace(_offer(replace(entry, chosen=False)), entry=entry)
    if state is None or not (state.wanted or state.serves):
        return offer
    if not state.wanted:
        return replace(
            offer,
            tag="In use for now",
            lit=True,
            note="Serves this library until the chosen one has learned every passage.",
        )
    learning = state.embedded < passages
    how_far = f"{state.embedded:,} of {passages:,} passages"
    if state.serves:
        note = f"{how_far} learned so far" if learning else ""
    else:
        note = (
            f"Learning: {how_far}. Until that is done, “{wording.said(serving)}” goes on serving "
            "this library."
        )
    return replace(
        offer,
        chosen=True,
        tag="In use" if state.serves else "Learning",
        lit=True,
        note=note,
        share=round(1000 * state.embedded / passages) if learning else None,
    )
