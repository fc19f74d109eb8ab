"""XPS and OpenXPS: pages as MuPDF draws them, read like those of a PDF."""

from __future__ import annotations

from engine.reading import pdf
from engine.reading.document import Reading, Source
from engine.records import PageImage


def read(source: Source) -> Reading:
    """Raises ``NotReadError`` where the file is damaged."""
    return pdf.read(source, "xps")


def render(source: Source, number: int, scale: float) -> PageImage:
    """See ``pdf.render``."""
    return pdf.render(source, number, scale, "xps")
