"""Starts of ``carrel`` that share what each of them would import first.

A process imports the command line once and forks for every call; the fork is what ``python -m
desktop`` would be a second later, with files, folder and environment of its own, and ends as that
would. Where there is no ``fork``, each call is a start.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
POSSIBLE = sys.platform.startswith("linux")


class Ready:
    """The process that forks, as its parent sees it."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.headless.ready"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def run(
        self, arguments: Sequence[str], environment: Mapping[str, str], feed: str, timeout: float
    ) -> tuple[int, str, str]:
        """Exit status, output and errors. Raises ``subprocess.TimeoutExpired``."""
        with tempfile.TemporaryDirectory() as folder:
            files = [Path(folder) / name for name in ("in", "out", "err")]
            files[0].write_text(feed, encoding="utf-8")
            call = [list(arguments), dict(environment), list(map(str, files))]
            assert self._server.stdin is not None
            self._server.stdin.write(json.dumps(call).encode() + b"\n")
            self._server.stdin.flush()
            process = int(self._line(timeout))
            try:
                status = int(self._line(timeout))
            except TimeoutError:
                os.kill(process, signal.SIGKILL)
                self._line(timeout)
                raise subprocess.TimeoutExpired(list(arguments), timeout) from None
            out, err = (file.read_text(encoding="utf-8") for file in files[1:])
        return status, out, err

    def close(self) -> None:
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait(10)
        assert self._server.stdout is not None
        self._server.stdout.close()

    def _line(self, timeout: float) -> bytes:
        assert self._server.stdout is not None
        if not select.select([self._server.stdout], [], [], timeout)[0]:
            raise TimeoutError
        # unbuffered, so that nothing is in memory that select does not know of
        return b"".join(iter(lambda: os.read(self._server.stdout.fileno(), 1), b"\n"))  # type: ignore[union-attr]


def _serve() -> int:
    import desktop.__main__ as start
    import engine.cli  # noqa: F401  what every subcommand imports

    for line in sys.stdin.buffer:
        arguments, environment, files = json.loads(line)
        process = os.fork()
        if not process:
            _begin(environment, files)
            return start.main(arguments)
        print(process, flush=True)
        _, status = os.waitpid(process, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    return 0


def _begin(environment: dict[str, str], files: list[str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    modes = os.O_RDONLY, os.O_WRONLY | os.O_CREAT, os.O_WRONLY | os.O_CREAT
    for number, (file, mode) in enumerate(zip(files, modes, strict=True)):
        opened = os.open(file, mode, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False), encoding="utf-8")  # type: ignore[arg-type]
    for name, number in (("stdout", 1), ("stderr", 2)):
        raw = io.BufferedWriter(io.FileIO(number, "w", closefd=False))
        setattr(sys, name, io.TextIOWrapper(raw, encoding="utf-8", write_through=number == 2))


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(_serve())
