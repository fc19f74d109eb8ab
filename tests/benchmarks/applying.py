"""What applying adapters costs: switching them, their scales, and writing with them.

With the starter model and the adapters given (``python -m tests.benchmarks.applying FILE…``), the
sample adapter where there is one, or else one of random weights of the usual size. Switching is
from the wish to a beginning that is read again with the new adapters, as it is done in the
background when somebody moves a slider; and from the wish to the first word of the next answer.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import gguf
import numpy as np

from engine.answers import AppliedAdapter
from engine.models.generator import Generator
from engine.models.messages import ChatMessage, Generate, Generated
from engine.paths import resource, starter_model
from tests.benchmarks.tables import show

_ROUNDS = 5
_WRITTEN = 160
_SWITCH_BUDGET = 1.0  # seconds to the first word after another scale
_RANK, _LAYERS, _WIDTH, _INNER, _KEYS = 8, 30, 576, 1536, 192
_TARGETS = {
    "attn_q": (_WIDTH, _WIDTH),
    "attn_k": (_WIDTH, _KEYS),
    "attn_v": (_WIDTH, _KEYS),
    "attn_output": (_WIDTH, _WIDTH),
    "ffn_gate": (_WIDTH, _INNER),
    "ffn_up": (_WIDTH, _INNER),
    "ffn_down": (_INNER, _WIDTH),
}


def main() -> int:
    model = starter_model()
    if not model.is_file():
        print("The starter model is not installed: applying is not measured.")
        return 0
    with tempfile.TemporaryDirectory(prefix="carrel-bench-") as name:
        files = list(map(Path, sys.argv[1:])) or sorted(resource("adapters").glob("*.gguf"))
        named = [(file.stem, file) for file in files]
        named += [("random, rank 8, all seven", _random(Path(name) / "random.gguf"))]
        generator = Generator()
        try:
            generator.load(model)
            rows = [_measured(generator, model, title, file) for title, file in named]
        finally:
            generator.close()
    show(
        f"Adapters on the starter, median of {_ROUNDS}",
        (
            *("adapter", "load s", "scale → ready s", "scale → first word s", "asked"),
            *("tokens/s without", "with", "of it"),
        ),
        rows,
    )
    return 0 if all(float(row[3]) <= _SWITCH_BUDGET for row in rows) else 1


def _measured(generator: Generator, model: Path, title: str, file: Path) -> tuple[str, ...]:
    started = time.perf_counter()
    generator.load(model, adapters=(AppliedAdapter(str(file)),))
    loading = time.perf_counter() - started
    system = ChatMessage("system", _text("answer.txt"))
    asked = (system, ChatMessage("user", "Quotes:\n- The rent is due.\n\nQuestion: What is due?"))
    ready, first = [], []
    for number in range(_ROUNDS):
        adapters = (AppliedAdapter(str(file), 0.5 + number / 10),)
        started = time.perf_counter()
        generator.prime(model, (system,), adapters=adapters)
        ready.append(time.perf_counter() - started)
        cold = (AppliedAdapter(str(file), 0.55 + number / 10),)
        first.append(_first(generator, Generate(str(model), asked, 2, adapters=cold)))
    without, with_it = [], []
    for _ in range(_ROUNDS):  # by turns, so that other programs slow both alike
        without.append(_rate(generator, model, ()))
        with_it.append(_rate(generator, model, (AppliedAdapter(str(file), 0.1),)))
    rates = statistics.median(without), statistics.median(with_it)
    return (
        title,
        f"{loading:.3f}",
        f"{statistics.median(ready):.3f}",
        f"{statistics.median(first):.3f}",
        f"≤ {_SWITCH_BUDGET:g}",
        f"{rates[0]:.1f}",
        f"{rates[1]:.1f}",
        f"{rates[1] / rates[0]:.3f}",
    )


def _first(generator: Generator, request: Generate) -> float:
    started = time.perf_counter()
    replies = generator.generate(request)
    next(replies)
    seconds = time.perf_counter() - started
    for _ in replies:
        pass
    return seconds


def _rate(generator: Generator, model: Path, adapters: Sequence[AppliedAdapter]) -> float:
    asked = (ChatMessage("user", "Tell a long story about a harbour, a keeper and a storm."),)
    *_, end = generator.generate(Generate(str(model), asked, _WRITTEN, adapters=tuple(adapters)))
    assert isinstance(end, Generated)
    return (end.output_tokens - 1) / (end.total_s - end.first_token_s)


def _text(name: str) -> str:
    return resource("prompts", name).read_text(encoding="utf-8").strip()


def _random(path: Path) -> Path:
    """As large as an adapter of rank 8 on every projection."""
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_string("general.type", "adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 16.0)
    random = np.random.default_rng(1)
    for layer in range(_LAYERS):
        for target, (inside, outside) in _TARGETS.items():
            for part, shape in (("a", (_RANK, inside)), ("b", (outside, _RANK))):
                values = random.normal(0, 0.01, shape).astype(np.float32)
                writer.add_tensor(f"blk.{layer}.{target}.weight.lora_{part}", values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


if __name__ == "__main__":
    raise SystemExit(main())
