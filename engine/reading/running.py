"""What stands at the top or bottom of every page of a document whose pages are made when it is
shown: letterheads, names and numbers of a matter, a mark that it is confidential.

It is told once, at the end. On every page it would drown what the pages say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from engine.reading.flow import Flow

_MOST = 40  # lines
_NUMBER = re.compile(
    r"(?:page|seite|p\.)?\W*(?:\d{1,5}|[ivxlc]{1,7}|#|<number>)?(?:\W*(?:/|of|von|de)\W*\d{1,5})?\W*",
    re.IGNORECASE,
)


def add(flow: Flow, lines: Iterable[str]) -> None:
    """Add each of the lines once, but for page numbers."""
    flow.end()
    told = (" ".join(line.split()) for line in lines)
    for line in [line for line in dict.fromkeys(told) if not _NUMBER.fullmatch(line)][:_MOST]:
        flow.add(line)
