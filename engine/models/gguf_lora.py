"""What a GGUF adapter (LoRA) is, read from its head, and whether llama.cpp may be shown it.

A LoRA changes a weight W of a model to W + scale · B A, where A brings the inputs down to a few
numbers (the rank) and B these up to the outputs. llama.cpp's scale is the one wished for, times
alpha over the rank.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.adapter_facts import AdapterFacts, AdapterForm
from engine.errors import ModelError
from engine.models.gguf_facts import heads, plain_line
from engine.models.gguf_header import Header, Tensor, read_header
from engine.tensor_shapes import grouped

LARGEST_RANK = 4096
LARGEST_ALPHA = 1e6
_MOST_TENSORS = 20_000
_MOST_SHAPES = 500
_A, _B = ".lora_a", ".lora_b"
_LONGEST_PROMPT = 2000
_CONTROL_VECTOR = "controlvector"


@dataclass(frozen=True, slots=True)
class Pair:
    """What is added to the model's tensor called ``target``: ``b`` times ``a``."""

    target: str
    a: Tensor
    b: Tensor

    @property
    def rank(self) -> int:
        return self.a.shape[1]

    @property
    def shape(self) -> tuple[int, ...]:
        """That of the changed tensor, inputs first."""
        return (self.a.shape[0], self.b.shape[1], *self.a.shape[2:])


def inspect(path: Path) -> AdapterFacts:
    """Raises ``ModelError`` with why it is no adapter that can be applied."""
    return facts(read_header(path))


def facts(header: Header) -> AdapterFacts:
    """As :func:`inspect`."""
    name = plain_line(header.path.name)
    _refuse_other_kinds(header, name)
    if header.missing:
        raise ModelError(
            f"“{name}” is incomplete: {max(1, round(header.missing / 1e6)):,} MB of it are "
            "missing. Copy or download it again."
        )
    architecture = plain_line(header.text("general.architecture"))
    if not architecture:
        raise ModelError(f"“{name}” does not say for what kind of model it is.")
    alpha = header.metadata.get("adapter.lora.alpha", 0.0)
    if not isinstance(alpha, (int, float)) or not 0 <= alpha <= LARGEST_ALPHA:
        raise ModelError(f"“{name}” is damaged: its alpha (strength) is {alpha}.")
    found = pairs(header)
    shapes = grouped((pair.target, pair.shape) for pair in found)
    if len(shapes) > _MOST_SHAPES:
        raise ModelError(f"“{name}” is damaged: its tensors have {len(shapes)} different shapes.")
    layers = 1 + max((last for group in shapes for _, last in group.blocks), default=-1)
    said = header.number(f"{architecture}.block_count")
    return AdapterFacts(
        name=plain_line(header.text("general.name")) or plain_line(header.path.stem),
        form=AdapterForm.GGUF,
        base=_base(header),
        architecture=architecture,
        layers=said if layers <= said <= _MOST_TENSORS else layers,
        width=header.number(f"{architecture}.embedding_length") or width(found),
        ranks=tuple(sorted({pair.rank for pair in found})),
        alpha=float(alpha),
        targets=tuple(dict.fromkeys(group.kind for group in shapes)),
        pairs=len(found),
        parameters=sum(pair.a.elements + pair.b.elements for pair in found),
        size=header.size,
        licence=plain_line(header.text("general.license.name") or header.text("general.license")),
        prompt=plain_line(header.text("adapter.lora.prompt_prefix"), _LONGEST_PROMPT),
        heads=heads(header, architecture),
        key_heads=heads(header, architecture, keys=True),
        shapes=shapes,
    )


