"""How fast the generator reads and writes, next to llama.cpp alone with the same file and threads.

The raw loop is the shortest there is: the same prompt in batches of 512, then one decoding and one
greedy choice for each token, in this process. Ours goes the whole way: chat template, child,
sampler, text, pipe. Both take turns. Of reading, the best of each counts. A machine's speed drifts
by a twentieth within seconds, so each writing of ours is held against the raw ones right before
and after it, and the median of those ratios counts; how far two raw ones are apart stands beside
it. Then come the first token of a follow-up over a cold one on the same sources, and how long Stop
takes.
"""

from __future__ import annotations

import ctypes
import os
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import llama_cpp

from engine.errors import CancelledError
from engine.model_facts import Speed
from engine.models.generator import Generator
from engine.models.gguf_facts import MAX_CONTEXT, PROMPT_BATCH
from engine.models.messages import ChatMessage, Generate, Generated
from engine.paths import sample_documents, starter_model
from engine.workers import CancelToken
from tests.benchmarks.tables import show

_ROUNDS, _PAIRS = 4, 16
_WRITTEN, _FEW = 160, 8
_SOURCES, _FEW_SOURCES = 2600, 300  # characters
_DECODE_BUDGET, _FOLLOW_UP_BUDGET, _STOP_BUDGET = 0.97, 0.25, 0.5
_SYSTEM = ChatMessage("system", "Answer the question from the sources alone.")


@dataclass(frozen=True)
class Rates:
    """Tokens per second."""

    read: float
    written: float


def main() -> int:
    model = starter_model()
    if not model.is_file():
        print("The starter model is not installed: generating is not measured.")
        return 0
    generator = Generator()
    try:
        ratio = _speed(model)
        generator.load(model)
        follow_up = _first_tokens(model, generator)
        stop = _stopping(model, generator)
    finally:
        generator.close()
    kept = ratio >= _DECODE_BUDGET and follow_up <= _FOLLOW_UP_BUDGET and stop <= _STOP_BUDGET
    return 0 if kept else 1


@dataclass(frozen=True)
class Beside:
    """Ours beside raw llama.cpp. ``ratio`` is of writing; ``drift`` is how much faster one raw
    writing is than another a moment later."""

    raw: Rates
    ours: Rates
    ratio: float
    drift: float


def _speed(model: Path) -> float:
    """How much of raw llama.cpp's writing speed is left with all cores."""
    rows, ratio = [], 0.0
    for threads in sorted({1, os.cpu_count() or 1}):
        found = _beside(model, threads)
        ratio = found.ratio
        for name, rates, of_raw in (
            ("raw llama.cpp", found.raw, f"1 ± {found.drift - 1:.3f}"),
            ("Carrel", found.ours, f"{ratio:.3f}"),
        ):
            rows.append((f"{name}, {threads}", f"{rates.read:.0f}", f"{rates.written:.1f}", of_raw))
    show(
        f"Reading {_SOURCES} characters (best of {_ROUNDS}) and writing {_WRITTEN} tokens "
        f"(median of {_PAIRS}), tokens a second",
        ("threads", "reads", "writes", "of raw"),
        rows,
    )
    return ratio


def _beside(model: Path, threads: int) -> Beside:
    generator = Generator(lambda _: Speed(0.0, 0.0, 0.0, threads, 0))
    raw = _Raw(model, threads)
    many, few = _messages(_SOURCES), _messages(_FEW_SOURCES)
    (length,) = generator.count(model, [many])
    read = [
        (raw.run(length, _FEW).read, _ours(model, generator, many, number, _FEW).read)
        for number in range(_ROUNDS)
    ]
    (length,) = generator.count(model, [few])
    written = [
        (
            raw.run(length, _WRITTEN).written,
            _ours(model, generator, few, number, _WRITTEN).written,
            raw.run(length, _WRITTEN).written,
        )
        for number in range(_PAIRS)
    ]
    raw.close()
    generator.close()
    alone = [rate for before, _, after in written for rate in (before, after)]
    return Beside(
        Rates(max(rate for rate, _ in read), statistics.median(alone)),
        Rates(max(rate for _, rate in read), statistics.median(ours for _, ours, _ in written)),
        statistics.median(ours / ((before + after) / 2) for before, ours, after in written),
        statistics.median(max(before, after) / min(before, after) for before, _, after in written),
    )


def _messages(sources: int) -> tuple[ChatMessage, ...]:
    return _SYSTEM, ChatMessage("user", f"{_sources(sources)}\n\nTell all of this again at length.")


def _ours(
    model: Path, generator: Generator, messages: Sequence[ChatMessage], number: int, count: int
) -> Rates:
    # another beginning each time, so that nothing is in memory
    fresh = (ChatMessage("system", f"{number + 1}. {_SYSTEM.content}"), *messages[1:])
    end = _end(generator, Generate(str(model), fresh, count))
    read = end.prompt_tokens - end.reused_tokens
    return Rates(read / end.read_s, (end.output_tokens - 1) / (end.total_s - end.first_token_s))


