"""Trying an adapter on its model inside the generator child: whether llama.cpp takes it, and
whether what the model computes then is numbers, and others than before."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from engine.errors import CancelledError, ModelError
from engine.models import gguf_facts, gguf_lora
from engine.models.gguf_facts import plain_line
from engine.models.llama import Llama
from engine.models.messages import AdapterTried

_CONTEXT = 64
_TEXT = "Good morning. What does the contract say about the rent?"


def try_adapter(path: Path, adapter: Path, cancelled: Callable[[], bool]) -> AdapterTried:
    """How far the model's numbers for the next token move at the most. Raises ``ModelError`` with
    why the adapter cannot be used with it."""
    gguf_facts.inspect(path)
    gguf_lora.inspect(adapter)
    llama = Llama(
        gguf_facts.parts(path)[0], _CONTEXT, os.cpu_count() or 1, repack=False, cancelled=cancelled
    )
    try:
        tokens = llama.tokenize(_TEXT, special=False)[: _CONTEXT - 1]
        before = llama.logits_after(tokens, cancelled)
        llama.apply(adapter)
        after = llama.logits_after(tokens, cancelled)
    finally:
        llama.close()
    if cancelled():
        raise CancelledError("Stopped.")
    if not np.isfinite(after).all():
        raise ModelError(
            f"“{plain_line(adapter.name)}” is damaged: with it the model computes no numbers."
        )
    change = float(np.abs(after - before).max())
    if change == 0:
        raise ModelError(
            f"“{plain_line(adapter.name)}” changes nothing: all that it would add is zero. Was it "
            "saved before its training began?"
        )
    return AdapterTried(change)
