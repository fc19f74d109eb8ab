"""What ``make run`` starts: the window, or where there is no display the same job in the
terminal, on the sample documents."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from system_libraries import ensure

ROOT = Path(__file__).parent.parent
DEMO = ROOT / "build" / "demo"
QUESTIONS = (
    "How long may a reserved book stay at a carrel?",
    "By how much may the rent of 14 Linden Row rise in one year?",
    "Which offer for the roof did the trustees choose?",
)


def main() -> int:
    if not sys.platform.startswith("linux") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    ):
        return ensure() or subprocess.call([sys.executable, "-m", "desktop"], cwd=ROOT)
    print("There is no display here, so Carrel does its job in the terminal, on the sample.")
    DEMO.mkdir(parents=True, exist_ok=True)
    library = ["--library", str(DEMO / "Sample.carrel")]
    commands = [["index", str(ROOT / "resources" / "sample")]]
    commands += [["ask", question] for question in QUESTIONS]
    for command in commands:
        shown = " ".join(f'"{word}"' if " " in word else word for word in command)
        print(f"\n$ carrel {shown}", flush=True)
        status = subprocess.call(
            [sys.executable, "-m", "desktop", *command, *library],
            cwd=ROOT,
            # the demonstration is not to become "the library last used"
            env={**os.environ, "XDG_CONFIG_HOME": str(DEMO / "config")},
        )
        if status != 0:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
