"""A GGUF adapter's file before llama.cpp sees it: llama.cpp trusts what a file says of itself."""

from __future__ import annotations

import math
from pathlib import Path

from engine.errors import ModelError
from engine.models.gguf_header import Header, read_header

Stamp = tuple[int, int, int, int]
_WEIGHTS = frozenset({"F32", "F16", "BF16", "Q8_0"})
_PAIR = (".lora_a", ".lora_b")


def stamp(path: Path) -> Stamp:
    """Changes when the file does. Raises ``ModelError`` where it has gone."""
    try:
        state = path.stat()
    except OSError as error:
        raise ModelError(
            f"The adapter “{path.name}” is not there any more: it was moved, renamed or deleted. "
            "Take it off, or put its file back."
        ) from error
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns


def check_adapter(path: Path) -> None:
    """Raises ``ModelError`` where the file is no LoRA that llama.cpp may be shown."""
    if not path.is_file():
        raise ModelError(f"The adapter “{path.name}” is not a file.")
    header = read_header(path)
    if header.text("general.type") != "adapter" or header.text("adapter.type") != "lora":
        raise ModelError(f"“{path.name}” is not an adapter (LoRA).")
    if header.missing:
        raise ModelError(f"The adapter “{path.name}” is incomplete. Copy or download it again.")
    what = _fault(header)
    if what:
        raise ModelError(
            f"The adapter “{path.name}” is damaged: {what}. Copy or download it again."
        )


def _fault(header: Header) -> str:
    alpha = header.metadata.get("adapter.lora.alpha", 0.0)
    if not isinstance(alpha, int | float) or not math.isfinite(alpha):
        return "its strength (alpha) is no number"
    names = {tensor.name for tensor in header.tensors}
    if not names:
        return "it holds no weights"
    if len(names) < len(header.tensors):
        return "it holds weights twice"
    for tensor in header.tensors:
        stem, ending = tensor.name[: -len(_PAIR[0])], tensor.name[-len(_PAIR[0]) :]
        if ending not in _PAIR or not {stem + each for each in _PAIR} <= names:
            return "its weights do not come in pairs"
        if tensor.type not in _WEIGHTS:
            return f"its weights are of the type {tensor.type}"
        if not tensor.elements:
            return "some of its weights are empty"
    return ""
