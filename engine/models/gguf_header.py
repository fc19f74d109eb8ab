"""The head of a GGUF file: its metadata and the list of its tensors, and nothing believed.

The layout is that of ggml-org/ggml, docs/gguf.md, versions 2 and 3. Every count and length is
checked against the file's size before anything is made of it, and arrays are skipped unless they
are short: a vocabulary is never unpacked.
"""

from __future__ import annotations

import mmap
import os
import struct
from dataclasses import dataclass, field
from math import prod
from pathlib import Path

from engine.errors import ModelError

Value = int | float | bool | str | tuple["Value", ...]

MAGIC = b"GGUF"
GGUF = ".gguf"  # what such a file's name ends in
_SCALARS = {
    0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d",
}  # fmt: skip
_STRING, _ARRAY = 8, 9
_MOST_KEYS = 100_000
_MOST_TENSORS = 200_000
_MOST_ITEMS = 4_000_000  # of an array; the largest vocabularies have 300,000
_LONGEST_STRING = 1 << 20
_KEPT_ITEMS = 1024
_MOST_DIMENSIONS = 4
_ALIGNMENT = 32
_LONGEST = 1 << 28  # bytes of a head; that of a vocabulary of 300,000 words takes 15 million

# ggml's tensor types: name, elements of a block, bytes of a block
TYPES: dict[int, tuple[str, int, int]] = {
    0: ("F32", 1, 4), 1: ("F16", 1, 2), 2: ("Q4_0", 32, 18), 3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22), 7: ("Q5_1", 32, 24), 8: ("Q8_0", 32, 34), 9: ("Q8_1", 32, 40),
    10: ("Q2_K", 256, 84), 11: ("Q3_K", 256, 110), 12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176), 14: ("Q6_K", 256, 210), 15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66), 17: ("IQ2_XS", 256, 74), 18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50), 20: ("IQ4_NL", 32, 18), 21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82), 23: ("IQ4_XS", 256, 136), 24: ("I8", 1, 1), 25: ("I16", 1, 2),
    26: ("I32", 1, 4), 27: ("I64", 1, 8), 28: ("F64", 1, 8), 29: ("IQ1_M", 256, 56),
    30: ("BF16", 1, 2), 34: ("TQ1_0", 256, 54), 35: ("TQ2_0", 256, 66), 39: ("MXFP4", 32, 17),
    40: ("NVFP4", 64, 36), 41: ("Q1_0", 128, 18),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tensor:
    """``shape`` begins with what lies next to each other; ``elements`` is a count, ``size`` in
    bytes, 0 for a type that is not known here. ``offset`` counts from where the data begins."""

    name: str
    type: str
    shape: tuple[int, ...]
    elements: int
    size: int
    offset: int


@dataclass(frozen=True, slots=True)
class Header:
    """What one file says: ``size`` and ``missing`` are the bytes that it has, and that its
    tensors would need beyond; ``start`` is where their data begins. ``metadata`` holds short
    values; of a long array, nothing."""

    path: Path
    size: int
    missing: int
    start: int
    metadata: dict[str, Value]
    tensors: tuple[Tensor, ...] = field(repr=False)

    def text(self, key: str) -> str:
        value = self.metadata.get(key, "")
        return value if isinstance(value, str) else ""

    def number(self, key: str) -> int:
        """A count or size; 0 where there is none, and the largest of several."""
        value = self.metadata.get(key, 0)
        numbers = value if isinstance(value, tuple) else (value,)
        return max((n for n in numbers if isinstance(n, int)), default=0)

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.metadata.get(key, ())
        if isinstance(value, str):
            value = (value,)
        return tuple(v for v in value if isinstance(v, str)) if isinstance(value, tuple) else ()


def is_gguf(path: Path) -> bool:
    """Whether a file is one, or is called so. Raises ``OSError``."""
    if path.suffix.lower() == GGUF:
        return True
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def read_header(path: Path) -> Header:
    """Raises ``ModelError`` with what is wrong with the file."""
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise ModelError(f"“{path.name}” is not a GGUF file.")
            size = os.fstat(file.fileno()).st_size
            # a child that is held to some memory may look into a model that is larger
            with mmap.mmap(file.fileno(), min(size, _LONGEST), access=mmap.ACCESS_READ) as data:
                return _Reader(path, data, size).header()
    except OSError as error:
        reason = error.strerror or str(error)
        raise ModelError(f"“{path.name}” cannot be opened: {reason}.") from error


