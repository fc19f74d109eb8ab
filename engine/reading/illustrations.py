"""Pictures in documents that have no places on a page: what OCR finds in them stands below the
page's text. A picture that comes again, such as a logo, is read where it comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from engine.reading import image
from engine.reading.archive import opened
from engine.reading.document import ODD_PICTURES, NotReadError, Source
from engine.reading.flow import Illustrated
from engine.reading.ocr import Pictures
from engine.records import Page, PageState

_MOST_BYTES = 100_000_000


def with_pictures(
    pages: Iterable[Illustrated], content: Callable[[str], bytes], source: Source
) -> Iterator[Page]:
    """The pages with what their pictures say. ``content`` is a picture by its name; empty where
    there is none."""
    pictures, seen = Pictures(source), set[str]()
    for page, names in pages:
        fresh = [name for name in dict.fromkeys(names) if name not in seen]
        seen.update(fresh)
        if fresh and page.state is PageState.EMPTY:
            page = replace(page, note=ODD_PICTURES)
        for name in fresh:
            if source.cancelled():
                return
            pixels = image.unpacked(content(name)) if pictures.wanted else None
            page = pictures.beside(page, pixels)
        yield page


def packed(path: Path) -> Callable[[str], bytes]:
    """The contents of the parts of the zip at ``path``, which is opened for each anew: they are
    asked for long after its text was read."""

    def content(name: str) -> bytes:
        try:
            with opened(path, "a package") as archive:
                return archive.read(name, _MOST_BYTES)
        except (NotReadError, OSError):
            return b""

    return content
