"""Adapters made by code, for the tiny model of ``tiny_gguf``: as PEFT saves them and as GGUF, and
the same with anything in them changed for the worse."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from tests.engine.tiny_gguf import LAYERS, WIDTH

Tensors = dict[str, NDArray[Any]]
RANK = 2
CONFIG: dict[str, Any] = {
    "peft_type": "LORA",
    "task_type": "CAUSAL_LM",
    "base_model_name_or_path": "somebody/Tiny-Llama",
    "r": RANK,
    "lora_alpha": 4,
    "target_modules": ["q_proj", "v_proj"],
    "bias": "none",
}
FIRST = "base_model.model.model.layers.0.self_attn.q_proj"


def tensors(seed: int = 3, *, width: int = WIDTH, layers: int = LAYERS) -> Tensors:
    random = np.random.default_rng(seed)
    found: Tensors = {}
    for layer in range(layers):
        for module in ("q_proj", "v_proj"):
            name = f"base_model.model.model.layers.{layer}.self_attn.{module}"
            found[f"{name}.lora_A.weight"] = random.normal(0, 1, (RANK, width)).astype(np.float32)
            found[f"{name}.lora_B.weight"] = random.normal(0, 1, (width, RANK)).astype(np.float32)
    return found


def peft(
    folder: Path,
    config: dict[str, Any] | None = None,
    weights: Tensors | bytes | None = None,
    **how: Any,
) -> Path:
    """A folder as PEFT saves it. ``config`` is put over the ordinary one; ``how`` is for
    :func:`tensors`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "adapter_config.json").write_text(json.dumps({**CONFIG, **(config or {})}))
    file = folder / "adapter_model.safetensors"
    if isinstance(weights, bytes):
        file.write_bytes(weights)
    else:
        safetensors.numpy.save_file(weights or tensors(**how), file)
    return folder


def stored(head: Any, data: bytes = b"", length: int | None = None) -> bytes:
    """A safetensors file with this head, which may say what it likes."""
    text = head if isinstance(head, bytes) else json.dumps(head).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def entry(dtype: str, shape: list[int], begin: int, end: int) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def lora(
    path: Path,
    *,
    architecture: str = "llama",
    kind: str = "adapter",
    form: str | None = "lora",
    alpha: float = 4.0,
    rank: int = RANK,
    width: int = WIDTH,
    layers: int = LAYERS,
    more: Callable[[gguf.GGUFWriter], None] | None = None,
    change: Callable[[Tensors], None] | None = None,
) -> Path:
    """A GGUF adapter for the first matrices of every layer."""
    writer = gguf.GGUFWriter(str(path), architecture)
    writer.add_type(kind)
    writer.add_name("Tiny adapter")
    if form is not None:
        writer.add_string("adapter.type", form)
    writer.add_float32("adapter.lora.alpha", alpha)
    if more is not None:
        more(writer)
    random = np.random.default_rng(4)
    found: Tensors = {}
    for layer in range(layers):
        name = f"blk.{layer}.attn_v.weight"
        found[f"{name}.lora_a"] = random.normal(0, 1, (rank, width)).astype(np.float32)
        found[f"{name}.lora_b"] = random.normal(0, 1, (width, rank)).astype(np.float32)
    if change is not None:
        change(found)
    for tensor, values in found.items():
        writer.add_tensor(tensor, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
