"""Makes the Debian package out of the frozen tree: ``dist/carrel_VERSION-BUILD_ARCH.deb``.

``BUILD`` in the environment numbers the builds of one version; 1 unless given. Libraries that
Debian has itself are not taken along: the package depends on Debian's, as ``dpkg-shlibdeps`` finds
them.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import checks
import icons
from project import BUILD, DIST, MAINTAINER, ROOT, epoch, filled, version

from engine.paths import APP_ID

HERE = Path(__file__).parent
WHERE = "usr/lib/carrel"

# part of every Debian desktop, or of its base; the rest of what PyInstaller took from this system
# stays in, because Ubuntu and Debian name its packages differently
DEBIAN_HAS = re.compile(
    r"lib(xcb-[\w-]+|xkbcommon(-x11)?|X11-xcb|bz2|lzma|z|uuid|ffi|sqlite3|ssl|crypto|expat"
    r"|mpdec|ncursesw?|tinfo|readline)\.so\.[0-9.]+"
)
# what is opened by its name, so that no list of needed libraries has it
OPENED_BY_NAME = ("libxcb-cursor0", "libxkbcommon-x11-0")
# of the others, dpkg-shlibdeps names versions of the Debian on which this runs, also where what is
# used has been there for long; the oldest that is needed of these three is known (checks.OLDEST)
WITH_VERSION = ("libc6", "libgcc-s1", "libstdc++6")
# plugins that are used where the desktop has their libraries, and are silent where it has not
OPTIONAL = ("libqgtk3.so",)
RECOMMENDED = ("fonts-dejavu-core",)
SUGGESTED = ("xdg-utils", "libreoffice-writer", "libreoffice-calc", "libreoffice-impress")

DESCRIPTION = """\
ask your own documents, on your own computer
 Drag in folders of papers, contracts or notes: Carrel reads them, finds the
 passages that answer your question, and lets a small language model write on
 top of them. Every claim is a link that opens the page it came from, with the
 passage lit; what your documents do not support is marked as such.
 .
 Nothing ever leaves the computer: no account, no telemetry, no network
 connection at all. The models come with it.
