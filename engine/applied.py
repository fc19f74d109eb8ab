"""Adapters as they are applied to a model: which of them count, and how they are called."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from engine.answers import AppliedAdapter, UsedAdapter
from engine.errors import ModelError

MOST_SCALE = 2.0


def in_effect(adapters: Sequence[AppliedAdapter]) -> tuple[AppliedAdapter, ...]:
    """Those that change anything: one at scale 0 does not. Raises ``ModelError`` for a scale that
    is none."""
    for adapter in adapters:
        if not (math.isfinite(adapter.scale) and 0 <= adapter.scale <= MOST_SCALE):
            raise ModelError(
                f"The scale of the adapter “{name_of(adapter)}” must be a number from 0 to "
                f"{MOST_SCALE:g}."
            )
    return tuple(adapter for adapter in adapters if adapter.scale)


def name_of(adapter: AppliedAdapter) -> str:
    return adapter.name or PurePath(adapter.path).stem


def names(adapters: Iterable[AppliedAdapter]) -> str:
    return " + ".join(map(name_of, adapters))


def described(adapters: Iterable[AppliedAdapter | UsedAdapter]) -> str:
    """Names with scales, such as "Terse + Legal at 0.5"; a scale of 1 goes without saying."""
    return " + ".join(_described(adapter) for adapter in adapters)


def _described(adapter: AppliedAdapter | UsedAdapter) -> str:
    name = name_of(adapter) if isinstance(adapter, AppliedAdapter) else adapter.name
    return name if adapter.scale == 1.0 else f"{name} at {adapter.scale:g}"
