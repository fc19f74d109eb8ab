"""Code points to UTF-16 units: Carrel's offsets count the former, Qt's cursors the latter."""

from __future__ import annotations

import re
from bisect import bisect_left

_WIDE = re.compile("[\U00010000-\U0010ffff]")


class Utf16Offsets:
    """Turns offsets in ``text`` from code points to UTF-16 units, exactly and fast."""

    def __init__(self, text: str) -> None:
        self._wide = [match.start() for match in _WIDE.finditer(text)]

    def __call__(self, offset: int) -> int:
        """Characters beyond the basic plane before ``offset`` take two units each."""
        return offset + bisect_left(self._wide, offset)
