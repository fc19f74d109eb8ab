"""What the app says to the trainer, and hears from it."""

from __future__ import annotations

import msgspec

from engine.training_facts import ExamplesFound, TrainingProgress, TrainingWish


class CheckExamples(msgspec.Struct, frozen=True, tag="check"):
    """Look through a file of examples for a base: one ``ExamplesChecked``."""

    examples: str
    base: str


class Train(msgspec.Struct, frozen=True, tag="train"):
    """Train, or go on where ``folder`` holds a checkpoint of the same training: ``Training`` as it
    goes, then one ``Trained``. ``most_memory`` is in bytes. ``called`` is the base's name, empty
    for the one that it gives itself."""

    wish: TrainingWish
    folder: str
    most_memory: int
    called: str = ""


TrainerRequest = CheckExamples | Train


class ExamplesChecked(msgspec.Struct, frozen=True, tag="checked"):
    found: ExamplesFound


class Training(msgspec.Struct, frozen=True, tag="training"):
    progress: TrainingProgress


class Trained(msgspec.Struct, frozen=True, tag="trained"):
    """``adapter`` is a PEFT folder; the others as in ``TrainingResult``."""

    adapter: str
    before: float
    after: float
    losses: tuple[float, ...]
    examples: int
    tokens: int
    seconds: float
    peak_memory: int


TrainerReply = ExamplesChecked | Training | Trained
