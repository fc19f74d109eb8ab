"""What the model is given: the best quotes and the question, within its context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.answering.quotes import Sentence
from engine.errors import ModelError
from engine.models.generator import Generator
from engine.models.messages import ChatMessage
from engine.paths import resource
from engine.workers import CancelToken

ANSWER_TOKENS = 200
MOST_QUOTES = 3


@dataclass(frozen=True, slots=True)
class Prompt:
    """``used`` quotes are in it, in this order."""

    messages: tuple[ChatMessage, ...]
    tokens: int
    used: tuple[Sentence, ...]


class PromptWriter:
    """Fits quotes into the context by the model's own count. Nothing is cut silently: what did
    not fit is missing from ``Prompt.used``."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self._answer = resource("prompts", "answer.txt").read_text(encoding="utf-8").strip()
        self._plain = resource("prompts", "plain.txt").read_text(encoding="utf-8").strip()

    def with_quotes(
        self, model: Path, question: str, quotes: Sequence[Sentence], cancel: CancelToken
    ) -> Prompt:
        """As many of the best quotes as fit. Raises ``ModelError`` where not even one does."""
        room = self._generator.facts(model, cancel).context - ANSWER_TOKENS
        choices = [quotes[:n] for n in range(min(MOST_QUOTES, len(quotes)), 0, -1)]
        conversations = [self._conversation(question, choice) for choice in choices]
        counts = self._generator.count(model, conversations, cancel)
        for choice, conversation, tokens in zip(choices, conversations, counts, strict=True):
            if tokens <= room:
                return Prompt(conversation, tokens, tuple(choice))
        raise ModelError("The question is too long for this model's context; shorten it.")

    def plain(self, model: Path, question: str, cancel: CancelToken) -> Prompt:
        """The question alone, for an answer without documents."""
        conversation = (ChatMessage("system", self._plain), ChatMessage("user", question))
        room = self._generator.facts(model, cancel).context - ANSWER_TOKENS
        (tokens,) = self._generator.count(model, [conversation], cancel)
        if tokens > room:
            raise ModelError("The question is too long for this model's context; shorten it.")
        return Prompt(conversation, tokens, ())

    def _conversation(self, question: str, quotes: Sequence[Sentence]) -> tuple[ChatMessage, ...]:
        # the best quote last, next to the question: a small model looks there first
        lines = [f"- {_one_line(quote.text)}" for quote in reversed(quotes)]
        content = "Quotes:\n" + "\n".join(lines) + f"\n\nQuestion: {question}"
        return (ChatMessage("system", self._answer), ChatMessage("user", content))


def _one_line(text: str) -> str:
    return " ".join(text.split())
