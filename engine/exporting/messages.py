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


ExporterRequest = MakePdf


class Pdf(msgspec.Struct, frozen=True, tag="made"):
    data: bytes


ExporterReply = Pdf
