"""Pages whose text is only in their pictures: which they are, and how much of them is read.

A page gets what it lacks. One without usable text is read whole; one that has some, a stamped
header over a scan or a figure with words in it, keeps it, and what its large pictures show beside
it is added. Text that OCR once put under a picture is text. A stored text that is no language is
replaced, but only by what reads well and says something else.

Reading a picture takes seconds. So a page and a document have their time, and what was left out
for that is said in the page's note. The models are loaded when the first picture is met.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pymupdf
from numpy.typing import NDArray

from engine.layout import Layout
from engine.reading import ocr_picture
from engine.reading.document import (
    ILLEGIBLE,
    LATER,
    MODELS_MISSING,
    NO_TEXT,
    OCR_IS_OFF,
    OUT_OF_MEMORY,
    OUT_OF_PAGES,
    OUT_OF_TIME,
    PART_READ,
    Source,
)
from engine.reading.legible import is_garbage
from engine.reading.ocr_text import NO_WORDS, PictureText, compose
from engine.reading.pdf_faults import FAULTS, check_memory
from engine.records import Block, BlockKind, Page, PageState
from engine.workers.child import allow_seconds

if TYPE_CHECKING:
    from engine.reading.ocr_engine import Pixels, Quads

PAGE_SECONDS = 40.0
"""For one page, so that it answers before its reader is taken for dead."""

DOCUMENT_SECONDS = 5400.0

_NEXT_PAGE = 600  # seconds of computing that a page which was read earns its reader
_SCALE = 200 / 72
_LEAST_SIDE = 1000  # pixels of the longer side of what is looked at
_MOST_PIXELS = 12_000_000
_FEWEST_PIXELS = 40_000
_LEAST_SHARE = 0.12  # of a page: smaller pictures beside text are not looked into
_CELLS = 48
_COVERED = 0.3  # of a line, or of a word
_CERTAIN = 0.8
_CONTRAST = 30  # of 255, between the darkest and the lightest of a picture with text
_FEWEST_ILLEGIBLE = 3  # lines
_ALIKE = 0.5
_LINE_END = re.compile(r"(?<!\n)\n(?!\n)")
_PART_LEFT = "Only part of this page was read: it took too long."


def _put_off(record: Page, refusal: str) -> Page:
    """A page with text of its own: only that there is more to come is worth a note."""
    if refusal != LATER or record.note.endswith(LATER):
        return record
    return replace(record, note=" ".join(filter(None, (record.note, LATER))))


@dataclass(slots=True)
class _Spent:
    pages: int = 0
    seconds: float = 0.0


class Pictures:
    """Reads pictures of one document, within its budget."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._spent = _Spent()
        self._seen: dict[bytes, int] = {}

    # --- a PDF's pages ----------------------------------------------------------------------

    def complete(self, record: Page, document: Any, *, pictured: bool) -> Page:
        """``record`` with what is to be read in the pictures of that page of ``document``
        (PyMuPDF's), if it lacks that. ``pictured`` is whether it has any."""
        if record.state not in (PageState.TEXT, PageState.EMPTY):
            return record
        if record.state is PageState.EMPTY and not record.note:
            return record
        garbage = record.state is PageState.TEXT and is_garbage(record.text)
        if record.state is PageState.TEXT and not (garbage or pictured):
            return record
        try:
            page = document.load_page(record.number - 1)
            if record.state is PageState.EMPTY:
                return self._whole(record, page)
            if garbage:
                return self._instead(record, page)
            boxes = Layout.decode(record.layout).boxes
            places = _uncovered(page, boxes, self._seen)
            return record if places is None else self._besides(record, page, boxes, places)
        except FAULTS as error:  # what was read before is not lost
            check_memory(error)
            return record

    def _whole(self, record: Page, page: Any) -> Page:
        if refusal := self._refusal():
            return replace(record, note=f"{record.note} {refusal}")
        picture = _drawn(page, page.rect)
        if picture is None:
            return record
        text, why_not = self._read(*picture)
        if not text.text:
            return replace(record, note=f"{record.note} {why_not}")
        return as_page(record, text, whole=why_not != OUT_OF_TIME)

    def _instead(self, record: Page, page: Any) -> Page:
        if refusal := self._refusal():
            return _put_off(record, refusal)
        if (picture := _drawn(page, page.rect)) is None:
            return record
        text, why_not = self._read(*picture)
        if why_not == OUT_OF_TIME or text.score < _CERTAIN or is_garbage(text.text):
            return record
        if _is_alike(text.text, record.text):
            return record
        return as_page(replace(record, hidden=(), note=""), text, whole=True)

    def _besides(
        self,
        record: Page,
        page: Any,
        boxes: NDArray[np.float64],
        places: tuple[Any, NDArray[np.bool_]],
    ) -> Page:
        if refusal := self._refusal():
            return _put_off(record, refusal)
        clip, cells = places
        picture = _drawn(page, clip)
        if picture is None:
            return record
        image, scale, left, top = picture
        size = page.rect.width, page.rect.height

        def wanted(quads: Quads) -> NDArray[np.bool_]:
            lines = np.concatenate([quads.min(axis=1), quads.max(axis=1)], axis=1) / scale
            lines += (left, top, left, top)
            return _inside(lines, cells, size) & ~_overlaid(lines, boxes)

        text, why_not = self._read(image, scale, left, top, wanted)
        if not text.text:
            return record
        return _joined(record, text, _PART_LEFT if why_not == OUT_OF_TIME else "")

    # --- any picture ------------------------------------------------------------------------

    def picture(self, record: Page, image: Pixels, scale: float) -> Page:
        """An empty ``record`` with the text of the picture that it is. ``scale`` is pixels a
        point."""
        if refusal := self._refusal():
            return replace(record, note=f"This page holds only an image. {refusal}")
        text, why_not = self._read(image, scale)
        if not text.text:
            return replace(record, note=why_not)
        return as_page(record, text, whole=why_not != OUT_OF_TIME)

    @property
    def wanted(self) -> bool:
        """Whether another picture of this document would be read."""
        return not self._refusal()

    def beside(self, record: Page, image: Pixels | None) -> Page:
        """``record``, of a document without places, with the text of a picture on it below its
        own; ``image`` is None where it was not, or could not be, unpacked."""
        is_empty = record.state is PageState.EMPTY
        if refusal := self._refusal():
            note = f"This page holds only an image. {refusal}"
            return replace(record, note=note) if is_empty else _put_off(record, refusal)
        if image is None:
            return record
        text, why_not = NO_WORDS, NO_TEXT
        if image.shape[0] * image.shape[1] >= _FEWEST_PIXELS:
            text, why_not = self._read(image, 1.0)
        if not text.text:
            return replace(record, note=why_not) if is_empty else record
        whole = why_not != OUT_OF_TIME
        text = replace(text, text=_unwrapped(text))
        if is_empty:
            page = as_page(record, text, whole=whole)
        else:
            page = _joined(record, text, "" if whole else _PART_LEFT)
        return replace(page, layout=b"")

    def _refusal(self) -> str:
        """Why no more pictures are read in this document; empty while they are."""
        wish = self._source.ocr
        if not wish.on:
            return OCR_IS_OFF
        if wish.later:
            return LATER
        if self._spent.pages >= wish.pages:
            return OUT_OF_PAGES
        if self._spent.seconds >= DOCUMENT_SECONDS:
            return OUT_OF_TIME
        return ""

    def _read(
        self,
        image: Pixels,
        scale: float,
        left: float = 0.0,
        top: float = 0.0,
        wanted: Callable[[Quads], NDArray[np.bool_]] | None = None,
    ) -> tuple[PictureText, str]:
        """The text with boxes in points of the page, and why there is none, or not more."""
        if _is_plain(image):
            return NO_WORDS, NO_TEXT
        if not _is_loaded():
            return NO_WORDS, MODELS_MISSING
        from engine.reading.ocr_engine import engine

        began = time.monotonic()

        def enough() -> bool:
            return self._source.cancelled() or time.monotonic() - began > PAGE_SECONDS

        try:
            found = ocr_picture.read(engine(), image, enough=enough, wanted=wanted)
        except Exception as error:  # onnxruntime's own kinds, of which none is for memory
            if "bad_alloc" not in str(error):
                raise
            return NO_WORDS, OUT_OF_MEMORY
        text = compose(found, scale, left, top)
        self._spent.pages += 1
        self._spent.seconds += time.monotonic() - began
        allow_seconds(_NEXT_PAGE)
        if not found.whole:
            return text, OUT_OF_TIME
        return text, ILLEGIBLE if found.illegible >= _FEWEST_ILLEGIBLE else NO_TEXT


