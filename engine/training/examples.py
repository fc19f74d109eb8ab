"""A file of examples: JSONL as people and programs commonly write it, made into conversations.

Nobody vouches for the file: it is read in a child process, line by line, and nothing in it is more
than text.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from engine.errors import ModelError
from engine.models.messages import ChatMessage
from engine.training_facts import Doubt, ExampleDoubt

LARGEST_FILE = 64 << 20
LONGEST_LINE = 1 << 20
MOST_EXAMPLES = 50_000

_ROLES = {
    "system": "system", "developer": "system",
    "user": "user", "human": "user", "prompter": "user",
    "assistant": "assistant", "gpt": "assistant", "model": "assistant", "bot": "assistant",
}  # fmt: skip
_PROMPTS = ("prompt", "question", "instruction", "user")
_ANSWERS = ("answer", "completion", "response", "output", "chosen", "assistant")
_CHATS = ("messages", "conversations", "conversation")


@dataclass(frozen=True, slots=True)
class Example:
    """A conversation that ends with an answer; ``line`` is its own in the file."""

    line: int
    messages: tuple[ChatMessage, ...]

    @property
    def asked(self) -> tuple[tuple[str, str], ...]:
        """All but the last answer, spaces and line ends put aside: what makes two the same."""
        return tuple((m.role, " ".join(m.content.split())) for m in self.messages[:-1])

    @property
    def answer(self) -> str:
        return self.messages[-1].content


def read_examples(file: Path) -> Iterator[Example | ExampleDoubt]:
    """Every line in order: the example on it, or why there is none. Blank lines are passed over.
    Raises ``ModelError`` where the file cannot be one of examples."""
    name = file.name
    try:
        size = file.stat().st_size
        if not file.is_file():
            raise ModelError(f"“{name}” is not a file. Examples are one JSONL file.")
        if size > LARGEST_FILE:
            raise ModelError(
                f"“{name}” is {size >> 20:,} MB large; a file of examples may have "
                f"{LARGEST_FILE >> 20} MB. Leave some examples out."
            )
        with file.open("rb") as stream:
            yield from _read(stream, name)
    except OSError as error:
        raise ModelError(f"“{name}” cannot be read: {error.strerror or error}.") from error


def _read(stream: io.BufferedReader, name: str) -> Iterator[Example | ExampleDoubt]:
    number = found = 0
    while data := stream.readline(LONGEST_LINE + 1):
        number += 1
        too_long = len(data) > LONGEST_LINE
        while too_long and not data.endswith(b"\n") and (rest := stream.readline(LONGEST_LINE)):
            data = rest
        if number == 1:
            data = data.removeprefix(b"\xef\xbb\xbf")
            if data.lstrip()[:1] == b"[":
                raise ModelError(
                    f"“{name}” is one JSON list. Examples are wanted as JSONL: one example a line."
                )
        if not data.strip():
            continue
        found += 1
        if found > MOST_EXAMPLES:
            raise ModelError(
                f"“{name}” holds more than {MOST_EXAMPLES:,} examples. Leave some out."
            )
        if too_long:
            yield _unreadable(number, "The line is longer than a megabyte.")
            continue
        yield _example(number, data)


def _example(line: int, data: bytes) -> Example | ExampleDoubt:
    try:
        value = msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _unreadable(line, "This is not JSON.")
    if not isinstance(value, dict):
        return _unreadable(line, "This is no JSON object with a prompt and an answer.")
    try:
        messages = _messages(value)
    except _OddError as error:
        return _unreadable(line, str(error))
    if not messages[-1].content.strip():
        return ExampleDoubt(line, Doubt.EMPTY, "The answer is empty.", left_out=True)
    if not any(m.content.strip() for m in messages if m.role == "user"):
        return ExampleDoubt(line, Doubt.EMPTY, "The prompt is empty.", left_out=True)
    return Example(line, messages)


class _OddError(Exception):
    """What is wrong with the form of an example, as a sentence."""


def _messages(value: dict[str, Any]) -> tuple[ChatMessage, ...]:
    chat = next((value[key] for key in _CHATS if isinstance(value.get(key), list)), None)
    if chat is not None:
        messages = _turns(chat)
        system = value.get("system")
    else:
        messages, system = _pair(value)
    if (
        isinstance(system, str)
        and system.strip()
        and messages[:1] != ()
        and (messages[0].role != "system")
    ):
        messages = (ChatMessage("system", system.strip()), *messages)
    roles = [message.role for message in messages if message.role != "system"]
    if "assistant" not in roles:
        raise _OddError("It holds no answer.")
    if roles[-1] != "assistant":
        raise _OddError("It ends with a question and not with an answer.")
    if roles[0] != "user" or any(a == b for a, b in itertools.pairwise(roles)):
        raise _OddError("Questions and answers do not take turns in it.")
    if any(message.role == "system" for message in messages[1:]):
        raise _OddError("It has a system message that does not come first.")
    return messages


def _pair(value: dict[str, Any]) -> tuple[tuple[ChatMessage, ...], Any]:
    prompt = next((value[key] for key in _PROMPTS if key in value), None)
    answer = next((value[key] for key in _ANSWERS if key in value), None)
    if prompt is None:
        raise _OddError("It holds no prompt.")
    if answer is None:
        raise _OddError("It holds no answer.")
    if isinstance(prompt, list) and isinstance(answer, list):
        return _turns([*prompt, *answer]), value.get("system")
    if not isinstance(prompt, str) or not isinstance(answer, str):
        raise _OddError("Its prompt or answer is not text.")
    more = value.get("input")
    if isinstance(more, str) and more.strip():
        prompt = f"{prompt.strip()}\n\n{more}"
    turns = (ChatMessage("user", prompt.strip()), ChatMessage("assistant", answer.strip()))
    return turns, value.get("system")


def _turns(chat: list[Any]) -> tuple[ChatMessage, ...]:
    messages = []
    for turn in chat:
        if not isinstance(turn, dict):
            raise _OddError("A message in it is no JSON object.")
        said, content = turn.get("role", turn.get("from")), turn.get("content", turn.get("value"))
        role = _ROLES.get(said.lower()) if isinstance(said, str) else None
        if role is None:
            raise _OddError("A message in it is from nobody that is known: user or assistant.")
        messages.append(ChatMessage(role, _text(content).strip()))
    if not messages:
        raise _OddError("Its conversation is empty.")
    return tuple(messages)


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else [None]
    found = [part.get("text") if isinstance(part, dict) else None for part in parts]
    texts = [text for text in found if isinstance(text, str)]
    if len(texts) < len(found):
        raise _OddError("A message in it is not text.")
    return "\n".join(texts)


def _unreadable(line: int, why: str) -> ExampleDoubt:
    return ExampleDoubt(line, Doubt.UNREADABLE, why, left_out=True)
