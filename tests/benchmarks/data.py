"""Where the benchmarks' documents are: real ones that do not belong to the project."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).parents[2]


def bench_data() -> Path | None:
    """``$CARREL_BENCH_DATA``, or ``shared/data`` beside the project; None without either."""
    named = os.environ.get("CARREL_BENCH_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    return folder if folder.is_dir() else None
