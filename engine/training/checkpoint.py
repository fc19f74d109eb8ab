"""A training as far as it is, on disk: one safetensors file, replaced in one step, whose notes
are JSON. Nothing is ever unpickled."""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

_NOTES = "carrel"


@dataclass(frozen=True, slots=True)
class Notes:
    """``step`` steps are done, with ``losses``. ``held_out`` are (step, loss) pairs as they were
    measured, the first of them before anything was learnt; ``tokens`` and ``seconds`` of all
    sittings together. ``mark`` tells this training from others."""

    mark: str
    step: int = 0
    losses: tuple[float, ...] = ()
    held_out: tuple[tuple[int, float], ...] = ()
    tokens: int = 0
    seconds: float = 0.0


def save(file: Path, notes: Notes, arrays: dict[str, NDArray[np.float32]]) -> None:
    """Raises ``OSError``; what was there before stays then."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".saving-")
    os.close(handle)
    try:
        save_file(arrays, name, {_NOTES: msgspec.json.encode(notes).decode()})
        with Path(name).open("rb") as written:
            os.fsync(written.fileno())
        Path(name).replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def load(file: Path, mark: str) -> tuple[Notes, dict[str, NDArray[np.float32]]] | None:
    """None where there is none, or it is damaged or another training's."""
    try:
        with safe_open(str(file), "numpy") as opened:
            said = (opened.metadata() or {}).get(_NOTES, "")
            notes = msgspec.json.decode(said, type=Notes)
            if notes.mark != mark:
                return None
            return notes, {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, msgspec.MsgspecError, ValueError):
        return None
