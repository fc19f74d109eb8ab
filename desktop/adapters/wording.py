"""What adapters and their facts are called for the person who chooses among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from PySide6.QtGui import QColor

from desktop.applying import why_not
from desktop.models.wording import file_size, joined, licence, parameters, said
from desktop.theme import Colours
from engine.adapter_facts import AdapterEntry, AdapterFacts, AdapterForm

_TARGETS = {
    "attn_q": "attention (query)",
    "attn_k": "attention (key)",
    "attn_v": "attention (value)",
    "attn_qkv": "attention (query, key, value)",
    "attn_output": "attention (output)",
    "ffn_gate": "feed-forward (gate)",
    "ffn_up": "feed-forward (up)",
    "ffn_down": "feed-forward (down)",
    "token_embd": "token embedding",
    "output": "output layer",
}


@dataclass(frozen=True, slots=True)
class State:
    """Whether an adapter can be applied now: ``icon`` by its name, ``tone`` a colour's."""

    words: str
    icon: str
    tone: str

    def colour(self, tones: Colours) -> QColor:
        colour: QColor = getattr(tones, self.tone)
        return colour


def state(entry: AdapterEntry) -> State:
    if entry.problem:
        return State("Cannot be used", "close-circle-outline", "danger")
    if entry.match is None:
        return State("No model answers", "minus-circle-outline", "muted")
    if entry.match.fits:
        return State("Fits", "check-circle-outline", "good")
    return State("Does not fit", "alert-circle-outline", "warning")


def note(entry: AdapterEntry) -> str:
    """What to know before it is switched on, in sentences."""
    if why := why_not(entry):
        return why
    return " ".join(entry.match.remarks) if entry.match is not None else ""


def times(scale: float) -> str:
    """A strength, such as "×0.80"."""
    return f"×{scale:.2f}"


def briefly(scale: float) -> str:
    """The same with no digit too many, such as "×0.8"."""
    return f"×{scale:g}"


def base(facts: AdapterFacts) -> str:
    """The model that it was made for, without whoever published that."""
    return said(facts.base.rsplit("/", 1)[-1])


def shape(facts: AdapterFacts) -> str:
    """Such as "30 layers of width 576"."""
    if not facts.layers:
        return ""
    layers = "1 layer" if facts.layers == 1 else f"{facts.layers} layers"
    return f"{layers} of width {facts.width}" if facts.width else layers


def rank(facts: AdapterFacts) -> str:
    return ", ".join(str(one) for one in facts.ranks)


def summary(entry: AdapterEntry) -> str:
    """What an adapter is, on one line, the most telling first."""
    facts = entry.facts
    return joined(
        f"for {base(facts)}" if facts.base else "",
        f"rank {rank(facts)}" if facts.ranks else "",
        file_size(facts.size) if facts.size else "",
        licence(facts.licence) if facts.licence else "",
    )


def targets(names: Sequence[str]) -> str:
    """Which parts of the model it changes, those of the attention first."""
    return ", ".join(_TARGETS.get(name, said(name)) for name in sorted(names)[:12])


def facts(entry: AdapterEntry) -> list[tuple[str, str]]:
    """Everything that is known, as label and value."""
    one = entry.facts
    converted = bool(entry.origin) and entry.origin != entry.place
    lines = [
        ("Made for", said(one.base) or "Not stated"),
        ("Architecture", said(one.architecture)),
        ("Layers", shape(one)),
        ("Rank", rank(one) + (", rank-stabilised" if one.rank_stabilised else "")),
        ("Alpha", f"{one.alpha:g}" if one.alpha else ""),
        ("Changes", targets(one.targets)),
        ("Tensors", f"{one.pairs:,} pairs" if one.pairs else ""),
        ("Parameters", parameters(one.parameters)),
        ("Size", file_size(one.size) if one.size else ""),
        ("Licence", licence(one.licence) or "Not stated"),
        ("Came as", _form(one.form, converted)),
        ("Its prompt", said(one.prompt)),
        ("Kept", "Carrel’s own copy" if entry.copied else ""),
        ("SHA-256", entry.digest),
    ]
    return [(label, value) for label, value in lines if value]


def _form(form: AdapterForm, converted: bool) -> str:
    if converted or form is AdapterForm.PEFT:
        return "PEFT, converted by Carrel"
    return "GGUF"


def as_text(entry: AdapterEntry) -> str:
    """The facts to paste elsewhere."""
    lines = [f"{label}: {value}" for label, value in facts(entry)]
    return "\n".join([entry.name, *lines, f"File: {entry.place}"])


def file_of(path: str) -> str:
    """An adapter that is in no list, by its file's name."""
    return PurePath(path).stem
