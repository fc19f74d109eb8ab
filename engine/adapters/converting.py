"""PEFT → GGUF: the same changes to the same weights, in llama.cpp's names, order and scale.

Three things differ. llama.cpp keeps the rows of a Llama's queries and keys in another order (its
rotary embedding turns neighbours, transformers' turns halves), so the rows of B go along. It has
one alpha for the whole file, and divides it by each pair's rank; whatever else PEFT multiplies a
pair with (rank-stabilised or patterned scales) is put into B. And tensors have other names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from numpy.typing import NDArray

from engine.adapters.names import base_name
from engine.adapters.peft import ModulePair, PeftAdapter
from engine.errors import CancelledError, ModelError
from engine.models.gguf_facts import plain_line

_PERMUTED = {"llama": {"attn_q": "heads", "attn_k": "key_heads"}}
_TOLERANCE = 1e-6  # of a scale: below it lies the rounding of a single


@dataclass(frozen=True, slots=True)
class Base:
    """What has to be known of the model, 0 where it is not: its kind in llama.cpp's words, the
    number of attention heads, those that share keys, of layers, and its width."""

    architecture: str
    heads: int = 0
    key_heads: int = 0
    layers: int = 0
    width: int = 0


def needs_heads(adapter: PeftAdapter, architecture: str) -> bool:
    """Whether the model's heads must be known to convert it."""
    kinds = {target.split(".")[-2] for target in adapter.targets(architecture).values()}
    return bool(kinds & _PERMUTED.get(architecture, {}).keys())


def convert(
    adapter: PeftAdapter,
    base: Base,
    out: Path,
    *,
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Write the adapter for a model of this kind to ``out``. Raises ``ModelError`` where it cannot
    be, and ``CancelledError``."""
    targets = adapter.targets(base.architecture)
    scales = {pair.module: adapter.config.scale_of(pair.module) for pair in adapter.pairs}
    alpha = _alpha(adapter.pairs, scales)
    writer = gguf.GGUFWriter(str(out), base.architecture)
    try:
        _describe(writer, adapter, base, alpha)
        order = sorted(adapter.pairs, key=lambda pair: targets[pair.module])
        for pair in order:
            for half, stored in (("lora_a", pair.a), ("lora_b", pair.b)):
                kind = np.dtype(np.float16 if stored.dtype == "F16" else np.float32)
                size = kind.itemsize * stored.shape[0] * stored.shape[1]
                writer.add_tensor_info(f"{targets[pair.module]}.{half}", stored.shape, kind, size)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        for pair in order:
            if cancelled():
                raise CancelledError("Stopped.")
            writer.write_tensor_data(np.ascontiguousarray(adapter.weights.read(pair.a)))
            b = adapter.weights.read(pair.b)
            b = _reordered(adapter.name, b, targets[pair.module], base)
            factor = scales[pair.module] * pair.rank / alpha
            writer.write_tensor_data(np.ascontiguousarray(_scaled(adapter.name, b, factor)))
    finally:
        writer.close()


def _alpha(pairs: tuple[ModulePair, ...], scales: dict[str, float]) -> float:
    """The alpha with which the most pairs need no scaling of their own."""
    wanted = Counter(float(np.float32(scales[pair.module] * pair.rank)) for pair in pairs)
    return max(wanted, key=lambda alpha: (wanted[alpha], alpha))


def _reordered(
    name: str, b: NDArray[np.floating[Any]], target: str, base: Base
) -> NDArray[np.floating[Any]]:
    said = _PERMUTED.get(base.architecture, {}).get(target.split(".")[-2])
    if said is None:
        return b
    heads = base.heads if said == "heads" else base.key_heads
    if heads < 1 or b.shape[0] % (2 * heads):
        raise ModelError(
            f"“{name}” does not fit the model: {b.shape[0]} rows of “{plain_line(target)}” cannot "
            f"be shared among {heads} attention heads."
        )
    halves = b.reshape(heads, 2, b.shape[0] // heads // 2, b.shape[1])
    return halves.swapaxes(1, 2).reshape(b.shape)


def _scaled(name: str, b: NDArray[np.floating[Any]], factor: float) -> NDArray[np.floating[Any]]:
    if abs(factor - 1) < _TOLERANCE:
        return b
    with np.errstate(over="ignore"):
        scaled = (b.astype(np.float64) * factor).astype(b.dtype)
    if not np.isfinite(scaled).all():
        raise ModelError(f"“{name}” is damaged: its scales make numbers that are too large.")
    return scaled


def _describe(writer: gguf.GGUFWriter, adapter: PeftAdapter, base: Base, alpha: float) -> None:
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, alpha)
    writer.add_name(adapter.name)
    writer.add_description(
        f"LoRA of rank {', '.join(str(rank) for rank in sorted({p.rank for p in adapter.pairs}))}, "
        "converted from PEFT by Carrel"
    )
    if adapter.licence:
        writer.add_license(adapter.licence)
    if adapter.config.base:
        name = base_name(adapter.config.base)
        writer.add_base_model_count(1)
        writer.add_base_model_name(0, name)
        maker = adapter.config.base.removesuffix(name).strip("/\\")
        if maker and not any(sign in maker for sign in "/\\"):
            writer.add_base_model_organization(0, maker)
    for number, add in (
        (base.layers, writer.add_block_count),
        (base.width, writer.add_embedding_length),
        (base.heads, writer.add_head_count),
        (base.key_heads, writer.add_head_count_kv),
    ):
        if number:
            add(number)
