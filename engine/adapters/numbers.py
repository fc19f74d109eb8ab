"""Whether the numbers in a GGUF adapter are numbers."""

from __future__ import annotations

from typing import BinaryIO

import gguf
import numpy as np

from engine.errors import ModelError
from engine.models.gguf_facts import plain_line
from engine.models.gguf_header import TYPES, Header, Tensor

_BLOCK_BYTES = {name: size for name, _, size in TYPES.values()}


def check(header: Header) -> None:
    """Raises ``ModelError`` where a tensor holds something else. The header says that all of them
    are there."""
    with header.path.open("rb") as file:
        for tensor in header.tensors:
            if not _finite(file, header.start + tensor.offset, tensor):
                raise ModelError(
                    f"“{plain_line(header.path.name)}” is damaged: “{plain_line(tensor.name)}” "
                    "holds values that are no numbers (NaN or infinite). Its training may have "
                    "failed."
                )


def _finite(file: BinaryIO, at: int, tensor: Tensor) -> bool:
    file.seek(at)
    data = np.frombuffer(file.read(tensor.size), np.uint8)
    block = _BLOCK_BYTES[tensor.type]
    kind = gguf.GGMLQuantizationType[tensor.type]
    try:
        with np.errstate(all="ignore"):
            found = gguf.dequantize(data.reshape(-1, block), kind)
    except NotImplementedError:  # what a rare quantisation holds, llama.cpp will find out
        return True
    return bool(np.isfinite(found).all())
