"""A safetensors file, and nothing in it believed.

The layout is that of huggingface/safetensors, README: a length in eight bytes, a JSON object of so
many bytes that tells each tensor's type, shape and place, and then the numbers. Every length is
checked against the file's size before anything is made of it; the numbers are read tensor by
tensor.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelError
from engine.models.gguf_facts import plain_line

_LONGEST_HEAD = 64_000_000
_MOST_TENSORS = 100_000
_LARGEST_SIDE = 1 << 40
_SIZES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2}
_DAMAGED = "Copy or download it again."


class _Entry(msgspec.Struct, frozen=True):
    dtype: str
    shape: tuple[int, ...]
    data_offsets: tuple[int, int]


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """``shape`` as numpy has it, rows first; bytes ``begin`` to ``end`` of the file."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class SafetensorsFile:
    """The tensors of a file by name."""

    path: Path
    size: int
    tensors: dict[str, StoredTensor]

    def read(self, tensor: StoredTensor) -> NDArray[np.float32] | NDArray[np.float16]:
        """The numbers: halves where they are stored as such, else singles. Raises ``ModelError``
        where one of them is no number."""
        try:
            with self.path.open("rb") as file:
                file.seek(tensor.begin)
                data = file.read(tensor.end - tensor.begin)
        except OSError as error:
            raise _unreadable(self.path, error) from error
        if len(data) != tensor.end - tensor.begin:
            raise ModelError(f"“{plain_line(self.path.name)}” has changed while it was read.")
        numbers = _numbers(tensor.dtype, data).reshape(tensor.shape)
        if not np.isfinite(numbers).all():
            raise ModelError(
                f"“{plain_line(self.path.name)}” is damaged: “{plain_line(tensor.name)}” holds "
                "values that are no numbers (NaN or infinite). Its training may have failed."
            )
        return numbers


def open_safetensors(path: Path) -> SafetensorsFile:
    """Raises ``ModelError`` with what is wrong with the file."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(0)
            return _read(path, file, size)
    except OSError as error:
        raise _unreadable(path, error) from error


def _read(path: Path, file: BinaryIO, size: int) -> SafetensorsFile:
    if size < 8:
        raise _bad(path, "it is empty")
    length = struct.unpack("<Q", file.read(8))[0]
    if length > size - 8:
        raise _bad(path, f"its description would take {length:,} bytes, and the file has {size:,}")
    if length > _LONGEST_HEAD:
        raise _bad(path, f"its description takes {length:,} bytes")
    try:
        raw = msgspec.json.decode(file.read(length), type=dict[str, msgspec.Raw])
        raw.pop("__metadata__", None)
        if len(raw) > _MOST_TENSORS:
            raise _bad(path, f"it lists {len(raw):,} tensors")
        entries = {name: msgspec.json.decode(value, type=_Entry) for name, value in raw.items()}
    except (msgspec.MsgspecError, RecursionError) as error:
        raise _bad(path, "its description cannot be read") from error
    start = 8 + length
    tensors = {name: _tensor(path, name, entry, start) for name, entry in entries.items()}
    _check_places(path, tensors, start, size)
    return SafetensorsFile(path, size, tensors)


def _tensor(path: Path, name: str, entry: _Entry, start: int) -> StoredTensor:
    shown = plain_line(name)
    if entry.dtype not in _SIZES:
        raise ModelError(
            f"“{plain_line(path.name)}” holds numbers of the kind “{plain_line(entry.dtype, 20)}” "
            f"(“{shown}”). Carrel reads F32, F16 and BF16."
        )
    if len(entry.shape) > 8 or not all(0 <= side < _LARGEST_SIDE for side in entry.shape):
        raise _bad(path, f"“{shown}” has an impossible shape")
    begin, end = entry.data_offsets
    wanted = prod(entry.shape) * _SIZES[entry.dtype]
    if not 0 <= begin <= end or end - begin != wanted:
        raise _bad(path, f"“{shown}” should take {wanted:,} bytes and is given {end - begin:,}")
    return StoredTensor(name, entry.dtype, entry.shape, start + begin, start + end)


def _check_places(path: Path, tensors: dict[str, StoredTensor], start: int, size: int) -> None:
    """One behind the other, from the beginning of the data to the end of the file."""
    at = start
    for tensor in sorted(tensors.values(), key=lambda tensor: (tensor.begin, tensor.end)):
        if tensor.begin != at:
            shown = plain_line(tensor.name)
            raise _bad(path, f"“{shown}” overlaps another or does not follow on it")
        at = tensor.end
    if at > size:
        raise ModelError(
            f"“{plain_line(path.name)}” is incomplete: its tensors take {at:,} bytes, and the file "
            f"has {size:,}. {_DAMAGED}"
        )
    if at < size:
        raise _bad(path, f"{size - at:,} bytes in it belong to nothing")


def _numbers(dtype: str, data: bytes) -> NDArray[np.float32] | NDArray[np.float16]:
    if dtype == "F16":
        return np.frombuffer(data, "<f2")
    if dtype == "F32":
        return np.frombuffer(data, "<f4")
    if dtype == "F64":
        with np.errstate(over="ignore"):
            return np.frombuffer(data, "<f8").astype("<f4")
    # bfloat16 is the upper half of a single
    return (np.frombuffer(data, "<u2").astype("<u4") << 16).view("<f4")


def _bad(path: Path, what: str) -> ModelError:
    return ModelError(
        f"“{plain_line(path.name)}” is damaged or no safetensors file: {what}. {_DAMAGED}"
    )


def _unreadable(path: Path, error: OSError) -> ModelError:
    reason = error.strerror or str(error)
    return ModelError(f"“{plain_line(path.name)}” cannot be opened: {reason}.")
