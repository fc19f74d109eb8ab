"""What training costs here, and what the sample adapter does to the starter's answers.

The starter is trained on the sample's own examples for one epoch (``--epochs`` for more), in the
child that the app uses, so that tokens a second, memory and losses are those a person gets. The
style is counted on thirty questions that are in no example: without the adapter, and with it at
three scales.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

from engine.models.generator import Generator
from engine.paths import starter_model
from engine.training import Trainer
from engine.training_facts import TrainingProgress, TrainingWish
from tests.benchmarks.findings import ADAPTER, EXAMPLES, QUESTIONS, answer, faithful, follows
from tests.benchmarks.tables import show

_SCALES = (None, 0.0, 0.5, 1.0)
_WITH, _WITHOUT = 0.9, 0.1  # the shares of answers in the style that there should be


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--no-training", action="store_true", help="count the style only")
    options = parser.parse_args()
    if not starter_model().is_file():
        print("The starter model is not installed: training is not measured.")
        return 0
    if not options.no_training:
        _training(options.epochs)
    return 0 if _style() else 1


def _training(epochs: int) -> None:
    saved: list[float] = []
    held_out: list[float] = []

    def hear(progress: TrainingProgress) -> None:
        if progress.saved:
            saved.append(time.perf_counter())
        if progress.held_out is not None:
            held_out.append(progress.held_out)

    with tempfile.TemporaryDirectory() as folder:
        wish = TrainingWish(
            str(EXAMPLES), str(starter_model()), "Measured", epochs=epochs, learning_rate=1e-3
        )
        started = time.perf_counter()
        result = Trainer(folder=Path(folder)).train(wish, on_progress=hear)
        seconds = time.perf_counter() - started
    each = result.seconds / epochs
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    show(
        f"Training the starter on {result.examples} examples, rank {wish.rank}, {epochs} epoch(s), "
        f"{os.cpu_count()} cores, load {load:.1f}",
        ("what", "measured"),
        [
            ("tokens learnt", f"{result.tokens:,}"),
            ("tokens a second", f"{result.tokens / result.seconds:.0f}"),
            ("seconds in all, with loading", f"{seconds:.0f}"),
            ("seconds an epoch", f"{each:.0f}"),
            ("peak memory, MB", f"{result.peak_memory / 1e6:,.0f}"),
            ("loss kept aside, before", f"{result.before:.3f}"),
            ("loss kept aside, by epoch", ", ".join(f"{loss:.3f}" for loss in held_out[1:])),
            ("checkpoints", len(saved)),
        ],
    )


def _style() -> bool:
    """Whether it is there with the adapter and not without."""
    if not ADAPTER.is_file():
        print("There is no sample adapter: its style is not measured.")
        return False
    generator = Generator()
    rows, shares = [], []
    try:
        for scale in _SCALES:
            answers = [(asked, answer(generator, asked, scale)) for asked in QUESTIONS]
            alone = [follows(text) for asked, text in answers if not asked.quotes]
            quoted = [follows(text) for asked, text in answers if asked.quotes]
            true = [faithful(asked, text) for asked, text in answers if asked.quotes]
            shares.append((sum(alone) + sum(quoted)) / len(answers))
            words = sorted(len(text.split()) for _, text in answers)[len(answers) // 2]
            rows.append(
                (
                    "none" if scale is None else f"scale {scale:g}",
                    f"{sum(alone)} of {len(alone)}",
                    f"{sum(quoted)} of {len(quoted)}",
                    f"{shares[-1]:.2f}",
                    f"{sum(true)} of {len(true)}",
                    words,
                )
            )
    finally:
        generator.close()
    show(
        "Answers in the style of the sample adapter, on questions that are in no example",
        ("adapter", "alone", "with quotes", "share", "figures all quoted", "words (median)"),
        rows,
    )
    return shares[-1] >= _WITH and max(shares[:2]) <= _WITHOUT


if __name__ == "__main__":
    raise SystemExit(main())
