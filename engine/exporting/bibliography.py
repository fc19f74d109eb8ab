"""The documents that answers cite, as entries of a bibliography.

Authors, title and year are the file's own where it says them. Otherwise the title is the
library's and the year that of the file's last change; the entry's note says so.
"""

from __future__ import annotations

import hashlib
import re
import time
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.answers import Answer, Citation
from engine.exporting.content import cited
from engine.exporting.messages import FileFacts
from engine.exporting.wording import one_line, place, title_of
from engine.store.cited import CitedDocument

_KINDS = {
    "pdf": "PDF document",
    "word": "Word document",
    "html": "HTML page",
    "markdown": "Markdown document",
    "text": "Text file",
    "xps": "XPS document",
    "epub": "EPUB book",
    "fb2": "FB2 book",
    "mobi": "MOBI book",
    "mail": "E-mail",
    "rst": "reStructuredText document",
    "latex": "LaTeX document",
    "notebook": "Jupyter notebook",
    "code": "Source code",
    "subtitles": "Subtitles",
    "spreadsheet": "Spreadsheet",
    "presentation": "Presentation",
    "opendocument": "Text document",
    "rtf": "Rich text document",
}
_WORD = re.compile(r"[a-z0-9]+")
_KEY_WORDS = 3
_MOST_PLACES = 20


@dataclass(frozen=True, slots=True)
class Reference:
    """One document. ``key`` is ASCII and depends on nothing but the document's path, title and
    year; ``year`` is 0 where it is not known."""

    key: str
    title: str
    authors: tuple[str, ...]
    year: int
    kind: str
    notes: tuple[str, ...]


def references(
    answers: Sequence[Answer],
    documents: Mapping[int, CitedDocument],
    facts: Callable[[CitedDocument], FileFacts | None],
) -> list[Reference]:
    """In the order in which the documents are first cited. ``facts`` tells what the file says of
    itself, None where it cannot be asked."""
    by_document: dict[tuple[int, str], list[Citation]] = {}
    for answer in answers:
        for citation in cited(answer):
            by_document.setdefault((citation.document_id, citation.document), []).append(citation)
    found = []
    for (number, _), citations in by_document.items():
        document = documents.get(number)
        said = facts(document) if document is not None else None
        found.append(_reference(citations, document, said))
    return _distinct(found)


def _reference(
    citations: Sequence[Citation], document: CitedDocument | None, said: FileFacts | None
) -> Reference:
    path = one_line(citations[0].document)
    title = one_line(said.title if said is not None and said.title else title_of(citations[0]))
    authors = tuple(one_line(author) for author in said.authors) if said is not None else ()
    notes = [f"File: {path}"]
    year = said.year if said is not None else 0
    if not year and document is not None:
        year = time.localtime(document.modified_ns / 1e9).tm_year
        notes.append("The year is that of the file's last change")
    notes.append(f"Cited: {_places(citations)}")
    if document is None:
        notes.append("No longer in the library when this was exported")
    elif document.digest:
        notes.append(f"SHA-256: {document.digest}")
    kind = _KINDS.get(document.format, "Document") if document is not None else "Document"
    return Reference(_key(path, title, year), title, authors, year, kind, tuple(notes))


def _places(citations: Iterable[Citation]) -> str:
    named = {(c.page, c.start): one_line(place(c.page, c.label, c.title)) for c in citations}
    distinct = list(dict.fromkeys(named[at] for at in sorted(named)))
    more = ["…"] if len(distinct) > _MOST_PLACES else []
    return ", ".join(distinct[:_MOST_PLACES] + more)


def _key(path: str, title: str, year: int) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = _WORD.findall(plain)[:_KEY_WORDS] or ["document"]
    # two reports of one name in different folders are two documents
    digest = hashlib.sha256(path.encode("utf-8", "replace")).hexdigest()[:6]
    return "-".join([*(word[:20] for word in words), *([str(year)] if year else []), digest])


def _distinct(found: list[Reference]) -> list[Reference]:
    """Documents of one path in different folders get a number more."""
    seen: dict[str, int] = {}
    keyed = []
    for reference in found:
        count = seen[reference.key] = seen.get(reference.key, 0) + 1
        key = reference.key if count == 1 else f"{reference.key}-{count}"
        keyed.append(replace(reference, key=key))
    return keyed
