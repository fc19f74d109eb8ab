"""A model folder made ready for this computer, once, and loaded in a moment from then on.

What ``preparing`` saved is used as long as it is whole and belongs to this version, this processor
and this state of the folder; it is made anew otherwise. Neither torch nor sentence-transformers is
imported for a model that OpenVINO runs.
"""

from __future__ import annotations

import hashlib
import logging
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol

import filelock
import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.errors import CancelledError
from engine.models.folders import ModelFolder
from engine.models.inputs import Batch, Batches, Input, TokenForm

GRAPH, WEIGHTS, TOKENS, FACTS = "model.xml", "model.bin", "tokenizer.json", "facts.json"
ROWS = {"bfloat16": 8, "float32": 4}  # measured: larger batches leave the processor's caches
_FORM = 1  # of what is saved
_TORCH_ROWS = 32
_MANY = 16  # texts; more than a question's
_log = logging.getLogger(__name__)

Stop = Callable[[], bool]


class Run(Protocol):
    """(n, width) for n inputs with ``prompt`` before each; raises ``CancelledError`` between two
    batches once ``stop`` says so."""

    def __call__(self, inputs: Sequence[Input], prompt: str, stop: Stop) -> NDArray[np.float32]: ...


class Stamp(msgspec.Struct, frozen=True):
    """What a prepared model was made for; another stamp is another model."""

    made_with: str
    processor: str
    signature: str


class Facts(msgspec.Struct, frozen=True):
    """What is remembered of a prepared model: ``engine`` is "openvino" or "torch", ``width`` how
    many numbers a text is turned into, ``rates`` the texts per second of everything tried, and
    ``digests`` say whether the files beside it are whole."""

    stamp: Stamp
    fingerprint: str
    engine: str
    arithmetic: str
    width: int
    max_tokens: int
    rates: dict[str, float]
    form: TokenForm | None = None
    digests: dict[str, str] = {}


class PreparedModel:
    """A model that runs."""

    def __init__(self, folder: ModelFolder, facts: Facts, run: Run) -> None:
        self.folder = folder
        self.facts = facts
        self._run = run

    def run(
        self, inputs: Sequence[Input], prompt: str = "", stop: Stop = lambda: False
    ) -> NDArray[np.float32]:
        """(n, width). Raises ``CancelledError`` between two batches once ``stop`` says so."""
        if not inputs:
            return np.empty((0, self.facts.width), np.float32)
        return self._run(inputs, prompt, stop)


def found(folder: ModelFolder, cache: Path) -> PreparedModel | None:
    """The model of ``folder`` as it was prepared and kept in ``cache``; None where it was not,
    or not for what this computer is now."""
    return _found(folder, place_of(folder, cache), _stamp(folder))


def load(folder: ModelFolder, cache: Path) -> PreparedModel:
    """The model of ``folder``; prepared now and kept in ``cache`` unless it has been. Raises what
    sentence-transformers raises for a folder that it cannot load."""
    place, stamp = place_of(folder, cache), _stamp(folder)
    ready = _found(folder, place, stamp)
    if ready is not None:
        return ready
    try:
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        # two children may want it at once, and making it takes all cores
        with filelock.FileLock(cache / f"{place.name}.lock"):
            return _found(folder, place, stamp) or _kept(folder, place, stamp)
    except OSError as error:
        _log.warning("the prepared model could not be kept: %s", error)
        from engine.models.preparing import prepare

        facts = prepare(folder, stamp, None)
        return PreparedModel(folder, facts, _exact(folder, facts.arithmetic))


def digests(place: Path, names: Iterable[str]) -> dict[str, str]:
    """Of the weights the size alone: to read them would take longer than to load them."""
    return {
        name: str((place / name).stat().st_size)
        if name == WEIGHTS
        else hashlib.sha256((place / name).read_bytes()).hexdigest()
        for name in names
    }


def fast(place: Path, arithmetic: str, form: TokenForm, width: int) -> Run:
    """The saved model as OpenVINO runs it. Raises ``RuntimeError``."""
    from engine.models.compiled import CompiledModel

    model = CompiledModel(place / GRAPH, arithmetic)
    tokens = (place / TOKENS).read_text(encoding="utf-8")
    batches = Batches(tokens, form, model.inputs, ROWS[arithmetic])

    def run(inputs: Sequence[Input], prompt: str, stop: Stop) -> NDArray[np.float32]:
        found = np.empty((len(inputs), width), np.float32)
        wanted = _until(batches.of(inputs, prompt), stop)
        for places, rows in model.run(wanted, many=len(inputs) >= _MANY):
            found[places] = rows
        return found

    return run


def _until(batches: Iterable[Batch], stop: Stop) -> Iterator[Batch]:
    for batch in batches:
        if stop():
            raise CancelledError("Stopped.")
        yield batch


def _exact(folder: ModelFolder, arithmetic: str) -> Run:
    from engine.models.reference import ReferenceModel

    model = ReferenceModel(folder, arithmetic)

    def run(inputs: Sequence[Input], prompt: str, stop: Stop) -> NDArray[np.float32]:
        found = []
        for at in range(0, len(inputs), _TORCH_ROWS):
            if stop():
                raise CancelledError("Stopped.")
            found.append(model.run(inputs[at : at + _TORCH_ROWS], prompt))
        return np.concatenate(found)

    return run


def _found(folder: ModelFolder, place: Path, stamp: Stamp) -> PreparedModel | None:
    try:
        facts = msgspec.json.decode((place / FACTS).read_bytes(), type=Facts)
        if facts.stamp != stamp or facts.digests != digests(place, facts.digests):
            return None
        return PreparedModel(folder, facts, _serve(folder, place, facts))
    except FileNotFoundError:
        return None
    except (OSError, RuntimeError, ImportError, ValueError) as error:
        _log.warning("the prepared model is damaged and is made anew: %s", error)
        return None


def _serve(folder: ModelFolder, place: Path, facts: Facts) -> Run:
    if facts.engine == "torch" or facts.form is None:
        return _exact(folder, facts.arithmetic)
    return fast(place, facts.arithmetic, facts.form, facts.width)


def _kept(folder: ModelFolder, place: Path, stamp: Stamp) -> PreparedModel:
    from engine.models.preparing import prepare

    for left in place.parent.glob(f"{place.name}-*"):  # by a run that was killed
        shutil.rmtree(left, ignore_errors=True)
    made = Path(tempfile.mkdtemp(dir=place.parent, prefix=f"{place.name}-"))
    try:
        facts = prepare(folder, stamp, made)
        if place.exists():
            place.rename(Path(tempfile.mkdtemp(dir=place.parent, prefix=made.name)) / "old")
        made.rename(place)
    finally:
        for left in place.parent.glob(f"{place.name}-*"):
            shutil.rmtree(left, ignore_errors=True)
    return PreparedModel(folder, facts, _serve(folder, place, facts))


def place_of(folder: ModelFolder, cache: Path) -> Path:
    """Where the prepared model is kept."""
    return cache / hashlib.sha256(str(folder.path).encode()).hexdigest()[:24]


def _stamp(folder: ModelFolder) -> Stamp:
    return Stamp(_made_with(), _processor(), folder.signature())


def _made_with() -> str:
    packages = ("openvino", "sentence-transformers", "transformers", "torch", "tokenizers")
    return ", ".join([f"form {_FORM}", *(f"{name} {_version(name)}" for name in packages)])


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


def _processor() -> str:
    try:
        from engine.models import compiled
    except ImportError:
        return platform.processor() or platform.machine()
    return compiled.processor()
