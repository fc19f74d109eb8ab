"""The generator child: keeps one model loaded, counts tokens by its own chat template, writes."""

from __future__ import annotations

import codecs
import os
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

from jinja2.exceptions import TemplateError
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from engine.errors import ModelError
from engine.models import gguf_facts
from engine.models.gguf_facts import MAX_CONTEXT
from engine.models.llama import Llama
from engine.models.measuring import measure
from engine.models.messages import (
    ChatMessage,
    CountTokens,
    Generate,
    Generated,
    GeneratorRequest,
    InspectModel,
    LoadModel,
    MeasureModel,
    ModelFacts,
    ModelInspected,
    ModelMeasured,
    TokenCounts,
    TokenText,
)
from engine.workers.child import Exchange

_MAGIC = b"GGUF"


class GeneratorService:
    request_type = GeneratorRequest

    def __init__(self) -> None:
        self._loaded: LoadedModel | None = None

    def handle(self, request: GeneratorRequest, exchange: Exchange) -> None:
        if isinstance(request, InspectModel):
            exchange.reply(_inspected(request))
            return
        if isinstance(request, MeasureModel):
            exchange.reply(ModelMeasured(measure(Path(request.path), lambda: exchange.cancelled)))
            return
        model = self._model(request.path)
        if isinstance(request, LoadModel):
            exchange.reply(model.facts)
        elif isinstance(request, CountTokens):
            counts = tuple(len(model.prompt(messages)) for messages in request.conversations)
            exchange.reply(TokenCounts(counts))
        elif isinstance(request, Generate):
            model.generate(request, exchange)

    def _model(self, path: str) -> LoadedModel:
        if self._loaded is None or self._loaded.path != path:
            if self._loaded is not None:
                self._loaded.close()
            self._loaded = None
            self._loaded = LoadedModel(path)
        return self._loaded


class LoadedModel:
    """A GGUF with its chat template."""

    def __init__(self, path: str) -> None:
        self.path = path
        check_magic(Path(path), "model")
        self._llama = Llama(Path(path), MAX_CONTEXT, threads=os.cpu_count() or 1)
        template = self._llama.chat_template()
        self._format = self._formatter(template) if template else None
        self.facts = ModelFacts(
            name=self._llama.metadata("general.name") or Path(path).stem,
            architecture=self._llama.metadata("general.architecture"),
            context=self._llama.context,
            has_template=bool(template),
        )

    def close(self) -> None:
        self._llama.close()

    def prompt(self, messages: Sequence[ChatMessage]) -> list[int]:
        """The conversation by the model's own template and tokenizer.

        The template is filled with marks that stand for the messages, and each message is
        tokenized as plain text in its mark's place: a document that prints ``<|im_start|>``
        opens no turn.
        """
        if self._format is None:
            text = "\n\n".join(message.content for message in messages) + "\n\n"
            return self._with_bos(self._llama.tokenize(text, special=False))
        marks = {f"mark{uuid.uuid4().hex}": message.content for message in messages}
        filled = [
            {"role": message.role, "content": mark}
            for message, mark in zip(messages, marks, strict=True)
        ]
        try:
            rest = self._format(messages=filled).prompt
        except (TemplateError, TypeError, ValueError) as error:
            raise ModelError(f"The model's chat template fails: {error}.") from error
        tokens: list[int] = []
        for mark, content in marks.items():
            before, found, after = rest.partition(mark)
            if not found:
                continue  # some templates have no place for a system message
            tokens += self._llama.tokenize(before, special=True)
            tokens += self._llama.tokenize(content, special=False)
            rest = after
        return self._with_bos(tokens + self._llama.tokenize(rest, special=True))

    def generate(self, request: Generate, exchange: Exchange) -> None:
        started = time.perf_counter()
        prompt = self.prompt(request.messages)
        room = self._llama.context - len(prompt)
        if room < 1:
            raise ModelError("The question and its sources do not fit the model's context.")
        adapter = request.adapter
        if adapter is None:
            self._llama.apply(None)
        else:
            check_magic(Path(adapter.path), "adapter")
            self._llama.apply(Path(adapter.path), adapter.scale)
        reused = self._llama.read(prompt, lambda: exchange.cancelled)
        reason, count, first = "length", 0, 0.0
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        if not exchange.cancelled:
            for token in self._llama.write(prompt[-1], request.temperature, request.seed):
                first = first or time.perf_counter() - started
                if self._llama.ends(token):
                    reason = "stop"
                    break
                count += 1
                text = decoder.decode(self._llama.piece(token))
                if text:
                    exchange.reply(TokenText(text))
                if exchange.cancelled or count >= min(request.max_tokens, room):
                    break
        exchange.reply(
            Generated(
                reason="cancelled" if exchange.cancelled else reason,
                prompt_tokens=len(prompt),
                reused_tokens=reused,
                output_tokens=count,
                first_token_s=first,
                total_s=time.perf_counter() - started,
            )
        )

    def _with_bos(self, tokens: list[int]) -> list[int]:
        bos = self._llama.wanted_bos
        return [bos, *tokens] if bos is not None and tokens[:1] != [bos] else tokens

    def _formatter(self, template: str) -> Jinja2ChatFormatter:
        try:
            return Jinja2ChatFormatter(
                template=template,
                eos_token=self._llama.spelling(self._llama.eos),
                bos_token=self._llama.spelling(self._llama.bos),
            )
        except TemplateError as error:
            raise ModelError(f"The model's chat template is broken: {error}.") from error


def _inspected(request: InspectModel) -> ModelInspected:
    """What the file says of itself, and a trial of it."""
    path = Path(request.path)
    facts = gguf_facts.inspect(path)
    remark = ""
    if not facts.has_template:
        remark = (
            "It has no chat template: it was made to continue texts, not to answer. Its answers "
            "will be poor, and the quotes lead."
        )
    if facts.memory <= request.most_memory:
        LoadedModel(request.path).close()
    return ModelInspected(facts, remark)


def create() -> GeneratorService:
    return GeneratorService()


def check_magic(path: Path, what: str) -> None:
    """llama.cpp is only shown what at least says that it is a GGUF."""
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise ModelError(f"The {what} “{path.name}” cannot be opened: {error.strerror}.") from error
    if magic != _MAGIC:
        raise ModelError(f"“{path.name}” is not a GGUF {what}.")
