"""Names of models as their makers and others write them, and whether two mean the same one."""

from __future__ import annotations

import re

_NO_PART = re.compile(
    r"(?<![a-z0-9])(gguf|hf|i?q\d\w*|f16|f32|bf16|bnb|4-?bit|8-?bit|gptq|awq|int[48]|mlx|unsloth"
    r"|dynamic|ud)(?![a-z0-9])"
)
_QUANTISED = re.compile(r"(?<![a-z0-9])(bnb|4-?bit|8-?bit|gptq|awq|int[48])(?![a-z0-9])")
_TRAINED_FURTHER = re.compile(
    r"(?<![a-z0-9])(instruct(ion)?|chat|it|base|pt|sft|dpo|v\d+(\.\d+)*|\d{4})(?![a-z0-9])"
)


def base_name(base: str) -> str:
    """A model's name without its maker, or the folder that it lay in on its maker's computer."""
    parts = [part for part in re.split(r"[/\\]", base) if part]
    for part in parts:
        if part.startswith("models--"):  # the cache of a hub
            return part.rpartition("--")[2]
    return parts[-1] if parts else ""


def same(one: str, other: str) -> bool:
    """Whether two names mean the same weights, however they are stored."""
    return _plain(one.lower()) == _plain(other.lower())


def related(one: str, other: str) -> bool:
    """Whether two names mean a model and a version of it that was trained further."""
    roots = (_TRAINED_FURTHER.sub(" ", name.lower()) for name in (one, other))
    return len({_plain(root) for root in roots}) == 1


def quantised(name: str) -> bool:
    """Whether a name says that the weights were made coarser."""
    return bool(_QUANTISED.search(name.lower()))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "", _NO_PART.sub(" ", name)).strip(".")
