"""Looking into a GGUF inside the generator child, and trying it."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from pathlib import Path

from engine.errors import CancelledError, ModelError
from engine.models import gguf_facts
from engine.models.chat_template import ChatTemplate
from engine.models.choosing import Chooser
from engine.models.llama import Llama
from engine.models.messages import ModelInspected

_CONTEXT = 256
_NO_TEMPLATE = (
    "It has no chat template: it was made to continue texts, not to answer. Its answers will be "
    "poor; look for its “instruct” or “chat” version."
)


def inspect(path: Path, most_memory: int, cancelled: Callable[[], bool]) -> ModelInspected:
    """What the file says of itself; and where it takes no more than ``most_memory`` bytes, it is
    loaded and reads and writes a word. Raises ``ModelError`` with why it cannot be used."""
    facts = gguf_facts.inspect(path)
    if facts.memory <= most_memory:
        _try(path, cancelled)
    return ModelInspected(facts, "" if facts.has_template else _NO_TEMPLATE)


def template_of(llama: Llama) -> ChatTemplate | None:
    """The model's chat template, if it has one. Raises ``ModelError`` where it does not work."""
    source = llama.chat_template()
    if not source.strip():
        return None
    return ChatTemplate(source, bos=llama.spelling(llama.bos), eos=llama.spelling(llama.eos))


def _try(path: Path, cancelled: Callable[[], bool]) -> None:
    llama = Llama(path, _CONTEXT, os.cpu_count() or 1, repack=False, cancelled=cancelled)
    try:
        template_of(llama)
        words = llama.tokenize("Good morning.", special=False)
        if not words:
            raise ModelError(f"“{path.name}” has a vocabulary without words: it is damaged.")
        llama.read(words, cancelled)
        for token in itertools.islice(llama.write(words[-1], Chooser(0, 0).choose, cancelled), 2):
            llama.piece(token)
        if cancelled():
            raise CancelledError("Stopped.")
        if not llama.sound():
            raise ModelError(f"“{path.name}” is damaged: its weights give no numbers.")
    finally:
        llama.close()
