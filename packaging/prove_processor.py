"""Proves that the frozen program runs on an older processor than this one, in an emulator.

    python packaging/prove_processor.py [--processor Haswell] [--tree build/package/tree/carrel]

``carrel self-test`` runs here, natively, but each of its children is the frozen program under
``qemu-x86_64 -cpu PROCESSOR``: reading, embedding, writing and exporting are done by what the
packages hold, with what that processor knows. An instruction it lacks ends the child (SIGILL), and
the test fails. It takes long: the emulator is some twenty times as slow.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from freeze import TREE
from project import ROOT

sys.path.insert(0, str(ROOT))

from engine.workers import process

EMULATOR = "qemu-x86_64"
SLOWER = 60.0


def main() -> int:
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("--processor", default="Haswell")
    reading.add_argument("--tree", type=Path, default=TREE)
    reading.add_argument("--services", default="reader,embedder,generator,exporter,reranker")
    wanted = reading.parse_args()
    inside = wanted.tree.resolve()
    # PyInstaller's bootloader starts itself anew with these set, which would leave the emulator
    told = {
        "LD_LIBRARY_PATH": str(inside / "_internal"),
        "_PYI_ARCHIVE_FILE": str(inside / "carrel"),
        "_PYI_PARENT_PROCESS_LEVEL": "-1",
    }
    program = [EMULATOR, "-cpu", wanted.processor]
    for name, value in told.items():
        program += ["-E", f"{name}={value}"]
    program.append(str(inside / "carrel"))
    emulated = set(wanted.services.split(","))
    natively = process.command_for

    def command_for(kind: str, limits: process.Limits) -> list[str]:
        command = natively(kind, limits)
        if kind not in emulated:
            return command
        return [*program, *command[command.index("--carrel-child") :]]

    class Patience(process.Patience):
        def __init__(self, silence: float, total: float | None) -> None:
            super().__init__(silence * SLOWER, None if total is None else total * SLOWER)

    process.command_for = command_for
    process.Patience = Patience  # type: ignore[misc]
    process._START_TIMEOUT = 1800.0
    print(subprocess.run([EMULATOR, "--version"], capture_output=True, text=True).stdout, end="")
    print(f"children: {' '.join(program)}", flush=True)
    from engine.cli import main as carrel

    return carrel(["self-test"], more_checks={})


if __name__ == "__main__":
    sys.exit(main())
