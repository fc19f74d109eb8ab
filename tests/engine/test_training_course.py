"""The order of a training, its pace and its checkpoints, without any model."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from engine.errors import CancelledError, ModelError
from engine.training import checkpoint
from engine.training.checkpoint import Notes
from engine.training.course import EACH_STEP, batches, course, rate
from engine.training.lessons import Lesson
from engine.training.needs import memory_for, refuse_too_large
from engine.training.pace import Pace
from engine.training.running import Run
from engine.training_facts import TrainingProgress
from tests.engine import tiny_gguf

LENGTHS = [20 + (n * 37) % 90 for n in range(60)]


# --- order -----------------------------------------------------------------------------------


def test_every_example_comes_once_an_epoch_and_none_that_is_kept_aside() -> None:
    plan = course(LENGTHS, 0.1, 3, seed=4)
    assert len(plan.held_out) == 6
    each = len(plan.steps) // 3
    assert plan.epochs == {each, 2 * each, 3 * each}
    kept = sorted(set(range(60)) - set(plan.held_out))
    orders = []
    for epoch in range(3):
        steps = plan.steps[epoch * each : (epoch + 1) * each]
        assert all(len(step) <= EACH_STEP for step in steps)
        orders.append([n for step in steps for n in step])
        assert sorted(orders[-1]) == kept
    assert orders[0] != orders[1]


def test_the_seed_alone_decides_the_order() -> None:
    assert course(LENGTHS, 0.1, 2, seed=4) == course(LENGTHS, 0.1, 2, seed=4)
    assert course(LENGTHS, 0.1, 2, seed=4) != course(LENGTHS, 0.1, 2, seed=5)


def test_two_examples_are_enough() -> None:
    plan = course([5, 6], 0.0, 1, seed=0)
    assert len(plan.held_out) == 1
    assert len(plan.steps) == 1


def test_batches_hold_a_thousand_tokens_with_their_filling() -> None:
    lengths = [100, 900, 400, 450, 2000, 90]
    found = batches(lengths, range(6))
    assert sorted(n for batch in found for n in batch) == list(range(6))
    for batch in found:
        assert len(batch) == 1 or len(batch) * max(lengths[n] for n in batch) <= 1024


def test_the_learning_rate_rises_and_falls() -> None:
    rates = [rate(step, 50) for step in range(50)]
    top = rates.index(max(rates))
    assert 1 <= top <= 5
    assert rates[:top] == sorted(rates[:top])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert 0 < rates[-1] < 0.01
    assert all(rate(step, 1) > 0 for step in range(1))


# --- pace ------------------------------------------------------------------------------------


def test_time_left_is_told_late_and_right() -> None:
    now = 0.0
    pace = Pace(lambda: now)
    told = []
    for _ in range(40):
        now += 2.0
        pace.done(300)
        told.append(pace.left(1500))
    assert told[:5] == [None] * 5
    assert told[-1] == pytest.approx(10.0)
    for _ in range(40):  # half as fast from here on: soon that is what is told
        now += 4.0
        pace.done(300)
    assert pace.left(1500) == pytest.approx(20.0)


# --- running ---------------------------------------------------------------------------------


class Counter:
    """A learner whose only number comes nearer to 0 by all that it learns."""

    def __init__(self, value: float = 8.0) -> None:
        self.value = value
        self.gradient = 0.0
        self.seen: list[tuple[int, ...]] = []

    def learn(self, lessons: list[Lesson], of: int) -> float:
        self.seen.append(tuple(lesson.tokens[0] for lesson in lessons))
        self.gradient += self.value * sum(lesson.answer for lesson in lessons) / of
        return self.cost(lessons)

    def step(self, rate: float) -> None:
        self.value -= rate * self.gradient
        self.gradient = 0.0

    def forget(self) -> None:
        self.gradient = 0.0

    def cost(self, lessons: list[Lesson]) -> float:
        return abs(self.value) * sum(lesson.answer for lesson in lessons)

    def state(self) -> dict[str, np.ndarray]:
        return {"value": np.array([self.value], np.float32)}


def _lessons() -> list[Lesson]:
    return [
        Lesson((n,) * length, (False, *[True] * (length - 1))) for n, length in enumerate(LENGTHS)
    ]


def _run(
    learner: Counter, file: Path, notes: Notes, stop_after: int = 10**9, save_every: float = 60.0
) -> tuple[Run, list[TrainingProgress]]:
    told: list[TrainingProgress] = []
    run = Run(
        learner,  # type: ignore[arg-type]
        _lessons(),
        course(LENGTHS, 0.1, 2, seed=1),
        notes,
        file=file,
        learning_rate=0.1,
        tell=told.append,
        cancelled=lambda: len(learner.seen) >= stop_after,
        save_every=save_every,
    )
    return run, told


def test_a_run_measures_before_after_and_at_each_epoch(tmp_path: Path) -> None:
    run, told = _run(Counter(), tmp_path / "state", Notes("m"))
    notes = run.finish()
    steps = notes.step
    assert [step for step, _ in notes.held_out] == [0, steps // 2, steps]
    losses = [loss for _, loss in notes.held_out]
    assert losses == sorted(losses, reverse=True)
    assert len(notes.losses) == steps == told[-1].step == told[-1].steps
    assert told[-1].saved
    assert notes.tokens == 2 * sum(LENGTHS) - 2 * sum(
        LENGTHS[n] for n in course(LENGTHS, 0.1, 2, seed=1).held_out
    )


@pytest.mark.parametrize("stop_after", [1, 7, 11])
def test_a_stopped_run_goes_on_with_the_next_example(stop_after: int, tmp_path: Path) -> None:
    whole = Counter()
    expected = _run(whole, tmp_path / "whole", Notes("m"))[0].finish()
    learner, file = Counter(), tmp_path / "state"
    run, _ = _run(learner, file, Notes("m"), stop_after)
    with pytest.raises(CancelledError):
        run.finish()
    kept = checkpoint.load(file, "m")
    assert kept is not None
    notes, arrays = kept
    again = Counter(float(arrays["value"][0]))
    finished = _run(again, file, notes)[0].finish()
    assert finished.losses == pytest.approx(expected.losses, rel=1e-5)
    assert [loss for _, loss in finished.held_out] == pytest.approx(
        [loss for _, loss in expected.held_out], rel=1e-5
    )
    assert again.value == pytest.approx(whole.value, rel=1e-5)


def test_checkpoints_come_by_the_clock(tmp_path: Path) -> None:
    run, told = _run(Counter(), tmp_path / "state", Notes("m"), save_every=0.0)
    run.finish()
    assert sum(progress.saved for progress in told) > 10


def test_a_loss_that_is_no_number_ends_it(tmp_path: Path) -> None:
    run, _ = _run(Counter(math.inf), tmp_path / "state", Notes("m"))
    with pytest.raises(ModelError, match="lower learning rate"):
        run.finish()


def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    run, _ = _run(Counter(), tmp_path / "no such folder" / "state", Notes("m"))
    with pytest.raises(ModelError, match="could not be saved"):
        run.finish()


# --- checkpoints -----------------------------------------------------------------------------


def test_a_checkpoint_is_safetensors_with_json(tmp_path: Path) -> None:
    file = tmp_path / "state"
    notes = Notes("m", 3, (2.0, 1.5, 1.0), ((0, 2.5),), 900, 12.5)
    checkpoint.save(file, notes, {"a": np.arange(6, dtype=np.float32).reshape(2, 3)})
    with safe_open(str(file), "numpy") as opened:
        assert json.loads(opened.metadata()["carrel"])["step"] == 3
    loaded = checkpoint.load(file, "m")
    assert loaded is not None
    assert loaded[0] == notes
    assert loaded[1]["a"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert list(tmp_path.iterdir()) == [file]


def test_a_checkpoint_of_another_training_or_a_damaged_one_is_none(tmp_path: Path) -> None:
    file = tmp_path / "state"
    assert checkpoint.load(file, "m") is None
    checkpoint.save(file, Notes("m"), {"a": np.zeros(4, np.float32)})
    assert checkpoint.load(file, "another") is None
    file.write_bytes(file.read_bytes()[:-5])
    assert checkpoint.load(file, "m") is None
    save_file({"a": np.zeros(4, np.float32)}, str(file), {"carrel": '{"mark": 7}'})
    assert checkpoint.load(file, "m") is None
    file.write_bytes(b"\x80\x04cposix\nsystem\n")  # a pickle is never looked at as one
    assert checkpoint.load(file, "m") is None


# --- memory ----------------------------------------------------------------------------------


def test_memory_grows_with_the_model_and_is_refused_beforehand(tmp_path: Path) -> None:
    base = tiny_gguf.model(tmp_path / "tiny.gguf")
    small = memory_for(base, 8, 1024)
    assert small < memory_for(base, 64, 1024) < memory_for(base, 64, 4096)
    refuse_too_large(base, 8, 1024, small)
    with pytest.raises(ModelError, match=r"would take about 0\.\d GB .* smaller base"):
        refuse_too_large(base, 8, 1024, small - 1)
