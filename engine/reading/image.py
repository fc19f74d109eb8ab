"""Pictures as documents: one page a frame of a TIFF, one for any other picture.

A picture stands as its camera says it was held, and is as large as its resolution says, or as it
would be at 96 pixels an inch. Its size is looked at before anything is unpacked.
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.errors import CarrelError
from engine.reading.document import NotReadError, Reading, Source
from engine.reading.ocr import Pictures
from engine.records import DocumentFacts, DocumentState, Page, PageImage, PageState

MOST_PIXELS = 150_000_000
MOST_FRAMES = 2000

_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "DIB", "GIF")
_MOST_READ = 12_000_000  # pixels
_MOST_INSIDE = 60_000_000
_MOST_DRAWN = 40_000_000
_SCREEN_DPI = 96.0
_LEAST_DPI, _MOST_DPI = 30.0, 2400.0
_POINTS = 72.0
_NEW_SUBFILE_TYPE, _REDUCED = 254, 1
_ORIENTATION, _ON_SIDE = 0x0112, (5, 6, 7, 8)
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_DAMAGED = "The file is damaged: it cannot be opened as a picture."
_DAMAGED_FRAME = "This picture could not be read: this part of the file is damaged."
_FAULTS = (OSError, SyntaxError, ValueError, LookupError, TypeError, ArithmeticError, EOFError)

# sizes are judged here, with a sentence
Image.MAX_IMAGE_PIXELS = None


class _TooLargeError(CarrelError):
    """A picture of more pixels than are unpacked."""


def read(source: Source) -> Reading:
    """Raises ``NotReadError`` where the file is no picture, or is too large."""
    picture = _open(source)
    frames = _frames(picture)
    if len(frames) == 1:
        try:
            _check(picture)
        except _TooLargeError as error:
            raise NotReadError(DocumentState.FAILED, str(error)) from None
    left_out = ""
    if len(frames) > MOST_FRAMES:
        left_out = f"Only the first {MOST_FRAMES:,} of its {len(frames):,} pictures were read."
        frames = frames[:MOST_FRAMES]
    facts = DocumentFacts("image", "", len(frames))
    return Reading(facts, _pages(picture, frames, source), left_out)


def unpacked(data: bytes) -> NDArray[np.uint8] | None:
    """A picture inside another file, upright, as pixels with blue first; None where it is none
    that is known here, damaged, or too large."""
    warnings.simplefilter("ignore")
    try:
        picture = Image.open(io.BytesIO(data), formats=_FORMATS)
        if picture.width * picture.height > _MOST_INSIDE:
            return None
        return _readable(picture)
    except _FAULTS:
        return None


def render(source: Source, number: int, scale: float) -> PageImage:
    """Picture ``number`` at ``scale`` pixels a point, or at less where that would be too many.
    Raises ``CarrelError`` where it cannot be drawn."""
    picture = _open(source)
    frames = _frames(picture)
    if not 1 <= number <= len(frames):
        raise CarrelError(f"There is no page {number} in this file any more.")
    if not (math.isfinite(scale) and scale > 0):
        raise CarrelError("A page is drawn at a scale above zero.")
    try:
        picture.seek(frames[number - 1])
        width, height = _size(picture)
        scale = min(scale, math.sqrt(_MOST_DRAWN / max(width * height, 1e-6)))
        shape = max(1, round(width * scale)), max(1, round(height * scale))
        pixels = np.asarray(_upright(picture, shape).resize(shape, Image.Resampling.BILINEAR))
    except _FAULTS as error:
        raise CarrelError("The picture cannot be drawn: the file is damaged.") from error
    return PageImage(shape[0], shape[1], 3 * shape[0], pixels.tobytes(), scale)


def _open(source: Source) -> Any:
    warnings.simplefilter("ignore")  # of odd metadata, which says nothing to anybody
    try:
        return Image.open(source.path, formats=_FORMATS)
    except (FileNotFoundError, PermissionError):
        raise
    except _FAULTS as error:
        raise NotReadError(DocumentState.FAILED, _DAMAGED) from error


def _frames(picture: Any) -> list[int]:
    """Which frames are pages: all of a TIFF but its thumbnails, the first of anything else."""
    if picture.format != "TIFF":
        return [0]
    found = []
    try:
        for number in range(min(int(picture.n_frames), 2 * MOST_FRAMES)):
            picture.seek(number)
            if not int(picture.tag_v2.get(_NEW_SUBFILE_TYPE, 0)) & _REDUCED:
                found.append(number)
    except _FAULTS:  # a chain of frames that breaks off
        pass
    return found or [0]


def _pages(picture: Any, frames: list[int], source: Source) -> Iterator[Page]:
    pictures = Pictures(source)
    for number, frame in enumerate(frames, 1):
        if source.cancelled():
            return
        try:
            picture.seek(frame)
            width, height = _size(picture)
            pixels = _readable(picture)
        except _TooLargeError as error:
            yield Page(number, str(number), "", PageState.FAILED, note=str(error))
        except _FAULTS:
            yield Page(number, str(number), "", PageState.FAILED, note=_DAMAGED_FRAME)
        else:
            blank = Page(number, str(number), "", PageState.EMPTY, width=width, height=height)
            yield pictures.picture(blank, pixels, pixels.shape[1] / width)


def _check(picture: Any) -> None:
    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise _TooLargeError(
            f"The picture has {width * height / 1e6:,.0f} million pixels; "
            f"more than {MOST_PIXELS // 1_000_000:,} million are not unpacked."
        )


def _size(picture: Any) -> tuple[float, float]:
    """In points, upright."""
    _check(picture)
    across, down = (_resolution(picture, n) for n in (0, 1))
    width, height = picture.width * _POINTS / across, picture.height * _POINTS / down
    if _turn(picture) in _ON_SIDE:
        width, height = height, width
    return round(max(width, 1.0), 2), round(max(height, 1.0), 2)


def _resolution(picture: Any, axis: int) -> float:
    try:
        dpi = float(picture.info["dpi"][axis])
    except (LookupError, TypeError, ValueError, ArithmeticError):
        return _SCREEN_DPI
    return dpi if _LEAST_DPI <= dpi <= _MOST_DPI else _SCREEN_DPI


def _turn(picture: Any) -> int:
    """How the camera was held, in Exif's numbers; Pillow turns TIFFs by itself."""
    if picture.format == "TIFF":
        return 1
    try:
        return int(picture.getexif().get(_ORIENTATION, 1))
    except Exception:  # the camera's notes are a nicety; they may hold any nonsense
        return 1


