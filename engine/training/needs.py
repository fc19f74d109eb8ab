"""How much memory a training takes, estimated before it is begun."""

from __future__ import annotations

from pathlib import Path

from engine.errors import ModelError
from engine.models import gguf_facts
from engine.models.gguf_header import read_header

_PROCESS = 750_000_000  # bytes: Python with torch and transformers
_FLOAT = 4
_KEPT = 16  # numbers of the model's width that a token leaves in each layer for its gradients
_KEPT_INNER = 6  # and of the MLP's width
_LOGITS = 3  # copies of a token's logits
_STATE = 4  # numbers for each that is trained: itself, its gradient, two moments


def memory_for(base: Path, rank: int, at_once: int) -> int:
    """Bytes, for batches of ``at_once`` tokens. Raises ``ModelError``."""
    facts = gguf_facts.inspect(base)
    header = read_header(base)
    inner = header.number(f"{facts.architecture}.feed_forward_length")
    embedded = (t.elements for t in header.tensors if t.name == "token_embd.weight")
    words = max(embedded, default=0) // facts.embedding_length
    width, layers = facts.embedding_length, facts.layers
    trained = layers * rank * (4 * 2 * width + 3 * (width + inner))
    kept = at_once * layers * (_KEPT * width + _KEPT_INNER * inner)
    numbers = facts.parameters + _STATE * trained + kept + _LOGITS * at_once * words
    return _PROCESS + _FLOAT * numbers


def refuse_too_large(base: Path, rank: int, at_once: int, most: int) -> None:
    """Raises ``ModelError`` where more than ``most`` bytes would be needed."""
    needed = memory_for(base, rank, at_once)
    if needed > most:
        raise ModelError(
            f"Training with “{base.name}” would take about {_gigabytes(needed)} of memory, and "
            f"{_gigabytes(most)} are free here. Choose a smaller base, or close other programs."
        )


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
