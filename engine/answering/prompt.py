"""What the model is given: the best quotes and the question, within its context and the person's
patience.

Where a question follows another, the prompt of that one goes on, so that all of it is still in
the model's KV cache; a model too small to keep earlier turns apart only where the sources are the
same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.answering.quotes import Sentence
from engine.answers import Answer, AnswerKind, AppliedAdapter, ContextUse
from engine.errors import ModelError
from engine.followups import recent_turns
from engine.followups.recent import said
from engine.model_facts import ABLE
from engine.models.generator import Generator
from engine.models.messages import ChatMessage
from engine.paths import resource
from engine.untrusted import as_data, is_order
from engine.workers import CancelToken

ANSWER_TOKENS = 200
_FEW, _MANY = 3, 8
_TOO_LONG = "The question is too long for this model's context; shorten it."

Conversation = tuple[ChatMessage, ...]


@dataclass(frozen=True, slots=True)
class Prompt:
    """``quotes`` are what it shows of the sources, as the model sees them, the best first."""

    messages: Conversation
    context: ContextUse
    quotes: tuple[str, ...] = ()


class PromptWriter:
    """Fits quotes into the context by the model's own count, and into the seconds that
    ``patience`` gives by how fast the model reads. Nothing is cut silently: what did not fit is
    counted in ``Prompt.context``."""

    def __init__(self, generator: Generator, patience: Callable[[], float]) -> None:
        self._generator = generator
        self._patience = patience
        self._answer = resource("prompts", "answer.txt").read_text(encoding="utf-8").strip()
        self._plain = resource("prompts", "plain.txt").read_text(encoding="utf-8").strip()

    @property
    def beginning(self) -> Conversation:
        """What every prompt about documents begins with."""
        return (ChatMessage("system", self._answer),)

    def with_quotes(
        self,
        model: Path,
        question: str,
        sentences: Sequence[Sentence],
        turns: Sequence[Answer],
        cancel: CancelToken,
        adapters: Sequence[AppliedAdapter] = (),
    ) -> Prompt:
        """As many of the best quotes as fit. ``adapters`` are those that will be applied. Raises
        ``ModelError`` where not even one quote fits."""
        facts = self._generator.facts(model, cancel)
        room = facts.context - ANSWER_TOKENS
        able = facts.parameters >= ABLE
        wanted = _shown(sentences, _MANY if able else _FEW)
        going_on = self._going_on(turns, adapters)
        if going_on and (able or all(quote in _given(going_on) for quote in wanted)):
            new = tuple(quote for quote in wanted if quote not in _given(going_on))
            messages = (*going_on, _asked(question, new))
            tokens, known = self._generator.count(model, [messages, going_on], cancel)
            if tokens <= room and tokens - known <= self._soon(model):
                earlier = sum(message.role == "assistant" for message in going_on)
                use = ContextUse(tokens, facts.context, len(wanted), 0, earlier, 0)
                return Prompt(messages, use, wanted)
        return self._fresh(model, question, wanted, turns if able else (), room, cancel)

    def _fresh(
        self,
        model: Path,
        question: str,
        wanted: tuple[str, ...],
        turns: Sequence[Answer],
        room: int,
        cancel: CancelToken,
    ) -> Prompt:
        sizes = range(len(wanted), 0, -1) if wanted else (0,)
        choices = [(*self.beginning, _asked(question, wanted[:n])) for n in sizes]
        counts = self._generator.count(model, choices, cancel)
        soon = self._soon(model)
        for n, messages, tokens in zip(sizes, choices, counts, strict=True):
            if tokens > room or (tokens > soon and n > 1):
                continue

            def cost(pairs: Sequence[Sequence[str]]) -> Sequence[int]:
                told = [
                    (ChatMessage("user", question), ChatMessage("assistant", answer))
                    for question, answer in pairs
                ]
                return self._generator.count(model, told, cancel)

            telling = [turn for turn in turns if said(turn)]
            kept = recent_turns(telling, cost, int(min(room, soon)) - tokens)
            earlier = [
                message
                for turn in kept.turns
                for message in (
                    ChatMessage("user", turn.question),
                    ChatMessage("assistant", said(turn)),
                )
            ]
            use = ContextUse(
                prompt=tokens + kept.tokens,
                room=room + ANSWER_TOKENS,
                quotes=n,
                quotes_left=len(wanted) - n,
                turns=len(kept.turns),
                turns_left=kept.left,
            )
            return Prompt((messages[0], *earlier, *messages[1:]), use, wanted[:n])
        raise ModelError(_TOO_LONG)

    def plain(self, model: Path, question: str, cancel: CancelToken) -> Prompt:
        """The question alone, for an answer without documents."""
        conversation = (ChatMessage("system", self._plain), ChatMessage("user", question))
        context = self._generator.facts(model, cancel).context
        (tokens,) = self._generator.count(model, [conversation], cancel)
        if tokens > context - ANSWER_TOKENS:
            raise ModelError(_TOO_LONG)
        return Prompt(conversation, ContextUse(tokens, context))

    def _going_on(
        self, turns: Sequence[Answer], adapters: Sequence[AppliedAdapter]
    ) -> Conversation:
        """The prompt of the last turn and what the model wrote, or nothing. It comes from the
        library file: what is not as it would be written here is not gone on with, nor is what
        was read with other adapters, for none of that is in the model's memory any more."""
        last = turns[-1] if turns else None
        if last is None or last.provenance is None or not last.text or last.stopped:
            return ()
        applied = [(a.file.path if a.file else "", a.scale) for a in last.provenance.adapters]
        if applied != [(adapter.path, adapter.scale) for adapter in adapters]:
            return ()
        before = tuple(ChatMessage(role, text) for role, text in last.provenance.prompt)
        roles = [message.role for message in before[1:]]
        turnwise = roles == (["user", "assistant"] * len(roles))[: len(roles)] and len(roles) % 2
        if before[:1] != self.beginning or not turnwise or last.kind is not AnswerKind.ANSWER:
            return ()
        return (*before, ChatMessage("assistant", last.text))

    def _soon(self, model: Path) -> float:
        """Tokens that the model reads while the person waits gladly."""
        speed = self._generator.reading_speed(model)
        return float("inf") if speed is None else speed * self._patience()


def _shown(sentences: Sequence[Sentence], most: int) -> tuple[str, ...]:
    """The best sentences as the model sees them; none that gives it orders."""
    quotes: dict[str, None] = {}
    for sentence in sentences:
        if len(quotes) == most:
            break
        if not is_order(sentence.text):
            quotes[as_data(sentence.said)] = None
    return tuple(quotes)


def _asked(question: str, quotes: Sequence[str]) -> ChatMessage:
    # the best quote last, next to the question: a small model looks there first
    lines = "".join(f"- {quote}\n" for quote in reversed(quotes))
    shown = f"Quotes:\n{lines}\n" if quotes else ""
    return ChatMessage("user", f"{shown}Question: {question}")


def _given(messages: Conversation) -> str:
    return "\n".join(message.content for message in messages if message.role == "user")
