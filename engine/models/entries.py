"""What the app knows of a model that answers, embeds or reranks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.model_facts import GgufFacts, Speed

__all__ = ["Fit", "GgufFacts", "ModelEntry", "ModelKind", "Speed"]


class ModelKind(StrEnum):
    """What a model is for: ``GENERATOR`` writes answers (a GGUF file), the others are folders."""

    GENERATOR = "generator"
    EMBEDDER = "embedder"
    RERANKER = "reranker"


class Fit(StrEnum):
    """How a model fits into this computer's memory: well, only with other programs closed, or
    not at all."""

    FITS = "fits"
    TIGHT = "tight"
    TOO_LARGE = "too large"


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model in the list. ``place`` is its file (the first, of several parts) or folder, empty
    for the embedder that ships; ``shipped`` ones cannot be removed. ``chosen`` says that it is
    used; an embedder's use is each library's own, so there it is always False. ``copied`` says
    that the files are Carrel's own copy. ``problem`` says why it cannot be used now, ``remark``
    what to know about one that can.
    ``facts`` are there for generators, ``dimension`` for embedders, ``speed`` once measured;
    ``digest`` is the SHA-256 of a generator's file in hex, once computed."""

    kind: ModelKind
    name: str
    place: str
    chosen: bool
    shipped: bool = False
    copied: bool = False
    problem: str = ""
    remark: str = ""
    facts: GgufFacts | None = None
    fit: Fit | None = None
    speed: Speed | None = None
    digest: str = ""
    dimension: int = 0
