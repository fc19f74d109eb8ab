"""What differs between two builds of the same commit.

    python packaging/compare_builds.py TREE TREE

Trees are frozen trees, or unpacked packages. Prints each file that is not the same, and for the
program which modules of the Python code in it are not; exits with 1 if there is any.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path


def contents(tree: Path) -> dict[str, str]:
    """Place → digest, or where a link leads."""
    found = {}
    for file in sorted(tree.rglob("*")):
        place = str(file.relative_to(tree))
        if file.is_symlink():
            found[place] = f"→ {file.readlink()}"
        elif file.is_file():
            with file.open("rb") as stream:
                found[place] = hashlib.file_digest(stream, "sha256").hexdigest()
    return found


def modules(program: Path) -> dict[str, str]:
    """Digests of the Python modules in a frozen program."""
    from PyInstaller.archive.readers import CArchiveReader

    reader = CArchiveReader(str(program))
    inner = reader.open_embedded_archive("PYZ.pyz")
    return {
        name: hashlib.sha256(inner.extract(name, raw=True) or b"").hexdigest() for name in inner.toc
    }


def differences(one: dict[str, str], other: dict[str, str]) -> list[str]:
    missing = sorted(one.keys() ^ other.keys())
    changed = [name for name in sorted(one.keys() & other.keys()) if one[name] != other[name]]
    return [*(f"only in one: {name}" for name in missing), *changed]


def main() -> int:
    one, other = map(Path, sys.argv[1:3])
    found = differences(contents(one), contents(other))
    for name in found:
        print(name)
        if Path(name).name == "carrel" and (one / name).is_file():
            for module in differences(modules(one / name), modules(other / name)):
                print(f"    {module}")
    print(f"{len(found)} of {len(contents(one))} files differ.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