def as_page(record: Page, text: PictureText, *, whole: bool) -> Page:
    """The page with its picture's text, and no other."""
    return replace(
        record,
        text=text.text,
        state=PageState.OCR,
        blocks=text.blocks,
        layout=Layout(text.spans, text.boxes).encode(),
        note="" if whole else _PART_LEFT,
    )


def _is_plain(image: Pixels) -> bool:
    """Whether nothing stands out in it."""
    seen = image[::2, ::2]
    return int(seen.max()) - int(seen.min()) < _CONTRAST


def _is_loaded() -> bool:
    """Whether the models are there; loads them at the first call."""
    try:
        from engine.reading.ocr_engine import ModelsMissingError, engine
    except ImportError:
        return False
    try:
        engine()
    except ModelsMissingError:
        return False
    return True


def _joined(record: Page, text: PictureText, note: str) -> Page:
    """The page's own text, and below it that of its pictures."""
    before = Layout.decode(record.layout)
    shift = len(record.text) + 2
    blocks = [_told(replace(b, start=b.start + shift, end=b.end + shift)) for b in text.blocks]
    layout = Layout(
        np.concatenate([before.spans, text.spans + shift]),
        np.concatenate([before.boxes, text.boxes]),
    )
    return replace(
        record,
        text=f"{record.text}\n\n{text.text}",
        state=PageState.OCR,
        blocks=(*record.blocks, *blocks),
        layout=layout.encode(),
        note=note or record.note or PART_READ,
    )


