"""The trainer child: looks through examples, and trains."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import msgspec

from engine.errors import ModelError
from engine.models import gguf_facts
from engine.training import checkpoint
from engine.training.checkpoint import Notes
from engine.training.course import Course, course, most_at_once
from engine.training.examples import read_examples
from engine.training.lessons import Lesson, check, wording_of
from engine.training.messages import (
    CheckExamples,
    ExamplesChecked,
    Train,
    Trained,
    TrainerRequest,
    Training,
)
from engine.training.needs import refuse_other_kinds, refuse_too_large
from engine.training.running import Run
from engine.training_facts import ExamplesFound, TrainingProgress
from engine.workers.child import Exchange

STATE = "state.safetensors"
_FEWEST = 2


class TrainerService:
    request_type = TrainerRequest

    def handle(self, request: TrainerRequest, exchange: Exchange) -> None:
        if isinstance(request, CheckExamples):
            found, _ = _lessons(Path(request.examples), Path(request.base))
            exchange.reply(ExamplesChecked(found))
        else:
            exchange.reply(self._train(request, exchange))

    def _train(self, request: Train, exchange: Exchange) -> Trained:
        wish, base = request.wish, Path(request.wish.base)
        refuse_other_kinds(base)
        exchange.reply(_doing("Reading the examples"))
        found, lessons = _lessons(Path(wish.examples), base)
        if len(lessons) < _FEWEST:
            raise ModelError(
                f"“{Path(wish.examples).name}” holds {len(lessons)} examples that can be used, and "
                "training takes at least two (a hundred or more, to be of use)."
            )
        lengths = [len(lesson.tokens) for lesson in lessons]
        plan = course(lengths, wish.held_out, wish.epochs, wish.seed)
        refuse_too_large(base, wish.rank, most_at_once(found.longest), request.most_memory)
        exchange.reply(_doing("Loading the base's weights", len(plan.steps)))
        notes, learnt = self._learn(request, lessons, plan, exchange)
        losses = dict(notes.held_out)
        return Trained(
            adapter=str(learnt),
            before=losses[0],
            after=losses[notes.step],
            losses=notes.losses,
            examples=len(lessons),
            tokens=notes.tokens,
            seconds=notes.seconds,
            peak_memory=_peak_memory(),
        )

    def _learn(
        self, request: Train, lessons: tuple[Lesson, ...], plan: Course, exchange: Exchange
    ) -> tuple[Notes, Path]:
        from engine.training.lora import LoraModel  # seconds, which checking need not wait for

        wish, folder = request.wish, Path(request.folder)
        with tempfile.TemporaryDirectory() as work:
            model = LoraModel(
                Path(wish.base),
                Path(work),
                called=request.called or gguf_facts.inspect(Path(wish.base)).name,
                rank=wish.rank,
                alpha=wish.alpha,
                seed=wish.seed,
            )
        mark = _mark(request)
        notes = Notes(mark)
        state = folder / STATE
        before = checkpoint.load(state, mark)
        if before is not None:
            notes = before[0]
            model.restore(before[1], notes.step)
        run = Run(
            model,
            lessons,
            plan,
            notes,
            file=state,
            learning_rate=wish.learning_rate,
            tell=lambda progress: exchange.reply(Training(progress)),
            cancelled=lambda: exchange.cancelled,
        )
        notes = run.finish()
        # a name of its own: the list takes what comes from the same place for the same adapter
        named = re.sub(r"[^a-z0-9]+", "-", wish.name.lower()).strip("-")[:40]
        adapter = folder / f"{named or 'adapter'}-{mark[:8]}"
        shutil.rmtree(adapter, ignore_errors=True)
        model.save(adapter)
        return notes, adapter


def _lessons(file: Path, base: Path) -> tuple[ExamplesFound, tuple[Lesson, ...]]:
    with wording_of(base) as (wording, context):
        return check(file, read_examples(file), wording, context)


def _mark(request: Train) -> str:
    """What tells this training from others: the wish, the examples and the base."""
    wish = request.wish
    stat = Path(wish.base).stat()
    with Path(wish.examples).open("rb") as file:
        examples = hashlib.file_digest(file, "sha256").hexdigest()
    said = {**asdict(wish), "name": "", "examples": examples, "size": stat.st_size}
    return hashlib.sha256(msgspec.json.encode(said, order="sorted")).hexdigest()


def _doing(what: str, steps: int = 0) -> Training:
    return Training(TrainingProgress(0, steps, 0.0, None, 0.0, None, doing=what))


def _peak_memory() -> int:
    """The most memory that this process has had at once, in bytes."""
    if sys.platform == "linux":
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    import psutil

    return int(getattr(psutil.Process(os.getpid()).memory_info(), "peak_wset", 0))


def create() -> TrainerService:
    """For the child alone: what is told to torch and transformers here holds for the process."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that wait leave the cores free
    os.environ.setdefault("TQDM_DISABLE", "1")
    return TrainerService()
