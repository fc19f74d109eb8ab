"""``python -m tests.benchmarks [NAME…]``: all of them, or those named."""

from __future__ import annotations

import importlib
import sys

BENCHMARKS = (
    "filings",
    "reading",
    "hostile",
    "scans",
    "quality",
    "embedding",
    "generating",
    "adapters",
    "applying",
    "answers",
    "comparing",
    "injection",
    "window",
    "kill",
    "time_left",
    "scale",
    "keystrokes",
    "training",
)


def main() -> int:
    status = 0
    names = sys.argv[1:] or BENCHMARKS
    for name in names:
        sys.argv[1:] = []  # a benchmark's own arguments are for when it runs by itself
        status |= importlib.import_module(f"tests.benchmarks.{name}").main()
    return status


if __name__ == "__main__":
    raise SystemExit(main())
