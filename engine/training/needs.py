"""What a base has to be, found out before a training is begun: of a kind whose weights can be read
and whose adapters can be converted, and small enough."""

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

_KINDS = ("llama", "qwen2", "qwen3", "gemma2", "gemma3", "phi3")


def refuse_other_kinds(base: Path) -> None:
    """Raises ``ModelError`` where no adapter can be trained for such a base."""
    architecture = gguf_facts.inspect(base).architecture
    if len(gguf_facts.parts(base)) > 1:
        raise ModelError(f"“{base.name}” is split into parts. Only a base in one file trains.")
    if architecture not in _KINDS:
        raise ModelError(
            f"“{base.name}” is of the kind “{architecture}”, for which Carrel cannot train. Take a "
            "base of the kind Llama (SmolLM, Mistral), Qwen 2 or 3, Gemma 2 or 3, or Phi-3."
        )
    if read_header(base).number(f"{architecture}.expert_count"):
        raise ModelError(f"“{base.name}” is a mixture of experts, for which Carrel cannot train.")


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
