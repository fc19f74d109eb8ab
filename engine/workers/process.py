"""A child process that serves one kind of request, one request at a time.

The child starts at the first request, is told to stop by closing its input, and is killed when
it does not listen. When it dies, the request that killed it fails and the next one meets a new
child.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Generator
from dataclasses import dataclass
from typing import IO, Any, Generic, TypeVar

import msgspec

from engine.errors import (
    CancelledError,
    CarrelError,
    ChildCrashedError,
    ChildFailedError,
    ChildTimedOutError,
)
from engine.workers.confinement import Confined
from engine.workers.frames import Frame, Kind, read_frame, write_frame
from engine.workers.lanes import CancelToken, PauseToken
from engine.workers.own_folder import OwnFolder
from engine.workers.patience import Patience

Reply = TypeVar("Reply")

_POLL = 0.05
_PATIENCE = 3.0
_START_TIMEOUT = 120.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What the operating system lets a child have; None is no limit. Bytes, and seconds of
    computing for one request. A ``confined`` child handles files nobody vouches for: it has a
    temporary folder of its own, and :mod:`engine.workers.confinement` says what else. ``folder`` is
    one that is there and that it may write to as well."""

    memory: int | None = None
    cpu: int | None = None
    file_size: int | None = None
    nice: int = 0
    confined: bool = False
    folder: str | None = None


def command_for(kind: str, limits: Limits) -> list[str]:
    """How a child is started: from source, or from a frozen application."""
    flag = ["--carrel-child", kind, msgspec.json.encode(limits).decode()]
    if getattr(sys, "frozen", False):
        return [sys.executable, *flag]
    return [sys.executable, "-m", "engine.workers.child", *flag]


