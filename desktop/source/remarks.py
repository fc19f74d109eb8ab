"""What the source pane says about a page besides showing it."""

from __future__ import annotations

from desktop.plain import one_line
from engine.records import Page, PageState

HIDES = "This page holds text that cannot be seen; answers leave it out."
HIDES_MARKED = "This page holds text that cannot be seen. It is marked here; answers leave it out."


def how_read(page: Page) -> str:
    """How its text was come by; empty where that goes without saying."""
    note = one_line(page.note)
    match page.state:
        case PageState.OCR:
            if "OCR" in note:
                return note
            return " ".join(part for part in ("Read by OCR; letters may be wrong.", note) if part)
        case PageState.FAILED:
            return note or "This page could not be read."
        case PageState.EMPTY:
            return note or "This page holds no text."
    return note
