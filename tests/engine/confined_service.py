"""A child's service that tries to get out of its confinement, as a document's exploit would: by
the system's own calls, past everything that Python guards. See ``test_confinement``."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

_CONNECTS = """
import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
made = libc.socket(2, 1, 0)
print(made if made >= 0 else -ctypes.get_errno())
"""


class ConfinedService:
    request_type = list[Any]

    def handle(self, request: list[Any], exchange: Any) -> None:
        what, *details = request
        exchange.reply(getattr(self, what)(*details))

    def folder(self) -> list[Any]:
        """The temporary folder, and what is in it."""
        folder = tempfile.gettempdir()
        return [folder, [path.name for path in Path(folder).iterdir()]]

    def write(self, path: str) -> str:
        return said(lambda: Path(path).write_text("written"))

    def write_in_thread(self, path: str) -> str:
        results: list[str] = []
        thread = threading.Thread(target=lambda: results.append(self.write(path)))
        thread.start()
        thread.join()
        return results[0]

    def read(self, path: str) -> str:
        return Path(path).read_text()

    def change(self, how: str, path: str, other: str = "") -> str:
        """``how`` is a function of ``os`` on one path, or two."""
        function = getattr(os, how)
        return said(lambda: function(path, other) if other else function(path))

    def cut_short(self, path: str) -> str:
        return said(lambda: os.truncate(path, 0))

    def socket(self, family: int, kind: int) -> int:
        return call("socket", family, kind, 0)

    def pair(self) -> str:
        return said(lambda: [end.close() for end in socket.socketpair()])

    def listen(self, path: str) -> str:
        def attempt() -> None:
            with socket.socket(socket.AF_UNIX) as end:
                end.bind(path)
                end.listen()

        return said(attempt)

    def connect(self, path: str) -> int:
        """To a listening socket, by the system's own call."""
        mine = call("socket", int(socket.AF_UNIX), int(socket.SOCK_STREAM), 0)
        if mine < 0:
            return mine
        address = b"\1\0" + os.fsencode(path) + b"\0"
        try:
            return call("connect", mine, address, len(address))
        finally:
            os.close(mine)

    def run_connecting(self) -> int:
        """What a program that this process starts gets for a socket."""
        ended = subprocess.run(
            [sys.executable, "-c", _CONNECTS], capture_output=True, check=True, text=True
        )
        return int(ended.stdout)

    def run_writing(self, path: str) -> int:
        return subprocess.run(["sh", "-c", f'echo escaped > "{path}"'], check=False).returncode

    def syscall(self, number: int, *arguments: int) -> int:
        return call("syscall", number, *arguments)

    def kill(self, pid: int) -> str:
        return said(lambda: os.kill(pid, 0))

    def start(self, command: list[str]) -> int:
        """Leave a process running."""
        return subprocess.Popen(command).pid

    def crash(self) -> None:
        os.abort()

    def pid(self) -> int:
        return os.getpid()


def said(attempt: Callable[[], object]) -> str:
    """What became of it: the name of the error, or "done"."""
    try:
        attempt()
    except OSError as error:
        return type(error).__name__
    return "done"


def call(function: str, *arguments: Any) -> int:
    """The result, or the error's number below zero."""
    libc = ctypes.CDLL(None, use_errno=True)
    result = int(getattr(libc, function)(*arguments))
    return -ctypes.get_errno() if result < 0 else result


def create() -> ConfinedService:
    return ConfinedService()
