"""Indexing that is killed and run again; the long version is ``tests/benchmarks/kill.py``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

KILL = Path(__file__).parent.parent / "benchmarks" / "kill.py"


def test_a_killed_run_leaves_nothing_to_see() -> None:
    done = subprocess.run(
        [sys.executable, str(KILL), "--kills", "2", "--small", "--no-embed"],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 of 2 rounds" in done.stdout
