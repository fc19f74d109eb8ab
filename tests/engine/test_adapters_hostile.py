"""Adapters that are damaged, of another kind, or made to do harm: one sentence for each, and
nothing of theirs is run, believed or written anywhere."""

from __future__ import annotations

import os
import pickle
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest

from engine.adapters import looking
from engine.adapters.architectures import told
from engine.adapters.peft import PeftAdapter, open_peft
from engine.errors import ModelError
from engine.models import gguf_lora
from engine.models.folders import look
from engine.models.trying import inspect_generator, try_adapter
from tests.engine import tiny_adapters, tiny_gguf
from tests.engine.tiny_adapters import FIRST, Tensors, entry, stored

HUGE = 1 << 60
_A, _B = f"{FIRST}.lora_A.weight", f"{FIRST}.lora_B.weight"


def _open(path: Path, into: Path) -> PeftAdapter:
    """All of it, as the child does."""
    into.mkdir()
    adapter = open_peft(path, into)
    for pair in adapter.pairs:
        adapter.weights.read(pair.a)
        adapter.weights.read(pair.b)
    return adapter


def _refused(what: Callable[[], Any]) -> str:
    with pytest.raises(ModelError) as caught:
        what()
    said = str(caught.value)
    assert said.endswith((".", "?"))
    assert len(said) < 500
    assert said.isprintable()
    return said


def test_what_is_right_is_taken(tmp_path: Path) -> None:
    adapter = _open(tiny_adapters.peft(tmp_path / "It"), tmp_path / "into")
    assert (adapter.name, adapter.architecture) == ("It", "llama")
    facts = adapter.facts("llama")
    assert (facts.layers, facts.width, facts.ranks, facts.pairs) == (2, 32, (2,), 4)
    assert facts.targets == ("attn_q", "attn_v")


# --- safetensors ----------------------------------------------------------------------------

FILES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "empty"),
    "a head of 2^60 bytes": (stored({}, length=HUGE), "would take"),
    "a head longer than the file": (stored({}, length=1000), "would take"),
    "no JSON": (stored(b"{" * 50), "cannot be read"),
    "a deep head": (stored(b'{"a":' * 40_000), "cannot be read"),
    "a list": (stored([1, 2]), "cannot be read"),
    "a tensor of texts": (stored({_A: {"dtype": "F32", "shape": ["a"]}}), "cannot be read"),
    "negative shapes": (stored({_A: entry("F32", [-2, -8], 0, 64)}, bytes(64)), "impossible"),
    "endless shapes": (stored({_A: entry("F32", [HUGE, HUGE], 0, 64)}, bytes(64)), "impossible"),
    "40 GB declared": (
        stored({_A: entry("F32", [100_000, 100_000], 0, 40_000_000_000)}, bytes(64)),
        "40,000,0",
    ),
    "less than its shape": (stored({_A: entry("F32", [2, 32], 0, 64)}, bytes(64)), "256 bytes"),
    "backwards": (stored({_A: entry("F32", [0], 64, 0)}, bytes(64)), "damaged"),
    "a hole": (stored({_A: entry("F32", [2, 8], 64, 128)}, bytes(128)), "does not follow"),
    "overlapping": (
        stored({_A: entry("F32", [2, 8], 0, 64), _B: entry("F32", [8, 2], 32, 96)}, bytes(96)),
        "overlaps",
    ),
    "bytes that belong to nothing": (
        stored({_A: entry("F32", [2, 8], 0, 64)}, bytes(99)),
        "belong to nothing",
    ),
    "whole numbers": (stored({_A: entry("I64", [2, 4], 0, 64)}, bytes(64)), "I64"),
    "no tensors": (stored({"__metadata__": {"format": "pt"}}), "no weights"),
}


@pytest.mark.parametrize("name", FILES)
def test_damaged_weights_are_refused(name: str, tmp_path: Path) -> None:
    data, reason = FILES[name]
    folder = tiny_adapters.peft(tmp_path / "It", weights=data)
    assert reason in _refused(lambda: _open(folder, tmp_path / "into"))


