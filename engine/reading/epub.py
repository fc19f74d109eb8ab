"""EPUB books: the chapters in the order of the book's spine, called what its contents call them.

A chapter is a file of XHTML and is read like any other page of that kind. Books that a shop has
locked are told by the list of their encrypted parts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.reading import html
from engine.reading.book_parts import BookParts, beside
from engine.reading.chapters import Chapters
from engine.reading.document import NotReadError, Reading, Source, sensible_title
from engine.reading.encoding import decode
from engine.reading.flow import Flow
from engine.reading.markup import page_tree, tree
from engine.records import DocumentFacts, DocumentState, Page

_MOST_INDEX = 8_000_000
_MOST_CHAPTER = 16_000_000
_MOST_CHARACTERS = 50_000_000
_FONT_SCRAMBLING = (
    "http://www.idpf.org/2008/embedding",
    "http://ns.adobe.com/pdf/enc#RC",
)
_PAGES = ("application/xhtml+xml", "text/html", "text/x-oeb1-document", "application/xml")
_LOCKED = (
    "The book is locked by the shop it came from (DRM); Carrel cannot open it. "
    "A copy without that lock can be read."
)


def read(source: Source) -> Reading:
    """Raises ``NotReadError`` where the file is no book, damaged, or locked."""
    archive = BookParts(source.path, "an EPUB book")
    book = _book(archive)
    if book.encrypted:
        raise NotReadError(DocumentState.LOCKED, _LOCKED)
    if not book.spine:
        raise _damaged("its list of chapters is missing")
    chapters = Chapters()
    missing = deep = 0
    name, complete = "", True
    for part in book.spine:
        if source.cancelled():
            break
        if chapters.size > _MOST_CHARACTERS:
            complete = False
            break
        content = archive.read(part, _MOST_CHAPTER)
        if content is None:
            missing += 1
            continue
        pages, cut_short = _chapter(content)
        deep += cut_short
        named = book.contents.get(part, [])
        name = named[0] if named else name
        # a file that the contents name once is one chapter, whatever headings are in it
        chapters.add(pages, name, own_labels=len(named) != 1)
    pages = chapters.pages()
    if missing == len(book.spine):
        raise _damaged("none of its chapters can be unpacked")
    facts = DocumentFacts("epub", sensible_title(book.title), len(pages))
    return Reading(facts, iter(pages), _omitted(missing, deep, complete))


@dataclass(slots=True)
class _Book:
    """What the package says: chapters by their place in the archive, and what they are called."""

    title: str = ""
    spine: list[str] = field(default_factory=list)
    contents: dict[str, list[str]] = field(default_factory=dict)
    encrypted: bool = False


def _book(archive: BookParts) -> _Book:
    container = _parsed(archive, "META-INF/container.xml")
    roots = [] if container is None else [*container.iter("rootfile")]
    package = (roots[0].get("full-path") or "") if roots else ""
    root = _parsed(archive, package)
    if root is None:
        raise _damaged("its table of parts is missing")
    items = {item.get("id"): item for item in root.iter("item")}
    book = _Book(title=next((_text(title) for title in root.iter("title")), ""))
    navigation = ""
    for item in items.values():
        if "nav" in (item.get("properties") or "").split():
            navigation = beside(package, item.get("href") or "")
    for reference in root.iter("itemref"):
        item = items.get(reference.get("idref"))
        if item is None or (item.get("media-type") or _PAGES[0]) not in _PAGES:
            continue
        part = beside(package, item.get("href") or "")
        if part != navigation and part not in book.spine:
            book.spine.append(part)
    for item in items.values():
        if item.get("media-type") == "application/x-dtbncx+xml":
            part = beside(package, item.get("href") or "")
            _add_ncx(_parsed(archive, part), part, book)
    if navigation:
        _add_navigation(_parsed(archive, navigation), navigation, book)
    book.encrypted = _is_locked(archive, book)
    return book


def _add_ncx(root: Any, part: str, book: _Book) -> None:
    """The contents of EPUB 2."""
    if root is None:
        return
    for point in root.iter("navPoint"):
        content, named = point.find("content"), point.find("navLabel")
        if content is not None and named is not None:
            _name(book, beside(part, content.get("src") or ""), _text(named))


def _add_navigation(root: Any, part: str, book: _Book) -> None:
    """The contents of EPUB 3, which win; of its lists only the first is the contents."""
    lists = [] if root is None else [*root.iter("nav")]
    if not lists:
        return
    book.contents.clear()
    for link in lists[0].iter("a"):
        _name(book, beside(part, link.get("href") or ""), _text(link))


def _name(book: _Book, part: str, name: str) -> None:
    if name:
        book.contents.setdefault(part, []).append(name)


def _is_locked(archive: BookParts, book: _Book) -> bool:
    """Whether what is encrypted is more than the fonts, whose scrambling is no lock."""
    root = _parsed(archive, "META-INF/encryption.xml")
    if root is None:
        return False
    for data in root.iter("EncryptedData"):
        methods = [method.get("Algorithm") for method in data.iter("EncryptionMethod")]
        parts = [beside("", link.get("URI") or "") for link in data.iter("CipherReference")]
        if not any(method in _FONT_SCRAMBLING for method in methods) and any(
            part in book.spine for part in parts
        ):
            return True
    return False


def _chapter(content: bytes) -> tuple[list[Page], bool]:
    flow = Flow(chapter_level=2)
    try:
        root, cut_short = page_tree(decode(content))
    except NotReadError:
        return flow.pages(), False
    html.add(root, flow)
    return flow.pages(), cut_short


def _parsed(archive: BookParts, part: str) -> Any:
    content = archive.read(part, _MOST_INDEX)
    return None if content is None else tree(decode(content))


def _text(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def _damaged(why: str) -> NotReadError:
    return NotReadError(
        DocumentState.FAILED, f"The file is damaged: it is an EPUB book, but {why}."
    )


def _omitted(missing: int, deep: int, complete: bool) -> str:
    reasons = []
    if missing:
        which = "One chapter is" if missing == 1 else f"{missing:,} chapters are"
        reasons.append(f"{which} missing or damaged.")
    if deep:
        reasons.append("Some chapters are nested too deeply; what stands innermost was left out.")
    if not complete:
        reasons.append("The book is longer than Carrel reads; its end was left out.")
    return " ".join(reasons)
