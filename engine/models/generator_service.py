"""The generator child: keeps one model loaded, counts tokens by its own chat template, writes."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.answers import AppliedAdapter
from engine.errors import ModelError
from engine.models import gguf_facts
from engine.models.chat_template import ChatTemplate, without_system
from engine.models.choosing import Choose, Chooser
from engine.models.gguf_facts import MAX_CONTEXT
from engine.models.held import HeldToSource
from engine.models.inspecting import inspect, template_of
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
    ModelMeasured,
    Primed,
    PrimeModel,
    PromptProgress,
    TokenCounts,
    TryAdapter,
)
from engine.models.streaming import Streamed
from engine.models.trying_adapter import try_adapter
from engine.workers.child import Exchange

_TELL_EVERY = 0.1  # seconds


class GeneratorService:
    request_type = GeneratorRequest

    def __init__(self) -> None:
        self._loaded: LoadedModel | None = None

    def handle(self, request: GeneratorRequest, exchange: Exchange) -> None:
        path = Path(request.path)
        if isinstance(request, InspectModel):
            exchange.reply(inspect(path, request.most_memory, lambda: exchange.cancelled))
            return
        if isinstance(request, MeasureModel):
            exchange.reply(ModelMeasured(measure(path, lambda: exchange.cancelled)))
            return
        if isinstance(request, TryAdapter):
            adapter = Path(request.adapter)
            exchange.reply(try_adapter(path, adapter, lambda: exchange.cancelled))
            return
        model = self._model(request.path, request.threads, exchange)
        if isinstance(request, LoadModel):
            model.load(request.adapters)
            exchange.reply(model.facts)
        elif isinstance(request, CountTokens):
            counts = tuple(len(model.prompt(messages)) for messages in request.conversations)
            exchange.reply(TokenCounts(counts))
        elif isinstance(request, PrimeModel):
            exchange.reply(model.prime(request, exchange))
        else:
            model.generate(request, exchange)

    def _model(self, path: str, threads: int, exchange: Exchange) -> LoadedModel:
        if self._loaded is None or self._loaded.path != path:
            if self._loaded is not None:
                self._loaded.close()
            self._loaded = None
            self._loaded = LoadedModel(path, threads, lambda: exchange.cancelled)
        self._loaded.expect(threads)
        return self._loaded


class LoadedModel:
    """A GGUF with its chat template. ``threads`` are the most that compute, 0 for all cores."""

    def __init__(self, path: str, threads: int, cancelled: Callable[[], bool]) -> None:
        self.path = path
        self._threads = threads
        facts = gguf_facts.inspect(Path(path))  # llama.cpp is shown nothing that cannot be true
        most = threads or os.cpu_count() or 1
        first = gguf_facts.parts(Path(path))[0]
        self._llama = Llama(first, MAX_CONTEXT, most, cancelled=cancelled)
        try:
            self._template: ChatTemplate | None = template_of(self._llama)
        except ModelError:
            self._llama.close()
            raise
        self.facts = ModelFacts(
            name=facts.name,
            architecture=facts.architecture,
            context=self._llama.context,
            has_template=self._template is not None,
            parameters=self._llama.parameters,
        )

    def close(self) -> None:
        self._llama.close()

    def load(self, adapters: Sequence[AppliedAdapter]) -> None:
        """Have the adapters in memory. Raises ``ModelError`` where one cannot be applied."""
        self._llama.adapters.load(adapters)

    def expect(self, threads: int) -> None:
        """A request is here; ``threads`` are the most that are to compute for it."""
        self._llama.expect()
        if threads != self._threads:
            self._threads = threads
            self._llama.use_threads(threads or os.cpu_count() or 1)

    def prompt(self, messages: Sequence[ChatMessage], *, begun: bool = False) -> list[int]:
        """The conversation by the model's own template and tokenizer; only up to the end of the
        last message where it is just ``begun``.

        Each message is tokenized as plain text in its place in the template: a document that
        prints ``<|im_start|>`` opens no turn. What the model wrote itself a moment ago stays in
        the very tokens that it wrote, so that it need not be read again.
        """
        llama = self._llama
        if self._template is None:
            text = "\n\n".join(message.content for message in messages)
            text += "" if begun else "\n\n"
            return self._with_bos(llama.tokenize(text, special=False))
        if not self._template.has_system:
            messages = without_system(messages)
        tokens: list[int] = []
        for slot in self._template.slots([message.role for message in messages]):
            tokens += llama.tokenize(slot.text, special=True)
            tokens = self._with_bos(tokens)
            if slot.message is None:
                break
            message = messages[slot.message]
            if message.role == "assistant":
                tokens += llama.written(tokens, message.content)
            elif message.content:
                tokens += llama.tokenize(message.content, special=False)
            if begun and slot.message == len(messages) - 1:
                break
        return tokens

    def prime(self, request: PrimeModel, exchange: Exchange) -> Primed:
        beginning = self.prompt((*request.messages, ChatMessage("user", "")), begun=True)
        beginning = beginning[: self._llama.context - 1]
        self._llama.apply(request.adapters)
        if self._llama.holds(beginning):
            return Primed(len(beginning), 0, 0.0)
        started = time.perf_counter()
        reused = self._llama.read([*beginning, beginning[-1]], lambda: exchange.cancelled)
        read = 0 if exchange.cancelled else len(beginning) - reused
        return Primed(len(beginning), read, time.perf_counter() - started)

    def generate(self, request: Generate, exchange: Exchange) -> None:
        started = time.perf_counter()
        prompt = self.prompt(request.messages)
        room = self._llama.context - len(prompt)
        if room < 1:
            raise ModelError("The question and its sources do not fit the model's context.")
        self._llama.apply(request.adapters)
        reading = time.perf_counter()
        told = reading

        def tell(done: int) -> None:
            nonlocal told
            if time.perf_counter() - told >= _TELL_EVERY:
                told = time.perf_counter()
                exchange.reply(PromptProgress(done + 1, len(prompt)))

        def cancelled() -> bool:
            return exchange.cancelled

        reused = self._llama.read(prompt, cancelled, tell)
        read = time.perf_counter() - reading
        reason, count, first = "length", 0, 0.0
        streamed = Streamed(exchange)
        if not exchange.cancelled:
            most = min(request.max_tokens, room)
            reason = "stop" if request.held_to else reason
            for token in self._llama.write(prompt[-1], self._choosing(request), cancelled):
                first = first or time.perf_counter() - started
                if self._llama.ends(token):
                    reason = "stop"
                    break
                count += 1
                streamed.add(self._llama.piece(token))
                if exchange.cancelled or count >= most:
                    reason = "length"
                    break
        streamed.flush()
        exchange.reply(
            Generated(
                reason="cancelled" if exchange.cancelled else reason,
                prompt_tokens=len(prompt),
                reused_tokens=reused,
                output_tokens=count,
                first_token_s=first,
                total_s=time.perf_counter() - started,
                read_s=read,
            )
        )

    def _choosing(self, request: Generate) -> Choose:
        llama = self._llama
        if not request.held_to:
            choose = Chooser(request.temperature, request.seed).choose
            return _making_sure(choose) if request.adapters else choose
        tokenize = functools.partial(llama.tokenize, special=False)
        return HeldToSource(tokenize, llama.ends, request.held_to).choose

    def _with_bos(self, tokens: list[int]) -> list[int]:
        bos = self._llama.wanted_bos
        return [bos, *tokens] if bos is not None and tokens[:1] != [bos] else tokens


def _making_sure(choose: Choose) -> Choose:
    """An adapter's weights may be no numbers, and then nothing that is computed with it is."""
    sure = False

    def chosen(logits: NDArray[np.float32]) -> int | None:
        nonlocal sure
        if not sure and not np.isfinite(logits).all():
            raise ModelError(
                "With this adapter the model computes no numbers: the adapter is damaged. Copy or "
                "download it again."
            )
        sure = True
        return choose(logits)

    return chosen


def create() -> GeneratorService:
    return GeneratorService()
