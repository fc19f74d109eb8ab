"""Which Carrel this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("carrel")
except PackageNotFoundError:
    VERSION = "(not installed)"
