"""Files inside other files: what they are called in the library."""

from __future__ import annotations

import mimetypes
import re
import unicodedata

from engine.reading.document import clean

_LONGEST = 180
"""Bytes in UTF-8; a few more make it unique. Some disks take 255."""

_LONGEST_SUFFIX = 20
_APART = re.compile(r"[\\/]+")
_UNPRINTED = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffd]+")
_TYPES = mimetypes.MimeTypes(filenames=())  # not the machine's own list


class Names:
    """Gives each file inside one document a name of its own."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._nameless = 0

    def give(self, wanted: str, kind: str, before: str = "") -> str:
        """A name that is unique among those given, as far as case goes, and holds no separators.
        A nameless file is called by its MIME type ``kind``. ``before`` stands before the name."""
        name = plain(wanted)
        if not name:
            self._nameless += 1
            name = f"attachment {self._nameless}{_TYPES.guess_extension(kind) or ''}"
        stem, suffix = _halves(plain(f"{before}{name}"))
        name, count = f"{stem}{suffix}", 1
        while name.casefold() in self._taken:
            count += 1
            name = f"{stem} ({count}){suffix}"
        self._taken.add(name.casefold())
        return name


def titled(subject: str) -> str:
    """What a message inside a message is called."""
    return f"{_APART.sub(' ', subject)[:100].strip() or 'message'}.eml"


def plain(name: str) -> str:
    """The last part of a path as a name that any disk takes: bounded, on one line, no dots alone;
    empty where nothing is left."""
    name = _APART.split(unicodedata.normalize("NFC", clean(name)))[-1] or ""
    name = " ".join(_UNPRINTED.sub(" ", name).split()).strip(". ") if name.strip(". ") else ""
    stem, suffix = _halves(name)
    kept = stem.encode()[: _LONGEST - len(suffix.encode())].decode("utf-8", "ignore")
    return f"{kept.rstrip()}{suffix}"


def _halves(name: str) -> tuple[str, str]:
    stem, dot, suffix = name.rpartition(".")
    if not stem or len(suffix) > _LONGEST_SUFFIX:
        return name, ""
    return stem, dot + suffix
