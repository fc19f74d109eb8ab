"""What is looked at before anything is made of the frozen tree."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

# of Ubuntu 22.04, the oldest system that the packages are for
OLDEST = {"GLIBC": (2, 35), "GLIBCXX": (3, 4, 30), "CXXABI": (1, 3, 13), "GCC": (12, 0, 0)}
_NEEDED = re.compile(r"Name: (GLIBC|GLIBCXX|CXXABI|GCC)_([0-9.]+)\s")


def programs(tree: Path) -> Iterator[Path]:
    """Every ELF file."""
    for file in sorted(tree.rglob("*")):
        if file.is_file() and not file.is_symlink():
            with file.open("rb") as stream:
                if stream.read(4) == b"\x7fELF":
                    yield file


def too_new(tree: Path) -> list[str]:
    """Files that need newer libraries of the system than :data:`OLDEST`, and which."""
    found = []
    for file in programs(tree):
        told = subprocess.run(
            ["readelf", "--version-info", "--wide", str(file)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        for name, number in set(_NEEDED.findall(told.stdout)):
            if tuple(map(int, number.split("."))) > OLDEST[name]:
                found.append(f"{file.relative_to(tree)} needs {name}_{number}")
    return found


def self_test(program: Path, *, folder: Path | None = None) -> None:
    """Run ``carrel self-test`` as somebody who has never run Carrel. Raises
    ``CalledProcessError`` where a part does not work."""
    with tempfile.TemporaryDirectory(prefix="carrel-home-") as home:
        names = ("CONFIG_HOME", "DATA_HOME", "STATE_HOME", "CACHE_HOME")
        own = {f"XDG_{name}": f"{home}/{name.lower()}" for name in names}
        kept = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LANG")
        inherited = {name: os.environ[name] for name in kept if name in os.environ}
        print(f"{program} self-test", flush=True)
        subprocess.run(
            [str(program), "self-test"],
            cwd=folder or home,
            env={**inherited, **own, "HOME": home},
            check=True,
        )


def program_in(tree: Path) -> Path:
    return tree / ("carrel.exe" if sys.platform == "win32" else "carrel")
