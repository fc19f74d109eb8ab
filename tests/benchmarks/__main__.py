"""``python -m tests.benchmarks [NAME…]``: all of them, or those named."""

from __future__ import annotations

import importlib
import sys

BENCHMARKS = ("filings", "window", "kill")


def main() -> int:
    status = 0
    for name in sys.argv[1:] or BENCHMARKS:
        status |= importlib.import_module(f"tests.benchmarks.{name}").main()
    return status


if __name__ == "__main__":
    raise SystemExit(main())
