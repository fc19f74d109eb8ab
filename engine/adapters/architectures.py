"""Kinds of models: told from what an adapter says that it was made for, and how llama.cpp names
their tensors."""

from __future__ import annotations

import re
from functools import cache

import gguf

from engine.adapters.names import base_name

_BY_CLASS = {
    "LlamaForCausalLM": "llama", "MistralForCausalLM": "llama", "Qwen2ForCausalLM": "qwen2",
    "Qwen3ForCausalLM": "qwen3", "GemmaForCausalLM": "gemma", "Gemma2ForCausalLM": "gemma2",
    "Gemma3ForCausalLM": "gemma3", "Gemma3ForConditionalGeneration": "gemma3",
    "Phi3ForCausalLM": "phi3",
}  # fmt: skip
# the names under which models are published; what only looks like one of them comes first
_BY_NAME: tuple[tuple[str, str], ...] = (
    (r"smol-?lm-?3|llama-?4|llama-?3\.2-(11|90)b|mixtral|mistral-small-3\.[12]|pixtral", ""),
    (r"ministral-?3|mistral-nemo-vl|.*-vl\b|.*vision|.*multimodal|.*omni", ""),
    (r"qwen-?3(\.|-next|-coder-next|.*-a\d+b|.*embedding|.*reranker)|qwen-?2.*(moe|-a\d+b)", ""),
    (r"gemma-?3n|paligemma|recurrentgemma|codegemma-vl|embeddinggemma|t5gemma|gemma-?4", ""),
    (r"phi-?3.*(moe|small)|phi-?3\.5-moe|phi-?4-mini-flash|phi-?[12]\b", ""),
    (r"qwen-?3|qwq-?3", "qwen3"),
    (r"deepseek-r1-distill-qwen|qwen-?2(\.5)?|qwen-?1\.5|qwq", "qwen2"),
    (r"gemma-?3", "gemma3"),
    (r"gemma-?2-", "gemma2"),
    (r"(code)?gemma-(1\.1-)?[27]b", "gemma"),
    (r"phi-?3(\.5)?|phi-?4", "phi3"),
    (r"deepseek-r1-distill-llama|smol-?lm|tiny-?llama|(meta-|code-?)?llama", "llama"),
    (r"mistral|ministral|zephyr|vicuna|openhermes|nous-hermes|stories\d+[km]", "llama"),
)  # fmt: skip

CONVERTED: dict[str, gguf.MODEL_ARCH] = {
    gguf.MODEL_ARCH_NAMES[architecture]: architecture
    for architecture in (
        gguf.MODEL_ARCH.LLAMA, gguf.MODEL_ARCH.QWEN2, gguf.MODEL_ARCH.QWEN3, gguf.MODEL_ARCH.GEMMA,
        gguf.MODEL_ARCH.GEMMA2, gguf.MODEL_ARCH.GEMMA3, gguf.MODEL_ARCH.PHI3,
    )
}  # fmt: skip
"""The kinds whose adapters can be converted."""
KNOWN = (
    "Llama (SmolLM, TinyLlama and others of that kind), Mistral, Qwen 2, 2.5 and 3, Gemma 1 to 3, "
    "Phi-3 and Phi-4"
)
_LAYER = re.compile(r"(?P<before>.*\.layers\.)(?P<layer>\d+)(?P<after>\..+)", re.ASCII)


def told(base: str, base_class: str = "") -> str:
    """llama.cpp's name for the kind of the model called ``base``, or of this class of
    transformers; empty where that cannot be told."""
    if base_class in _BY_CLASS:
        return _BY_CLASS[base_class]
    name = base_name(base).lower().replace("_", "-")
    for pattern, architecture in _BY_NAME:
        if re.match(pattern, name):
            return architecture
    return ""


def target(architecture: str, module: str) -> str:
    """The tensor ("blk.3.attn_q.weight") that is the weight of PEFT's ``module``; empty where that
    kind of model has none."""
    if architecture not in CONVERTED:
        return ""
    parts = _LAYER.fullmatch(module)
    if parts is None:
        found = _names(architecture).get_name(module)
    else:
        found = _names(architecture).get_name(f"{parts['before']}0{parts['after']}")
        found = found and found.replace("blk.0.", f"blk.{int(parts['layer'])}.", 1)
    return f"{found}.weight" if found else ""


@cache
def _names(architecture: str) -> gguf.TensorNameMap:
    """Those of the first layer, which stand for the others."""
    return gguf.get_tensor_name_map(CONVERTED[architecture], 1)
