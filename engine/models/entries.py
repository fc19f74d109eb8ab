"""What the app knows of a model that answers, embeds or reranks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
class GgufFacts:
    """What a GGUF says of itself. ``size`` is in bytes, all ``parts`` of a split file together;
    ``parameters`` is a count, ``context`` and ``embedding_length`` are in tokens and components,
    0 where not said; ``licence`` and ``languages`` are as its maker wrote them. ``memory`` is an
    estimate of the bytes that it takes when it runs with the context Carrel gives it."""

    name: str
    architecture: str
    parameters: int
    quantisation: str
    size: int
    parts: int
    context: int
    layers: int
    embedding_length: int
    has_template: bool
    licence: str
    languages: tuple[str, ...]
    memory: int


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens per second on this computer: ``prefill`` when reading, ``decode`` when writing;
    ``load`` in seconds. ``threads`` and ``gpu_layers`` are what was used."""

    prefill: float
    decode: float
    load: float
    threads: int
    gpu_layers: int


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model in the list. ``place`` is its file or folder; ``shipped`` ones cannot be removed.
    ``copied`` says that the file is Carrel's own copy. ``problem`` says why it cannot be used now.
    ``facts`` are there for generators, ``dimension`` for embedders, ``speed`` once measured;
    ``digest`` is the SHA-256 of a generator's file in hex, once computed."""

    kind: ModelKind
    name: str
    place: str
    chosen: bool
    shipped: bool = False
    copied: bool = False
    problem: str = ""
    facts: GgufFacts | None = None
    fit: Fit | None = None
    speed: Speed | None = None
    digest: str = ""
    dimension: int = 0
