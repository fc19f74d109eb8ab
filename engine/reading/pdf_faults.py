"""What MuPDF raises on damaged files."""

from __future__ import annotations

import pymupdf

FAULTS = (pymupdf.mupdf.FzErrorBase, RuntimeError, ValueError, LookupError, OverflowError)


def check_memory(error: Exception) -> None:
    """Raises ``MemoryError`` where an allocation failed. MuPDF does not give back all that it had
    taken then, so the next file would fail for want of memory, too: better to end this process.
    """
    if "malloc" in str(error) or "calloc" in str(error) or "realloc" in str(error):
        raise MemoryError from error
