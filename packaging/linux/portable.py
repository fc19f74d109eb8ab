"""Makes the archive for every other Linux: ``dist/carrel-VERSION-linux-MACHINE.tar.xz``.

It is unpacked anywhere and run as it is; ``install.sh`` in it puts Carrel into the menu of the
person who runs it, and takes it out again.
"""

from __future__ import annotations

import io
import lzma
import platform
import shutil
import subprocess
import tarfile
from pathlib import Path

import checks
import icons
from project import BUILD, DIST, ROOT, epoch, filled, version

from engine.paths import APP_ID

HERE = Path(__file__).parent


def build(tree: Path) -> Path:
    name = f"carrel-{version()}"
    DIST.mkdir(exist_ok=True)
    archive = DIST / f"{name}-linux-{platform.machine()}.tar.xz"
    share = _share()
    with (
        lzma.open(archive, "wb", preset=6) as packed,
        tarfile.open(fileobj=packed, mode="w|") as tar,
    ):
        _add(tar, tree, f"{name}/lib")
        _add(tar, share, f"{name}/share")
        _add_text(tar, f"{name}/install.sh", filled(HERE / "install.sh"), runs=True)
        _add_text(tar, f"{name}/README.txt", filled(HERE / "portable-readme.txt"))
        _add_text(tar, f"{name}/LICENSE", (ROOT / "LICENSE").read_text(encoding="utf-8"))
        link = tarfile.TarInfo(f"{name}/carrel")
        link.type, link.linkname = tarfile.SYMTYPE, "lib/carrel"
        tar.addfile(_plain(link))
    return archive


def _share() -> Path:
    """What desktops look for, as it lies below ``share``; Flatpak's manifest takes it too."""
    share = BUILD / "share"
    shutil.rmtree(share, ignore_errors=True)
    icons.into_theme(share / "icons" / "hicolor", APP_ID)
    for source, place in (
        (f"{APP_ID}.desktop", "applications"),
        (f"{APP_ID}.mime.xml", "mime/packages"),
        (f"{APP_ID}.metainfo.xml", "metainfo"),
        ("carrel.1", "man/man1"),
    ):
        folder = share / place
        folder.mkdir(parents=True, exist_ok=True)
        text = filled(HERE / source)
        (folder / source.replace(".mime.xml", ".xml")).write_text(text, encoding="utf-8")
    return share


def test(archive: Path) -> None:
    """The archive as it was packed works."""
    unpacked = BUILD / "portable-unpacked"
    shutil.rmtree(unpacked, ignore_errors=True)
    unpacked.mkdir(parents=True)
    subprocess.run(["tar", "-xJf", str(archive), "-C", str(unpacked)], check=True)
    checks.self_test(unpacked / f"carrel-{version()}" / "carrel")
    shutil.rmtree(unpacked)


def _add(tar: tarfile.TarFile, folder: Path, place: str) -> None:
    for file in sorted(folder.rglob("*")):
        entry = tar.gettarinfo(file, f"{place}/{file.relative_to(folder)}")
        entry.mode = 0o755 if file.is_dir() or entry.mode & 0o100 else 0o644
        if entry.isreg():
            with file.open("rb") as stream:
                tar.addfile(_plain(entry), stream)
        else:
            tar.addfile(_plain(entry))


def _add_text(tar: tarfile.TarFile, place: str, text: str, *, runs: bool = False) -> None:
    entry = tarfile.TarInfo(place)
    data = text.encode()
    entry.size, entry.mode = len(data), 0o755 if runs else 0o644
    tar.addfile(_plain(entry), io.BytesIO(data))


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Nobody's and of one time, so that it does not tell who built it and when. Two names of one
    file are stored as two files: where they are unpacked there may be no links."""
    if entry.type == tarfile.LNKTYPE:
        entry.type = tarfile.REGTYPE
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    entry.mtime = epoch()
    return entry