class _Reader:
    def __init__(self, path: Path, data: mmap.mmap, size: int) -> None:
        self._path = path
        self._data = data
        self._size = size
        self._at = len(MAGIC)

    def header(self) -> Header:
        version = self._scalar("I")
        if not 1 <= version <= 0xFFFF:  # written by a machine of the other byte order
            raise self._bad("it is for computers of another kind (big-endian)")
        if version not in (2, 3):
            raise ModelError(
                f"“{self._path.name}” is a GGUF of version {version}, which Carrel does not know. "
                "Look for a copy of this model made for today's llama.cpp."
            )
        tensors, keys = self._scalar("Q"), self._scalar("Q")
        if tensors > _MOST_TENSORS or keys > _MOST_KEYS:
            raise self._bad(f"it claims {keys} notes on {tensors} tensors")
        metadata: dict[str, Value] = {}
        for _ in range(keys):
            key = self._string()
            value = self._value(self._scalar("I"))
            if value is not None:
                metadata[key] = value
        listed, end = self._tensors(tensors)
        alignment = metadata.get("general.alignment", _ALIGNMENT)
        if not isinstance(alignment, int) or not 0 < alignment <= 1 << 20:
            raise self._bad("its tensors are laid out in an impossible way")
        start = -(-self._at // alignment) * alignment
        missing = max(0, start + end - self._size)
        return Header(self._path, self._size, missing, start, metadata, listed)

    def _tensors(self, count: int) -> tuple[tuple[Tensor, ...], int]:
        """The tensors, and where the last one ends, in bytes after the beginning of the data."""
        listed, end = [], 0
        for _ in range(count):
            name = self._string()
            dimensions = self._scalar("I")
            if dimensions > _MOST_DIMENSIONS:
                raise self._bad(f"a tensor has {dimensions} dimensions")
            shape = [self._scalar("Q") for _ in range(dimensions)]
            kind, offset = self._scalar("I"), self._scalar("Q")
            elements = prod(shape)
            known, block, bytes_each = TYPES.get(kind, (f"type {kind}", 1, 0))
            if max(elements, offset) >= 1 << 48:
                raise self._bad("a tensor is larger than any computer's memory")
            size = -(-elements // block) * bytes_each
            tensor = Tensor(name, known, tuple(shape), elements, size, offset)
            listed.append(tensor)
            end = max(end, offset + tensor.size)
        return tuple(listed), end

    def _value(self, kind: int) -> Value | None:
        if kind in _SCALARS:
            return self._scalar(_SCALARS[kind])
        if kind == _STRING:
            return self._string()
        if kind == _ARRAY:
            return self._array()
        raise self._bad(f"a note is of the unknown kind {kind}")

    def _array(self) -> Value | None:
        kind, count = self._scalar("I"), self._scalar("Q")
        if count > _MOST_ITEMS:
            raise self._bad(f"a list claims {count} items")
        if kind in _SCALARS:
            form = _SCALARS[kind]
            if count <= _KEPT_ITEMS:
                return tuple(self._scalar(form) for _ in range(count))
            self._skip(struct.calcsize("<" + form) * count)
            return None
        if kind != _STRING:
            raise self._bad("a list holds lists")
        if count <= _KEPT_ITEMS:
            return tuple(self._string() for _ in range(count))
        data, at, size = self._data, self._at, len(self._data)
        length_of = struct.Struct("<Q").unpack_from
        for _ in range(count):
            if at + 8 > size:
                raise self._cut()
            at += 8 + length_of(data, at)[0]
        if at > size:
            raise self._cut()
        self._at = at
        return None

    def _string(self) -> str:
        length = self._scalar("Q")
        if length > _LONGEST_STRING:
            if self._at + length > len(self._data):
                raise self._cut()
            raise self._bad(f"a text in it is {length} bytes long")
        start = self._at
        self._skip(length)
        return self._data[start : self._at].decode("utf-8", "replace")

    def _scalar(self, form: str) -> int:
        shape = "<" + form
        start = self._at
        self._skip(struct.calcsize(shape))
        value: int = struct.unpack_from(shape, self._data, start)[0]
        return value

    def _skip(self, count: int) -> None:
        if self._at + count > len(self._data):
            raise self._cut()
        self._at += count

    def _cut(self) -> ModelError:
        return ModelError(
            f"“{self._path.name}” is damaged or incomplete: it ends in the middle of its "
            "description. Copy or download it again."
        )

    def _bad(self, what: str) -> ModelError:
        return ModelError(
            f"“{self._path.name}” is damaged or not a proper GGUF: {what}. Copy or download it "
            "again, from a maker that you trust."
        )