def pairs(header: Header) -> tuple[Pair, ...]:
    """The halves put together. Raises ``ModelError`` where they do not belong together."""
    name = plain_line(header.path.name)
    if not 0 < len(header.tensors) <= _MOST_TENSORS:
        raise ModelError(f"“{name}” is no adapter that can be used: it has no tensors.")
    halves: dict[str, dict[str, Tensor]] = {}
    for tensor in header.tensors:
        target, half = tensor.name[: -len(_A)], tensor.name[-len(_A) :]
        if half not in (_A, _B) or not target.endswith(".weight"):
            raise ModelError(
                f"“{name}” also holds whole weights (“{plain_line(tensor.name)}”), which llama.cpp "
                "cannot apply. Look for a version of it that is a LoRA alone."
            )
        if half in halves.setdefault(target, {}):
            raise ModelError(f"“{name}” is damaged: it holds “{plain_line(tensor.name)}” twice.")
        halves[target][half] = tensor
    return tuple(_pair(name, target, found) for target, found in halves.items())


def width(found: tuple[Pair, ...]) -> int:
    """The model's embedding length, as what is known to take it in or to give it shows."""
    for pair in found:
        kind = pair.target.removesuffix(".weight").rpartition(".")[2]
        if kind in ("attn_q", "attn_k", "attn_v", "attn_qkv", "ffn_gate", "ffn_up"):
            return pair.shape[0]
        if kind in ("attn_output", "ffn_down"):
            return pair.shape[1]
    return 0


def _pair(name: str, target: str, halves: dict[str, Tensor]) -> Pair:
    shown = plain_line(target.removesuffix(".weight"))
    if "token_embd" in target or target.endswith("_norm.weight"):
        raise ModelError(
            f"“{name}” changes “{shown}”, which is no matrix that llama.cpp lets an adapter change "
            "safely. Look for a version of it that leaves words and norms as they are."
        )
    if len(halves) < 2:
        raise ModelError(f"“{name}” is damaged: it has one half only of what changes “{shown}”.")
    a, b = halves[_A], halves[_B]
    if len(a.shape) not in (2, 3) or len(b.shape) != len(a.shape) or a.shape[2:] != b.shape[2:]:
        raise ModelError(f"“{name}” is damaged: what changes “{shown}” is no pair of matrices.")
    if a.shape[1] != b.shape[0]:
        raise ModelError(
            f"“{name}” is damaged: for “{shown}” its halves are of rank {a.shape[1]} and "
            f"{b.shape[0]}."
        )
    if not 0 < a.shape[1] <= LARGEST_RANK or not a.elements or not b.elements:
        raise ModelError(f"“{name}” is damaged: for “{shown}” its rank is {a.shape[1]}.")
    if not a.size or not b.size:
        raise ModelError(f"“{name}” holds numbers of a kind that Carrel does not know ({a.type}).")
    return Pair(target, a, b)


def _refuse_other_kinds(header: Header, name: str) -> None:
    said = header.metadata.get("adapter.type")
    kind = header.text("general.type").lower()
    architecture = header.text("general.architecture")
    if architecture == _CONTROL_VECTOR:
        raise ModelError(
            f"“{name}” is a control vector, not a LoRA. Carrel applies adapters that are LoRAs."
        )
    if kind != "adapter":
        what = "another part of a model (" + plain_line(kind, 30) + ")" if kind else ""
        if header.metadata.get(f"{architecture}.block_count") is not None:
            what = "a model, not an adapter (LoRA). Add it under Models"
        raise ModelError(f"“{name}” is {what or 'a GGUF, but not of an adapter (LoRA)'}.")
    if said != "lora":
        raise ModelError(
            f"“{name}” is an adapter of the kind “{plain_line(str(said), 30)}”. Carrel applies "
            "LoRAs only."
        )
    if "adapter.alora.invocation_tokens" in header.metadata:
        raise ModelError(
            f"“{name}” is an activated LoRA (aLoRA): it is made to begin at certain words only, "
            "and Carrel would apply it to all of a text. Look for an ordinary LoRA."
        )


def _base(header: Header) -> str:
    name = header.text("general.base_model.0.name") or header.text("general.basename")
    return plain_line(name)
