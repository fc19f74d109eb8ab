"""LoRA adapters as GGUF, made by code: random weights on the query projection of every block."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import numpy as np

STARTER = (30, 576)
"""Blocks and width of the starter model."""


def adapter(
    path: Path,
    blocks: int,
    width: int,
    *,
    seed: int = 1,
    strength: float = 0.3,
    kind: str = "adapter",
    alpha: float = 2.0,
    spoil: Callable[[np.ndarray[Any, Any]], None] | None = None,
    only: str = "",
) -> Path:
    """Of rank 2. ``only`` is the one part of each pair that is written; ``spoil`` may change any
    weights."""
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_string("general.type", kind)
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", alpha)
    random = np.random.default_rng(seed)
    for block in range(blocks):
        name = f"blk.{block}.attn_q.weight"
        for part, shape in (("lora_a", (2, width)), ("lora_b", (width, 2))):
            values = random.normal(0, strength, shape).astype(np.float32)
            if spoil is not None:
                spoil(values)
            if part.endswith(only):
                writer.add_tensor(f"{name}.{part}", values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