def test_weights_cut_short_are_refused(tmp_path: Path) -> None:
    folder = tiny_adapters.peft(tmp_path / "It")
    file = folder / "adapter_model.safetensors"
    file.write_bytes(file.read_bytes()[:-10])
    assert "incomplete" in _refused(lambda: _open(folder, tmp_path / "into"))


def _with(name: str, values: Any) -> Callable[[Tensors], None]:
    return lambda found: found.__setitem__(name, np.asarray(values, np.float32))


def _spoilt(value: float) -> Callable[[Tensors], None]:
    return lambda found: found[_B].__setitem__((0, 1), value)


WEIGHTS: dict[str, tuple[Callable[[Tensors], Any], str]] = {
    "NaN": (_spoilt(np.nan), "no numbers"),
    "infinite": (_spoilt(-np.inf), "no numbers"),
    "rank 0": (_with(_A, np.empty((0, 32))), "rank 0 and 2"),
    "rank 0 of both": (
        lambda found: found.update(
            {_A: np.empty((0, 32), np.float32), _B: np.empty((32, 0), np.float32)}
        ),
        "rank is 0",
    ),
    "ranks that disagree": (_with(_A, np.ones((3, 32))), "rank 3 and 2"),
    "another rank than said": (
        lambda found: found.update(
            {_A: np.ones((3, 32), np.float32), _B: np.ones((32, 3), np.float32)}
        ),
        "settings say rank 2",
    ),
    "one half": (lambda found: found.pop(_A), "one half only"),
    "a vector": (_with(_A, np.ones(32)), "no pair of matrices"),
    "DoRA": (_with(f"{FIRST}.lora_magnitude_vector", np.ones(32)), "DoRA"),
    "a score": (_with("base_model.model.score.weight", np.ones((2, 32))), "classes"),
    "an embedding": (
        _with("base_model.model.model.embed_tokens.lora_embedding_A", np.ones((2, 9))),
        "own words",
    ),
    "a last layer": (_with("base_model.model.lm_head.lora_A.weight", np.ones((2, 32))), "lm_head"),
    "a norm": (_with("base_model.model.model.norm.weight", np.ones(32)), "plain LoRA"),
    "biases": (_with(f"{FIRST}.bias", np.ones(32)), "biases"),
    "pictures": (
        _with("base_model.model.vision_tower.q_proj.lora_A.weight", np.ones((2, 32))),
        "pictures",
    ),
    "a layer 9999": (
        lambda found: found.update(
            {
                key.replace("layers.0", "layers.9999"): found[key]
                for key in (_A, _B)
            }
        ),
        "layer number 9999",
    ),
    "a name with a line break": (_with("a\nb", np.ones(2)), "a b"),
}  # fmt: skip


@pytest.mark.parametrize("name", WEIGHTS)
def test_weights_that_are_no_plain_lora_are_refused(name: str, tmp_path: Path) -> None:
    change, reason = WEIGHTS[name]
    found = tiny_adapters.tensors()
    change(found)
    folder = tiny_adapters.peft(tmp_path / "It", weights=found)
    assert reason in _refused(lambda: _open(folder, tmp_path / "into"))


# --- settings -------------------------------------------------------------------------------

