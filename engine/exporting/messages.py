"""What the app and its exporter child say to each other."""

from __future__ import annotations

import msgspec


class MakePdf(msgspec.Struct, frozen=True, tag="pdf"):
    """Lay out the inside of an HTML body on A4 pages: one ``Pdf``. ``outline`` are the ids of
    elements with the names that they have in the list of contents."""

    title: str
    body: str
    style: str
    outline: tuple[tuple[str, str], ...]


class DescribeFile(msgspec.Struct, frozen=True, tag="describe"):
    """Say what a file of the reader's format ``kind`` tells of itself: one ``FileFacts``."""

    path: str
    kind: str


ExporterRequest = MakePdf | DescribeFile


class Pdf(msgspec.Struct, frozen=True, tag="made"):
    data: bytes


class FileFacts(msgspec.Struct, frozen=True, tag="facts"):
    """``year`` is 0 and the others are empty where the file does not say them."""

    title: str = ""
    authors: tuple[str, ...] = ()
    year: int = 0


ExporterReply = Pdf | FileFacts