def _unwrapped(text: PictureText) -> str:
    """As long as it was, with lines that end only where the picture did made one."""
    letters = list(text.text)
    rows = (BlockKind.TABLE_HEAD, BlockKind.TABLE_ROW, BlockKind.CODE)
    kept = {
        n for b in text.blocks if b.kind in rows for n in (b.start - 1, *range(b.start, b.end + 1))
    }
    for match in _LINE_END.finditer(text.text):
        if match.start() not in kept:
            letters[match.start()] = " "
    return "".join(letters)


def _told(block: Block) -> Block:
    """A block of a picture: its title is not that of what follows the picture."""
    if block.kind is not BlockKind.HEADING:
        return block
    return replace(block, kind=BlockKind.PARAGRAPH, level=0)


# --- where pictures lack text --------------------------------------------------------------


def _uncovered(
    page: Any, boxes: NDArray[np.float64], seen: dict[bytes, int]
) -> tuple[Any, NDArray[np.bool_]] | None:
    """The part of the page that holds pictures on which no text stands, and which cells of a
    grid over the page they are; None where they are small, or the background of many pages."""
    if not page.get_images():
        return None
    pictures = page.get_image_info(hashes=True)
    size = page.rect.width, page.rect.height
    cells = np.zeros((_CELLS, _CELLS), dtype=np.bool_)
    pixels = 0
    for each in pictures:
        seen[each["digest"]] = seen.get(each["digest"], 0) + 1
        if seen[each["digest"]] > 2:
            continue
        pixels += each["width"] * each["height"]
        cells[_of(each["bbox"], size)] = True
    if pixels < _FEWEST_PIXELS or cells.mean() < _LEAST_SHARE or _is_read(page, boxes, cells):
        return None
    for box in boxes:
        cells[_of(box, size)] = False
    if cells.mean() < _LEAST_SHARE:
        return None
    rows, columns = np.flatnonzero(cells.any(axis=1)), np.flatnonzero(cells.any(axis=0))
    step = size[0] / _CELLS, size[1] / _CELLS
    clip = pymupdf.Rect(
        columns[0] * step[0],
        rows[0] * step[1],
        (columns[-1] + 1) * step[0],
        (rows[-1] + 1) * step[1],
    )
    return clip, cells


