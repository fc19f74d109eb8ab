"""Training as the app sees it: one at a time, in a child process of its own, and to be gone on
with after it was stopped or killed."""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import filelock
import msgspec
import psutil

from engine.errors import (
    CancelledError,
    ChildCrashedError,
    ChildFailedError,
    ChildTimedOutError,
    ModelError,
)
from engine.models.catalogue import STARTER_NAME
from engine.models.gguf_facts import plain_line
from engine.paths import data_dir, lock_file, starter_model
from engine.training.messages import (
    CheckExamples,
    ExamplesChecked,
    Train,
    Trained,
    TrainerReply,
    TrainerRequest,
    Training,
)
from engine.training_facts import ExamplesFound, TrainingProgress, TrainingResult, TrainingWish
from engine.workers import CancelToken, ChildProcess, EitherToken, Limits, PauseToken

PARTS = ("torch", "transformers", "peft", "gguf")
_WISH = "wish.json"
_STATE = "state.safetensors"
_NICE = 5
_SILENCE = 900.0  # seconds: a large base takes minutes to load
_STOPPING = 20.0  # seconds for a checkpoint
_CHECKING = 120.0
_LONGEST_REASON = 600
_MOST_RANK, _MOST_EPOCHS = 256, 100

OnProgress = Callable[[TrainingProgress], None]


class Entry(Protocol):
    """An adapter in the list of adapters."""

    @property
    def place(self) -> str: ...


class TakesAdapters(Protocol):
    """The list of adapters, as far as training needs it: it converts what was trained."""

    def add(
        self,
        path: Path,
        *,
        model: Path | None = None,
        name: str = "",
        cancel: CancelToken | None = None,
    ) -> Entry: ...


