"""Documents that are made of parts: each part's pages in turn, with a number of their own in
the whole, and the part's name for a label where they have no better one."""

from __future__ import annotations

from dataclasses import replace

from engine.reading.document import clean
from engine.records import Page, PageState

_LONGEST_LABEL = 60


class Chapters:
    """Collects the pages of parts."""

    def __init__(self) -> None:
        self._pages: list[Page] = []

    def add(self, pages: list[Page], name: str, *, own_labels: bool = True) -> None:
        """Add a part. ``own_labels``: where its pages are called by more than a number, they
        keep that. A part without text is no part."""
        name = label(name)
        for page in pages:
            if page.state is PageState.EMPTY and not page.note:
                continue
            named = page.label if own_labels and page.label != str(page.number) else name
            number = len(self._pages) + 1
            self._pages.append(replace(page, number=number, label=named or str(number)))

    def pages(self) -> list[Page]:
        """All pages; one without text where there are none."""
        return self._pages or [Page(1, "1", "", PageState.EMPTY)]

    @property
    def size(self) -> int:
        """Characters so far."""
        return sum(len(page.text) for page in self._pages)


def label(text: str) -> str:
    """A name as it stands on a page: on one line, and not a long one."""
    text = " ".join(clean(text).split())
    return text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1].rstrip() + "…"
