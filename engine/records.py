"""The frozen records that travel between the stages, and across process borders.

Offsets are in Unicode code points into the text of one page, end exclusive. Boxes are in PDF
points (1/72 inch) from the top left of the page as it is shown. Page numbers are 1-based.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle in PDF points from the top left of the page."""

    x0: float
    y0: float
    x1: float
    y1: float


# --- reading -------------------------------------------------------------------------------


class BlockKind(StrEnum):
    """What a stretch of a page's text is, as far as its format says."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST_ITEM = "list item"
    TABLE_ROW = "table row"
    TABLE_HEAD = "table head"  # column heads and units of the rows that follow
    CAPTION = "caption"
    FOOTNOTE = "footnote"
    MARGINAL = "marginal"  # running headers, footers, page numbers: in no passage
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch ``page.text[start:end]`` that a passage does not straddle without need.

    ``level`` is 1 (top) to 9 for headings and 0 for everything else.
    """

    start: int
    end: int
    kind: BlockKind = BlockKind.PARAGRAPH
    level: int = 0


class PageState(StrEnum):
    """How a page was read."""

    TEXT = "text"
    OCR = "ocr"
    EMPTY = "empty"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Page:
    """What a reader can be sent to: a page, chapter, sheet or message, with its text.

    ``label`` is what is printed on it. ``layout`` is an encoded ``engine.layout.Layout`` (empty
    where the format has no geometry); ``width`` and ``height`` are in points, 0 likewise.
    ``hidden`` are the spans of the text that a reader of the page does not see; see
    :mod:`engine.hidden`.
    """

    number: int
    label: str
    text: str
    state: PageState
    blocks: tuple[Block, ...] = ()
    width: float = 0.0
    height: float = 0.0
    layout: bytes = b""
    note: str = ""
    hidden: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class OcrWish:
    """How text in pictures is read: whether at all, on how many ``pages`` of one document at
    most, and whether not now but ``later``, when what takes no time has been read."""

    on: bool = True
    pages: int = 500
    later: bool = False


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What a file says of itself: ``format`` such as "pdf", and its title or an empty string."""

    format: str
    title: str
    page_count: int


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit of retrieval: ``pages[page].text[start:end]``, under a heading path."""

    page: int
    start: int
    end: int
    heading: str = ""


# --- the ledger ----------------------------------------------------------------------------


class DocumentState(StrEnum):
    """What became of a file. Every file that was met is in the ledger in one of these."""

    INDEXED = "indexed"
    PARTIAL = "partial"
    FAILED = "failed"
    LOCKED = "locked"
    UNSUPPORTED = "unsupported"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Folder:
    """A directory that the library follows."""

    id: int
    path: str


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One file's line in the ledger. ``path`` is relative to its folder, with ``/``.

    An attachment has its document as ``parent_id``, and a path that goes on from it. A document
    is not ``available`` while the folder it was read from is not there; it is searched all the
    same.
    """

    document_id: int
    folder_id: int
    path: str
    title: str
    format: str
    state: DocumentState
    reason: str
    size: int
    modified: float
    pages: int
    pages_text: int
    pages_ocr: int
    pages_empty: int
    passages: int
    embedded: int
    parent_id: int | None = None
    available: bool = True


@dataclass(frozen=True, slots=True)
class PageEntry:
    """One page's line in the ledger. ``hidden`` counts the stretches of its text that a reader
    of the page does not see."""

    number: int
    label: str
    state: PageState
    note: str
    hidden: int


@dataclass(frozen=True, slots=True)
class LibraryStatus:
    """The ledger in numbers."""

    documents: int
    passages: int
    embedded: int
    states: dict[DocumentState, int]


# --- indexing ------------------------------------------------------------------------------


class Stage(StrEnum):
    """What indexing is busy with."""

    SCANNING = "scanning"
    READING = "reading"
    EMBEDDING = "embedding"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class IndexProgress:
    """A snapshot of a run. Rates are per second over the last while; ``seconds_left`` is None
    until it can be said honestly."""

    stage: Stage
    files_total: int = 0
    files_done: int = 0
    pages_done: int = 0
    passages_done: int = 0
    passages_to_embed: int = 0
    passages_embedded: int = 0
    rate: float = 0.0
    seconds_left: float | None = None
    current: str = ""
    paused: bool = False


@dataclass(frozen=True, slots=True)
class EmbedderState:
    """What a library does with an embedder: ``wanted`` and not ``serves`` while its vectors are
    being made; ``embedded`` passages have one."""

    folder: str
    serves: bool
    wanted: bool
    embedded: int


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What a finished (or cancelled) run did; seconds by stage."""

    files_seen: int
    files_read: int
    files_unchanged: int
    files_removed: int
    files_not_read: int
    pages: int
    passages: int
    embedded: int
    cancelled: bool
    seconds: dict[str, float]
    problems: tuple[str, ...] = ()
    files_moved: int = 0


# --- search --------------------------------------------------------------------------------


class SearchMode(StrEnum):
    HYBRID = "hybrid"
    KEYWORD = "keyword"
    SEMANTIC = "semantic"


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to look: ``document`` is a glob on the relative path; ``folder_ids``,
    ``document_ids`` and ``formats`` (the readers' names, or suffixes) narrow further, and so do
    the days on which a file was last changed, in local time: from ``after`` on, and before
    ``before``. An empty scope is the whole library."""

    document: str = ""
    folder_ids: tuple[int, ...] = ()
    document_ids: tuple[int, ...] = ()
    formats: tuple[str, ...] = ()
    after: date | None = None
    before: date | None = None

    def __bool__(self) -> bool:
        return self != Scope()


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a query. ``score`` is comparable within one result only."""

    rank: int
    passage_id: int
    document_id: int
    document: str
    title: str
    page: int
    label: str
    start: int
    end: int
    text: str
    heading: str
    score: float
    found_by: tuple[str, ...]
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a search that found nothing has looked at: ``documents`` that could be read and
    ``unread`` ones that could not, both in scope; ``waiting`` passages of the library have no
    vector yet, so that they were searched for words only."""

    documents: int
    unread: int
    waiting: int


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The hits for a query, and what to tell the person besides them (``notice``). ``words`` is
    the query without its operators; ``coverage`` is there when there are no hits."""

    query: str
    mode: SearchMode
    hits: tuple[Hit, ...]
    took_ms: float
    notice: str = ""
    words: str = ""
    coverage: Coverage | None = None


# --- showing a page ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PageImage:
    """A rendered page: ``samples`` is RGB, 8 bits each, ``stride`` bytes a row."""

    width: int
    height: int
    stride: int
    samples: bytes
    scale: float


@dataclass(frozen=True, slots=True)
class SourcePage:
    """A page as the source pane shows it. Where ``has_image`` is true the page can be rendered;
    else its text and blocks are the rendering."""

    document_id: int
    document: str
    title: str
    file: str
    page: Page
    page_count: int
    has_image: bool
    available: bool
