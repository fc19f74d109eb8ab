"""Whether an adapter can be applied to a model, in sentences a person can act on."""

from __future__ import annotations

import re

from engine.adapter_facts import AdapterFacts, AdapterMatch
from engine.adapters.architectures import base_name
from engine.model_facts import GgufFacts
from engine.tensor_shapes import TensorGroup

_MOST_NAMED = 3
_NO_PART_OF_A_NAME = re.compile(
    r"\b(gguf|hf|i?q\d\w*|f16|f32|bf16|bnb|4-?bit|8-?bit|gptq|awq|int[48]|mlx|unsloth|dynamic|ud)\b",
    re.IGNORECASE,
)
_QUANTISED = re.compile(r"\b(bnb|4-?bit|8-?bit|gptq|awq|int[48])\b", re.IGNORECASE)
_TRAINED_FURTHER = re.compile(
    r"\b(instruct(ion)?|chat|it|base|pt|sft|dpo|v\d+(\.\d+)*|\d{4})\b", re.IGNORECASE
)


def match(adapter: AdapterFacts, model: GgufFacts, called: str = "") -> AdapterMatch:
    """``called`` is the model's name in the list, where it has one."""
    name = called or model.name
    made_for = base_name(adapter.base) or "a model that it does not name"
    problems = _kinds(adapter, model, name, made_for)
    if not problems:
        problems = _sizes(adapter, model, name, made_for) or _shapes(adapter, model, name)
    remarks = () if problems else _remarks(adapter, model, (name, model.name))
    return AdapterMatch(name, tuple(problems), tuple(remarks))


def _kinds(adapter: AdapterFacts, model: GgufFacts, name: str, made_for: str) -> list[str]:
    if not adapter.architecture or adapter.architecture == model.architecture:
        return []
    also = ""
    if _differ(adapter, model):
        also = f", {_size(adapter)}; {name} has {_size(model)}"
    return [
        f"It was made for {made_for}{also}. That is a model of another kind "
        f"({adapter.architecture}; {name} is {model.architecture})."
    ]


def _sizes(adapter: AdapterFacts, model: GgufFacts, name: str, made_for: str) -> list[str]:
    if _differ(adapter, model):
        return [
            f"It was made for {made_for}, {_size(adapter)}; {name} has {model.layers} of width "
            f"{model.embedding_length}."
        ]
    for said, has, what in (
        (adapter.heads, model.heads, "attention heads"),
        (adapter.key_heads, model.key_heads, "heads that share keys"),
    ):
        if said and has and said != has:
            return [f"It was made for {made_for}, with {said} {what}; {name} has {has}."]
    return []


def _differ(adapter: AdapterFacts, model: GgufFacts) -> bool:
    wider = adapter.width and adapter.width != model.embedding_length
    return bool(wider) or adapter.layers > model.layers


def _size(facts: AdapterFacts | GgufFacts) -> str:
    width = facts.width if isinstance(facts, AdapterFacts) else facts.embedding_length
    layers = f"{facts.layers} layer{'' if facts.layers == 1 else 's'}"
    return f"{layers} of width {width}" if width else layers


def _shapes(adapter: AdapterFacts, model: GgufFacts, name: str) -> list[str]:
    if not model.shapes:  # looked into by an older Carrel, or of too many kinds
        return []
    found = []
    for group in adapter.shapes:
        same = [other for other in model.shapes if other.kind == group.kind]
        missing = group.places() - {place for other in same for place in other.places()}
        if missing:
            found.append(_missing(group, missing, name))
            continue
        for other in same:
            if other.shape != group.shape and other.places() & group.places():
                found.append(
                    f"For “{group.kind}” it has {_shape(group)}; that of {name} is {_shape(other)}."
                )
                break
    if len(found) > _MOST_NAMED:
        left = len(found) - _MOST_NAMED
        more = f"{left} more of its kinds of tensors {'does' if left == 1 else 'do'} not fit."
        return [*found[:_MOST_NAMED], more]
    return found


def _missing(group: TensorGroup, missing: set[int], name: str) -> str:
    if group.kind == "output":
        return (
            f"It changes the model's last layer (“output”), which {name} does not have by itself: "
            "it shares its words' weights, and llama.cpp cannot change one of the two."
        )
    where = "" if missing == group.places() else f" in layer {min(missing)}"
    return f"It changes “{group.kind}”, which {name} does not have{where}."


def _shape(group: TensorGroup) -> str:
    times = f", {group.experts} times" if group.experts > 1 else ""
    return f"{group.inputs} → {group.outputs}{times}"


def _remarks(adapter: AdapterFacts, model: GgufFacts, names: tuple[str, ...]) -> list[str]:
    remarks = []
    base, name = base_name(adapter.base), names[0]
    if not base:
        remarks.append(
            f"It does not say for which model it was made. It has the right shape for {name}; "
            "another model of that shape would get nothing good from it."
        )
    elif not any(_plain(base) == _plain(other) for other in names):
        if any(_root(base) == _root(other) for other in names):
            remarks.append(
                f"It was made for {base}, and {name} is that model trained further or less far: "
                "it can be applied, and its effect may be another."
            )
        else:
            remarks.append(
                f"It was made for {base}. {name} has the same shape; if it is another model, the "
                "adapter will do harm to its answers."
            )
    if _QUANTISED.search(base):
        remarks.append(
            "It was trained on a quantised version of the model: its effect may differ a little."
        )
    whole = 1 + max((last for group in adapter.shapes for _, last in group.blocks), default=-1)
    if 0 < whole < model.layers:
        remarks.append(f"It changes the first {whole} of {model.layers} layers only.")
    if adapter.prompt:
        remarks.append(f"Its maker says to begin with: “{adapter.prompt}”")
    return remarks


def _plain(name: str) -> str:
    """A name as others may spell it."""
    words = re.sub(r"[_\s/-]+", " ", name)
    return re.sub(r"[^a-z0-9.]+", "", _NO_PART_OF_A_NAME.sub(" ", words).lower()).rstrip(".")


def _root(name: str) -> str:
    words = re.sub(r"[_\s/-]+", " ", name)
    return _plain(_TRAINED_FURTHER.sub(" ", words))
