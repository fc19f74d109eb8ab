"""Tokens on their way to the window: several at once, where they come faster than eyes."""

from __future__ import annotations

import codecs
import time

from engine.models.messages import TokenText
from engine.workers.child import Exchange

_EVERY = 0.03  # seconds; each sending wakes two threads of the app, which the model's own wait for


class Streamed:
    """Sends the first piece at once, the others when their time has come or at the end. Bytes
    that are only a part of a letter wait for the rest of it."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._waiting: list[str] = []
        self._sent = 0.0

    def add(self, piece: bytes) -> None:
        text = self._decoder.decode(piece)
        if not text:
            return
        self._waiting.append(text)
        if time.perf_counter() - self._sent >= _EVERY:
            self._send()

    def flush(self) -> None:
        self._waiting.append(self._decoder.decode(b"", final=True))
        self._send()

    def _send(self) -> None:
        text = "".join(self._waiting)
        self._waiting.clear()
        self._sent = time.perf_counter()
        if text:
            self._exchange.reply(TokenText(text))
