"""What the models view shows, gathered off the UI thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from desktop.models import offers
from desktop.models.offers import Offer
from engine.models.catalogue import Catalogue
from engine.models.entries import ModelEntry, ModelKind
from engine.settings import AddedModel

if TYPE_CHECKING:
    from engine.library import Library


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows by kind. ``room`` is this computer's memory in bytes; ``there`` are the places where
    something still is, whatever else may be wrong with it."""

    offers: dict[ModelKind, list[Offer]]
    room: int
    there: frozenset[str]


def load(catalogue: Catalogue, library: Library) -> Listing:
    """Raises ``CarrelError`` where the list cannot be read."""
    entries = catalogue.entries()
    states = library.embedders(_embedders(entries))
    passages = library.status().passages
    return Listing(
        {
            ModelKind.GENERATOR: offers.generators(entries),
            ModelKind.EMBEDDER: offers.embedders(entries, states, passages),
            ModelKind.RERANKER: offers.rerankers(entries),
        },
        int(psutil.virtual_memory().total),
        frozenset(entry.place for entry in entries if entry.place and Path(entry.place).exists()),
    )


def _embedders(entries: Sequence[ModelEntry]) -> list[AddedModel]:
    return [
        AddedModel(entry.place, entry.kind, entry.name, entry.dimension)
        for entry in entries
        if entry.kind is ModelKind.EMBEDDER
    ]
