"""The shapes of a model's tensors, or of what an adapter adds to them, in few lines: one for each
kind and shape, with the layers that have it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_NAME = re.compile(r"^(?:blk\.(?P<block>\d{1,4})\.)?(?P<kind>[\w.]{1,60})\.weight$", re.ASCII)
_OUTSIDE = -1


@dataclass(frozen=True, slots=True)
class TensorGroup:
    """Tensors of one ``kind`` ("attn_q") that turn ``inputs`` numbers into ``outputs``, as many
    times over as there are ``experts``. ``blocks`` are runs of layers, from 0, their last
    included; none for a tensor outside the layers."""

    kind: str
    inputs: int
    outputs: int
    experts: int = 1
    blocks: tuple[tuple[int, int], ...] = ()

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.inputs, self.outputs, self.experts

    def places(self) -> set[int]:
        """The layers, and -1 for a tensor outside of them."""
        inside = {block for first, last in self.blocks for block in range(first, last + 1)}
        return inside or {_OUTSIDE}


def grouped(tensors: Iterable[tuple[str, tuple[int, ...]]]) -> tuple[TensorGroup, ...]:
    """``tensors`` are names ("blk.3.attn_q.weight") and shapes as GGUF has them, inputs first.
    Vectors are left out, and what is not named like a model's weights."""
    found: dict[tuple[str, int, int, int], set[int]] = {}
    for name, shape in tensors:
        match = _NAME.match(name)
        if match is None or not 2 <= len(shape) <= 3:
            continue
        key = (match["kind"], shape[0], shape[1], shape[2] if len(shape) == 3 else 1)
        block = _OUTSIDE if match["block"] is None else int(match["block"])
        found.setdefault(key, set()).add(block)
    return tuple(
        TensorGroup(*key, blocks=_runs(blocks - {_OUTSIDE})) for key, blocks in found.items()
    )


def _runs(blocks: set[int]) -> tuple[tuple[int, int], ...]:
    runs: list[tuple[int, int]] = []
    for block in sorted(blocks):
        if runs and runs[-1][1] == block - 1:
            runs[-1] = (runs[-1][0], block)
        else:
            runs.append((block, block))
    return tuple(runs)
