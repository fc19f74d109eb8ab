"""Builds llama-cpp-python's wheel for the package: one that runs on any x86-64 or ARM64 processor.

llama.cpp is compiled once for each family of processors, and picks among those libraries when it
is loaded (``engine/models/llama.py`` names the folder). Nothing of the machine that builds gets
into it: neither its processor's instructions nor its paths.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from pins import pinned

PACKAGE = "llama_cpp_python"
LIBRARIES = "llama_cpp/lib"  # all in one folder, where llama.cpp looks for them


def options(source: Path, platform: str = sys.platform) -> list[str]:
    """What CMake is told."""
    found = {
        "GGML_NATIVE": "OFF",
        "GGML_BACKEND_DL": "ON",
        "GGML_CPU_ALL_VARIANTS": "ON",
        "LLAVA_BUILD": "OFF",
        "CMAKE_INSTALL_BINDIR": LIBRARIES,
        "CMAKE_INSTALL_LIBDIR": LIBRARIES,
        "CMAKE_INSTALL_INCLUDEDIR": f"{LIBRARIES}/include",
    }
    if platform == "darwin":
        # Apple's linker has no variants to choose from: the oldest ARM Mac is the base
        found |= {"GGML_BACKEND_DL": "OFF", "GGML_CPU_ALL_VARIANTS": "OFF"}
    if platform != "win32":
        same = f"-ffile-prefix-map={source}=llama-cpp-python"
        found |= {"CMAKE_C_FLAGS": same, "CMAKE_CXX_FLAGS": same}
    if platform.startswith("linux"):
        found |= {"CMAKE_INSTALL_RPATH": "$ORIGIN"}
    return [f"-D{name}={value}" for name, value in found.items()]


def build(into: Path, work: Path) -> Path:
    """The wheel, in ``into``; what is there already for this version is taken."""
    version = pinned(PACKAGE)
    ready = sorted(into.glob(f"{PACKAGE}-{version}-*.whl"))
    if ready:
        return ready[0]
    into.mkdir(parents=True, exist_ok=True)
    source = _source(version, work)
    built = work / "built"
    built.mkdir()
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-cache-dir"),
            *("--config-settings", f"build-dir={work / 'objects'}"),
            *("--wheel-dir", str(built), str(source)),
        ],
        env={**os.environ, "CMAKE_ARGS": " ".join(options(source))},
        check=True,
    )
    (wheel,) = built.glob("*.whl")
    return Path(shutil.move(wheel, into / wheel.name))


def _source(version: str, work: Path) -> Path:
    """The unpacked sdist, always at the same place: compilers write down where they worked."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"),
            *("--no-binary", "llama-cpp-python", "--dest", str(work)),
            f"llama-cpp-python=={version}",
        ],
        check=True,
    )
    (archive,) = work.glob("*.tar.gz")
    with tarfile.open(archive) as unpacking:
        unpacking.extractall(work, filter="data")
    return work / f"{PACKAGE}-{version}"


if __name__ == "__main__":
    print(build(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()))
