"""An adapter as PEFT saves it: its settings, and pairs of matrices named for the modules of the
model that they change."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from engine.adapter_facts import AdapterFacts, AdapterForm
from engine.adapters import architectures
from engine.adapters.peft_config import PeftConfig, read_config
from engine.adapters.safetensors import SafetensorsFile, StoredTensor, open_safetensors
from engine.adapters.unpacking import find
from engine.errors import ModelError
from engine.models.gguf_facts import plain_line
from engine.models.gguf_lora import LARGEST_RANK
from engine.tensor_shapes import grouped

_KEY = re.compile(
    r"^(?:base_model\.model\.)?(?P<module>[\w.]+)\.(?P<half>lora_[AB])(?:\.default)?\.weight$",
    re.ASCII,
)
_LAYER = re.compile(r"\.layers\.(\d{1,4})\.")
_MOST_LAYERS = 512
_LONGEST_NOTES = 1 << 16
# models that also look at pictures keep the part that writes under a name of its own
_WRITING_PART = re.compile(r"^(?:model\.language_model|language_model\.model|language_model)\.")
_OTHER_PARTS = {
    "magnitude": "DoRA (weight-decomposed LoRA)",
    "lora_embedding": "the model's own words (an embedding layer)",
    "embed_tokens": "the model's own words (embed_tokens)",
    "lm_head": "the model's last layer (lm_head)",
    "lora_E": "AdaLoRA",
    "ia3_": "IA³",
    "hada_": "LoHa",
    "lokr_": "LoKr",
    "vera_": "VeRA",
    "oft_": "OFT",
    "prompt_embeddings": "prompt tuning",
    "modules_to_save": "whole layers that are replaced (modules_to_save)",
    "token_adapter": "words of its own (trainable_token_indices)",
    "score.": "a layer that sorts texts into classes",
    "classifier.": "a layer that sorts texts into classes",
    "vision": "the part of the model that looks at pictures",
    "visual": "the part of the model that looks at pictures",
    "multi_modal": "the part of the model that looks at pictures",
    ".bias": "biases",
}


@dataclass(frozen=True, slots=True)
class ModulePair:
    """What is added to a module: ``b`` (outputs, rank) times ``a`` (rank, inputs)."""

    module: str
    a: StoredTensor
    b: StoredTensor

    @property
    def place(self) -> str:
        """The module's name in a model that only writes."""
        return _WRITING_PART.sub("model.", self.module)

    @property
    def rank(self) -> int:
        return self.a.shape[0]

    @property
    def shape(self) -> tuple[int, int]:
        """That of the changed weight, inputs first, as GGUF has it."""
        return self.a.shape[1], self.b.shape[0]


@dataclass(frozen=True, slots=True)
class PeftAdapter:
    """``name`` is what a person would call it, ``licence`` as its maker wrote it, or empty."""

    name: str
    config: PeftConfig
    weights: SafetensorsFile
    pairs: tuple[ModulePair, ...]
    licence: str = ""

    @property
    def architecture(self) -> str:
        """That of the model it says it was made for; empty where that cannot be told."""
        return architectures.told(self.config.base, self.config.base_class)

    def facts(self, architecture: str) -> AdapterFacts:
        """As seen by a model of this kind, empty where none is known. Raises ``ModelError`` where
        no such model has what it changes."""
        targets = self.targets(architecture or self._likely_architecture())
        shapes = grouped((targets[pair.module], pair.shape) for pair in self.pairs)
        modules = {pair.module.rpartition(".")[2] for pair in self.pairs}
        return AdapterFacts(
            name=self.name,
            form=AdapterForm.PEFT,
            base=self.config.base,
            architecture=architecture,
            layers=1 + max((last for group in shapes for _, last in group.blocks), default=-1),
            width=_width(self.pairs),
            ranks=tuple(sorted({pair.rank for pair in self.pairs})),
            alpha=self.config.alpha,
            targets=tuple(dict.fromkeys(group.kind for group in shapes)) or tuple(sorted(modules)),
            pairs=len(self.pairs),
            parameters=sum(pair.rank * (pair.a.shape[1] + pair.b.shape[0]) for pair in self.pairs),
            size=self.weights.size,
            rank_stabilised=self.config.rank_stabilised,
            licence=self.licence,
            shapes=shapes,
        )

    def targets(self, architecture: str) -> dict[str, str]:
        """The model's tensor for each module. Raises ``ModelError`` for a module that has none."""
        found: dict[str, str] = {}
        for pair in self.pairs:
            target = architectures.target(architecture, pair.place)
            if not target:
                raise ModelError(
                    f"“{self.name}” changes “{plain_line(pair.module)}”, which no model of the "
                    f"kind {architecture or 'that Carrel converts adapters for'} has. It converts "
                    f"those for {architectures.KNOWN}."
                )
            if target in found.values():
                raise ModelError(f"“{self.name}” changes “{plain_line(target)}” twice.")
            found[pair.module] = target
        return found

    def _likely_architecture(self) -> str:
        """One whose names fit, to tell shapes by."""
        places = {pair.place for pair in self.pairs}
        fitting = (
            architecture
            for architecture in architectures.CONVERTED
            if all(architectures.target(architecture, place) for place in places)
        )
        return next(fitting, "")