def _is_read(page: Any, boxes: NDArray[np.float64], cells: NDArray[np.bool_]) -> bool:
    """Whether the text over the pictures is what OCR found in them: it is not drawn."""
    size = page.rect.width, page.rect.height
    if not _inside(boxes, cells, size).any():
        return False
    return any(span["type"] == 3 for span in page.get_texttrace())


def _of(box: Sequence[float], size: tuple[float, float]) -> tuple[slice, slice]:
    """The cells that a box touches."""
    x0, y0, x1, y1 = (
        min(max(value / size[n % 2] * _CELLS, 0.0), float(_CELLS)) for n, value in enumerate(box)
    )
    return slice(int(y0), int(np.ceil(y1))), slice(int(x0), int(np.ceil(x1)))


def _inside(
    boxes: NDArray[np.float64], cells: NDArray[np.bool_], size: tuple[float, float]
) -> NDArray[np.bool_]:
    """Which boxes have their middle in one of the cells."""
    x = np.clip((boxes[:, 0] + boxes[:, 2]) / 2 / size[0] * _CELLS, 0, _CELLS - 1).astype(int)
    y = np.clip((boxes[:, 1] + boxes[:, 3]) / 2 / size[1] * _CELLS, 0, _CELLS - 1).astype(int)
    inside: NDArray[np.bool_] = cells[y, x]
    return inside


def _overlaid(lines: NDArray[np.float64], words: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of the lines are already there as words."""
    if not len(words):
        return np.zeros(len(lines), dtype=np.bool_)
    sides = np.minimum(lines[:, None, 2:], words[None, :, 2:]) - np.maximum(
        lines[:, None, :2], words[None, :, :2]
    )
    common = np.prod(np.maximum(sides, 0.0), axis=2)
    area = np.prod(np.maximum(words[:, 2:] - words[:, :2], 0.1), axis=1)
    inside = np.where(common > _COVERED * area, common, 0.0).sum(axis=1)
    overlaid: NDArray[np.bool_] = inside > _COVERED * np.prod(lines[:, 2:] - lines[:, :2], axis=1)
    return overlaid


def _drawn(page: Any, clip: Any) -> tuple[Pixels, float, float, float] | None:
    """What ``clip`` of the page looks like, with pixels a point, left and top of the clip."""
    clip = clip & page.rect
    area = abs(clip)
    if area < 1:
        return None
    scale = max(_SCALE, _LEAST_SIDE / max(clip.width, clip.height))
    scale = min(scale, (_MOST_PIXELS / area) ** 0.5)
    matrix = pymupdf.Matrix(scale, scale)
    pixmap = page.get_pixmap(
        matrix=matrix, colorspace=pymupdf.csRGB, alpha=False, annots=False, clip=clip
    )
    if pixmap.width < 8 or pixmap.height < 8:
        return None
    rows = np.frombuffer(pixmap.samples_mv, dtype=np.uint8).reshape(pixmap.height, pixmap.stride)
    rgb = rows[:, : pixmap.width * 3].reshape(pixmap.height, pixmap.width, 3)
    return np.ascontiguousarray(rgb[..., ::-1]), scale, pixmap.x / scale, pixmap.y / scale


def _is_alike(read: str, stored: str) -> bool:
    """Whether two texts say the same, as far as their words tell."""
    a, b = set(read.lower().split()), set(stored.lower().split())
    return len(a & b) > _ALIKE * min(len(a), len(b))
