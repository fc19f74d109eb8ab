"""How fast a model reads and writes here, and with how many threads it does best."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from engine.errors import CancelledError, ModelError
from engine.model_facts import Speed
from engine.models.llama import Llama

_CONTEXT = 1024
_READ = 256  # tokens
_WRITTEN = 24
_SECONDS = 2.0  # for each number of threads
_TYPICAL_READ, _TYPICAL_WRITTEN = 800, 150  # a question with its sources, and an answer


def measure(path: Path, cancelled: Callable[[], bool]) -> Speed:
    """The speed with the number of threads that answers a typical question soonest."""
    started = time.perf_counter()
    cores = os.cpu_count() or 1
    llama = Llama(path, _CONTEXT, cores)
    load = time.perf_counter() - started
    try:
        tried = []
        for threads in sorted({1, psutil.cpu_count(logical=False) or cores, cores}, reverse=True):
            llama.use_threads(threads)
            tried.append(_tried(llama, threads, load, cancelled))
            if cancelled():
                raise CancelledError("Stopped.")
        return min(tried, key=_typical)
    finally:
        llama.close()


def _tried(llama: Llama, threads: int, load: float, cancelled: Callable[[], bool]) -> Speed:
    prompt = llama.tokenize("The minutes of the meeting were read and agreed. " * 40, special=False)
    llama.forget()
    started = time.perf_counter()
    done = [0]
    llama.read(
        prompt[: _READ + 1],
        lambda: cancelled() or time.perf_counter() - started > _SECONDS / 2,
        done.append,
    )
    read = time.perf_counter() - started
    count = done[-1]
    if count == 0:
        raise ModelError("The model is too slow here to be measured.")
    started = time.perf_counter()
    written, wrote = 0, 0.0
    for _ in itertools.islice(llama.write(prompt[count], 0, 0, cancelled), _WRITTEN):
        written, wrote = written + 1, time.perf_counter() - started
        if wrote > _SECONDS / 2:
            break
    if written == 0:
        raise CancelledError("Stopped.")
    return Speed(count / read, written / wrote, load, threads, llama.gpu_layers)


def _typical(speed: Speed) -> float:
    return _TYPICAL_READ / speed.prefill + _TYPICAL_WRITTEN / speed.decode
