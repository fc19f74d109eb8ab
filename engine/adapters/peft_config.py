"""The settings that PEFT saves with an adapter: what Carrel can apply of them, and what not.

Names and meanings are those of PEFT's ``LoraConfig``. Whatever changes how the weights are to be
used is refused by its name: applied in another way than it was trained, an adapter does something
else, and nobody would notice. Nothing that the settings name is imported or run.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from engine.errors import ModelError
from engine.models.gguf_facts import plain_line
from engine.models.gguf_lora import LARGEST_ALPHA, LARGEST_RANK

Number = TypeVar("Number", int, float)

_CONFIG = "adapter_config.json"
_LONGEST_PATTERN = 200
_MOST_PATTERNS = 5000
_MOST_REPEATS = 3

_TASKS = {
    "SEQ_CLS": "sorts whole texts into classes (sequence classification, SEQ_CLS)",
    "TOKEN_CLS": "sorts single words into classes (token classification, TOKEN_CLS)",
    "QUESTION_ANS": "marks places in a text (extractive question answering, QUESTION_ANS)",
    "FEATURE_EXTRACTION": "turns texts into vectors (FEATURE_EXTRACTION)",
    "SEQ_2_SEQ_LM": "belongs to an encoder-decoder model (SEQ_2_SEQ_LM)",
}
_CLASSES = {
    "ForSequenceClassification": "SEQ_CLS",
    "ForTokenClassification": "TOKEN_CLS",
    "ForQuestionAnswering": "QUESTION_ANS",
    "ForConditionalGeneration": "",
}
_OTHER_METHODS = {
    "PROMPT_TUNING": "prompt tuning", "MULTITASK_PROMPT_TUNING": "multitask prompt tuning",
    "P_TUNING": "P-tuning", "PREFIX_TUNING": "prefix tuning", "ADALORA": "AdaLoRA",
    "ADAPTION_PROMPT": "LLaMA-Adapter", "IA3": "IA³", "LOHA": "LoHa", "LOKR": "LoKr", "OFT": "OFT",
    "BOFT": "BOFT", "VERA": "VeRA", "LN_TUNING": "LayerNorm tuning", "XLORA": "X-LoRA",
    "FOURIERFT": "FourierFT", "VBLORA": "VB-LoRA", "HRA": "HRA", "POLY": "Poly",
    "RANDLORA": "RandLoRA", "TRAINABLE_TOKENS": "trained tokens",
}  # fmt: skip
# a beginning that leaves the model's own weights as they are
_PLAIN_BEGINNINGS = ("gaussian", "eva", "orthogonal", "mica")
_OTHER_BEGINNINGS = {
    "pissa": "PiSSA", "olora": "OLoRA", "loftq": "LoftQ", "corda": "CorDA", "lora_ga": "LoRA-GA",
}  # fmt: skip
_VARIANTS = {
    "use_dora": "DoRA (weight-decomposed LoRA)",
    "use_qalora": "QA-LoRA",
    "use_bdlora": "BD-LoRA (block-diagonal)",
    "arrow_config": "Arrow (a choice among several adapters)",
    "kasa_config": "KaSA",
    "monteclora_config": "MonteCLoRA",
    "megatron_config": "Megatron's parallel layers (megatron_config)",
    "alora_invocation_tokens": "aLoRA (it begins at certain words only; Carrel would apply it to "
    "all of a text)",
    "modules_to_save": "whole layers that are replaced (modules_to_save)",
    "trainable_token_indices": "words of its own (trainable_token_indices)",
    "target_parameters": "single parameters as targets (target_parameters)",
    "layer_replication": "layers that are used more than once (layer_replication)",
    "lora_bias": "biases (lora_bias)",
    "fan_in_fan_out": "weights that lie the other way round, as GPT-2's do (fan_in_fan_out)",
}
_TOLD_ELSEWHERE = ("use_rslora",)
# what only concerned its training
_OF_TRAINING = ("eva_config", "loftq_config", "corda_config", "lora_ga_config", "velora_config",
                "runtime_config")  # fmt: skip


@dataclass(frozen=True, slots=True)
class PeftConfig:
    """``base`` is the model that it was made for, as its maker called it, ``base_class`` the kind
    in transformers' words, both often empty. ``ranks`` and ``alphas`` are those of modules whose
    names match."""

    base: str
    base_class: str
    rank: int
    alpha: float
    rank_stabilised: bool
    ranks: tuple[tuple[re.Pattern[str], int], ...] = ()
    alphas: tuple[tuple[re.Pattern[str], float], ...] = ()

    def rank_of(self, module: str) -> int:
        return _matching(self.ranks, module, self.rank)

    def scale_of(self, module: str) -> float:
        """What B·A is multiplied with in the module of this name."""
        rank, alpha = self.rank_of(module), _matching(self.alphas, module, self.alpha)
        return alpha / (math.sqrt(rank) if self.rank_stabilised else rank)


def read_config(path: Path, name: str) -> PeftConfig:
    """The settings in the file ``path`` of the adapter called ``name``. Raises ``ModelError`` with
    why it cannot be applied."""
    try:
        config = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ModelError(
            f"The settings of “{name}” ({_CONFIG}) are damaged: they are no JSON object."
        ) from error
    _refuse_methods(name, config)
    base_class = _base_class(name, config)
    _refuse_tasks(name, config, base_class)
    _refuse_variants(name, config)
    _refuse_beginnings(name, config.get("init_lora_weights"))
    base = config.get("base_model_name_or_path")
    return PeftConfig(
        base=plain_line(base, 200) if isinstance(base, str) else "",
        base_class=base_class,
        rank=_rank(name, config.get("r", 8)),
        alpha=_alpha(name, config.get("lora_alpha", 8)),
        rank_stabilised=bool(config.get("use_rslora")),
        ranks=tuple((p, _rank(name, at)) for p, at in _patterns(name, config, "rank_pattern")),
        alphas=tuple((p, _alpha(name, at)) for p, at in _patterns(name, config, "alpha_pattern")),
    )


def _refuse_methods(name: str, config: dict[str, Any]) -> None:
    method = config.get("peft_type")
    if method is None and ("lora_alpha" in config or "r" in config):
        return
    if method != "LORA":
        said = plain_line(str(method), 40)
        raise ModelError(
            f"“{name}” is of the kind {_OTHER_METHODS.get(said, said)}. Carrel applies LoRAs only: "
            "llama.cpp knows no others."
        )


def _base_class(name: str, config: dict[str, Any]) -> str:
    """PEFT notes the class and the module of the base model. Both are only read."""
    if config.get("auto_map"):
        raise _brings_code(name, "auto_map")
    if config.get("_custom_modules") or config.get("custom_modules"):
        raise _brings_code(name, "custom_modules")
    mapping = config.get("auto_mapping")
    if not mapping:
        return ""
    library = mapping.get("parent_library") if isinstance(mapping, dict) else None
    named = mapping.get("base_model_class") if isinstance(mapping, dict) else None
    if not isinstance(named, str) or not isinstance(library, str | None):
        raise _brings_code(name, "auto_mapping")
    if library is not None and not re.fullmatch(r"transformers(\.[\w.]+)?", library):
        raise _brings_code(name, f"auto_mapping: {plain_line(library, 60)}")
    return plain_line(named)


def _refuse_tasks(name: str, config: dict[str, Any], base_class: str) -> None:
    task = config.get("task_type")
    if task in (None, "", "CAUSAL_LM"):
        task = next((t for ending, t in _CLASSES.items() if base_class.endswith(ending)), "")
    if task:
        what = _TASKS.get(str(task), f"was made for the task “{plain_line(str(task), 40)}”")
        raise ModelError(f"“{name}” {what}. It does not write, so it cannot be applied to answers.")


def _refuse_variants(name: str, config: dict[str, Any]) -> None:
    for key, what in _VARIANTS.items():
        if config.get(key):
            raise ModelError(
                f"“{name}” uses {what}, which cannot be applied with llama.cpp as it was trained. "
                "Look for a plain LoRA."
            )
    if config.get("bias", "none") not in ("none", None):
        raise ModelError(
            f"“{name}” also trains biases (bias: {plain_line(str(config['bias']), 20)}), which "
            "cannot be applied with llama.cpp. Look for a plain LoRA."
        )
    known = {*_TOLD_ELSEWHERE, *_OF_TRAINING, *_VARIANTS}
    for key, value in config.items():
        unknown = re.fullmatch(r"use_\w+|\w+_config", key) and key not in known
        if value and unknown:
            raise ModelError(
                f"“{name}” uses “{plain_line(key, 40)}”, a kind of LoRA that this Carrel does not "
                "know."
            )


def _refuse_beginnings(name: str, beginning: Any) -> None:
    if not isinstance(beginning, str):
        return
    said = beginning.lower()
    if said in _PLAIN_BEGINNINGS:
        return
    known = next((what for key, what in _OTHER_BEGINNINGS.items() if said.startswith(key)), "")
    raise ModelError(
        f"“{name}” began with {known or plain_line(beginning, 40)}, which changes the model's own "
        "weights as well. Ask its maker for a version that was converted to a plain LoRA when it "
        "was saved."
    )


def _rank(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= LARGEST_RANK:
        raise ModelError(
            f"The settings of “{name}” are damaged: its rank is {plain_line(str(value), 30)}, and "
            f"should be a whole number from 1 to {LARGEST_RANK}."
        )
    return value


def _alpha(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        value = math.nan
    if not 0 < value <= LARGEST_ALPHA:
        raise ModelError(
            f"The settings of “{name}” are damaged: its alpha (strength) is "
            f"{plain_line(str(value), 30)}, and should be a number above 0."
        )
    return float(value)


def _patterns(name: str, config: dict[str, Any], key: str) -> list[tuple[re.Pattern[str], Any]]:
    """PEFT's rule: a pattern is what a module's name ends with, as whole words."""
    said = config.get(key) or {}
    usable = isinstance(said, dict) and len(said) <= _MOST_PATTERNS
    if not usable or not all(_harmless(pattern) for pattern in said):
        raise ModelError(f"The settings of “{name}” are damaged: {key} is of a wrong form.")
    try:
        return [(re.compile(rf"(.*\.)?({pattern})$"), value) for pattern, value in said.items()]
    except (re.error, RecursionError, OverflowError) as error:
        raise ModelError(f"The settings of “{name}” are damaged: {key} cannot be read.") from error


def _harmless(pattern: str) -> bool:
    """Whether looking for it takes no longer than it should."""
    repeats = re.findall(r"[*+?{]", pattern)
    return (
        len(pattern) <= _LONGEST_PATTERN
        and len(repeats) <= _MOST_REPEATS
        and not re.search(r"\)[*+{]", pattern)
    )


def _matching(
    patterns: tuple[tuple[re.Pattern[str], Number], ...], module: str, otherwise: Number
) -> Number:
    return next((value for pattern, value in patterns if pattern.match(module)), otherwise)


def _brings_code(name: str, where: str) -> ModelError:
    return ModelError(
        f"“{name}” belongs to a model that brings program code of its own ({where}), which Carrel "
        "does not run. Choose an adapter for a model of a known kind."
    )
