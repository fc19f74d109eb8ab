"""How fast a model reads and writes here, and with how many threads it does best."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from engine.errors import CancelledError, ModelError
from engine.model_facts import Speed
from engine.models.choosing import Chooser
from engine.models.llama import Llama
from engine.models.threads import FreeCores

_CONTEXT = 1024
_READ = (8, 32, 128, 320)  # tokens; a slow model is not given all of them
_WRITTEN = 24
_ENOUGH = 0.4  # seconds of reading that say how fast it is
_WRITING = 1.0
_TOO_SLOW = 10.0  # seconds for the first few tokens
_SLOW = 2.5  # seconds; what takes longer is not tried again with other numbers
_TYPICAL_READ, _TYPICAL_WRITTEN = 800, 150  # a question with its sources, and an answer


def measure(path: Path, cancelled: Callable[[], bool]) -> Speed:
    """The speed with the number of threads that answers a typical question soonest. While other
    programs compute, numbers of threads cannot be compared: all cores it is then, of which the
    generator uses those that are free."""
    started = time.perf_counter()
    cores = os.cpu_count() or 1
    llama = Llama(path, _CONTEXT, cores)
    load = time.perf_counter() - started
    try:
        tried = []
        numbers = {1, psutil.cpu_count(logical=False) or cores, cores}
        if FreeCores().count() < cores:
            numbers = {cores}
        for threads in sorted(numbers, reverse=True):
            begun = time.perf_counter()
            llama.use_threads(threads)
            tried.append(_tried(llama, threads, load, cancelled))
            if cancelled():
                raise CancelledError("Stopped.")
            if time.perf_counter() - begun > _SLOW:
                break  # a model so large gains from every core
        return min(tried, key=_typical)
    finally:
        llama.close()


def _tried(llama: Llama, threads: int, load: float, cancelled: Callable[[], bool]) -> Speed:
    prompt = llama.tokenize("The minutes of the meeting were read and agreed. " * 60, special=False)
    prefill, last = _reading(llama, prompt, cancelled)
    started = time.perf_counter()
    written, wrote = 0, 0.0
    for _ in itertools.islice(llama.write(prompt[last], Chooser(0, 0).choose, cancelled), _WRITTEN):
        written, wrote = written + 1, time.perf_counter() - started
        if wrote > _WRITING:
            break
    if written == 0:
        raise CancelledError("Stopped.")
    return Speed(prefill, written / wrote, load, threads, llama.gpu_layers)


def _reading(
    llama: Llama, prompt: Sequence[int], cancelled: Callable[[], bool]
) -> tuple[float, int]:
    """Tokens per second, and how many of the prompt are read now."""
    llama.forget()
    rate, before = 0.0, 0
    for length in _READ:
        started = time.perf_counter()

        def over(started: float = started) -> bool:
            return cancelled() or time.perf_counter() - started > _TOO_SLOW

        reused = llama.read(prompt[: length + 1], over)
        seconds = time.perf_counter() - started
        if over():
            if cancelled():
                raise CancelledError("Stopped.")
            break
        rate, before = (length - reused) / seconds, length
        if seconds > (_SLOW if length == _READ[0] else _ENOUGH):  # the first ones fetch the file
            break
    if not rate:
        raise ModelError(
            "It is too slow on this computer to be of use: it reads less than a word a second."
        )
    return rate, before


def _typical(speed: Speed) -> float:
    return _TYPICAL_READ / speed.prefill + _TYPICAL_WRITTEN / speed.decode
