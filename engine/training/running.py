"""Running a training inside its child: steps, measurements, checkpoints, and word of it all."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.errors import CancelledError, ModelError
from engine.training import checkpoint
from engine.training.checkpoint import Notes
from engine.training.course import Course, batches, rate
from engine.training.lessons import Lesson
from engine.training.pace import READING, Pace
from engine.training_facts import TrainingProgress

SAVE_EVERY = 60.0  # seconds
_TELL_EVERY = 0.2
_LATELY = 8  # steps


class Learner(Protocol):
    """What is trained, as :class:`engine.training.lora.LoraModel` does it."""

    def learn(self, lessons: Sequence[Lesson], of: int) -> float: ...
    def step(self, rate: float) -> None: ...
    def forget(self) -> None: ...
    def cost(self, lessons: Sequence[Lesson]) -> float: ...
    def state(self) -> dict[str, NDArray[np.float32]]: ...


class Run:
    """One sitting of a training: from ``notes`` on to the end of ``course``."""

    def __init__(
        self,
        learner: Learner,
        lessons: Sequence[Lesson],
        course: Course,
        notes: Notes,
        *,
        file: Path,
        learning_rate: float,
        tell: Callable[[TrainingProgress], None],
        cancelled: Callable[[], bool],
        save_every: float = SAVE_EVERY,
    ) -> None:
        self._learner, self._lessons, self._course = learner, lessons, course
        self.notes = notes
        self._file, self._rate, self._save_every = file, learning_rate, save_every
        self._tell, self._cancelled = tell, cancelled
        self._lengths = [len(lesson.tokens) for lesson in lessons]
        self._pace = Pace()
        self._seconds = notes.seconds
        self._began = self._saved = time.monotonic()
        self._told = -math.inf

    def finish(self) -> Notes:
        """Until all steps are done. Raises ``CancelledError`` once a checkpoint holds what was
        done, and ``ModelError`` where it leads nowhere."""
        try:
            while True:
                step = self.notes.step
                if step in {0} | self._course.epochs and step not in dict(self.notes.held_out):
                    self._measure()
                if step == len(self._course.steps):
                    break
                self._learn()
                if time.monotonic() - self._saved >= self._save_every:
                    self._save()
        except CancelledError:
            self._learner.forget()
            if self.notes.step:
                self._save()
            raise
        self._save()
        return self.notes

    def _learn(self) -> None:
        numbers = self._course.steps[self.notes.step]
        answers = sum(self._lessons[n].answer for n in numbers)
        cost = 0.0
        for batch in batches(self._lengths, numbers):
            self._check()
            cost += self._learner.learn([self._lessons[n] for n in batch], answers)
        loss = cost / answers
        if not math.isfinite(loss):
            raise ModelError(
                f"After {self.notes.step} steps the loss is no longer a number, and training leads "
                "nowhere. Train again with a lower learning rate."
            )
        self._learner.step(self._rate * rate(self.notes.step, len(self._course.steps)))
        tokens = sum(self._lengths[n] for n in numbers)
        self._pace.done(tokens)
        self.notes = replace(
            self.notes,
            step=self.notes.step + 1,
            losses=(*self.notes.losses, loss),
            tokens=self.notes.tokens + tokens,
        )
        self._say("Training")

    def _measure(self) -> None:
        """The loss on the examples kept aside, as it is now."""
        self._say("Measuring on the examples kept aside", always=True)
        cost = 0.0
        for batch in batches(self._lengths, self._course.held_out):
            self._check()
            cost += self._learner.cost([self._lessons[n] for n in batch])
            self._pace.done(READING * sum(self._lengths[n] for n in batch))
        loss = cost / sum(self._lessons[n].answer for n in self._course.held_out)
        held_out = (*self.notes.held_out, (self.notes.step, loss))
        self.notes = replace(self.notes, held_out=held_out)
        self._say("Training", held_out=loss, always=True)

    def _save(self) -> None:
        now = time.monotonic()
        self.notes = replace(self.notes, seconds=self._seconds + now - self._began)
        try:
            checkpoint.save(self._file, self.notes, self._learner.state())
        except OSError as error:
            raise ModelError(
                "How far the training is could not be saved: "
                f"{error.strerror or error}. Make space on the disk, and go on."
            ) from error
        self._saved = now
        self._say("Training", saved=True, always=True)

    def _check(self) -> None:
        if self._cancelled():
            raise CancelledError("Stopped.")

    def _say(
        self,
        doing: str,
        *,
        held_out: float | None = None,
        saved: bool = False,
        always: bool = False,
    ) -> None:
        now = time.monotonic()
        if not always and now - self._told < _TELL_EVERY:
            return
        self._told = now
        lately = self.notes.losses[-_LATELY:]
        self._tell(
            TrainingProgress(
                step=self.notes.step,
                steps=len(self._course.steps),
                loss=sum(lately) / len(lately) if lately else 0.0,
                held_out=held_out,
                tokens_per_s=self._pace.rate,
                seconds_left=self._pace.left(self._work_left()),
                saved=saved,
                doing=doing,
            )
        )

    def _work_left(self) -> float:
        coming = self._course.steps[self.notes.step :]
        measured = dict(self.notes.held_out)
        times = sum(step not in measured for step in self._course.epochs)
        aside = sum(self._lengths[n] for n in self._course.held_out)
        learnt = sum(self._lengths[n] for step in coming for n in step)
        return learnt + times * READING * aside
