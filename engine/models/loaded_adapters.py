"""LoRA adapters in memory beside their model, and which of them are applied.

A file is loaded once, and anew where it has changed since. One that is no longer applied stays
until others are, so that switching between none and the same ones costs nothing.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from pathlib import Path

import llama_cpp

from engine.answers import AppliedAdapter
from engine.errors import ModelError
from engine.models import gguf_lora
from engine.models.gguf_facts import plain_line

Stamp = tuple[int, int, int, int]
_Loaded = tuple[Stamp, llama_cpp.llama_adapter_lora_p]


class LoadedAdapters:
    """Those of one loaded model with its context; both are llama.cpp's own. ``complaint`` is what
    llama.cpp said when it last refused something."""

    def __init__(
        self,
        model: llama_cpp.llama_model_p,
        context: llama_cpp.llama_context_p,
        complaint: Callable[[], str],
    ) -> None:
        self._model = model
        self._context = context
        self._complaint = complaint
        self._loaded: dict[Path, _Loaded] = {}
        self._applied: dict[Path, tuple[Stamp, float]] | None = {}  # None: what went was

    def load(self, adapters: Sequence[AppliedAdapter]) -> None:
        """Have them in memory. Raises ``ModelError`` where one cannot be applied to the model."""
        for path in _scales(adapters):
            self._load(path)

    def apply(self, adapters: Sequence[AppliedAdapter]) -> bool:
        """Apply these together, each once, and no others; whether that changed anything. Raises
        ``ModelError`` as :meth:`load` does; what was applied then stays applied."""
        scales = _scales(adapters)
        loaded = {path: self._load(path) for path in scales}
        wanted = {path: (made, scales[path]) for path, (made, _) in loaded.items()}
        if wanted == self._applied:
            return False
        count = len(loaded)
        pointers = (llama_cpp.llama_adapter_lora_p_ctypes * count)(
            *[pointer for _, pointer in loaded.values()]
        )
        numbers = (ctypes.c_float * count)(*[scales[path] for path in loaded])
        if llama_cpp.llama_set_adapters_lora(self._context, pointers, count, numbers) != 0:
            raise ModelError("llama.cpp could not apply the adapter.")
        self._applied = wanted
        for path in [path for path in self._loaded if loaded and path not in loaded]:
            llama_cpp.llama_adapter_lora_free(self._loaded.pop(path)[1])
        return True

    def _load(self, path: Path) -> _Loaded:
        now = _stamp(path)
        known = self._loaded.get(path)
        if known is not None:
            if known[0] == now:
                return known
            self._forget(path)
        gguf_lora.inspect(path)  # llama.cpp trusts what a file says of itself
        pointer = llama_cpp.llama_adapter_lora_init(self._model, str(path).encode())
        if not pointer:
            said = plain_line(self._complaint(), 160)
            raise ModelError(
                f"The adapter “{plain_line(path.name)}” cannot be applied: it is damaged, or made "
                f"for another model{f' (llama.cpp says: {said})' if said else ''}."
            )
        self._loaded[path] = (now, pointer)
        return self._loaded[path]

    def _forget(self, path: Path) -> None:
        """Free one that changed on disk. llama.cpp is not to compute with what was freed."""
        if self._applied is None or path in self._applied:
            llama_cpp.llama_set_adapters_lora(self._context, None, 0, None)
            self._applied = None
        llama_cpp.llama_adapter_lora_free(self._loaded.pop(path)[1])


def _stamp(path: Path) -> Stamp:
    """Changes when the file does. Raises ``ModelError`` where it has gone."""
    try:
        state = path.stat()
    except OSError as error:
        raise ModelError(
            f"The adapter “{plain_line(path.name)}” is not there any more: it was moved, renamed "
            "or deleted. Take it off, or put its file back."
        ) from error
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns


def _scales(adapters: Sequence[AppliedAdapter]) -> dict[Path, float]:
    """Of each file; one that is named twice adds twice, and one at 0 nothing."""
    scales: dict[Path, float] = {}
    for adapter in adapters:
        path = Path(adapter.path)
        scales[path] = scales.get(path, 0.0) + adapter.scale
    return {path: scale for path, scale in scales.items() if scale}