class ChildProcess(Generic[Reply]):
    """Runs ``engine.workers.child`` for ``kind`` and decodes its replies as ``reply_type``."""

    def __init__(self, kind: str, reply_type: Any, *, limits: Limits | None = None) -> None:
        self.kind = kind
        self._decoder = msgspec.msgpack.Decoder(reply_type)
        self._limits = limits or Limits()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: OwnFolder | None = None
        self._frames: queue.SimpleQueue[Frame | None] = queue.SimpleQueue()
        self._stderr: deque[str] = deque(maxlen=40)
        self._request = 0
        self._closed = False
        self.held: frozenset[Confined] = frozenset()
        """What the operating system holds the child to, once it runs."""

    # --- requests ---------------------------------------------------------------------------

    def request(
        self,
        message: Any,
        *,
        silence: float = 60.0,
        total: float | None = None,
        cancel: CancelToken | None = None,
        pause: PauseToken | None = None,
        patience: float = _PATIENCE,
    ) -> Generator[Reply, None, None]:
        """Send a request and yield its replies until the child says that it is done.

        ``silence`` is the longest time without a reply and ``total`` the longest altogether, in
        seconds; neither counts while this computer sleeps, nor while ``pause`` is set, when the
        child is not let work. On ``cancel`` the child is asked to stop, then killed after
        ``patience`` seconds, and ``CancelledError`` is raised; leaving the iteration early
        cancels too.
        Raises ``ChildCrashedError``, ``ChildTimedOutError`` or ``ChildFailedError``.
        """
        with self._lock:
            process = self._running()
            self._request += 1
            number = self._request
            try:
                assert process.stdin is not None
                write_frame(process.stdin, Kind.REQUEST, number, msgspec.msgpack.encode(message))
            except OSError:
                raise self._death() from None
            done = False
            try:
                limits = Patience(silence, total)
                while True:
                    frame = self._next(number, limits, cancel, pause)
                    if frame.kind is Kind.REPLY:
                        yield self._decode(frame.payload)
                        continue
                    done = True
                    if frame.kind is Kind.FAILURE:
                        raise ChildFailedError(frame.payload.decode("utf-8", "replace"))
                    return
            finally:
                if not done and self._process is not None:
                    self._cancel(number, patience)

    def ask(self, message: Any, **how: Any) -> Reply:
        """A request with exactly one reply."""
        replies = list(self.request(message, **how))
        if len(replies) != 1:
            raise ChildFailedError(f"The {self.kind} gave {len(replies)} replies instead of one.")
        return replies[0]

    def warm(self) -> None:
        """Start the child now, so that the first request need not wait for it."""
        with self._lock:
            self._running()

    def rest(self) -> None:
        """Give the child's memory back; the next request starts a new one."""
        with self._lock:
            self._discard()

    def close(self) -> None:
        """Stop the child: polite first, then a kill. Safe from any thread, also mid-request."""
        self._closed = True
        process, folder = self._process, self._folder
        if process is not None:
            self._end(process, 0.5)
        if folder is not None:
            folder.remove()

    # --- the process ------------------------------------------------------------------------

    def _running(self) -> subprocess.Popen[bytes]:
        if self._closed:
            raise CancelledError("Carrel is closing.")
        if self._process is not None and not _has_ended(self._process):
            return self._process
        self._discard()
        if self._limits.confined:
            self._folder = self._own_folder()
        process = subprocess.Popen(
            command_for(self.kind, self._limits),
            env=_environment(self._folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=sys.platform != "win32",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._process = process
        self._frames = queue.SimpleQueue()
        self._stderr.clear()
        assert process.stdout is not None
        assert process.stderr is not None
        for job, *args in (
            (_pump_frames, process.stdout, self._frames),
            (_pump_lines, process.stderr, self._stderr),
        ):
            threading.Thread(
                target=job, args=args, name=f"carrel-{self.kind}-pipe", daemon=True
            ).start()
        if self._closed:  # closed between the look at it and now
            self._kill()
            raise CancelledError("Carrel is closing.")
        frame = self._next(0, Patience(_START_TIMEOUT, None))
        if frame.kind is not Kind.READY:
            self._kill()
            raise ChildFailedError(
                f"The {self.kind} could not start: {frame.payload.decode('utf-8', 'replace')}"
            )
        said = frame.payload.decode("utf-8", "replace").split()
        self.held = frozenset(known for known in Confined if known in said)
        return process

    def _own_folder(self) -> OwnFolder:
        try:
            return OwnFolder()
        except OSError as error:
            raise ChildFailedError(
                f"The {self.kind} could not start: there is no room for its temporary files "
                f"({error.strerror})."
            ) from error

    def _next(
        self,
        number: int,
        limits: Patience,
        cancel: CancelToken | None = None,
        pause: PauseToken | None = None,
    ) -> Frame:
        while True:
            if cancel is not None and cancel.cancelled:
                raise CancelledError("Stopped.")
            if pause is not None and pause.paused:
                self._hold(pause, cancel)
                limits.rested()
                continue
            try:
                frame = self._frames.get(timeout=_POLL if cancel is not None else 0.5)
            except queue.Empty:
                reason = limits.look()
            else:
                if frame is None:
                    raise self._death()
                if frame.request != number:
                    continue
                if not (reason := limits.heard()):
                    return frame
            if reason:
                self._kill()
                raise ChildTimedOutError(reason)

    def _hold(self, pause: PauseToken, cancel: CancelToken | None) -> None:
        """Keep the child from working until there is no more pause, or no more wish."""
        import psutil

        process = self._process
        assert process is not None
        with contextlib.suppress(psutil.Error):
            psutil.Process(process.pid).suspend()
        try:
            while pause.paused and not self._closed and process.poll() is None:
                if cancel is not None and cancel.cancelled:
                    return
                time.sleep(_POLL)
        finally:
            with contextlib.suppress(psutil.Error):
                psutil.Process(process.pid).resume()

    def _decode(self, payload: bytes) -> Reply:
        try:
            reply: Reply = self._decoder.decode(payload)
        except msgspec.MsgspecError as error:
            self._kill()
            raise ChildFailedError(f"The {self.kind} answered in a wrong form: {error}") from error
        return reply

    def _cancel(self, number: int, patience: float) -> None:
        """Ask the child to stop this request and wait for its word; kill it otherwise."""
        process = self._process
        if process is None or _has_ended(process) or self._closed:
            return
        try:
            assert process.stdin is not None
            write_frame(process.stdin, Kind.CANCEL, number)
            until = time.monotonic() + patience
            while time.monotonic() < until:
                with contextlib.suppress(queue.Empty):
                    frame = self._frames.get(timeout=_POLL)
                    if frame is None:
                        break
                    if frame.request == number and frame.kind in (Kind.END, Kind.FAILURE):
                        return
        except OSError:
            pass
        self._kill()

    def _death(self) -> CarrelError:
        if self._closed:
            return CancelledError("Carrel is closing.")
        process = self._process
        code = None
        if process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = process.wait(1.0)
            _end_group(process)
        tail = self._stderr[-1] if self._stderr else ""
        self._kill()
        return ChildCrashedError(_reason(code, tail))

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
        self._discard()

    def _discard(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            self._end(process, 0.0)
        folder, self._folder = self._folder, None
        if folder is not None:
            folder.remove()

    @staticmethod
    def _end(process: subprocess.Popen[bytes], patience: float) -> None:
        running = process.returncode is None
        with contextlib.suppress(OSError):
            if process.stdin is not None:
                process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
            if running:
                _end_group(process)
            return
        _end_group(process)
        process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5.0)


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    if process.returncode is not None:
        return True
    if process.poll() is None:
        return False
    _end_group(process)
    return True


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End the child with all that it has started. No later than at once after the child's end:
    its number may belong to somebody else one day."""
    if sys.platform != "win32":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _environment(folder: OwnFolder | None) -> dict[str, str] | None:
    if folder is None:
        return None
    names = ("TMPDIR", "TEMP", "TMP", "XDG_CACHE_HOME")
    return os.environ | dict.fromkeys(names, str(folder.path))


def _pump_frames(stream: IO[bytes], frames: queue.SimpleQueue[Frame | None]) -> None:
    with stream, contextlib.suppress(OSError, ValueError):
        while (frame := read_frame(stream)) is not None:
            frames.put(frame)
    frames.put(None)


def _pump_lines(stream: IO[bytes], lines: deque[str]) -> None:
    with stream, contextlib.suppress(OSError, ValueError):
        for line in stream:
            text = line.decode("utf-8", "replace").strip()
            if text:
                lines.append(text[:500])


def _reason(code: int | None, tail: str) -> str:
    if "MemoryError" in tail or "bad_alloc" in tail or "out of memory" in tail.lower():
        return "It needed more memory than one file may have."
    if code is None:
        return "It gave an answer that Carrel does not take."
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        if name == "SIGXCPU":
            return "It took too long."
        if name == "SIGKILL":
            return "The operating system stopped it, most likely for want of memory."
        return f"It crashed ({name})."
    return f"It ended without an answer (exit status {code})."
