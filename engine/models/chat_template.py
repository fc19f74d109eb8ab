"""A model's own chat template: somebody else's program, run in bounds.

Templates are Jinja programs inside model files. They run in Jinja's sandbox, which keeps them from
files and processes, and here also within a second or two, without numbers or texts of astronomic
size. A template is filled with marks that stand for the messages and never sees these themselves:
nothing that a document prints can act in it, and one filling serves every conversation of the same
roles.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import FrameType
from typing import Any

import jinja2
import jinja2.ext
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from engine.errors import ModelError
from engine.models.gguf_facts import plain_line
from engine.models.messages import ChatMessage

_SECONDS = 2.0
_LONGEST_TEXT = 1 << 20
_LARGEST_POWER = 64
_MEMORY = 1 << 30  # bytes more than there are, for a template to run in
_LEFT_OUT = ("center", "indent", "wordwrap", "batch", "slice", "random", "urlize")
_FAILURES = (
    TemplateError, TypeError, ValueError, AttributeError, LookupError, ArithmeticError,
    RecursionError, MemoryError, SyntaxError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slot:
    """What stands in a prompt: ``text`` of the template (control tokens and all), then the
    message of this number; None after the last."""

    text: str
    message: int | None


class ChatTemplate:
    """Raises ``ModelError`` where the template cannot even hold a question."""

    def __init__(self, source: str, *, bos: str, eos: str) -> None:
        self._words = {"bos_token": bos, "eos_token": eos}
        self._filled: dict[tuple[str, ...], tuple[Slot, ...]] = {}
        try:
            with _bounded():
                self._template = _Environment().from_string(source)
        except _FAILURES as error:
            raise _broken(error) from error
        if not any(slot.message == 0 for slot in self._slots(("user",))):
            raise ModelError(
                "The model's chat template has no place for a question. Look for another copy of "
                "this model."
            )
        self.has_system = self._holds_system()

    def slots(self, roles: Sequence[str]) -> tuple[Slot, ...]:
        """The prompt of a conversation, up to where the model's answer begins. A message that
        the template has no place for is not in it."""
        return self._slots(tuple(roles))

    def _holds_system(self) -> bool:
        try:
            return any(slot.message == 0 for slot in self._slots(("system", "user")))
        except ModelError:  # some refuse one, in so many words
            return False

    def _slots(self, roles: tuple[str, ...]) -> tuple[Slot, ...]:
        if roles not in self._filled:
            self._filled[roles] = self._fill(roles)
        return self._filled[roles]

    def _fill(self, roles: tuple[str, ...]) -> tuple[Slot, ...]:
        marks = [f"mark{uuid.uuid4().hex}" for _ in roles]
        messages = [
            {"role": role, "content": mark} for role, mark in zip(roles, marks, strict=True)
        ]
        try:
            with _bounded():
                rest = _joined(
                    self._template.generate(
                        messages=messages,
                        add_generation_prompt=True,
                        enable_thinking=False,
                        tools=None,
                        documents=None,
                        raise_exception=_refuse,
                        strftime_now=_now,
                        **self._words,
                    )
                )
        except _FAILURES as error:
            raise _broken(error) from error
        slots = []
        for number, mark in enumerate(marks):
            before, found, after = rest.partition(mark)
            if found:
                slots.append(Slot(before, number))
                rest = after
        return (*slots, Slot(rest, None))


def without_system(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """For templates that know no system: what it says opens the first person's message."""
    said = "\n\n".join(message.content for message in messages if message.role == "system")
    others = [message for message in messages if message.role != "system"]
    if not said:
        return others
    first = next((n for n, message in enumerate(others) if message.role == "user"), None)
    if first is None:
        return [ChatMessage("user", said), *others]
    others[first] = ChatMessage("user", f"{said}\n\n{others[first].content}")
    return others


class _Environment(ImmutableSandboxedEnvironment):
    """As transformers sets it up for chat templates, with less in it."""

    intercepted_binops = frozenset(("**", "*", "%", "//", "<<"))

    def __init__(self) -> None:
        super().__init__(
            loader=jinja2.BaseLoader(),
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=[_GenerationTag, jinja2.ext.loopcontrols],
        )
        for name in _LEFT_OUT:
            self.filters.pop(name, None)
        self.filters["tojson"] = _as_json

    def call_binop(
        self, context: jinja2.runtime.Context, operator: str, left: Any, right: Any
    ) -> Any:
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        if operator == "**" and not (numbers and abs(left) <= 1e6 and abs(right) <= _LARGEST_POWER):
            raise SecurityError("a number in it is too large")
        if operator == "*" and not numbers:
            longest = max(len(each) for each in (left, right) if hasattr(each, "__len__"))
            times = max(each for each in (left, right, 1) if isinstance(each, int))
            if longest * times > _LONGEST_TEXT:
                raise SecurityError("a text in it is too long")
        if operator == "%" and not numbers:
            raise SecurityError("it formats texts in a way that is not allowed")
        return super().call_binop(context, operator, left, right)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if isinstance(obj, str) and attr in _PADDING:
            return False
        return super().is_safe_attribute(obj, attr, value)


_PADDING = ("ljust", "rjust", "center", "zfill", "expandtabs", "format", "format_map", "translate")


class _GenerationTag(jinja2.ext.Extension):
    """transformers marks the assistant's part with ``{% generation %}``; it says nothing here."""

    tags = {"generation"}  # noqa: RUF012 - as Jinja declares it

    def parse(self, parser: jinja2.parser.Parser) -> list[jinja2.nodes.Node]:
        parser.stream.skip(1)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def _joined(pieces: Iterator[str]) -> str:
    parts, length = [], 0
    for piece in pieces:
        length += len(piece)
        if length > _LONGEST_TEXT:
            raise SecurityError("what it writes has no end")
        parts.append(piece)
    return "".join(parts)


@contextlib.contextmanager
def _bounded() -> Iterator[None]:
    """Python code inside raises ``SecurityError`` once its time is over, and ``MemoryError``
    where it takes what the operating system can be asked to refuse."""
    until = time.perf_counter() + _SECONDS

    def trace(frame: FrameType, event: str, argument: object) -> Callable[..., Any]:
        if time.perf_counter() > until:
            raise SecurityError("it does not come to an end")
        return trace

    before = sys.gettrace()
    with _little_memory():
        sys.settrace(trace)
        try:
            yield
        finally:
            sys.settrace(before)


@contextlib.contextmanager
def _little_memory() -> Iterator[None]:
    try:
        import resource

        import psutil

        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = psutil.Process().memory_info().vms + _MEMORY
        if soft != resource.RLIM_INFINITY:
            most = min(most, soft)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    except (ImportError, ValueError, OSError):
        yield
        return
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _broken(error: BaseException) -> ModelError:
    said = plain_line(str(error).rstrip(".") or type(error).__name__, 160)
    return ModelError(
        f"The model's chat template does not work: {said}. Look for another copy of this model."
    )


def _refuse(message: str) -> None:
    raise ValueError(message)


def _now(form: str) -> str:
    return datetime.now().strftime(form)


def _as_json(value: Any, ensure_ascii: bool = False, **how: Any) -> str:
    indent = how.get("indent")
    return json.dumps(
        value,
        ensure_ascii=ensure_ascii,
        indent=min(indent, 8) if isinstance(indent, int) else None,
        sort_keys=bool(how.get("sort_keys")),
    )