class _Raw:
    """llama.cpp with nothing around it, set up as Carrel sets it up."""

    def __init__(self, model: Path, threads: int) -> None:
        llama_cpp.llama_log_set(_mute, ctypes.c_void_p(0))
        llama_cpp.llama_backend_init()
        parameters = llama_cpp.llama_model_default_params()
        parameters.use_extra_bufts = b"AMX_INT8 = 1" not in llama_cpp.llama_print_system_info()
        self._model = llama_cpp.llama_model_load_from_file(str(model).encode(), parameters)
        how = llama_cpp.llama_context_default_params()
        how.n_ctx = MAX_CONTEXT
        how.n_batch = how.n_ubatch = PROMPT_BATCH
        how.n_threads = how.n_threads_batch = threads
        how.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
        self._context = llama_cpp.llama_init_from_model(self._model, how)

    def run(self, prompt: int, count: int) -> Rates:
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(self._context), True)
        sampler = llama_cpp.llama_sampler_init_greedy()
        tokens = [1 + number % 1000 for number in range(prompt)]
        started = time.perf_counter()
        for at in range(0, prompt - 1, PROMPT_BATCH):
            self._decode(tokens[at : min(at + PROMPT_BATCH, prompt - 1)])
        read = time.perf_counter() - started
        token = tokens[-1]
        for number in range(count):
            self._decode([token])
            token = llama_cpp.llama_sampler_sample(sampler, self._context, -1)
            if number == 0:
                started = time.perf_counter()
        written = time.perf_counter() - started
        llama_cpp.llama_sampler_free(sampler)
        return Rates((prompt - 1) / read, (count - 1) / written)

    def _decode(self, tokens: Sequence[int]) -> None:
        array = (llama_cpp.llama_token * len(tokens))(*tokens)
        batch = llama_cpp.llama_batch_get_one(array, len(tokens))
        assert llama_cpp.llama_decode(self._context, batch) == 0

    def close(self) -> None:
        llama_cpp.llama_free(self._context)
        llama_cpp.llama_model_free(self._model)


@llama_cpp.llama_log_callback
def _mute(level: int, text: bytes, data: ctypes.c_void_p) -> None:
    """Its chatter is not for the table."""


def _first_tokens(model: Path, generator: Generator) -> float:
    cold, primed, after = [], [], []
    sources = _sources(_SOURCES)
    for number in range(_ROUNDS):
        system = ChatMessage("system", f"{number + 11}. {_SYSTEM.content}")
        asked = (system, ChatMessage("user", f"{sources}\n\nWhat was surveyed?"))
        texts, seconds, _ = _written(generator, Generate(str(model), asked, 40))
        cold.append(seconds)
        answer = ChatMessage("assistant", "".join(texts).strip())
        more = (*asked, answer, ChatMessage("user", "And by whom?"))
        after.append(_written(generator, Generate(str(model), more, 8))[1])
        other = ChatMessage("system", f"{number + 31}. {_SYSTEM.content} " * 6)
        generator.prime(model, (other,))
        ahead = (other, ChatMessage("user", "What is a harbour?"))
        read_ahead = _written(generator, Generate(str(model), ahead, 2))[1]
        _end(generator, Generate(str(model), (ChatMessage("user", "Hello."),), 2))
        primed.append(read_ahead / _written(generator, Generate(str(model), ahead, 2))[1])
    ratio = statistics.median(after) / statistics.median(cold)
    show(
        "First token, in seconds (median)",
        ("", "seconds", "of cold"),
        [
            ("cold, with its sources", f"{statistics.median(cold):.3f}", ""),
            ("follow-up on the same", f"{statistics.median(after):.3f}", f"{ratio:.3f}"),
            ("short question, instructions read ahead", "", f"{statistics.median(primed):.3f}"),
        ],
    )
    return ratio


def _stopping(model: Path, generator: Generator) -> float:
    """The longest time between the wish to stop and its end."""
    long = Generate(str(model), (ChatMessage("user", _sources(_SOURCES) * 8),), 500)
    short = Generate(str(model), (ChatMessage("user", "Tell a very long story."),), 2000)
    waited: dict[str, list[float]] = {"reading": [], "writing": []}
    for _ in range(_ROUNDS):
        for name, request, after in (("reading", long, 0.4), ("writing", short, 1.0)):
            cancel = CancelToken()
            wish: list[float] = []

            def stop(cancel: CancelToken = cancel, wish: list[float] = wish) -> None:
                wish.append(time.perf_counter())
                cancel.cancel()

            timer = threading.Timer(after, stop)
            timer.start()
            try:
                for _reply in generator.generate(request, cancel):
                    pass
            except CancelledError:
                waited[name].append(time.perf_counter() - wish[0])
            timer.cancel()
            generator.load(model)  # at once, where Stop left the model loaded
            _end(generator, Generate(str(model), (ChatMessage("user", "Hello."),), 2))
    show(
        "From Stop to the end, in seconds",
        ("while", "stops", "median", "longest"),
        [
            (name, len(times), f"{statistics.median(times):.3f}", f"{max(times):.3f}")
            for name, times in waited.items()
            if times
        ],
    )
    return max((each for times in waited.values() for each in times), default=float("inf"))


def _written(generator: Generator, request: Generate) -> tuple[list[str], float, Generated]:
    """The text, the seconds until its first piece was here, and its end."""
    started, first = time.perf_counter(), 0.0
    texts: list[str] = []
    for reply in generator.generate(request):
        first = first or time.perf_counter() - started
        if isinstance(reply, Generated):
            return texts, first, reply
        texts.append(reply.text)
    raise AssertionError("a text without an end")


def _end(generator: Generator, request: Generate) -> Generated:
    return _written(generator, request)[2]


def _sources(characters: int) -> str:
    names = ("Harbour survey.md", "Minutes of the trustees.html")
    return "".join((sample_documents() / n).read_text("utf-8") for n in names)[:characters]


if __name__ == "__main__":
    raise SystemExit(main())
