"""What ``--adapter`` names."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from engine.answers import AppliedAdapter
from engine.applied import in_effect
from engine.errors import ModelError


def applied(named: Iterable[str]) -> tuple[AppliedAdapter, ...]:
    """Each is ``FILE`` or ``FILE:SCALE``; a colon that no number follows belongs to the name.
    Raises ``ModelError`` where one is not there, or its scale is none."""
    adapters = tuple(map(_one, named))
    in_effect(adapters)
    return adapters


def _one(named: str) -> AppliedAdapter:
    file, colon, number = named.rpartition(":")
    if not (colon and file):
        return _found(named, 1.0)
    try:
        scale = float(number)
    except ValueError:
        return _found(named, 1.0)
    return _found(file, scale)


def _found(name: str, scale: float) -> AppliedAdapter:
    path = Path(name).expanduser()
    if not path.is_file():
        raise ModelError(f"There is no adapter file {path}.")
    return AppliedAdapter(str(path.resolve()), scale)