class Trainer:
    """``folder`` is where checkpoints lie. What was trained is added to ``adapters``; without
    them the result is the PEFT folder. Every method may be called from any thread."""

    def __init__(self, adapters: TakesAdapters | None = None, *, folder: Path | None = None):
        self._adapters = adapters
        self._folder = folder or data_dir() / "training"

    def missing(self) -> str:
        """A sentence where the parts for training are not installed, else nothing; at once."""
        absent = [part for part in PARTS if importlib.util.find_spec(part) is None]
        if not absent:
            return ""
        return (
            f"Making adapters needs parts that are not installed: {', '.join(absent)}. Install "
            "them with: pip install 'carrel[train]'"
        )

    def check(self, examples: Path, base: Path, cancel: CancelToken | None = None) -> ExamplesFound:
        """What a file of examples is worth for a base. Raises ``ModelError``."""
        request = CheckExamples(str(_resolved(examples)), str(_resolved(base)))
        (reply,) = self._replies(request, _CHECKING, cancel or CancelToken())
        assert isinstance(reply, ExamplesChecked)
        return reply.found

    def train(
        self,
        wish: TrainingWish,
        *,
        on_progress: OnProgress | None = None,
        cancel: CancelToken | None = None,
        pause: PauseToken | None = None,
    ) -> TrainingResult:
        """Train, or go on with the very same wish where it was stopped. A pause ends the child,
        so that its memory is free meanwhile; ``cancel`` leaves a checkpoint too. Raises
        ``ModelError`` with why it cannot be done, and ``CancelledError``."""
        if missing := self.missing():
            raise ModelError(missing)
        wish = _checked(wish)
        token, tell = cancel or CancelToken(), on_progress or (lambda progress: None)
        with self._alone():
            before = self._wished()
            if before is None or replace(before, name=wish.name) != wish:
                self.discard()
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                (self._folder / _WISH).write_bytes(msgspec.json.encode(wish))
            except OSError as error:
                raise ModelError(
                    f"There is no place for checkpoints: {error.strerror or error}."
                ) from error
            trained = self._trained(wish, tell, token, pause or PauseToken())
            result = self._added(wish, trained, tell, token)
            if self._adapters is not None:
                self.discard()
            return result

    def unfinished(self) -> TrainingWish | None:
        """A training that was stopped or killed and can go on: :meth:`train` with it does."""
        wish = self._wished()
        if wish is None or not (self._folder / _STATE).is_file():
            return None
        there = Path(wish.examples).is_file() and Path(wish.base).is_file()
        return wish if there else None

    def discard(self) -> None:
        """Forget the training that was stopped."""
        shutil.rmtree(self._folder, ignore_errors=True)

    # --- parts --------------------------------------------------------------------------------

    def _trained(
        self, wish: TrainingWish, tell: OnProgress, cancel: CancelToken, pause: PauseToken
    ) -> Trained:
        while True:
            pause.wait(cancel)
            most = int(psutil.virtual_memory().available)
            starter = Path(wish.base) == starter_model().resolve()
            called = STARTER_NAME if starter else ""
            request = Train(wish, str(self._folder), most, called)
            stop = EitherToken(lambda: cancel.cancelled, lambda: pause.paused)
            try:
                for reply in self._replies(request, _SILENCE, stop):
                    if isinstance(reply, Training):
                        tell(reply.progress)
                    elif isinstance(reply, Trained):
                        return reply
            except CancelledError:
                cancel.check()  # else it was a pause, which is waited for

    def _added(
        self, wish: TrainingWish, trained: Trained, tell: OnProgress, cancel: CancelToken
    ) -> TrainingResult:
        place = trained.adapter
        if self._adapters is not None:
            steps = len(trained.losses)
            loss = trained.losses[-1] if trained.losses else 0.0
            tell(TrainingProgress(steps, steps, loss, None, 0.0, None, doing="Converting"))
            entry = self._adapters.add(
                Path(trained.adapter), model=Path(wish.base), name=wish.name, cancel=cancel
            )
            place = entry.place
        return TrainingResult(
            adapter=place,
            before=trained.before,
            after=trained.after,
            losses=trained.losses,
            examples=trained.examples,
            tokens=trained.tokens,
            seconds=trained.seconds,
            peak_memory=trained.peak_memory,
        )

    def _replies(
        self, request: TrainerRequest, silence: float, cancel: CancelToken
    ) -> Iterator[TrainerReply]:
        folder = request.folder if isinstance(request, Train) else None
        limits = Limits(nice=_NICE, confined=True, folder=folder)
        child: ChildProcess[TrainerReply] = ChildProcess("trainer", TrainerReply, limits=limits)
        try:
            yield from child.request(request, silence=silence, cancel=cancel, patience=_STOPPING)
        except ChildFailedError as error:
            raise ModelError(plain_line(str(error), _LONGEST_REASON)) from error
        except ChildTimedOutError as error:
            raise ModelError(f"Training was given up. {error}") from error
        except ChildCrashedError as error:
            raise ModelError(
                f"The process that trains ended: {error} Nothing that was saved is lost."
            ) from error
        finally:
            child.close()

    def _wished(self) -> TrainingWish | None:
        try:
            return msgspec.json.decode((self._folder / _WISH).read_bytes(), type=TrainingWish)
        except (OSError, msgspec.MsgspecError):
            return None

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Two trainings at once would each take twice as long, and one folder."""
        lock = filelock.FileLock(lock_file(self._folder), thread_local=False)
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            raise ModelError("Another adapter is being trained. Wait until it is done.") from None
        try:
            yield
        finally:
            lock.release()


def _checked(wish: TrainingWish) -> TrainingWish:
    """Raises ``ModelError`` where what is wished makes no sense."""
    why = ""
    if not 1 <= wish.rank <= _MOST_RANK:
        why = f"The rank has to be between 1 and {_MOST_RANK}."
    elif not 1 <= wish.alpha <= 16 * _MOST_RANK:
        why = "Alpha has to be a positive number, commonly once or twice the rank."
    elif not 1 <= wish.epochs <= _MOST_EPOCHS:
        why = f"The examples have to be gone through between 1 and {_MOST_EPOCHS} times."
    elif not 0 < wish.learning_rate <= 1:
        why = "The learning rate has to be above 0, commonly about 0.001 for some hundred examples."
    elif not 0 <= wish.held_out <= 0.5:
        why = "At most half of the examples can be kept aside to measure with."
    elif not wish.name.strip():
        why = "The adapter needs a name."
    if why:
        raise ModelError(why)
    examples, base = _resolved(Path(wish.examples)), _resolved(Path(wish.base))
    return replace(wish, examples=str(examples), base=str(base), name=wish.name.strip())


def _resolved(path: Path) -> Path:
    place = path.expanduser().resolve()
    if not place.is_file():
        raise ModelError(f"There is no file {path}.")
    return place