def open_peft(path: Path, into: Path) -> PeftAdapter:
    """The adapter in a folder or zip; a zip's files are put into the empty folder ``into``. Raises
    ``ModelError`` with why it cannot be used."""
    files = find(path, into)
    config = read_config(files.config, files.name)
    weights = open_safetensors(files.weights)
    pairs = _pairs(files.name, config, weights)
    return PeftAdapter(files.name, config, weights, pairs, _licence(files.card))


def _pairs(name: str, config: PeftConfig, weights: SafetensorsFile) -> tuple[ModulePair, ...]:
    halves: dict[str, dict[str, StoredTensor]] = {}
    for key, tensor in weights.tensors.items():
        match = _KEY.match(key)
        _refuse_other_parts(name, key)
        if match is None:
            raise ModelError(
                f"“{name}” holds “{plain_line(key)}”, which is not a part of a plain LoRA."
            )
        half = halves.setdefault(match["module"], {})
        if match["half"] in half:
            raise ModelError(f"“{name}” is damaged: it holds “{plain_line(key)}” twice.")
        half[match["half"]] = tensor
    if not halves:
        raise ModelError(f"“{name}” holds no weights.")
    return tuple(_pair(name, config, module, found) for module, found in sorted(halves.items()))


def _refuse_other_parts(name: str, key: str) -> None:
    for part, what in _OTHER_PARTS.items():
        if part in key:
            raise ModelError(
                f"“{name}” also changes {what}, which cannot be applied with llama.cpp as it was "
                f"trained (“{plain_line(key)}”). Look for a plain LoRA."
            )


def _pair(
    name: str, config: PeftConfig, module: str, halves: dict[str, StoredTensor]
) -> ModulePair:
    shown = plain_line(module)
    if len(halves) < 2:
        raise ModelError(f"“{name}” is damaged: it has one half only of what changes “{shown}”.")
    a, b = halves["lora_A"], halves["lora_B"]
    if len(a.shape) != 2 or len(b.shape) != 2 or 0 in (a.shape[1], b.shape[0]):
        raise ModelError(f"“{name}” changes “{shown}” by what is no pair of matrices.")
    if a.shape[0] != b.shape[1]:
        raise ModelError(
            f"“{name}” is damaged: for “{shown}” its halves are of rank {a.shape[0]} and "
            f"{b.shape[1]}."
        )
    if not 0 < a.shape[0] <= LARGEST_RANK:
        raise ModelError(f"“{name}” is damaged: for “{shown}” its rank is {a.shape[0]}.")
    if a.shape[0] != config.rank_of(module):
        raise ModelError(
            f"“{name}” is damaged: for “{shown}” its settings say rank {config.rank_of(module)}, "
            f"and its weights are of rank {a.shape[0]}."
        )
    layer = _LAYER.search(module)
    if layer and int(layer[1]) >= _MOST_LAYERS:
        raise ModelError(f"“{name}” is damaged: it changes a layer number {layer[1]}.")
    return ModulePair(module, a, b)


def _licence(card: Path | None) -> str:
    """From the notes at the head of a model card."""
    if card is None:
        return ""
    with card.open("rb") as file:
        head = file.read(_LONGEST_NOTES).decode("utf-8", "replace")
    notes = re.match(r"---\s*\n(.*?)\n---", head, re.DOTALL)
    said = re.search(r"^license(?:_name)?:\s*[\"']?([\w .+-]+)", notes[1], re.M) if notes else None
    return plain_line(said[1]) if said else ""


def _width(pairs: tuple[ModulePair, ...]) -> int:
    """The model's embedding length."""
    for pair in pairs:
        if re.search(r"\.(q|k|v|qkv|gate|up|gate_up)_proj$", pair.module):
            return pair.shape[0]
        if re.search(r"\.(o|down)_proj$", pair.module):
            return pair.shape[1]
    return 0