CONFIGS: dict[str, tuple[dict[str, Any], str]] = {
    "SEQ_CLS": ({"task_type": "SEQ_CLS"}, "sequence classification"),
    "TOKEN_CLS": ({"task_type": "TOKEN_CLS"}, "token classification"),
    "QUESTION_ANS": ({"task_type": "QUESTION_ANS"}, "question answering"),
    "FEATURE_EXTRACTION": ({"task_type": "FEATURE_EXTRACTION"}, "vectors"),
    "SEQ_2_SEQ_LM": ({"task_type": "SEQ_2_SEQ_LM"}, "encoder-decoder"),
    "a class that sorts": (
        {
            "task_type": None,
            "auto_mapping": {
                "base_model_class": "LlamaForSequenceClassification",
                "parent_library": "transformers.models.llama.modeling_llama",
            },
        },
        "sequence classification",
    ),
    "IA3": ({"peft_type": "IA3"}, "IA³"),
    "LoHa": ({"peft_type": "LOHA"}, "LoHa"),
    "LoKr": ({"peft_type": "LOKR"}, "LoKr"),
    "OFT": ({"peft_type": "OFT"}, "OFT"),
    "VeRA": ({"peft_type": "VERA"}, "VeRA"),
    "prompt tuning": ({"peft_type": "PROMPT_TUNING"}, "prompt tuning"),
    "AdaLoRA": ({"peft_type": "ADALORA"}, "AdaLoRA"),
    "a kind of tomorrow": ({"peft_type": "NEWLORA"}, "NEWLORA"),
    "DoRA": ({"use_dora": True}, "DoRA"),
    "QA-LoRA": ({"use_qalora": True}, "QA-LoRA"),
    "BD-LoRA": ({"use_bdlora": {"nblocks": 2}}, "BD-LoRA"),
    "Arrow": ({"arrow_config": {"top_k": 2}}, "Arrow"),
    "Megatron": ({"megatron_config": {"tensor_model_parallel_size": 2}}, "Megatron"),
    "aLoRA": ({"alora_invocation_tokens": [1, 2]}, "aLoRA"),
    "whole layers": ({"modules_to_save": ["lm_head"]}, "modules_to_save"),
    "own words": ({"trainable_token_indices": [5]}, "trainable_token_indices"),
    "parameters": ({"target_parameters": ["experts.gate"]}, "target_parameters"),
    "layers twice": ({"layer_replication": [[0, 2], [1, 2]]}, "layer_replication"),
    "bias": ({"bias": "lora_only"}, "biases"),
    "biases of its own": ({"lora_bias": True}, "lora_bias"),
    "lying": ({"fan_in_fan_out": True}, "fan_in_fan_out"),
    "a variant of tomorrow": ({"use_newlora": True}, "use_newlora"),
    "PiSSA": ({"init_lora_weights": "pissa_niter_4"}, "PiSSA"),
    "OLoRA": ({"init_lora_weights": "olora"}, "OLoRA"),
    "LoftQ": ({"init_lora_weights": "loftq"}, "LoftQ"),
    "CorDA": ({"init_lora_weights": "corda"}, "CorDA"),
    "rank 0": ({"r": 0}, "rank is 0"),
    "a rank in words": ({"r": "eight"}, "rank is eight"),
    "alpha 0": ({"lora_alpha": 0}, "alpha"),
    "alpha infinite": ({"lora_alpha": 1e400}, "damaged"),
    "a list of ranks": ({"rank_pattern": ["q_proj"]}, "rank_pattern"),
    "ranks for nothing": ({"rank_pattern": {"(": 2}}, "rank_pattern"),
    "an endless search": ({"alpha_pattern": {"((a|l)+)+x": 2}}, "alpha_pattern"),
    "code": ({"auto_map": {"AutoModel": "evil.Model"}}, "program code"),
    "a module": (
        {"auto_mapping": {"base_model_class": "Evil", "parent_library": "transformers_modules.x"}},
        "program code",
    ),
    "a command": (
        {"auto_mapping": {"base_model_class": "X", "parent_library": "os; import evil"}},
        "program code",
    ),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_what_cannot_be_applied_is_refused_by_name(name: str, tmp_path: Path) -> None:
    config, reason = CONFIGS[name]
    folder = tiny_adapters.peft(tmp_path / "It", config)
    started = time.monotonic()
    assert reason in _refused(lambda: _open(folder, tmp_path / "into"))
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "config",
    [
        {"init_lora_weights": "eva", "eva_config": {"rho": 2.0}},
        {"init_lora_weights": "gaussian"},
        {"init_lora_weights": False, "loftq_config": {}},
        {"task_type": None, "auto_mapping": {
            "base_model_class": "LlamaForCausalLM", "parent_library": "transformers.models.llama"}},
        {"unsloth_fixed": True, "peft_version": "0.99", "qalora_group_size": 16,
         "use_qalora": False, "megatron_core": "megatron.core", "arrow_config": None},
    ],
    ids=["EVA", "Gaussian", "random", "a class", "others' notes"],
)  # fmt: skip
def test_what_only_concerned_its_training_is_no_obstacle(
    config: dict[str, Any], tmp_path: Path
) -> None:
    assert _open(tiny_adapters.peft(tmp_path / "It", config), tmp_path / "into").pairs