"""

LINTIAN = """\
# The package holds the libraries that Carrel is built and tested with, as their makers publish
# them: wheels with libraries of their own, found beside them.
carrel: embedded-library
carrel: custom-library-search-path
carrel: unstripped-binary-or-object
carrel: shared-library-lacks-prerequisites
carrel: library-not-linked-against-libc
carrel: hardening-no-fortify-functions
carrel: hardening-no-pie
carrel: hardening-no-relro
carrel: hardening-no-bindnow
carrel: executable-stack-in-shared-library
carrel: shared-library-is-executable
carrel: executable-not-elf-or-script
carrel: script-not-executable
# of the developers of transformers: nobody runs them
carrel: unusual-interpreter
carrel: font-in-non-font-package
carrel: truetype-font-prohibits-installable-embedding
carrel: package-contains-documentation-outside-usr-share-doc
carrel: exit-in-shared-library
carrel: binary-has-unneeded-section
carrel: spelling-error-in-binary
# there is no bug of Debian's to close: this is not a package of Debian's archive
carrel: initial-upload-closes-no-bugs
"""


def build(tree: Path) -> Path:
    """The package; ``tree`` stays as it is."""
    root = BUILD / "deb"
    shutil.rmtree(root, ignore_errors=True)
    (root / "DEBIAN").mkdir(parents=True)  # dpkg-shlibdeps looks for it too
    _files(tree, root)
    _control(root)
    _settle(root)
    DIST.mkdir(exist_ok=True)
    package = DIST / f"carrel_{_version()}_{_architecture()}.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zxz", "-z6", "--build", str(root), str(package)],
        env={**os.environ, "SOURCE_DATE_EPOCH": str(epoch())},
        check=True,
    )
    return package


def test(package: Path) -> None:
    """The package as it was packed works."""
    unpacked = BUILD / "deb-unpacked"
    shutil.rmtree(unpacked, ignore_errors=True)
    subprocess.run(["dpkg-deb", "-x", str(package), str(unpacked)], check=True)
    checks.self_test(unpacked / "usr" / "bin" / "carrel")
    shutil.rmtree(unpacked)


def _files(tree: Path, root: Path) -> None:
    shutil.copytree(tree, root / WHERE, symlinks=True)
    for file in _debians_own(root / WHERE):
        file.unlink()
    programs = root / "usr" / "bin"
    programs.mkdir(parents=True)
    (programs / "carrel").symlink_to(f"../{Path(WHERE).relative_to('usr')}/carrel")
    share = root / "usr" / "share"
    _write(share / "applications" / f"{APP_ID}.desktop", filled(HERE / f"{APP_ID}.desktop"))
    _write(share / "metainfo" / f"{APP_ID}.metainfo.xml", filled(HERE / f"{APP_ID}.metainfo.xml"))
    _write(share / "mime" / "packages" / f"{APP_ID}.xml", filled(HERE / f"{APP_ID}.mime.xml"))
    icons.into_theme(share / "icons" / "hicolor", APP_ID)
    _gzip(share / "man" / "man1" / "carrel.1.gz", filled(HERE / "carrel.1"))
    papers = share / "doc" / "carrel"
    _write(papers / "copyright", (HERE / "copyright").read_text(encoding="utf-8"))
    _gzip(papers / "AGPL-3.gz", (ROOT / "LICENSE").read_text(encoding="utf-8"))
    _gzip(papers / "changelog.gz", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    _gzip(papers / "changelog.Debian.gz", _changelog())
    (papers / "third-party.txt").symlink_to(
        "../../../lib/carrel/_internal/resources/licences/third-party.txt"
    )
    _write(share / "lintian" / "overrides" / "carrel", LINTIAN)


def _debians_own(tree: Path) -> Iterator[Path]:
    for file in sorted((tree / "_internal").iterdir()):
        if DEBIAN_HAS.fullmatch(file.name):
            yield file


def _control(root: Path) -> None:
    size = sum(f.lstat().st_size for f in root.rglob("*") if not f.is_dir()) // 1024
    fields = {
        "Package": "carrel",
        "Version": _version(),
        "Architecture": _architecture(),
        "Maintainer": MAINTAINER,
        "Installed-Size": str(size),
        "Depends": ", ".join(_depends(root)),
        "Recommends": ", ".join(RECOMMENDED),
        "Suggests": ", ".join(SUGGESTED),
        "Section": "text",
        "Priority": "optional",
        "Description": DESCRIPTION.rstrip(),
    }
    told = root / "DEBIAN"
    _write(told / "control", "".join(f"{name}: {value}\n" for name, value in fields.items()))
    sums = subprocess.run(
        ["find", "usr", "-type", "f", "-print0"], cwd=root, capture_output=True, check=True
    ).stdout.decode().rstrip("\0").split("\0")  # fmt: skip
    lines = subprocess.run(
        ["md5sum", *sorted(sums)], cwd=root, capture_output=True, text=True, check=True
    )
    _write(told / "md5sums", lines.stdout)


def _depends(root: Path) -> list[str]:
    """What Debian calls the libraries of the system that anything in the package needs."""
    tree = root / WHERE
    work = BUILD / "shlibdeps"
    (work / "debian").mkdir(parents=True, exist_ok=True)
    _write(work / "debian" / "control", "Source: carrel\n\nPackage: carrel\nArchitecture: any\n")
    elves = [file for file in checks.programs(tree) if file.name not in OPTIONAL]
    folders = sorted({str(file.parent) for file in elves})
    told = subprocess.run(
        ["dpkg-shlibdeps", "-O", "--ignore-missing-info", "--warnings=0",
         *(f"-l{folder}" for folder in folders), *map(str, elves)],
        cwd=work, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if told.returncode != 0:
        raise RuntimeError(told.stderr)
    told_of = told.stdout.partition("shlibs:Depends=")[2].strip().split(", ")
    found = [need if need.startswith(WITH_VERSION) else need.partition(" (")[0] for need in told_of]
    return sorted({*found, *(name for name in OPENED_BY_NAME if name not in told.stdout)} - {""})


def _changelog() -> str:
    when = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(epoch()))
    return (
        f"carrel ({_version()}) stable; urgency=medium\n\n"
        "  * See changelog.gz for what has changed.\n\n"
        f" -- {MAINTAINER}  {when}\n"
    )


def _settle(root: Path) -> None:
    """The same rights and times wherever and whenever it is built."""
    for file in [root, *root.rglob("*")]:
        if not file.is_symlink():
            runs = file.is_dir() or file.stat().st_mode & 0o100
            file.chmod(0o755 if runs else 0o644)
        os.utime(file, (epoch(), epoch()), follow_symlinks=False)


def _version() -> str:
    return f"{version()}-{os.environ.get('BUILD', '1')}"


def _architecture() -> str:
    told = subprocess.run(
        ["dpkg", "--print-architecture"], capture_output=True, text=True, check=True
    )
    return told.stdout.strip()


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _gzip(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
