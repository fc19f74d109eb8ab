"""Whether an adapter can be applied to a model, in sentences a person can act on."""

from __future__ import annotations

from engine.adapter_facts import AdapterFacts, AdapterMatch
from engine.adapters import names
from engine.model_facts import GgufFacts
from engine.tensor_shapes import TensorGroup

_MOST_NAMED = 3


def match(adapter: AdapterFacts, model: GgufFacts, called: str = "") -> AdapterMatch:
    """``called`` is the model's name in the list, where it has one."""
    name = called or model.name
    made_for = names.base_name(adapter.base) or "a model that it does not name"
    problems = [*_sizes(adapter, model, name, made_for), *_kinds(adapter, model, name)]
    if not problems:
        problems = _shapes(adapter, model, name)
    remarks = () if problems else _remarks(adapter, model, (name, model.name))
    return AdapterMatch(name, tuple(problems), tuple(remarks))


def _kinds(adapter: AdapterFacts, model: GgufFacts, name: str) -> list[str]:
    if adapter.architecture in ("", model.architecture):
        return []
    return [
        f"It changes models of the kind “{adapter.architecture}”, and {name} is of the kind "
        f"“{model.architecture}”."
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


def _size(adapter: AdapterFacts) -> str:
    layers = f"{adapter.layers} layer{'' if adapter.layers == 1 else 's'}"
    return f"{layers} of width {adapter.width}" if adapter.width else layers


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


def _remarks(adapter: AdapterFacts, model: GgufFacts, called: tuple[str, ...]) -> list[str]:
    remarks = []
    base, name = names.base_name(adapter.base), called[0]
    if not base:
        remarks.append(
            f"It does not say for which model it was made. It has the right shape for {name}; "
            "another model of that shape would get nothing good from it."
        )
    elif not any(names.same(base, other) for other in called):
        if any(names.related(base, other) for other in called):
            remarks.append(
                f"It was made for {base}, and {name} is that model trained further or less far: "
                "it can be applied, and its effect may be another."
            )
        else:
            remarks.append(
                f"It was made for {base}. {name} has the same shape; if it is another model, the "
                "adapter will do harm to its answers."
            )
    if names.quantised(base):
        remarks.append(
            "It was trained on a quantised version of the model: its effect may differ a little."
        )
    whole = 1 + max((last for group in adapter.shapes for _, last in group.blocks), default=-1)
    if 0 < whole < model.layers:
        remarks.append(f"It changes the first {whole} of {model.layers} layers only.")
    if adapter.prompt:
        remarks.append(f"Its maker says to begin with: “{adapter.prompt}”")
    return remarks
