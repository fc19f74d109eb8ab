"""XPS and OpenXPS: pages as MuPDF draws them.

Each page is made a page of PDF and read as such, so that it is searched for headings, tables and
hidden text like any other.
"""

from __future__ import annotations

from typing import Any

import pymupdf

from engine.reading import pdf
from engine.reading.document import Reading, Source
from engine.records import PageImage

_mu = pymupdf.mupdf


def read(source: Source) -> Reading:
    """Raises ``NotReadError`` where the file is damaged."""
    return pdf.reading(_AsPdf(pdf.opened(source, "xps")), source, "xps")


def render(source: Source, number: int, scale: float) -> PageImage:
    """See ``pdf.render``."""
    return pdf.render(source, number, scale, "xps")


class _AsPdf:
    """An XPS document that gives pages of PDF."""

    is_pdf = False  # no object of the file can be asked what a page uses

    def __init__(self, document: Any) -> None:
        self._document = document
        self._page: Any = None

    @property
    def page_count(self) -> int:
        return int(self._document.page_count)

    @property
    def metadata(self) -> Any:
        return self._document.metadata

    def get_toc(self) -> Any:
        return self._document.get_toc()

    def get_page_labels(self) -> list[Any]:
        return []

    def load_page(self, index: int) -> Any:
        """The page; it is good until the next one is loaded."""
        page = _mu.fz_load_page(self._document.this, index)
        size = _mu.fz_bound_page(page)
        self._page = pymupdf.open()
        written = _mu.pdf_specifics(self._page.this)
        device, resources, contents = _mu.pdf_page_write(written, size)
        _mu.fz_run_page(page, device, _mu.FzMatrix(), _mu.FzCookie())
        _mu.fz_close_device(device)
        made = _mu.pdf_add_page(written, size, 0, resources, contents)
        _mu.pdf_insert_page(written, -1, made)
        return self._page.load_page(0)
