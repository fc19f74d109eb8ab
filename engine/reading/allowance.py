"""How much of one file Carrel takes: a page, and a document, that fit in memory.

A file of some kilobytes can hold a billion characters or a million pages. What was read before
the allowance was used up is kept, and the ledger says that there is more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.records import DocumentState, Page, PageState, Passage

MOST_ON_PAGE = 4_000_000
"""Characters: more than most whole books have."""

MOST_PAGES = 50_000
MOST_BYTES = 256_000_000

_RECORD = 100  # bytes that a block or passage takes, about
_TOO_MUCH = "This page holds more text than Carrel takes from one page."


def bounded(page: Page) -> Page:
    """The page, or what stands for it where it holds too much."""
    if len(page.text) <= MOST_ON_PAGE:
        return page
    return replace(
        page, text="", state=PageState.FAILED, blocks=(), layout=b"", note=_TOO_MUCH, hidden=()
    )


@dataclass(slots=True)
class Allowance:
    """What one document may still bring; asked about each page before it is kept."""

    pages: int = MOST_PAGES
    bytes: int = MOST_BYTES
    kept: int = 0

    def takes(self, page: Page, passages: tuple[Passage, ...]) -> bool:
        records = len(page.blocks) + len(passages) + len(page.hidden)
        size = len(page.text) + len(page.layout) + _RECORD * records
        if self.kept >= self.pages or size > self.bytes:
            return False
        self.kept += 1
        self.bytes -= size
        return True

    def ending(self) -> tuple[DocumentState, str]:
        """The document's line in the ledger where a page was not taken."""
        if not self.kept:
            return DocumentState.FAILED, "Its first page holds more than Carrel takes of one file."
        pages = "page was" if self.kept == 1 else f"{self.kept:,} pages were"
        return (
            DocumentState.PARTIAL,
            f"The file holds more than Carrel takes of one file; its first {pages} read. Split it "
            "into smaller files to have all of it.",
        )
