"""What is remembered of a model file that answers: what it says of itself, how fast it runs."""

from __future__ import annotations

from dataclasses import dataclass

from engine.tensor_shapes import TensorGroup

ABLE = 1_500_000_000
"""Parameters below which a model's own sentences are rarely better than the ones it was given."""


@dataclass(frozen=True, slots=True)
class GgufFacts:
    """What a GGUF says of itself. ``size`` is in bytes, all ``parts`` of a split file together;
    ``parameters`` is a count, ``context`` and ``embedding_length`` are in tokens and components,
    0 where not said; ``licence`` and ``languages`` are as its maker wrote them. ``memory`` is an
    estimate of the bytes that it takes when it runs with the context Carrel gives it. ``heads``
    are those of attention, ``key_heads`` those that share keys, 0 where layers differ; ``shapes``
    are its tensors', none where they are too many kinds."""

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
    heads: int = 0
    key_heads: int = 0
    shapes: tuple[TensorGroup, ...] = ()


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens per second on this computer: ``prefill`` when reading, ``decode`` when writing;
    ``load`` in seconds. ``threads`` and ``gpu_layers`` are what was used."""

    prefill: float
    decode: float
    load: float
    threads: int
    gpu_layers: int
