"""Examples as the base's own tokens, laid out exactly as Carrel lays out a prompt."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.models import gguf_facts
from engine.models.chat_template import without_system
from engine.models.inspecting import template_of
from engine.models.llama import Llama
from engine.models.messages import ChatMessage
from engine.paths import resource
from engine.training.examples import Example
from engine.training.telltale import secret_in
from engine.training_facts import Doubt, ExampleDoubt, ExamplesFound

LONGEST = 2048
"""Tokens that an example may have at most, whatever the base's context."""

_MOST_DOUBTS = 500
_LOADED = 64  # tokens of context: only the vocabulary is used


@dataclass(frozen=True, slots=True)
class Lesson:
    """An example's tokens. ``learnt`` says which of them are the answer's, with the token that
    ends it: what the others cost does not count."""

    tokens: tuple[int, ...]
    learnt: tuple[bool, ...]

    @property
    def answer(self) -> int:
        return sum(self.learnt)


class Wording:
    """Conversations in a base's tokens: its chat template, and llama.cpp's own tokenizer, since
    that is what the adapter will be used with."""

    def __init__(self, llama: Llama) -> None:
        self._llama = llama
        self._template = template_of(llama)
        self._plain = resource("prompts", "plain.txt").read_text(encoding="utf-8").strip()

    def lesson(self, messages: Sequence[ChatMessage]) -> Lesson:
        """An example without a system message gets the one that Carrel asks with when it asks
        without documents."""
        if messages[0].role != "system":
            messages = (ChatMessage("system", self._plain), *messages)
        if self._template is None:
            return self._untemplated(messages)
        if not self._template.has_system:
            messages = without_system(messages)
        llama = self._llama
        tokens: list[int] = []
        learnt: list[bool] = []
        answered = False
        for slot in self._template.slots([message.role for message in messages]):
            between = llama.tokenize(slot.text, special=True)
            if not tokens and llama.wanted_bos is not None and between[:1] != [llama.wanted_bos]:
                between = [llama.wanted_bos, *between]
            ending = self._ending(between) if answered else 0
            if answered and not ending:
                between, ending = [llama.eos, *between], 1
            if slot.message is None:
                between = between[:ending]
            tokens += between
            learnt += [number < ending for number in range(len(between))]
            if slot.message is not None:
                message = messages[slot.message]
                answered = message.role == "assistant"
                said = llama.tokenize(message.content, special=False) if message.content else []
                tokens += said
                learnt += [answered] * len(said)
        return Lesson(tuple(tokens), tuple(learnt))

    def _ending(self, tokens: Sequence[int]) -> int:
        """How many tokens after an answer it takes to end it; 0 where nothing does."""
        ends = (number for number, token in enumerate(tokens, 1) if self._llama.ends(token))
        return next(ends, 0)

    def _untemplated(self, messages: Sequence[ChatMessage]) -> Lesson:
        llama = self._llama
        before = "\n\n".join(message.content for message in messages[:-1]) + "\n\n"
        asked = [] if llama.wanted_bos is None else [llama.wanted_bos]
        asked += llama.tokenize(before, special=False)
        answer = [*llama.tokenize(messages[-1].content, special=False), llama.eos]
        return Lesson((*asked, *answer), (False,) * len(asked) + (True,) * len(answer))


@contextlib.contextmanager
def wording_of(base: Path) -> Iterator[tuple[Wording, int]]:
    """The base's wording, and the tokens that an example may have. Raises ``ModelError``."""
    context = gguf_facts.inspect(base).context or LONGEST
    llama = Llama(gguf_facts.parts(base)[0], _LOADED, 1, repack=False)
    try:
        yield Wording(llama), min(context, LONGEST)
    finally:
        llama.close()


def check(
    file: Path, read: Iterable[Example | ExampleDoubt], wording: Wording, context: int
) -> tuple[ExamplesFound, tuple[Lesson, ...]]:
    """What the examples are worth, and those that can be trained on."""
    doubts: list[ExampleDoubt] = []
    lessons: list[Lesson] = []
    asked: dict[object, int] = {}
    answered: dict[object, int] = {}
    examples = longest = 0
    for example in read:
        examples += 1
        if isinstance(example, ExampleDoubt):
            doubts.append(example)
            continue
        said = (example.asked, " ".join(example.answer.split()))
        if said in answered:
            why = f"The same as line {answered[said]}."
            doubts.append(ExampleDoubt(example.line, Doubt.DUPLICATED, why, left_out=True))
            continue
        lesson = wording.lesson(example.messages)
        longest = max(longest, len(lesson.tokens))
        if len(lesson.tokens) > context:
            why = f"It takes {len(lesson.tokens):,} tokens, and {context:,} is the most."
            doubts.append(ExampleDoubt(example.line, Doubt.TOO_LONG, why, left_out=True))
            continue
        if example.asked in asked:
            why = f"The prompt is that of line {asked[example.asked]}, the answer is another."
            doubts.append(ExampleDoubt(example.line, Doubt.DUPLICATED, why, left_out=False))
        doubts += _secrets(example)
        answered[said] = asked[example.asked] = example.line
        lessons.append(lesson)
    tokens = sum(len(lesson.tokens) for lesson in lessons)
    found = ExamplesFound(
        str(file),
        examples,
        len(lessons),
        tokens,
        longest,
        context,
        tuple(doubts[:_MOST_DOUBTS]),
        max(0, len(doubts) - _MOST_DOUBTS),
    )
    return found, tuple(lessons)


def _secrets(example: Example) -> Iterator[ExampleDoubt]:
    for message in example.messages:
        kind = secret_in(message.content)
        if kind:
            where = "answer" if message.role == "assistant" else "prompt"
            why = f"The {where} holds what looks like {kind}. A model may say it again."
            yield ExampleDoubt(example.line, Doubt.SECRET, why, left_out=False)
            return
