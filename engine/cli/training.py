"""``carrel adapters train``: an adapter from a file of examples, made on this computer."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from tqdm import tqdm

from engine.adapters.catalogue import Adapters
from engine.cli import output
from engine.errors import CarrelError
from engine.models.catalogue import Catalogue
from engine.models.entries import ModelKind
from engine.settings import SettingsFile
from engine.training import Trainer
from engine.training_facts import ExamplesFound, TrainingProgress, TrainingWish
from engine.workers import CancelToken

_SHOWN = 20


def train(options: argparse.Namespace, cancel: CancelToken) -> int:
    settings = SettingsFile()
    catalogue = Catalogue(settings)
    trainer = Trainer(Adapters(settings, catalogue))
    base = _base(catalogue, options.model)
    if options.check:
        found = trainer.check(options.examples, base, cancel)
        if options.json:
            output.print_json(asdict(found))
        else:
            print(_described(found))
        return 0 if found.usable else 1
    if not options.name:
        raise CarrelError("The adapter needs a name: give it with --name NAME.")
    wish = TrainingWish(
        examples=str(options.examples),
        base=str(base),
        name=options.name,
        rank=options.rank,
        alpha=2 * options.rank if options.alpha is None else options.alpha,
        epochs=options.epochs,
        learning_rate=options.learning_rate,
        seed=options.seed,
    )
    bar = _Bar()
    try:
        result = trainer.train(wish, on_progress=bar.show, cancel=cancel)
    finally:
        bar.close()
    if options.json:
        output.print_json(asdict(result))
        return 0
    print(
        f"Trained on {result.examples:,} examples in {result.seconds:.0f} s "
        f"({result.tokens:,} tokens, at most {result.peak_memory / 1e6:,.0f} MB of memory)."
    )
    print(f"Loss on the examples kept aside: {result.before:.3f} before, {result.after:.3f} after.")
    print(f"Added as {result.adapter}")
    return 0


def _base(catalogue: Catalogue, name: str | None) -> Path:
    if name is None:
        chosen = catalogue.chosen_generator()
        if chosen is None:
            raise CarrelError("No model answers here: name a base with --model FILE.")
        return chosen
    if Path(name).expanduser().is_file():
        return Path(name)
    entry = catalogue.named(name)
    if entry.kind is not ModelKind.GENERATOR:
        raise CarrelError(f"{entry.name} does not write; an adapter is made for a model that does.")
    return Path(entry.place)


def _described(found: ExamplesFound) -> str:
    lines = [
        f"{found.usable:,} of {found.examples:,} examples can be used: {found.tokens:,} tokens, "
        f"the longest has {found.longest:,} of at most {found.context:,}."
    ]
    for doubt in found.doubts[:_SHOWN]:
        left = "left out" if doubt.left_out else "used all the same"
        lines.append(f"  line {doubt.line}: {output.shown(doubt.text)} ({left})")
    more = len(found.doubts) - len(found.doubts[:_SHOWN]) + found.more
    return "\n".join([*lines, *([f"  and {more:,} more"] if more else [])])


class _Bar:
    """Progress on standard error: a bar, or in a log a line every few seconds."""

    def __init__(self) -> None:
        self._bar: tqdm[None] | None = None
        self._doing = ""

    def show(self, progress: TrainingProgress) -> None:
        if self._bar is None and progress.steps:
            pause = 0.2 if sys.stderr.isatty() else 5.0
            self._bar = tqdm(
                total=progress.steps, desc="Training", unit=" steps", mininterval=pause
            )
        if progress.doing != self._doing and progress.doing != "Training":
            tqdm.write(f"{progress.doing} …", file=sys.stderr)
        self._doing = progress.doing
        if progress.held_out is not None:
            tqdm.write(f"Loss on the examples kept aside: {progress.held_out:.3f}", file=sys.stderr)
        if self._bar is None:
            return
        left = progress.seconds_left
        said = f"loss {progress.loss:.3f}, {progress.tokens_per_s:.0f} tokens/s"
        self._bar.set_postfix_str(
            said if left is None else f"{said}, {left / 60:.0f} min left", refresh=False
        )
        self._bar.update(progress.step - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
