"""Files embedded in a PDF."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from engine.reading.document import Attachment, clean
from engine.reading.pdf_faults import FAULTS, check_memory

_MOST = 10_000
_LONGEST = 120  # characters of a name


def attachments(document: Any) -> tuple[Attachment, ...]:
    """Those of the document as a whole; none where their list is damaged."""
    try:
        # a question about one of them looks through all
        listed = document.embfile_names()[:_MOST]
    except FAULTS as error:
        check_memory(error)
        return ()
    found: dict[str, Attachment] = {}
    for each in listed:
        name, number = _name(each), 2
        unique = name
        while unique in found:
            stem, dot, suffix = name.rpartition(".")
            unique = f"{stem} ({number}).{suffix}" if dot else f"{name} ({number})"
            number += 1
        found[unique] = Attachment(unique, partial(document.embfile_get, each))
    return tuple(found.values())


def _name(listed: str) -> str:
    name = " ".join(clean(re.split(r"[/\\]", listed)[-1]).split())
    return name[-_LONGEST:] if name not in ("", ".", "..") else "file"
