"""What a file says of itself: its authors, title and year. Runs in the exporter child.

Of a PDF this is its document information, of a Word document its core properties, of an HTML page
its meta elements (those that Google Scholar reads, Dublin Core's, and ``author``).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pymupdf
from lxml import etree, html

from engine.exporting.messages import FileFacts
from engine.reading.document import clean, sensible_title

_MOST_BYTES = 4 << 20
_MOST_AUTHORS = 50
_LONGEST_NAME = 200
_BETWEEN = re.compile(r"\s*(?:;|\n|\s+and\s+|\s+&\s+)\s*")
_NOBODY = re.compile(
    r"\W*|.*\b(?:admin|administrator|user|owner|unknown|anonymous|author|default|none|null|python-docx)\b.*"
    r"|.*\.(?:com|org|net)\b.*|.*@.*",
    re.IGNORECASE,
)
_TEMPLATE = "2013-12-23T23:15:00Z"  # what programs leave that use python-docx
_YEAR = re.compile(r"(?:D:)?((?:1[5-9]|20)\d\d)")


def describe(path: Path, kind: str) -> FileFacts:
    """Empty where the file says nothing, or cannot be read any more."""
    asked = _ASKED.get(kind)
    try:
        return asked(path) if asked is not None else FileFacts()
    except (OSError, ValueError, KeyError, RuntimeError, etree.LxmlError, zipfile.BadZipFile):
        return FileFacts()
    except pymupdf.mupdf.FzErrorBase:
        return FileFacts()


def _pdf(path: Path) -> FileFacts:
    with pymupdf.open(path, filetype="pdf") as document:
        said = document.metadata or {}
    return _facts(said.get("title"), [said.get("author")], said.get("creationDate"))


def _word(path: Path) -> FileFacts:
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo("docProps/core.xml")
        if entry.file_size > _MOST_BYTES:
            return FileFacts()
        with archive.open(entry) as stream:
            data = stream.read(_MOST_BYTES)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    root = etree.fromstring(data, parser)
    elements = root.iterchildren(tag=etree.Element)
    found = {etree.QName(element).localname: element.text for element in elements}
    # documents are begun as copies of others: the last change is nearer to when they were written
    dates = (found.get(name) or _TEMPLATE for name in ("modified", "created"))
    date = next((date for date in dates if date != _TEMPLATE), "")
    return _facts(found.get("title"), [found.get("creator")], date)


def _html(path: Path) -> FileFacts:
    with path.open("rb") as stream:
        data = stream.read(_MOST_BYTES)
    root = html.document_fromstring(data, html.HTMLParser(no_network=True))
    meta: dict[str, list[str]] = {}
    for element in root.iter("meta"):
        name = (element.get("name") or element.get("property") or "").lower()
        meta.setdefault(name.replace("dcterms.", "dc."), []).append(element.get("content") or "")

    def first(*names: str) -> list[str]:
        return next((meta[name] for name in names if name in meta), [])

    title = first("citation_title", "dc.title") or [root.findtext(".//title") or ""]
    dates = first(
        "citation_publication_date", "citation_date", "dc.date", "article:published_time", "date"
    )
    authors = first("citation_author", "dc.creator", "author")
    return _facts(title[0], authors, dates[0] if dates else "")


def _facts(title: str | None, authors: Iterable[str | None], date: str | None) -> FileFacts:
    names = [
        " ".join(clean(name).replace("\ufffd", " ").split())
        for author in authors
        for name in _BETWEEN.split(author or "")
    ]
    kept = [name[:_LONGEST_NAME] for name in names if not _NOBODY.fullmatch(name)]
    year = _YEAR.match(date or "")
    return FileFacts(
        sensible_title(title),
        tuple(dict.fromkeys(kept))[:_MOST_AUTHORS],
        int(year[1]) if year is not None else 0,
    )


_ASKED: dict[str, Callable[[Path], FileFacts]] = {"pdf": _pdf, "word": _word, "html": _html}
