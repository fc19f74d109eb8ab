"""The reader: what the reader child does with a request."""

from __future__ import annotations

import errno
import gc
import hashlib
import stat
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from engine.errors import CarrelError
from engine.passages import split
from engine.reading.allowance import bounded
from engine.reading.attached import Attached, Way, listed
from engine.reading.document import NotReadError, Reading, Source, Tally
from engine.reading.formats import Format, choose
from engine.reading.messages import (
    Extracted,
    Opened,
    PageRead,
    ReadEnded,
    ReaderRequest,
    ReadFile,
    Rendered,
    RenderPage,
)
from engine.reading.sniff import HEAD
from engine.records import DocumentState


class Replies(Protocol):
    """The part of ``engine.workers.child.Exchange`` that reading needs."""

    def reply(self, message: Any) -> None: ...

    @property
    def cancelled(self) -> bool: ...


class ReaderService:
    """Serves ``ReadFile`` and ``RenderPage``, one at a time."""

    request_type: Any = ReaderRequest

    def __init__(self) -> None:
        self._attached = Attached(_open)

    def handle(self, request: ReaderRequest, exchange: Replies) -> None:
        try:
            if isinstance(request, ReadFile):
                exchange.reply(self._read(request, exchange))
            else:
                exchange.reply(self._render(request))
        except MemoryError:
            # What is left of the heap is not to be trusted. The process leaves without another
            # word, so that the next request cannot reach it while it is on its way out.
            raise SystemExit("MemoryError") from None

    def _read(self, request: ReadFile, exchange: Replies) -> ReadEnded:
        tally = Tally()
        try:
            way = _way(request)
            with self._attached.opened(way, lambda: exchange.cancelled) as (source, content):
                source = replace(source, ocr=request.ocr)
                if content is not None:
                    digest = hashlib.sha256(content).hexdigest()
                    exchange.reply(Extracted(len(content), digest))
                    if digest == request.known:
                        return ReadEnded(DocumentState.INDEXED)
                return self._read_source(source, len(request.inside), tally, exchange)
        except NotReadError as error:
            return ReadEnded(error.state, str(error))
        except FileNotFoundError:
            return ReadEnded(DocumentState.FAILED, "The file is no longer there.")
        except PermissionError:
            return ReadEnded(DocumentState.FAILED, "Carrel has no permission to read the file.")
        except OSError as error:
            reason = error.strerror or type(error).__name__
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            return ReadEnded(
                DocumentState.FAILED, f"The file could not be read: {reason}.", again=full
            )

    def _read_source(
        self, source: Source, depth: int, tally: Tally, exchange: Replies
    ) -> ReadEnded:
        reading = _open(source)
        attachments, left_out = listed(reading, depth)
        exchange.reply(Opened(reading.facts, attachments))
        for page, passages in split(map(bounded, reading.pages)):
            if exchange.cancelled:
                return ReadEnded(DocumentState.FAILED, "Reading was stopped.")
            tally.add(page)
            exchange.reply(PageRead(page, passages))
        return tally.ending(" ".join(filter(None, (reading.omitted, left_out))))

    def _render(self, request: RenderPage) -> Rendered:
        try:
            with self._attached.opened(_way(request)) as (source, _):
                known = _format_of(source.path)
                if not known.drawn:
                    raise CarrelError("Pages of this kind of file are shown as text.")
                return Rendered(known.artist().render(source, request.number, request.scale))
        except OSError as error:
            raise CarrelError(
                "The page cannot be drawn: the file is gone or may not be read."
            ) from error


def _way(request: ReaderRequest) -> Way:
    around = request.around + ("",) * (len(request.inside) - len(request.around))
    return Way(Path(request.path), request.inside, (*around, request.passphrase))


def _open(source: Source) -> Reading:
    return _format_of(source.path).reader().read(source)


def _format_of(path: Path) -> Format:
    """Raises ``NotReadError`` or ``OSError``; opens regular files only, for a pipe never ends."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise NotReadError(DocumentState.UNSUPPORTED, "This is not a regular file.")
    if not status.st_size:
        raise NotReadError(DocumentState.FAILED, "The file is empty.")
    with path.open("rb") as file:
        return choose(path, file.read(HEAD))


def create() -> ReaderService:
    # PyMuPDF imports these with itself where they are installed: two seconds at each start of a
    # reader, for models that nobody here asks
    for name in ("pymupdf.layout", "pymupdf4llm"):
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    # Pages are many small tuples and no cycles: the collector finds nothing and takes a twentieth
    gc.set_threshold(50_000, 20, 50)
    return ReaderService()
