"""Asking the child about an adapter, and putting what it has made into a file."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.adapters.messages import AdaptersReply, Convert, Found, LookInto, Piece
from engine.errors import ChildCrashedError, ChildFailedError, ChildTimedOutError, ModelError
from engine.models.gguf_facts import plain_line
from engine.workers import CancelToken, ChildProcess, Limits

LIMITS = Limits(
    memory=6 << 30,  # of addresses; what is computed with is a tensor at a time
    cpu=900,
    file_size=16 << 30,
    nice=2,
    confined=True,
)
_SILENCE = 300.0
_STOP = 0.3
_LONGEST_REASON = 700

Models = Sequence[tuple[Path, str]]
"""Files of models with the names that they are called by."""


def look_into(path: Path, models: Models = (), cancel: CancelToken | None = None) -> Found:
    """Raises ``ModelError`` with why it is no adapter that can be used."""
    request = LookInto(str(path), tuple((str(file), called) for file, called in models))
    with _child(path) as child:
        reply = child.ask(request, silence=_SILENCE, cancel=cancel, patience=_STOP)
    assert isinstance(reply, Found)
    return reply


def convert(
    path: Path,
    out: Path,
    models: Models = (),
    *,
    name: str = "",
    cancel: CancelToken | None = None,
) -> Found:
    """Write a GGUF of what PEFT saved in ``path`` to ``out``, whole or not at all. Raises
    ``ModelError``."""
    request = Convert(str(path), tuple((str(file), called) for file, called in models), name)
    found: Found | None = None
    with _new_file(out) as part:
        with _child(path) as child, part.open("wb") as file:
            for reply in child.request(request, silence=_SILENCE, cancel=cancel, patience=_STOP):
                if isinstance(reply, Piece):
                    file.write(reply.data)
                else:
                    found = reply
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
    assert found is not None
    return found


@contextlib.contextmanager
def _new_file(out: Path) -> Iterator[Path]:
    """A file beside ``out`` that is gone at the end, unless it was renamed."""
    try:
        handle, name = tempfile.mkstemp(dir=out.parent, prefix=".carrel-", suffix=".part")
        os.close(handle)
        try:
            yield Path(name)
        finally:
            with contextlib.suppress(OSError):
                Path(name).unlink()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ModelError(
            f"{out} cannot be written: {reason}. Choose another place or name."
        ) from error


@contextlib.contextmanager
def _child(path: Path) -> Iterator[ChildProcess[AdaptersReply]]:
    """A child of its own for each adapter; its failures as ``ModelError``."""
    name = plain_line(path.name)
    child: ChildProcess[AdaptersReply] = ChildProcess("adapters", AdaptersReply, limits=LIMITS)
    try:
        yield child
    except ChildFailedError as error:
        raise ModelError(plain_line(str(error), _LONGEST_REASON)) from error
    except (ChildTimedOutError, ChildCrashedError) as error:
        raise ModelError(
            f"“{name}” cannot be used: looking into it took too much memory or time, or ended the "
            "process that did. The file is damaged or made to do harm."
        ) from error
    finally:
        child.close()