def _readable(picture: Any) -> NDArray[np.uint8]:
    """The frame upright as pixels with blue first, made smaller where there are very many."""
    scale = min(1.0, math.sqrt(_MOST_READ / max(picture.width * picture.height, 1)))
    shape = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    upright = _upright(picture, shape)
    if scale < 1.0:
        upright.thumbnail((max(shape), max(shape)))
    return np.ascontiguousarray(np.asarray(upright, dtype=np.uint8)[..., ::-1])


def _upright(picture: Any, shape: tuple[int, int]) -> Any:
    """The frame in red, green and blue on white, turned as its camera was held. A JPEG may be
    unpacked smaller, but not below ``shape``."""
    turn = _turn(picture)
    if picture.format == "JPEG":
        picture.draft("RGB", shape if turn not in _ON_SIDE else shape[::-1])
    frame = picture
    if frame.mode.startswith(("I", "F")):
        frame = _grey(frame)
    elif frame.mode in ("RGBA", "LA", "PA") or "transparency" in frame.info:
        frame = frame.convert("RGBA")
        paper = Image.new("RGBA", frame.size, "white")
        paper.alpha_composite(frame)
        frame = paper
    frame = frame.convert("RGB")
    how = _TURNS.get(turn)
    return frame if how is None else frame.transpose(how)


def _grey(frame: Any) -> Any:
    """A frame of large or fractional numbers, from its darkest to its lightest."""
    values = np.nan_to_num(np.asarray(frame, dtype=np.float32))
    low, high = float(values.min()), float(values.max())
    scaled = (values - low) * (255.0 / max(high - low, 1e-9))
    return Image.fromarray(scaled.astype(np.uint8))
