"""A child's service that does what it is told, good or bad; see ``test_workers``."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from pathlib import Path
from typing import Any


class ScriptedService:
    request_type = list[Any]

    def handle(self, request: list[Any], exchange: Any) -> None:
        what, *details = request
        getattr(self, what)(exchange, *details)

    def echo(self, exchange: Any, *values: Any) -> None:
        for value in values:
            exchange.reply(value)

    def pid(self, exchange: Any) -> None:
        exchange.reply(os.getpid())

    def fail(self, exchange: Any, sentence: str) -> None:
        raise RuntimeError(sentence)

    def crash(self, exchange: Any) -> None:
        sys.stdout.write("printing breaks nothing\n")
        os.abort()

    def leave(self, exchange: Any, code: int) -> None:
        os._exit(code)

    def sleep(self, exchange: Any, seconds: float) -> None:
        time.sleep(seconds)

    def drip(self, exchange: Any, every: float) -> None:
        """Replies without end, and stops when asked to."""
        number = 0
        while not exchange.cancelled:
            exchange.reply(number)
            number += 1
            time.sleep(every)

    def deaf(self, exchange: Any) -> None:
        """Replies without end and listens to nothing."""
        while True:
            exchange.reply(1)
            time.sleep(0.01)

    def hang(self, exchange: Any, seconds: int) -> None:
        """As native code that never lets another thread run."""
        exchange.reply("hanging")
        ctypes.PyDLL(None).sleep(seconds)

    def fill(self, exchange: Any, size: int) -> None:
        exchange.reply(len(bytearray(size)))

    def print(self, exchange: Any, text: str) -> None:
        print(text)
        os.write(1, b"to the old standard output\n")
        exchange.reply("printed")

    def write(self, exchange: Any, file: str, size: int) -> None:
        Path(file).write_bytes(b"x" * size)

    def raw(self, exchange: Any, data: bytes) -> None:
        """Bytes straight onto the wire, past the frames."""
        for descriptor in range(3, 20):
            try:
                os.write(descriptor, data)
            except OSError:
                continue
        time.sleep(5)

    def embed(self, exchange: Any, texts: list[str], seconds: float) -> None:
        time.sleep(seconds)
        exchange.reply(texts)


def create() -> ScriptedService:
    seconds = float(os.environ.get("CARREL_TEST_SLOW_START", "0"))
    if seconds:
        time.sleep(seconds)
    if os.environ.get("CARREL_TEST_BAD_START"):
        raise RuntimeError("no model here")
    return ScriptedService()
