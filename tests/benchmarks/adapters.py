"""Adapters on the starter: whether llama.cpp computes with a converted one what PEFT computes.

PEFT runs on the starter's own weights, which transformers takes out of its GGUF, in float32.
Against it stand llama.cpp on the same weights in float32 (what conversion alone changes) and on the
file as it ships (what quantised arithmetic changes as well, with the adapter and without). The
adapter is one with random weights in all layers, or that of a PEFT folder:
``python -m tests.benchmarks.adapters FOLDER``.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.adapters.catalogue import Adapters
from engine.models.catalogue import Catalogue
from engine.paths import starter_model
from engine.settings import SettingsFile
from tests.benchmarks.tables import show

_TEXT = (
    "The minutes of the meeting were read and agreed. The treasurer reported that the lease of the "
    "old boathouse ends in March, and that the rent for the next five years has been settled at a "
    "third less. Two members asked whether the repairs to the roof are the tenant's to pay."
)
_STRENGTH = 0.02  # of the random half that starts at nothing, as after some training
_MEAN_ALLOWED, _MOST_ALLOWED = 0.002, 0.02  # logits, in float32


@dataclass(frozen=True)
class _Difference:
    most: float
    mean: float
    same_first: float


def main() -> int:
    model = starter_model()
    if not model.is_file():
        print("The starter model is not installed: adapters are not measured.")
        return 0
    try:
        import peft  # noqa: F401
    except ImportError:
        print("PEFT is not installed (pip install carrel[train]): adapters are not measured.")
        return 0
    given = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory() as folder:
        return 0 if _parity(model, given, Path(folder)) else 1


def _parity(model: Path, given: Path | None, folder: Path) -> bool:
    from tests.engine import tiny_hf

    tokens = _tokens(model)
    plain, applied, saved = _by_peft(model, given, folder, tokens)
    settings = SettingsFile(folder / "settings.json")
    adapters = Adapters(settings, Catalogue(settings), copies=folder / "copies")
    started = time.perf_counter()
    entry = adapters.add(saved)
    took = time.perf_counter() - started
    exact = _in_float32(model, folder / "exact.gguf")
    adapter = Path(entry.place)
    rows = []
    found = {}
    for name, file in (("float32", exact), (model.stem.rpartition(".")[2], model)):
        for what, wanted, with_it in (("model", plain, None), ("adapter", applied, adapter)):
            logits = tiny_hf.llama_logits(file, tokens, with_it)
            difference = found[name, what] = _difference(logits, wanted)
            rows.append(
                (
                    f"{what}, {name}",
                    f"{difference.most:.5f}",
                    f"{difference.mean:.5f}",
                    f"{difference.same_first:.1%}",
                )
            )
    effect = _difference(applied, plain)
    rows.append(
        (
            "what the adapter changes",
            f"{effect.most:.5f}",
            f"{effect.mean:.5f}",
            f"{effect.same_first:.1%}",
        )
    )
    title = f"{entry.name}: {entry.facts.pairs} pairs, added in {took:.1f} s; {len(tokens)} tokens"
    show(title, ("llama.cpp against PEFT", "max", "mean", "same first token"), rows)
    exactly = found["float32", "adapter"]
    return exactly.mean <= _MEAN_ALLOWED and exactly.most <= _MOST_ALLOWED


def _tokens(model: Path) -> list[int]:
    from engine.models.llama import Llama

    llama = Llama(model, 128, 1, repack=False)
    try:
        return llama.tokenize(_TEXT, special=False)[:96]
    finally:
        llama.close()


def _by_peft(
    model: Path, given: Path | None, folder: Path, tokens: list[int]
) -> tuple[NDArray[np.float32], NDArray[np.float32], Path]:
    """The logits without and with the adapter, and where it is saved."""
    import peft
    import torch
    from transformers import AutoModelForCausalLM

    from tests.engine import tiny_hf

    base = AutoModelForCausalLM.from_pretrained(
        str(model.parent), gguf_file=model.name, dtype=torch.float32, attn_implementation="eager"
    ).eval()
    plain = tiny_hf.torch_logits(base, tokens)
    if given is not None:
        applied: Any = peft.PeftModel.from_pretrained(base, str(given)).eval()
        return plain, tiny_hf.torch_logits(applied, tokens), given
    torch.manual_seed(0)
    config = peft.LoraConfig(r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM")
    applied = peft.get_peft_model(base, config).eval()
    with torch.no_grad():
        for name, weight in applied.named_parameters():
            if "lora_B" in name:
                weight.normal_(0, _STRENGTH)
    applied.peft_config["default"].base_model_name_or_path = "SmolLM2-135M-Instruct"
    saved = folder / "Random"
    applied.save_pretrained(str(saved))
    return plain, tiny_hf.torch_logits(applied, tokens), saved


def _in_float32(model: Path, out: Path) -> Path:
    """The same GGUF with all its weights unpacked."""
    import gguf

    reader = gguf.GGUFReader(str(model))
    architecture = reader.fields["general.architecture"].contents()
    writer = gguf.GGUFWriter(str(out), architecture)
    for field in reader.fields.values():
        if not field.name.startswith(("GGUF.", "general.architecture", "general.file_type")):
            kind = field.types[0]
            inner = field.types[-1] if kind is gguf.GGUFValueType.ARRAY else None
            writer.add_key_value(field.name, field.contents(), kind, sub_type=inner)
    unpacked = list(_unpacked(reader))
    for name, values in unpacked:
        writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return out


def _unpacked(reader: Any) -> Iterator[tuple[str, NDArray[np.float32]]]:
    import gguf

    for tensor in reader.tensors:
        values = gguf.dequantize(tensor.data, tensor.tensor_type)
        yield tensor.name, np.ascontiguousarray(values, np.float32)


def _difference(found: NDArray[np.float32], wanted: NDArray[np.float32]) -> _Difference:
    apart = np.abs(found - wanted)
    same = found.argmax(axis=1) == wanted.argmax(axis=1)
    return _Difference(float(apart.max()), float(apart.mean()), float(same.mean()))


if __name__ == "__main__":
    raise SystemExit(main())
