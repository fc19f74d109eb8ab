"""What ``--adapter`` names."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from engine.adapters.catalogue import Adapters
from engine.answers import AppliedAdapter
from engine.applied import in_effect
from engine.errors import ModelError
from engine.models.catalogue import Catalogue
from engine.settings import SettingsFile


def applied(named: Iterable[str]) -> tuple[AppliedAdapter, ...]:
    """Each is ``FILE`` or ``FILE:SCALE``, or so with the name of one in the list for the file; a
    colon that no number follows belongs to the name.
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
    if path.is_file():
        return AppliedAdapter(str(path.resolve()), scale)
    settings = SettingsFile()
    entry = Adapters(settings, Catalogue(settings)).named(name)
    if entry.problem:
        raise ModelError(f"The adapter {entry.name} cannot be used: {entry.problem}")
    return AppliedAdapter(entry.place, scale, entry.name)
