"""PDF: pages with the place of every word, and pages as pictures.

Boxes are in points from the top left of the page as it is shown, its rotation applied.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pymupdf
from numpy.typing import NDArray

from engine.errors import CarrelError
from engine.hidden import Span, invisible, is_visible, united
from engine.layout import Layout
from engine.reading import pdf_columns, pdf_lines
from engine.reading.document import NotReadError, Reading, Source, clean, sensible_title
from engine.reading.ocr import Pictures
from engine.reading.pdf_asides import asides
from engine.reading.pdf_attached import attachments
from engine.reading.pdf_faults import FAULTS, check_memory
from engine.reading.pdf_headings import HeadingFinder, PageLines
from engine.reading.pdf_hidden import Seen
from engine.reading.pdf_letters import uses_objects
from engine.reading.pdf_margins import AHEAD, Edge, RunningLines, edges
from engine.reading.pdf_tables import tables, with_headings
from engine.reading.pdf_words import WordJoiner
from engine.records import Block, DocumentFacts, DocumentState, Page, PageImage, PageState

MOST_PIXELS = 40_000_000

_FLAGS = pymupdf.TEXTFLAGS_WORDS & ~(pymupdf.TEXT_PRESERVE_IMAGES | pymupdf.TEXT_PRESERVE_LIGATURES)
_MOST_WORDS = 1_000_000
_LONGEST_LABEL = 40
_FEWEST_STROKES = 20
_ALWAYS_DRAWN = 16  # pages of a document that are drawn to see what is hidden
_OF_ORDERS = ("instruction", "ignore", "assistant", "language model", "prompt", "disregard")
_DAMAGED_PAGE = "This page could not be read: this part of the file is damaged."
_UNDECODABLE = "The text of this page is stored in a way that cannot be decoded."

# MuPDF prints every fault that it repairs; the ledger says what matters.
pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)


def read(source: Source) -> Reading:
    """Open a PDF. Raises ``NotReadError`` where it is locked or beyond repair."""
    return reading(opened(source), source)


def reading(document: Any, source: Source, kind: str = "pdf") -> Reading:
    """An opened document of MuPDF's, whose pages are those of a PDF."""
    try:
        count = document.page_count
    except Exception as error:
        raise _damaged(kind) from error
    if not count:
        raise NotReadError(
            DocumentState.FAILED, f"The file is damaged: it is {_called(kind)} without any pages."
        )
    title = sensible_title((document.metadata or {}).get("title"))
    return Reading(
        DocumentFacts(kind, title, count),
        _pages(document, count, source),
        attachments=attachments(document) if kind == "pdf" else (),
    )


def render(source: Source, number: int, scale: float, kind: str = "pdf") -> PageImage:
    """Page ``number`` with its annotations at ``scale`` pixels a point, or at less where that
    would be over ``MOST_PIXELS``. Raises ``CarrelError`` where it cannot be drawn."""
    document = opened(source, kind)
    if not 1 <= number <= document.page_count:
        raise CarrelError(f"There is no page {number} in this file any more.")
    if not (math.isfinite(scale) and scale > 0):
        raise CarrelError("A page is drawn at a scale above zero.")
    try:
        page = document.load_page(number - 1)
        area = max(page.rect.width * page.rect.height, 1e-6)
        scale = min(scale, math.sqrt(MOST_PIXELS / area))
        pixmap = page.get_pixmap(
            matrix=pymupdf.Matrix(scale, scale), colorspace=pymupdf.csRGB, alpha=False, annots=True
        )
    except FAULTS as error:
        check_memory(error)
        raise CarrelError(
            f"Page {number} cannot be drawn: this part of the file is damaged."
        ) from error
    return PageImage(pixmap.width, pixmap.height, pixmap.stride, bytes(pixmap.samples_mv), scale)


