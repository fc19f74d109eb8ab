"""The versions that are tested together, as ``constraints.txt`` names them."""

from __future__ import annotations

import re
from pathlib import Path

CONSTRAINTS = Path(__file__).parent.parent / "constraints.txt"


def pinned(package: str) -> str:
    """Raises ``KeyError`` for a package that is not in the file."""
    return versions()[normal(package)]


def versions() -> dict[str, str]:
    """Normal name → version."""
    lines = CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("==") for line in lines if "==" in line and not line.startswith("#"))
    return {normal(name): version for name, version in pairs}


def normal(name: str) -> str:
    """A package's name as PyPI compares names."""
    return re.sub(r"[-_.]+", "-", name).lower()
