"""``make package``: the frozen tree, and everything that is made of it on this system.

    python packaging/package.py [--keep-tree]

Results lie in ``dist``: the packages, the bill of materials, the table of what weighs what, and
checksums. Each package is unpacked again and has to pass ``carrel self-test``: the last step of
all.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE), str(HERE / "linux")]

import checks  # noqa: E402
import freeze  # noqa: E402
import sbom  # noqa: E402
import shipped  # noqa: E402
import weigh  # noqa: E402
from project import BUILD, DIST, version  # noqa: E402


def main() -> int:
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("--keep-tree", action="store_true", help="do not freeze anew")
    wanted = reading.parse_args()
    tree = freeze.TREE if wanted.keep_tree else freeze.freeze()
    DIST.mkdir(exist_ok=True)
    if sys.platform.startswith("linux") and (wrong := checks.too_new(tree)):
        print("This would not run on Ubuntu 22.04:", *wrong, sep="\n  ", file=sys.stderr)
        return 1
    files = json.loads(freeze.PARTS.read_text())
    made = [sbom.write(shipped.parts(files), DIST / f"carrel-{version()}.cdx.json")]
    shutil.copyfile(BUILD / "third-party.txt", DIST / "third-party.txt")
    made.append(DIST / "third-party.txt")
    (DIST / "weights.md").write_text(weigh.table(tree), encoding="utf-8")
    checks.self_test(checks.program_in(tree))
    made += _packages(tree)
    _checksums(made)
    for file in made:
        print(f"{file.relative_to(DIST.parent)}  {file.stat().st_size / 1e6:,.1f} MB")
    return 0


def _packages(tree: Path) -> list[Path]:
    """What this system's people install. On Windows and macOS that is made by the tools of those
    systems, out of the same tree (see README.md)."""
    if not sys.platform.startswith("linux"):
        return []
    import deb
    import portable

    made = []
    if shutil.which("dpkg-shlibdeps") and shutil.which("dpkg-deb"):
        package = deb.build(tree)
        deb.test(package)
        made.append(package)
    else:
        print("No Debian package: dpkg-dev is not installed.", file=sys.stderr)
    archive = portable.build(tree)
    portable.test(archive)
    return [*made, archive]


def _checksums(files: list[Path]) -> None:
    lines = []
    for file in sorted(files):
        with file.open("rb") as stream:
            lines.append(f"{hashlib.file_digest(stream, 'sha256').hexdigest()}  {file.name}\n")
    (DIST / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
