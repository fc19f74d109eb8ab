"""The frozen records of adapters: what one is, whether it fits a model, how the app lists it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.tensor_shapes import TensorGroup


class AdapterForm(StrEnum):
    """How an adapter came: as llama.cpp uses it, or as PEFT saves it."""

    GGUF = "gguf"
    PEFT = "peft"


@dataclass(frozen=True, slots=True)
class AdapterFacts:
    """What an adapter says of itself and what its tensors show; empty and 0 where that cannot be
    told. ``base`` is the model it says that it was made for, ``architecture`` llama.cpp's name of
    that model's kind. ``layers`` is one more than the highest block it changes, ``width`` the
    model's embedding length, ``ranks`` all that occur, ascending. ``targets`` are the kinds of
    tensors it changes ("attn_q"), ``pairs`` how many, ``parameters`` a count, ``size`` in bytes.
    ``prompt`` is what its maker says to begin with. ``heads`` and ``key_heads`` are those of the
    model that it was made for, where that matters; ``shapes`` what the changed tensors have."""

    name: str
    form: AdapterForm
    base: str
    architecture: str
    layers: int
    width: int
    ranks: tuple[int, ...]
    alpha: float
    targets: tuple[str, ...]
    pairs: int
    parameters: int
    size: int
    rank_stabilised: bool = False
    licence: str = ""
    prompt: str = ""
    heads: int = 0
    key_heads: int = 0
    shapes: tuple[TensorGroup, ...] = ()


@dataclass(frozen=True, slots=True)
class AdapterMatch:
    """Whether an adapter can be applied to the model called ``model``: ``problems`` are sentences
    that say why not, none where it can. ``remarks`` are sentences on what to know all the same."""

    model: str
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class AdapterCheck:
    """What was found when an adapter was looked into; ``match`` is None where there is no model to
    compare it with."""

    facts: AdapterFacts
    match: AdapterMatch | None


@dataclass(frozen=True, slots=True)
class AdapterEntry:
    """An adapter in the list. ``place`` is the GGUF that is applied; ``origin`` what was added,
    another file or folder where it was converted. ``shipped`` ones cannot be removed; ``copied``
    says that the file is Carrel's own. ``problem`` says why it cannot be used with any model now
    (its file is gone). ``match`` is with the model that answers; None where there is none."""

    name: str
    place: str
    origin: str
    facts: AdapterFacts
    match: AdapterMatch | None = None
    shipped: bool = False
    copied: bool = False
    problem: str = ""
    digest: str = ""
