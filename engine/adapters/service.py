"""The child that looks into adapters and converts them: confined, as nobody vouches for them."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine.adapter_facts import AdapterFacts
from engine.adapters import architectures, numbers
from engine.adapters.converting import Base, convert, needs_heads
from engine.adapters.matching import match
from engine.adapters.messages import AdaptersRequest, Convert, Found, Piece
from engine.adapters.names import base_name
from engine.adapters.peft import PeftAdapter, open_peft
from engine.errors import ModelError
from engine.model_facts import GgufFacts
from engine.models import gguf_facts, gguf_lora
from engine.models.gguf_facts import plain_line
from engine.models.gguf_header import MAGIC, read_header
from engine.workers.child import Exchange

_PIECE = 1 << 22  # bytes


@dataclass(frozen=True, slots=True)
class _Model:
    """A model to match with, and the name to call it by; ``facts`` are None for what is none."""

    called: str
    facts: GgufFacts | None


class AdaptersService:
    """Serves ``LookInto`` and ``Convert``, one at a time."""

    request_type: Any = AdaptersRequest

    def handle(self, request: AdaptersRequest, exchange: Exchange) -> None:
        path = Path(request.path)
        models = [_model(Path(file), called) for file, called in request.models]
        with tempfile.TemporaryDirectory() as folder:
            try:
                if isinstance(request, Convert):
                    _convert(request, models, Path(folder), exchange)
                else:
                    exchange.reply(_look(path, models, Path(folder)))
            except OSError as error:
                reason = error.strerror or str(error)
                raise ModelError(f"“{plain_line(path.name)}” cannot be read: {reason}.") from error


def create() -> AdaptersService:
    return AdaptersService()


def _look(path: Path, models: Sequence[_Model], folder: Path) -> Found:
    if _is_gguf(path):
        header = read_header(path)
        facts = gguf_lora.facts(header)
        numbers.check(header)
        return Found(facts, _matches(facts, models))
    adapter = open_peft(path, folder)
    for pair in adapter.pairs:
        for half in (pair.a, pair.b):
            adapter.weights.read(half)
    facts, _ = _seen_by(adapter, models)
    return Found(facts, _matches(facts, models))


def _convert(request: Convert, models: Sequence[_Model], folder: Path, exchange: Exchange) -> None:
    path = Path(request.path)
    if _is_gguf(path):
        raise ModelError(f"“{plain_line(path.name)}” is a GGUF already: it need not be converted.")
    adapter = open_peft(path, folder)
    adapter = replace(adapter, name=plain_line(request.name) or adapter.name)
    facts, fitting = _seen_by(adapter, models)
    kind = facts.architecture
    if not kind or (fitting is None and needs_heads(adapter, kind)):
        raise ModelError(_lacks_a_model(facts))
    base = Base(kind)
    if fitting is not None:
        base = Base(
            kind, fitting.heads, fitting.key_heads, fitting.layers, fitting.embedding_length
        )
    made = folder / "made.gguf"
    convert(adapter, base, made, cancelled=lambda: exchange.cancelled)
    if fitting is not None:
        facts = replace(facts, heads=fitting.heads, key_heads=fitting.key_heads)
    exchange.reply(Found(facts, _matches(facts, models)))
    with made.open("rb") as file:
        while data := file.read(_PIECE):
            exchange.reply(Piece(data))


def _seen_by(
    adapter: PeftAdapter, models: Sequence[_Model]
) -> tuple[AdapterFacts, GgufFacts | None]:
    """Its facts as seen by the first model that it fits, and that model; else as it says itself."""
    told = adapter.architecture
    for model in models:
        if model.facts is None or model.facts.architecture not in architectures.CONVERTED:
            continue
        if told and told != model.facts.architecture:
            continue
        try:
            facts = adapter.facts(model.facts.architecture)
        except ModelError:  # a model of this kind has not what it changes
            continue
        if match(facts, model.facts).fits:
            return facts, model.facts
    return adapter.facts(told), None


def _lacks_a_model(facts: AdapterFacts) -> str:
    size = f"{facts.layers} layers of width {facts.width}"
    base = f"{plain_line(base_name(facts.base))}, {size}" if facts.base else f"one of {size}"
    return (
        f"“{facts.name}” can be converted only with the model at hand that it was made for: "
        f"{base}. Add that model, as a GGUF, under Models."
    )


def _matches(facts: AdapterFacts, models: Sequence[_Model]) -> tuple[Any, ...]:
    return tuple(
        None if model.facts is None else match(facts, model.facts, model.called) for model in models
    )


def _model(path: Path, called: str) -> _Model:
    try:
        return _Model(called, gguf_facts.inspect(path))
    except ModelError:
        return _Model(called, None)


def _is_gguf(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return path.suffix.lower() == ".gguf" or file.read(len(MAGIC)) == MAGIC
