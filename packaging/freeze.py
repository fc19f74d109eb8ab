"""Makes the frozen tree with PyInstaller: ``build/package/tree/carrel``, and on macOS the
application beside it. The spec leaves the list of what went into it in ``build/package``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import icons
from contents import STRIPPED
from project import BUILD, ROOT, epoch

TREE = BUILD / "tree" / "carrel"
PARTS = BUILD / "files.json"
"""Every file that went into the tree, wherever it was taken from: a JSON list."""


def freeze() -> Path:
    shutil.rmtree(BUILD, ignore_errors=True)
    BUILD.mkdir(parents=True)
    drawn = BUILD / "icons"
    drawn.mkdir()
    if sys.platform == "win32":
        icons.for_windows(icons.APP, drawn / "carrel.ico")
        icons.for_windows(icons.LIBRARY, drawn / "carrel-library.ico")
    elif sys.platform == "darwin":
        icons.for_macos(icons.APP, drawn / "carrel.icns")
    subprocess.run(
        [
            *(sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"),
            *("--distpath", str(TREE.parent), "--workpath", str(BUILD / "work")),
            str(ROOT / "packaging" / "carrel.spec"),
        ],
        # sets and dictionaries in a fixed order, and one time for all: the same tree each time
        env={**os.environ, "PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": str(epoch())},
        check=True,
    )
    if sys.platform != "win32":
        _once(TREE)
    if sys.platform.startswith("linux"):
        _strip(TREE / "_internal")
    return TREE


def _strip(inside: Path) -> None:
    for file in sorted(inside.rglob("*.so*")):
        place = file.relative_to(inside).as_posix()
        if any(known.fullmatch(place) for known in STRIPPED) and not file.is_symlink():
            subprocess.run(["strip", "--strip-unneeded", str(file)], check=True)


def _once(tree: Path) -> None:
    """Wheels have no links: a library with three names is there three times. Here once."""
    for folder in sorted({file.parent for file in tree.rglob("*.so*")}):
        seen: dict[tuple[int, bytes], Path] = {}
        files = [file for file in folder.iterdir() if ".so" in file.name or ".dylib" in file.name]
        for file in sorted(files, key=lambda file: (len(file.name), file.name), reverse=True):
            if file.is_symlink() or not file.is_file():
                continue
            key = file.stat().st_size, file.read_bytes()[: 1 << 16]
            first = seen.setdefault(key, file)
            if first is not file and first.read_bytes() == file.read_bytes():
                file.unlink()
                file.symlink_to(first.name)


if __name__ == "__main__":
    print(freeze())