def opened(source: Source, kind: str = "pdf") -> Any:
    """MuPDF's document for a file. Raises ``NotReadError``."""
    try:
        document = pymupdf.open(source.path, filetype=kind)
    except FAULTS as error:
        check_memory(error)
        raise _damaged(kind) from error
    if document.needs_pass and not (source.passphrase and document.authenticate(source.passphrase)):
        raise NotReadError(
            DocumentState.LOCKED,
            "The passphrase does not open this file."
            if source.passphrase
            else "The file is protected with a passphrase.",
        )
    return document


def _damaged(kind: str) -> NotReadError:
    return NotReadError(
        DocumentState.FAILED, f"The file is damaged: it cannot be opened as {_called(kind)}."
    )


def _called(kind: str) -> str:
    return "a PDF" if kind == "pdf" else f"an {kind.upper()} file"


def _pages(document: Any, count: int, source: Source) -> Iterator[Page]:
    labelled = _is_labelled(document)
    known = _Known(HeadingFinder(_outline(document)))
    running = RunningLines()
    pictures = Pictures(source)
    waiting: deque[tuple[Page, bool]] = deque()
    drawn_from_objects = bool(document.is_pdf)
    for index in range(count):
        if source.cancelled():
            return
        label = str(index + 1)
        pictured = False
        pymupdf.TOOLS.reset_mupdf_warnings()
        try:
            page = document.load_page(index)
            label = (labelled and _label(page)) or label
            found, at_edges = _page(page, index + 1, label, known)
            pictured = drawn_from_objects and uses_objects(page)
        except FAULTS as error:
            check_memory(error)
            found, at_edges = Page(index + 1, label, "", PageState.FAILED, note=_DAMAGED_PAGE), ()
        running.meet(at_edges)
        waiting.append((found, pictured))
        if len(waiting) > AHEAD:
            found, pictured = waiting.popleft()
            found = _with_margins(found, running.next())
            yield pictures.complete(found, document, pictured=pictured)
    for found, pictured in waiting:
        found = _with_margins(found, running.next())
        yield pictures.complete(found, document, pictured=pictured)


def _with_margins(page: Page, margins: tuple[Block, ...]) -> Page:
    if not margins:
        return page
    kept = [b for b in page.blocks if all(b.end <= m.start or m.end <= b.start for m in margins)]
    return replace(page, blocks=tuple(sorted([*kept, *margins], key=lambda block: block.start)))


def _is_labelled(document: Any) -> bool:
    try:
        return bool(document.get_page_labels())
    except Exception:  # labels are a nicety; a file may hold any nonsense there
        return False


def _label(page: Any) -> str:
    try:
        return clean(page.get_label()).strip()[:_LONGEST_LABEL]
    except Exception:  # likewise
        return ""


def _outline(document: Any) -> list[tuple[int, str, int]]:
    try:
        return [(int(level), str(title), int(page)) for level, title, page in document.get_toc()]
    except Exception:  # likewise
        return []


@dataclass(frozen=True, slots=True)
class _Known:
    """What is learnt of a document from page to page."""

    headings: HeadingFinder
    words: WordJoiner = field(default_factory=WordJoiner)


