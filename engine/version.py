"""Which Carrel this is."""

from __future__ import annotations

from functools import cache


@cache
def version() -> str:
    from importlib import metadata  # takes longer to load than most that want to know

    try:
        return metadata.version("carrel")
    except metadata.PackageNotFoundError:
        return "(not installed)"
