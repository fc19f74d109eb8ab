"""The one training that may be going on: started, paused, stopped, and gone on with."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.bridge import Bridge, Job
from engine.errors import CancelledError
from engine.training_facts import ExamplesFound, TrainingProgress, TrainingResult, TrainingWish
from engine.workers import PauseToken

if TYPE_CHECKING:
    from engine.training.trainer import Trainer

LANE = "training"


class State(Enum):
    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"


class Training(QObject):
    """Does it off the UI thread, on a lane of its own, and remembers the curve."""

    changed = Signal()  # the state, or how far it is
    finished = Signal(object)  # TrainingResult
    failed = Signal(object)  # Exception, never for having been stopped
    stopped = Signal()
    known = Signal(str, object)  # what is missing, and the wish that can be gone on with

    def __init__(self, bridge: Bridge, trainer: Trainer, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge, self._trainer = bridge, trainer
        self._job: Job | None = None
        self._check: Job | None = None
        self._pause = PauseToken()
        self.state = State.IDLE
        self.wish: TrainingWish | None = None
        self.latest: TrainingProgress | None = None
        self.losses: list[tuple[int, float]] = []
        self.held_out: list[tuple[int, float]] = []

    def look(self) -> None:
        """Find out whether anything can be trained, and whether a run is unfinished."""
        if self.state is not State.IDLE:
            return
        trainer = self._trainer
        self._bridge.run(
            self,
            lambda: (trainer.missing(), trainer.unfinished()),
            lambda found: self.known.emit(*found),
        )

    def check(self, examples: Path, base: Path) -> Job:
        """Look through a file of examples; a newer call makes an older one void."""
        if self._check is not None:
            self._check.stop()
        trainer = self._trainer

        def work(job: Job) -> ExamplesFound:
            return trainer.check(examples, base, job.token)

        job = self._check = self._bridge.start(work, lane="read")

        def over(_result: object) -> None:
            if self._check is job:
                self._check = None

        job.finished.connect(over)
        job.failed.connect(over)
        return job

    # --- running ------------------------------------------------------------------------------

    def start(self, wish: TrainingWish) -> None:
        """Train, or go on where a run for the same wish was left."""
        if self.state is not State.IDLE:
            return
        self.wish, self.latest = wish, None
        self.losses, self.held_out = [], []
        trainer, pause = self._trainer, PauseToken()
        self._pause = pause

        def work(job: Job) -> TrainingResult:
            return trainer.train(wish, on_progress=job.tell, cancel=job.token, pause=pause)

        self._job = self._bridge.start(work, lane=LANE)
        self._job.progressed.connect(self._progressed)
        self._job.finished.connect(self._finished)
        self._job.failed.connect(self._failed)
        self._set(State.RUNNING)

    def pause(self, paused: bool) -> None:
        if paused and self.state is State.RUNNING:
            self._pause.pause()
            self._set(State.PAUSED)
        elif not paused and self.state is State.PAUSED:
            self._pause.resume()
            self._set(State.RUNNING)

    def stop(self) -> None:
        """End it; what it has saved stays, to be gone on with."""
        if self._job is not None and self.state is not State.STOPPING:
            self._job.stop()
            self._set(State.STOPPING)

    def discard(self) -> None:
        """Give up a run that could be gone on with."""
        trainer = self._trainer
        self._bridge.run(self, trainer.discard, lambda _nothing: self.look(), lane=LANE)

    def _progressed(self, progress: TrainingProgress) -> None:
        self.latest = progress
        if progress.loss > 0:  # there is none before the first step
            _add(self.losses, progress.step, progress.loss)
        if progress.held_out is not None:
            _add(self.held_out, progress.step, progress.held_out)
        self.changed.emit()

    def _finished(self, result: TrainingResult) -> None:
        self._job = None
        self._set(State.IDLE)
        self.finished.emit(result)

    def _failed(self, error: Exception) -> None:
        self._job = None
        self._set(State.IDLE)
        if isinstance(error, CancelledError):
            self.stopped.emit()
        else:
            self.failed.emit(error)
        self.look()

    def _set(self, state: State) -> None:
        self.state = state
        self.changed.emit()


def _add(points: list[tuple[int, float]], step: int, loss: float) -> None:
    """A step is told of more than once: what was said last holds."""
    if points and points[-1][0] == step:
        points.pop()
    points.append((step, loss))
