"""Texts as arrays of tokens, in few shapes.

Lengths are rounded up and rows come in powers of two, because a compiled model keeps something
for every shape that it has seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

Input = str | tuple[str, str]

_STEP = 16  # tokens
_STEPS_AN_OCTAVE = 16
_MOST_TOKENS = 2048  # in one batch: what a slow processor does in a fraction of a second


class TokenForm(msgspec.Struct, frozen=True):
    """How a model wants its tokens: at most ``max_tokens``, filled up with ``pad`` (and token
    type ``pad_type``) on the right unless ``pads_left``; too long a text is cut at its end unless
    ``cuts_left``."""

    max_tokens: int
    pad: int
    pad_type: int
    pads_left: bool
    cuts_left: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """``rows`` are places in the input; each array is (rows or more, length) of int64."""

    rows: list[int]
    arrays: dict[str, NDArray[np.int64]]


class Batches:
    """Tokenizes, sorts by length, and cuts into arrays."""

    def __init__(self, tokenizer: str, form: TokenForm, names: Sequence[str], rows: int) -> None:
        """``tokenizer`` is its JSON, ``names`` what the model takes of "input_ids",
        "attention_mask" and "token_type_ids", ``rows`` the size of a full batch."""
        self._tokenizer = Tokenizer.from_str(tokenizer)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(
            form.max_tokens,
            strategy="longest_first",
            direction="left" if form.cuts_left else "right",
        )
        self._form = form
        self._names = tuple(names)
        self._rows = rows

    def of(self, inputs: Sequence[Input], prompt: str = "") -> Iterator[Batch]:
        """Every input once, short ones first."""
        texts = [prompt + item for item in inputs if isinstance(item, str)] if prompt else inputs
        encodings = self._tokenizer.encode_batch(list(texts))
        order = sorted(range(len(encodings)), key=lambda at: len(encodings[at].ids))
        at = 0
        while at < len(order):
            take = self._rows
            while take > 1 and (
                take > len(order) - at
                or take * rounded(len(encodings[order[at + take - 1]].ids)) > _MOST_TOKENS
            ):
                take //= 2
            rows = order[at : at + take]
            yield Batch(rows, self._arrays([encodings[row] for row in rows]))
            at += take

    def _arrays(self, encodings: Sequence[Encoding]) -> dict[str, NDArray[np.int64]]:
        length = rounded(max(len(encoding.ids) for encoding in encodings))
        # learned positions end here, and so does what the model can be given
        length = min(length, max(self._form.max_tokens, 1))
        shape = (len(encodings), length)
        ids = np.full(shape, self._form.pad, np.int64)
        mask = np.zeros(shape, np.int64)
        types = np.full(shape, self._form.pad_type, np.int64)
        for row, encoding in enumerate(encodings):
            count = len(encoding.ids)
            place = slice(length - count, length) if self._form.pads_left else slice(0, count)
            ids[row, place] = encoding.ids
            mask[row, place] = encoding.attention_mask
            types[row, place] = encoding.type_ids
        arrays = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        return {name: arrays[name] for name in self._names}


def rounded(length: int) -> int:
    """The next longer length that is used: steps of 16 tokens, and at most 16 steps from a
    length to its double."""
    step = _STEP
    while length > step * _STEPS_AN_OCTAVE:
        step *= 2
    return max(_STEP, -(-length // step) * step)
