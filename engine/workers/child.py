"""The entry of every child process: limits first, then the service that was asked for.

Standard output is the wire, so it is moved away from file descriptor 1 before any library can
print to it. The end of standard input means that the parent is gone: the child leaves at once.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any, NoReturn, Protocol

import msgspec

from engine.workers.confinement import confine
from engine.workers.frames import Kind, read_frame, write_frame
from engine.workers.process import Limits

SERVICES = {
    "reader": "engine.reading.service",
    "embedder": "engine.models.embedder_service",
    "reranker": "engine.models.embedder_service",
    "generator": "engine.models.generator_service",
    "exporter": "engine.exporting.service",
    "adapters": "engine.adapters.service",
    "trainer": "engine.training.service",
}


class Exchange:
    """One request's way back: replies, and the wish to stop."""

    def __init__(self, send: Callable[[Any], None], cancelled: threading.Event) -> None:
        self._send = send
        self._cancelled = cancelled

    def reply(self, message: Any) -> None:
        self._send(message)

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()


class Service(Protocol):
    """What a service module's ``create()`` returns; requests arrive as ``request_type``."""

    request_type: Any

    def handle(self, request: Any, exchange: Exchange) -> None: ...


class Wire:
    """Reads requests and cancellations on a thread of its own; the service runs on the main.

    It listens before there is a service: one that takes seconds to load must not outlive a
    parent that is killed meanwhile.
    """

    def __init__(self, source: IO[bytes], sink: IO[bytes], limits: Limits) -> None:
        self._source, self._sink, self._limits = source, sink, limits
        self._requests: queue.SimpleQueue[tuple[int, bytes, threading.Event]]
        self._requests = queue.SimpleQueue()
        self._events: dict[int, threading.Event] = {}
        threading.Thread(target=self._listen, name="carrel-wire", daemon=True).start()

    def run(self, service: Service, held: Iterable[str] = ()) -> None:
        """Serve for good. ``held`` is what confines this process, for the parent to know."""
        decoder = msgspec.msgpack.Decoder(service.request_type)
        self._write(Kind.READY, 0, " ".join(held).encode())
        while True:
            number, payload, cancelled = self._requests.get()
            self._serve(service, decoder, number, payload, cancelled)
            self._events.pop(number, None)

    def refuse(self, reason: str) -> None:
        """Say that there will be no service."""
        self._write(Kind.FAILURE, 0, reason.encode("utf-8", "replace")[:4000])

    def _serve(
        self,
        service: Service,
        decoder: msgspec.msgpack.Decoder[Any],
        number: int,
        payload: bytes,
        cancelled: threading.Event,
    ) -> None:
        def send(message: Any) -> None:
            self._write(Kind.REPLY, number, msgspec.msgpack.encode(message))

        if self._limits.cpu is not None:
            allow_seconds(self._limits.cpu)
        try:
            service.handle(decoder.decode(payload), Exchange(send, cancelled))
        except MemoryError:
            # what is left of the heap is not to be trusted: the parent reads the reason from
            # standard error and starts a new child
            print("MemoryError", file=sys.stderr, flush=True)
            os._exit(70)
        except Exception as error:
            traceback.print_exc()
            text = str(error) or type(error).__name__
            self._write(Kind.FAILURE, number, text.encode("utf-8", "replace")[:4000])
        else:
            self._write(Kind.END, number)
        if self._limits.confined:
            let_go()

    def _write(self, kind: Kind, number: int, payload: bytes = b"") -> None:
        try:
            write_frame(self._sink, kind, number, payload)
        except OSError:
            leave()

    def _listen(self) -> None:
        with contextlib.suppress(ValueError, OSError):
            while (frame := read_frame(self._source)) is not None:
                if frame.kind is Kind.REQUEST:
                    event = self._events[frame.request] = threading.Event()
                    self._requests.put((frame.request, frame.payload, event))
                elif frame.kind is Kind.CANCEL and frame.request in self._events:
                    self._events[frame.request].set()
        leave()


def let_go() -> None:
    """Close the files that libraries hold by circles of references, which a collector that
    comes by seldom would leave open. What is in use now is not looked through again, so that
    this takes next to no time however much was imported."""
    gc.collect()
    gc.freeze()


def leave() -> NoReturn:
    """End this process, and with it what a service has started: children start with a group of
    their own."""
    with contextlib.suppress(AttributeError, OSError):  # Windows has no groups
        if os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)
    os._exit(0)


def apply_limits(limits: Limits) -> None:
    """Ask the operating system to hold this process to ``limits``, where it can."""
    with contextlib.suppress(OSError, AttributeError):
        if limits.nice:
            os.nice(limits.nice)
            # Linux desktops share the processor between sessions first, and each child is one
            with Path("/proc/self/autogroup").open("w", encoding="ascii") as autogroup:
                autogroup.write(str(limits.nice))
    try:
        import resource
    except ImportError:  # Windows, where a parent would have to set limits: none are yet
        return
    for name, value in (
        ("RLIMIT_AS", limits.memory),
        ("RLIMIT_FSIZE", limits.file_size),
        ("RLIMIT_CORE", 0),
    ):
        if value is not None:
            with contextlib.suppress(ValueError, OSError, AttributeError):
                resource.setrlimit(getattr(resource, name), (value, value))


def allow_seconds(seconds: int) -> None:
    """Let this process compute for so long from now, then have it killed: a reader that hangs
    in native code hears neither its parent's wish nor its parent's end."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        usage = resource.getrusage(resource.RUSAGE_SELF)
        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        until = int(usage.ru_utime + usage.ru_stime) + seconds + 1
        resource.setrlimit(resource.RLIMIT_CPU, (until, most))


def take_wire() -> tuple[IO[bytes], IO[bytes]]:
    """Standard input and output for the wire alone; prints go to standard error from here."""
    source = os.fdopen(os.dup(0), "rb")
    sink = os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return source, sink


def main(arguments: list[str]) -> None:
    """``arguments`` is ``--carrel-child KIND LIMITS``, as ``process.command_for`` makes it."""
    _, kind, encoded = arguments
    limits = msgspec.json.decode(encoded, type=Limits)
    source, sink = take_wire()
    apply_limits(limits)
    folders = [Path(folder) for folder in (os.environ.get("TMPDIR"), limits.folder) if folder]
    held = confine(*folders) if limits.confined else ()
    wire = Wire(source, sink, limits)
    try:
        service: Service = importlib.import_module(SERVICES[kind]).create()
    except Exception as error:
        traceback.print_exc()
        wire.refuse(str(error) or type(error).__name__)
        return
    wire.run(service, held)


if __name__ == "__main__":
    main(sys.argv[1:])