@pytest.mark.parametrize("text", ["", "[]", "{", '{"peft_type": "LORA"', "\x00", "9" * 5000])
def test_settings_that_are_none_are_refused(text: str, tmp_path: Path) -> None:
    folder = tiny_adapters.peft(tmp_path / "It")
    (folder / "adapter_config.json").write_text(text)
    assert "damaged" in _refused(lambda: _open(folder, tmp_path / "into"))


# --- files, folders and archives ------------------------------------------------------------


class _Bomb:
    def __reduce__(self) -> Any:
        return os.mkdir, ("ran",)


@pytest.mark.parametrize("suffix", ["bin", "pt", "pth", "ckpt"])
def test_pickles_are_not_opened(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tiny_adapters.peft(tmp_path / "It")
    (folder / "adapter_model.safetensors").unlink()
    pickled = folder / f"adapter_model.{suffix}"
    pickled.write_bytes(pickle.dumps(_Bomb()))
    for number, path in enumerate((folder, pickled, _zipped(folder, tmp_path / "it.zip"))):
        said = _refused(lambda path=path, n=number: _open(path, tmp_path / f"into{n}"))
        assert "pickled" in said
        assert "adapter_model.safetensors" in said
    assert not (tmp_path / "ran").exists()


def _zipped(folder: Path, file: Path, prefix: str = "", **more: bytes) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for inside in sorted(folder.iterdir()):
            archive.write(inside, prefix + inside.name)
        for name, data in more.items():
            archive.writestr(name.replace("__", "../"), data)
    return file


def test_a_zip_is_unpacked_as_far_as_needed(tmp_path: Path) -> None:
    folder = tiny_adapters.peft(tmp_path / "It")
    (folder / "README.md").write_text("---\nlicense: mit\n---\n")
    (folder / "optimizer.pt").write_bytes(pickle.dumps(_Bomb()))
    for number, prefix in enumerate(("", "my adapter/", "a/b/")):
        file = _zipped(folder, tmp_path / "Zipped.zip", prefix)
        adapter = _open(file, tmp_path / f"into{number}")
        assert adapter.name == (Path(prefix).name or "Zipped")
        assert adapter.licence == "mit"
        names = {path.name for path in (tmp_path / f"into{number}").iterdir()}
        assert names == {"adapter_config.json", "adapter_model.safetensors", "README.md"}


def test_a_zip_that_leaves_its_folder_is_refused(tmp_path: Path) -> None:
    folder = tiny_adapters.peft(tmp_path / "It")
    file = _zipped(folder, tmp_path / "it.zip", __evil=b"x")
    assert "outside itself" in _refused(lambda: _open(file, tmp_path / "into"))
    assert not (tmp_path / "evil").exists()
    for name in ("/etc/evil", "..\\evil", "C:\\evil", "a/../../evil"):
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(name, b"x")
        assert "outside itself" in _refused(lambda: _open(file, tmp_path / "other"))
        (tmp_path / "other").rmdir()


def test_a_zip_that_swells_is_refused(tmp_path: Path) -> None:
    folder = tiny_adapters.peft(tmp_path / "It", weights=bytes(60_000_000))
    file = _zipped(folder, tmp_path / "it.zip")
    (folder / "adapter_model.safetensors").unlink()
    assert file.stat().st_size < 1_000_000
    assert "made to do harm" in _refused(lambda: _open(file, tmp_path / "into"))
    assert not (tmp_path / "into" / "adapter_model.safetensors").exists()


def test_other_archives_and_folders_are_told_apart(tmp_path: Path) -> None:
    several = tmp_path / "several"
    for name in ("one", "two"):
        tiny_adapters.peft(several / name)
    empty, whole = tmp_path / "empty", tmp_path / "whole"
    empty.mkdir()
    whole.mkdir()
    (whole / "config.json").write_text("{}")
    (whole / "model.safetensors").write_bytes(stored({}))
    settings = tiny_adapters.peft(tmp_path / "settings")
    (settings / "adapter_model.safetensors").unlink()
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04" + bytes(100))
    text = tmp_path / "notes.txt"
    text.write_text("Hello")
    for number, (path, reason) in enumerate(
        (
            (several, "“one”, “two”"),
            (_zipped(empty, tmp_path / "e.zip", one=b"x"), "holds no adapter"),
            (empty, "holds no adapter"),
            (whole, "whole model"),
            (settings, "weights (adapter_model.safetensors) are missing"),
            (broken, "damaged or no zip"),
            (text, "no adapter that Carrel knows"),
            (tmp_path / "gone", "no file or folder"),
        )
    ):
        said = _refused(lambda path=path, n=number: _open(path, tmp_path / f"into{n}"))
        assert reason in said
    assert _open(several / "one" / "adapter_config.json", tmp_path / "into").name == "one"
    with pytest.raises(ModelError, match="add it under Adapters"):
        look(several / "one")


# --- GGUF -----------------------------------------------------------------------------------


def _tensor(name: str, shape: tuple[int, ...]) -> Callable[[Tensors], None]:
    return lambda found: found.__setitem__(name, np.ones(shape, np.float32))


LORAS: dict[str, tuple[dict[str, Any], str]] = {
    "a control vector": ({"architecture": "controlvector", "form": None}, "control vector"),
    "another adapter": ({"form": "ia3"}, "“ia3”"),
    "a part of a model": ({"kind": "mmproj", "form": None}, "mmproj"),
    "no alpha": ({"alpha": float("nan")}, "alpha"),
    "alpha without end": ({"alpha": float("inf")}, "alpha"),
    "rank 0": ({"rank": 0}, "rank is 0"),
    "no tensors": ({"layers": 0}, "no tensors"),
    "an activated LoRA": (
        {"more": lambda writer: writer.add_array("adapter.alora.invocation_tokens", [1, 2])},
        "aLoRA",
    ),
    "one half": ({"change": lambda found: found.pop("blk.0.attn_v.weight.lora_b")}, "one half"),
    "ranks that disagree": (
        {"change": _tensor("blk.0.attn_v.weight.lora_b", (32, 5))},
        "rank 2 and 5",
    ),
    "vectors": ({"change": _tensor("blk.0.attn_v.weight.lora_a", (32,))}, "no pair"),
    "a whole weight": ({"change": _tensor("blk.0.attn_v.weight", (32, 32))}, "whole weights"),
    "words": ({"change": _tensor("token_embd.weight.lora_a", (2, 32))}, "token_embd"),
    "a norm": ({"change": _tensor("blk.0.attn_norm.weight.lora_a", (2, 32))}, "attn_norm"),
}


@pytest.mark.parametrize("name", LORAS)
def test_ggufs_that_are_no_lora_are_refused(name: str, tmp_path: Path) -> None:
    how, reason = LORAS[name]
    file = tiny_adapters.lora(tmp_path / "it.gguf", **how)
    assert reason in _refused(lambda: gguf_lora.inspect(file))


def test_a_gguf_lora_says_what_it_is(tmp_path: Path) -> None:
    def more(writer: gguf.GGUFWriter) -> None:
        writer.add_base_model_count(1)
        writer.add_base_model_name(0, "Tiny Llama")
        writer.add_license("mit")
        writer.add_string("adapter.lora.prompt_prefix", "Answer\nlike a pirate.")

    facts = gguf_lora.inspect(tiny_adapters.lora(tmp_path / "it.gguf", more=more))
    assert (facts.name, facts.base, facts.licence) == ("Tiny adapter", "Tiny Llama", "mit")
    assert (facts.layers, facts.width, facts.ranks, facts.alpha) == (2, 32, (2,), 4.0)
    assert facts.prompt == "Answer like a pirate."


def test_one_is_not_taken_for_the_other(tmp_path: Path) -> None:
    model, adapter = tmp_path / "model.gguf", tmp_path / "adapter.gguf"
    tiny_gguf.model(model)
    tiny_adapters.lora(adapter)
    assert "is a model, not an adapter" in _refused(lambda: looking.look_into(model))
    assert "is an adapter (LoRA)" in _refused(lambda: inspect_generator(adapter, 1 << 30))
    adapter.write_bytes(b"GGML" + adapter.read_bytes()[4:])
    assert "is not a GGUF" in _refused(lambda: looking.look_into(adapter))


def test_a_cut_or_poisoned_gguf_is_refused(tmp_path: Path) -> None:
    file = tiny_adapters.lora(tmp_path / "it.gguf")
    file.write_bytes(file.read_bytes()[:-200])
    assert "incomplete" in _refused(lambda: gguf_lora.inspect(file))

    def poison(found: Tensors) -> None:
        found["blk.1.attn_v.weight.lora_a"][1, 3] = np.nan

    tiny_adapters.lora(file, change=poison)
    assert "no numbers" in _refused(lambda: looking.look_into(file))
    tiny_adapters.lora(file, change=lambda found: [v.fill(0) for v in found.values()] and None)
    model = tiny_gguf.model(tmp_path / "model.gguf")
    assert "changes nothing" in _refused(lambda: try_adapter(file, model))
    tiny_adapters.lora(file, width=48)
    assert "llama.cpp says" in _refused(lambda: try_adapter(file, model))


# --- the child ------------------------------------------------------------------------------


def test_the_child_says_the_same_and_leaves_nothing(tmp_path: Path) -> None:
    folder = tiny_adapters.peft(tmp_path / "It", weights=stored({}, length=HUGE))
    assert "would take" in _refused(lambda: looking.look_into(folder))
    good = tiny_adapters.peft(tmp_path / "Good")
    out = tmp_path / "out" / "it.gguf"
    assert "cannot be written" in _refused(lambda: looking.convert(good, out))
    out.parent.mkdir()
    assert "only with the model" in _refused(lambda: looking.convert(good, out))
    assert list(out.parent.iterdir()) == []


NAMES = {
    "Qwen/Qwen2.5-0.5B-Instruct": "qwen2", "unsloth/qwen2.5-7b-instruct-bnb-4bit": "qwen2",
    "Qwen/Qwen3-0.6B": "qwen3", "Qwen/Qwen3-30B-A3B": "", "Qwen/Qwen2-VL-2B-Instruct": "",
    "gemma3-270m-it": "gemma3", "google/gemma-3-1b-it": "gemma3", "google/gemma-3n-E2B-it": "",
    "google/gemma-2-2b-it": "gemma2", "google/gemma-2b-it": "gemma", "google/gemma-7b": "gemma",
    "microsoft/Phi-3-mini-4k-instruct": "phi3", "microsoft/Phi-3.5-mini-instruct": "phi3",
    "microsoft/phi-4": "phi3", "microsoft/Phi-3.5-MoE-instruct": "", "microsoft/phi-2": "",
    "microsoft/Phi-3-vision-128k-instruct": "", "meta-llama/Llama-3.2-1B": "llama",
    "meta-llama/Llama-3.2-11B-Vision": "", "meta-llama/Llama-4-Scout-17B-16E": "",
    "meta-llama/Meta-Llama-3-8B-Instruct": "llama", "TinyLlama/TinyLlama-1.1B-Chat-v1.0": "llama",
    "HuggingFaceTB/SmolLM2-135M-Instruct": "llama", "HuggingFaceTB/SmolLM3-3B": "",
    "mistralai/Mistral-7B-Instruct-v0.3": "llama", "mistralai/Mixtral-8x7B-v0.1": "",
    "/home/me/models/Qwen2.5-1.5B": "qwen2", "C:\\models\\gemma-2-9b": "gemma2",
    "/root/.cache/models--Qwen--Qwen3-4B/snapshots/0f3a": "qwen3", "gpt2": "", "": "",
    "deepseek-ai/DeepSeek-R1-Distill-Llama-8B": "llama",
    "deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B": "qwen2",
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_kinds_are_told_from_names(name: str) -> None:
    assert told(name) == NAMES[name]


def test_a_class_says_more_than_a_name() -> None:
    assert told("my-model", "Qwen3ForCausalLM") == "qwen3"
