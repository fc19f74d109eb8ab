"""How fast the packaged llama.cpp and embedder are beside those of a native build.

    python packaging/speeds.py [--native .venv/bin/python] [--packaged build/venv/bin/python]

The environment of ``make run`` holds a llama.cpp that was compiled for this processor; that of
``make package`` the one that the packages carry. Both are measured in turns, each time in a process
of its own, on one thread and in seconds of computing: so what else the machine does matters little.
The best of all turns counts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
PREFILL, DECODE, TEXTS = 320, 96, 128
ASKED = 0.95  # of the native speed
_TEXT = "The minutes of the meeting were read and agreed, and the treasurer gave her report. "


def measured() -> dict[str, float]:
    """Tokens, and texts, for each second of computing in this process; ``library`` is llama.cpp's
    choice."""
    import openvino  # noqa: F401 - so that its loading is not counted

    from engine.models.choosing import Chooser
    from engine.models.folders import look
    from engine.models.llama import Llama
    from engine.models.prepared import load
    from engine.paths import prepared_models_dir, shipped_embedder, starter_model

    llama = Llama(starter_model(), 1024, 1)
    llama.use_threads(1)
    prompt = llama.tokenize(_TEXT * 40, special=False)[:PREFILL]
    llama.read(prompt[:32], _never)  # what is done once
    llama.forget()
    began = time.process_time()
    llama.read(prompt, _never)
    prefill = (len(prompt) - 1) / (time.process_time() - began)
    began = time.process_time()
    written = 0
    for _ in llama.write(prompt[-1], Chooser(0, 0).choose):
        written += 1
        if written == DECODE:
            break
    decode = written / (time.process_time() - began)
    llama.close()
    embedder = load(look(shipped_embedder()), prepared_models_dir())
    texts = [f"{_TEXT * 4} Item {number}." for number in range(TEXTS)]
    embedder.run(texts)
    began = time.process_time()
    embedder.run(texts)
    return {
        "prefill": prefill,
        "decode": decode,
        "embedding": TEXTS / (time.process_time() - began),
    }


def _never() -> bool:
    return False


def main() -> int:
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("--native", default=str(ROOT / ".venv" / "bin" / "python"))
    reading.add_argument("--packaged", default=str(ROOT / "build" / "venv" / "bin" / "python"))
    reading.add_argument("--turns", type=int, default=5)
    reading.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    wanted = reading.parse_args()
    if wanted.measure:
        print(json.dumps(measured()))
        return 0
    best: dict[str, dict[str, float]] = {"native": {}, "packaged": {}}
    for turn in range(wanted.turns):
        order = list(best) if turn % 2 == 0 else list(best)[::-1]
        for name in order:
            told = subprocess.run(
                [getattr(wanted, name), __file__, "--measure"],
                cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=subprocess.PIPE, text=True, check=True,
            )  # fmt: skip
            for what, rate in json.loads(told.stdout).items():
                best[name][what] = max(rate, best[name].get(what, 0.0))
    print("| | native | packaged | share |\n|---|---:|---:|---:|")
    for what, native in best["native"].items():
        packaged = best["packaged"][what]
        print(f"| {what} | {native:.1f}/s | {packaged:.1f}/s | {packaged / native:.1%} |")
    slow = [what for what, rate in best["packaged"].items() if rate < ASKED * best["native"][what]]
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
