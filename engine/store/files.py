"""What the store takes and gives of a file, before and after it was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.errors import CarrelError
from engine.hidden import Spans, without
from engine.records import DocumentState, Page, Passage

TRY_AGAIN = -1
"""In place of the date of a file that the next run is to take for changed; no file has it."""

_spans = msgspec.msgpack.Decoder(Spans)


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What is known of a file before (or instead of) reading it."""

    folder_id: int
    path: str
    size: int
    modified_ns: int
    digest: str = ""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What the store remembers of a file, to decide whether it must be read again.
    ``attachments`` are the names of the files in it, read or not; ``parent_id`` is the document
    that it is in itself."""

    document_id: int
    path: str
    size: int
    modified_ns: int
    digest: str
    state: DocumentState
    reader: int
    parent_id: int | None = None
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadResult:
    """Everything that reading one file gave."""

    format: str
    title: str
    state: DocumentState
    reason: str
    pages: Sequence[tuple[Page, tuple[Passage, ...]]] = ()
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Location:
    """Where a document's bytes are: in ``file``, or in the attachment of it that ``inside``
    leads to. ``documents`` are the ids of the documents on that way, its own last."""

    file: Path
    inside: tuple[str, ...]
    documents: tuple[int, ...]


class Place(NamedTuple):
    """Where a document is and of what kind: what a scope goes by. ``state`` is a
    ``DocumentState``'s value, ``format`` the reader's name or, unread, the file's suffix."""

    document_id: int
    folder_id: int
    path: str
    format: str
    state: str
    modified_ns: int


class FolderGoneError(CarrelError):
    """The folder was removed, or became part of another, while its files were being read."""


class ParentGoneError(CarrelError):
    """The file that holds an attachment went while the attachment was being read."""


def spans_of(stored: bytes) -> Spans:
    """The spans in a page's column ``hidden``."""
    return _spans.decode(stored) if stored else ()


def shown(text: str, start: int, hidden: Spans) -> str:
    """The passage that begins at ``start`` of its page, without what is hidden there."""
    return without(text, hidden, start) if hidden else text
