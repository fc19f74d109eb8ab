"""The frozen records of training: what is wished, what examples are, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Doubt(StrEnum):
    """What is wrong with an example."""

    UNREADABLE = "unreadable"
    EMPTY = "empty"
    DUPLICATED = "duplicated"
    TOO_LONG = "too long"
    SECRET = "secret"


@dataclass(frozen=True, slots=True)
class ExampleDoubt:
    """``line`` is 1-based in the file. ``left_out`` says that it is not trained on; what looks
    like a secret is only flagged."""

    line: int
    doubt: Doubt
    text: str
    left_out: bool


@dataclass(frozen=True, slots=True)
class ExamplesFound:
    """What a file of examples holds: ``usable`` examples of ``tokens`` in all, for the base that
    was asked about; ``longest`` in tokens, of the ``context`` that they may take. ``more`` is how
    many doubts there are beyond those listed."""

    file: str
    examples: int
    usable: int
    tokens: int
    longest: int
    context: int
    doubts: tuple[ExampleDoubt, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class TrainingWish:
    """What to train: ``examples`` is a JSONL file, ``base`` a GGUF. ``held_out`` is the share of
    examples that are kept aside to measure with. ``rank`` and ``alpha`` as PEFT means them."""

    examples: str
    base: str
    name: str
    rank: int = 8
    alpha: int = 16
    epochs: int = 3
    learning_rate: float = 1e-3
    held_out: float = 0.1
    seed: int = 0


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """``step`` of ``steps``; ``loss`` of the last steps, mean nats a token; ``held_out`` is the
    loss on the examples kept aside, where it was just measured. ``seconds_left`` is None until
    it can be said honestly. ``doing`` says in a few words what goes on."""

    step: int
    steps: int
    loss: float
    held_out: float | None
    tokens_per_s: float
    seconds_left: float | None
    saved: bool = False
    doing: str = ""


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """``adapter`` is the GGUF. Losses on the examples kept aside, ``before`` and ``after``;
    ``peak_memory`` in bytes."""

    adapter: str
    before: float
    after: float
    losses: tuple[float, ...]
    examples: int
    tokens: int
    seconds: float
    peak_memory: int