def _page(page: Any, number: int, label: str, known: _Known) -> tuple[Page, tuple[Edge, ...]]:
    """The page, and what stands at its edges."""
    width, height = page.rect.width, page.rect.height
    size = {"width": round(width, 2), "height": round(height, 2)}
    rotation = page.rotation
    drawing = _drawing(page, rotation)
    text_page = pymupdf.TextPage(drawing.get_textpage(_FLAGS))
    words = text_page.extractWORDS()[:_MOST_WORDS]
    if not words:
        state, note = _wordless(page)
        return Page(number, label, "", state, note=note, **size), ()
    x0, y0, x1, y1, texts, block_numbers, line_numbers, _ = zip(*words, strict=True)
    boxes = np.array((x0, y0, x1, y1), dtype=np.float64).T
    blocks, lines = np.array(block_numbers), np.array(line_numbers)
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    seen = Seen(page, drawing, text_page, boxes, lengths, blocks, lines)
    if rotation:
        boxes = _turned(boxes, page.rotation_matrix)
    reordered = pdf_columns.order(boxes)
    if reordered is not None:
        texts = tuple(texts[at] for at in reordered.tolist())
        boxes, blocks, lines = boxes[reordered], blocks[reordered], lines[reordered]
    gaps = pdf_lines.gaps(boxes, blocks, lines)
    assembled = known.words.text(texts, gaps)
    text, spans = assembled.text, assembled.spans
    if 2 * text.count("\ufffd") > len(text) - len(gaps):
        return Page(number, label, "", PageState.EMPTY, note=_UNDECODABLE, **size), ()
    lowered = text.lower()
    thoroughly = number <= _ALWAYS_DRAWN or any(word in lowered for word in _OF_ORDERS)
    unseen = seen.hidden(thoroughly=thoroughly)
    if reordered is not None:
        unseen = unseen[reordered]
    hidden = united([*_runs(text, spans, unseen), *invisible(text)], len(text))
    laid = PageLines(number, text, spans, boxes, gaps, blocks, lines)
    # how bold lines are is told in the file's order
    weights = seen.weights if reordered is None else list
    headings = known.headings.find(laid, height, weights)
    found = with_headings(tables(laid), headings)
    beside = asides(laid, height, found)
    found = tuple(sorted([*found, *beside], key=lambda block: block.start))
    if hidden:
        found = tuple(block for block in found if is_visible(block.start, block.end, hidden))
    layout = Layout(spans, boxes).encode()
    read = Page(number, label, text, PageState.TEXT, found, layout=layout, hidden=hidden, **size)
    return read, edges(laid, height)


def _drawing(page: Any, rotation: int) -> Any:
    """The page as a list of what is drawn, upright; reading it twice costs little."""
    if not rotation:
        return page.get_displaylist()
    page.set_rotation(0)
    try:
        return page.get_displaylist()
    finally:
        page.set_rotation(rotation)


def _runs(text: str, spans: NDArray[np.int64], hidden: NDArray[np.bool_]) -> Iterator[Span]:
    """What hidden words take up, with the gaps between neighbours. Lines and boxes that stand as
    characters, and are drawn in other ways, say nothing."""
    if not hidden.any():
        return
    turns = np.flatnonzero(np.diff(np.r_[False, hidden, False].astype(np.int8)))
    for first, end in turns.reshape(-1, 2).tolist():
        a, b = int(spans[first, 0]), int(spans[end - 1, 1])
        if any(map(str.isalnum, text[a:b])):
            yield a, b


def _wordless(page: Any) -> tuple[PageState, str]:
    """What a page without words holds instead; no note for a blank one, or for a line or two."""
    drawn = [kind for kind, *_ in page.get_bboxlog()]
    if any(kind.startswith("fill-im") for kind in drawn):
        return PageState.EMPTY, "This page holds only an image."
    if "fill-text" in drawn:
        return PageState.EMPTY, _UNDECODABLE
    if len(drawn) >= _FEWEST_STROKES:
        return PageState.EMPTY, "This page holds only drawings."
    if not drawn and pymupdf.TOOLS.mupdf_warnings():
        return PageState.FAILED, _DAMAGED_PAGE
    return PageState.EMPTY, ""


def _turned(boxes: NDArray[np.float64], matrix: Any) -> NDArray[np.float64]:
    """The boxes as they stand on the page as it is shown."""
    a, b, c, d, e, f = matrix
    x, y = boxes[:, [0, 2]], boxes[:, [1, 3]]
    corners_x, corners_y = a * x + c * y + e, b * x + d * y + f
    if abs(a) < abs(b):  # a quarter turn: each corner takes x from the old y
        corners_x, corners_y = c * y + e, b * x + f
    return np.stack(
        [corners_x.min(1), corners_y.min(1), corners_x.max(1), corners_y.max(1)], axis=1
    )
