"""Checks the system's own libraries that Qt needs on Linux (and what the tests need besides).

On Debian and its kin they are installed when this runs as root; otherwise the exact command is
printed. Elsewhere there is nothing to check: Qt brings what it needs.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

LIBRARIES = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
}
TEST_PROGRAMS = {"Xvfb": "xvfb", "openbox": "openbox", "xdotool": "xdotool"}


def ensure(*, for_tests: bool = False) -> int:
    """0 when all is there (or was installed just now)."""
    if not sys.platform.startswith("linux"):
        return 0
    packages = [package for name, package in LIBRARIES.items() if not _loads(name)]
    if not _has_fonts():
        packages.append("fonts-dejavu-core")
    if for_tests:
        packages += [p for name, p in TEST_PROGRAMS.items() if shutil.which(name) is None]
    if not packages:
        return 0
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if shutil.which("apt-get") is None:
        print(
            "These libraries are missing; install them with your system's package manager "
            f"(Debian calls them {' '.join(packages)}).",
            file=sys.stderr,
        )
        return 1
    if os.geteuid() != 0:
        print(
            f"Some system libraries are missing. Install them with:\n  sudo {' '.join(command)}",
            file=sys.stderr,
        )
        return 1
    print(f"Installing system libraries: {' '.join(packages)}", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["apt-get", "update"], command):
        done = subprocess.run(step, env=quiet, stdout=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            print(f"This failed: {' '.join(step)}", file=sys.stderr)
            return 1
    return 0


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _has_fonts() -> bool:
    listing = shutil.which("fc-list")
    if listing is None:
        return any(Path("/usr/share/fonts").rglob("*.[to]tf"))
    return bool(subprocess.run([listing], capture_output=True, check=False).stdout.strip())


if __name__ == "__main__":
    sys.exit(ensure(for_tests="--for-tests" in sys.argv))
