"""A converted adapter computes in llama.cpp what PEFT computes with it, in float32, for every
kind of model."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.adapters.converting import Base, convert
from engine.adapters.peft import open_peft
from engine.models import gguf_facts, gguf_lora
from tests.engine import tiny_hf

peft = pytest.importorskip("peft", reason="PEFT is not installed (it comes with carrel[train])")
pytestmark = [
    pytest.mark.filterwarnings("ignore:Could not find a config file"),
    pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing"),
]

TOKENS = [int(token) for token in np.random.default_rng(0).integers(5, 360, 24)]
# ggml looks the GELU of Gemma up in a table of halves
TOLERANCE = {"gemma2": 5e-3, "gemma3": 5e-3}
EXACT = 2e-4


@dataclass(frozen=True)
class Pair:
    kind: str
    made: Any
    file: Path


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Pair]:
    folder = tmp_path_factory.mktemp("bases")

    def of(kind: str) -> Pair:
        made = tiny_hf.model(kind)
        return Pair(kind, made, tiny_hf.as_gguf(kind, made, folder / f"{kind}.gguf"))

    return of


def _adapter(pair: Pair, folder: Path, **how: Any) -> Any:
    """A PEFT model with random weights in both halves, saved in ``folder``."""
    wanted = {"r": 4, "lora_alpha": 8, "target_modules": "all-linear", "task_type": "CAUSAL_LM"}
    config = peft.LoraConfig(**{**wanted, **how}, init_lora_weights=False)
    model = peft.get_peft_model(pair.made, config).eval()
    model.save_pretrained(str(folder))
    return model


def _converted(pair: Pair, folder: Path) -> Path:
    facts = gguf_facts.inspect(pair.file)
    out = folder / "converted.gguf"
    known = Base(facts.architecture, facts.heads, facts.key_heads, facts.layers, 0)
    convert(open_peft(folder, folder), known, out)
    return out


def _differences(pair: Pair, folder: Path, **how: Any) -> tuple[float, float]:
    """How far llama.cpp's logits are from PEFT's, and how far the adapter moves them."""
    before = tiny_hf.torch_logits(pair.made, TOKENS)
    wanted = tiny_hf.torch_logits(_adapter(pair, folder, **how), TOKENS)
    found = tiny_hf.llama_logits(pair.file, TOKENS, _converted(pair, folder))
    return float(np.abs(found - wanted).max()), float(np.abs(wanted - before).max())


@pytest.mark.parametrize("kind", tiny_hf.KINDS)
def test_logits_are_those_of_peft(kind: str, base: Callable[[str], Pair], tmp_path: Path) -> None:
    pair = base(kind)
    plain = tiny_hf.torch_logits(pair.made, TOKENS)
    assert np.abs(tiny_hf.llama_logits(pair.file, TOKENS) - plain).max() < TOLERANCE.get(
        kind, EXACT
    )
    difference, effect = _differences(pair, tmp_path)
    assert difference < TOLERANCE.get(kind, EXACT)
    assert effect > 100 * difference


@pytest.mark.parametrize(
    "how",
    [
        {"use_rslora": True, "lora_alpha": 3},
        {"rank_pattern": {"q_proj": 2, "layers.1.mlp.up_proj": 7}},
        {"alpha_pattern": {"down_proj": 32, r"^model.layers.(0|2).self_attn.k_proj": 1}},
        {"rank_pattern": {"v_proj": 9}, "alpha_pattern": {"v_proj": 5}},
        {"layers_to_transform": [0, 2], "target_modules": ["q_proj", "down_proj"]},
    ],
    ids=["rank-stabilised", "ranks", "alphas", "both", "some layers"],
)
def test_scales_of_all_kinds_are_kept(
    how: dict[str, Any], base: Callable[[str], Pair], tmp_path: Path
) -> None:
    difference, effect = _differences(base("llama"), tmp_path, **how)
    assert difference < EXACT
    assert effect > 100 * difference


def test_halves_are_kept_as_they_are(base: Callable[[str], Pair], tmp_path: Path) -> None:
    """Float16 and bfloat16: what is stored is what is applied."""
    import safetensors.torch
    import torch

    pair = base("llama")
    model = _adapter(pair, tmp_path)
    stored = safetensors.torch.load_file(tmp_path / "adapter_model.safetensors")
    for kind in (torch.float16, torch.bfloat16):
        coarse = {name: weight.to(kind) for name, weight in stored.items()}
        safetensors.torch.save_file(coarse, tmp_path / "adapter_model.safetensors")
        peft.set_peft_model_state_dict(model, {n: w.float() for n, w in coarse.items()})
        wanted = tiny_hf.torch_logits(model, TOKENS)
        found = tiny_hf.llama_logits(pair.file, TOKENS, _converted(pair, tmp_path))
        # llama.cpp rounds what is multiplied with halves to halves
        assert np.abs(found - wanted).max() < (0.05 if kind is torch.float16 else EXACT)


def test_what_is_written_says_where_it_is_from(base: Callable[[str], Pair], tmp_path: Path) -> None:
    pair = base("llama")
    _adapter(pair, tmp_path, r=3, lora_alpha=5)
    config = tmp_path / "adapter_config.json"
    named = {"base_model_name_or_path": "Makers/Tiny-Llama-1B"}
    config.write_text(json.dumps({**json.loads(config.read_text()), **named}))
    (tmp_path / "README.md").write_text("---\nlicense: apache-2.0\n---\n# It\n")
    facts = gguf_lora.inspect(_converted(pair, tmp_path))
    assert (facts.base, facts.architecture, facts.licence) == (
        "Tiny-Llama-1B",
        "llama",
        "apache-2.0",
    )
    assert (facts.ranks, facts.alpha, facts.layers) == ((3,), 5.0, tiny_hf.LAYERS)
    assert (facts.heads, facts.key_heads) == (4, 2)
    assert facts.pairs == 7 * tiny_hf.LAYERS
