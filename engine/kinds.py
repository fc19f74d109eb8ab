"""Types of documents by the names that people use for them."""

from __future__ import annotations

from engine.reading.formats import FORMATS

_FAMILIES = {suffix[1:]: known.name for known in FORMATS for suffix in known.suffixes}
_SYNONYMS = {
    "doc": "word",
    "web": "html",
    "htm": "html",
    "md": "markdown",
    "plain": "text",
    "excel": "spreadsheet",
    "sheet": "spreadsheet",
    "powerpoint": "presentation",
    "slides": "presentation",
    "email": "mail",
    "e-mail": "mail",
    "message": "mail",
    "tex": "latex",
    "jupyter": "notebook",
    "source": "code",
    "captions": "subtitles",
}


def kind_of(format_name: str, path: str) -> str:
    """The reader's name for a document's type, such as "word". ``format_name`` is the reader's or,
    where the file could not be read, its suffix."""
    return _FAMILIES.get(format_name) or format_name or _FAMILIES.get(_suffix(path), "")


def is_of_kind(kind: str, format_name: str, path: str) -> bool:
    """Whether a document is of a type that may be called by a reader's name, by a common one for
    it, or by the file's suffix."""
    wanted = kind.casefold().lstrip(".")
    family = _SYNONYMS.get(wanted, wanted)
    return kind_of(format_name, path) == family or _suffix(path) == wanted


def _suffix(path: str) -> str:
    _, dot, suffix = path.rpartition("/")[2].rpartition(".")
    return suffix.lower() if dot else ""
