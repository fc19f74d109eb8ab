"""The models that find lines of text in a picture and read them: PP-OCRv6, as ``rapidocr`` ships
it. They know the Latin and Greek alphabets, Chinese and Japanese.

Loading them takes a second and 100 MB, so nothing here is imported before a picture is met. They
come from the installed package and from nowhere else: sessions are made here and handed over,
because rapidocr would fetch what it does not find.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
import rapidocr
from numpy.typing import NDArray

from engine.errors import CarrelError

Pixels = NDArray[np.uint8]
"""(height, width, 3), blue first."""

Quads = NDArray[np.float64]
"""(n, 4, 2): corners in pixels, from the one where reading begins, around the line."""

_FINDER, _READER = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
_MOST_THREADS = 4
_WHOLE = 1600  # pixels of the longer side at which lines are looked for
_LARGE = 2560
_SMALL_PRINT = 15.0  # pixels of a line's height; below it they are looked for again, larger
_LINE_HEIGHT = 48  # pixels, as the model wants them
_LONGEST = 60  # heights of a line; one that is longer is squeezed
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_WIDE = re.compile("[\u2e80-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]")
_WORD = re.compile(r"\S+")


class ModelsMissingError(CarrelError):
    """The installation lacks the models, or they cannot be loaded."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it was read. ``words`` are spans of ``text`` with where they begin and end along
    the line, as shares of its length; ``score`` (0 to 1) is how sure the model is."""

    text: str
    score: float
    words: tuple[tuple[int, int, float, float], ...]


class Engine:
    """Finds and reads lines. Raises ``ModelsMissingError`` where the models are not there."""

    def __init__(self) -> None:
        logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
        from rapidocr.ch_ppocr_det import TextDetector
        from rapidocr.ch_ppocr_rec import TextRecInput, TextRecognizer
        from rapidocr.main import DEFAULT_CFG_PATH
        from rapidocr.utils.parse_parameters import ParseParams

        logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
        models = Path(rapidocr.__file__).parent / "models"
        settings = ParseParams.load(DEFAULT_CFG_PATH)
        for part, name in ((settings.Det, _FINDER), (settings.Rec, _READER)):
            part._set_flag("allow_objects", True)
            part.session = _session(models / name)
            part.font_path = None
        settings.Det.limit_side_len = 32  # sizes are chosen here
        self._finder = TextDetector(settings.Det)
        self._reader = TextRecognizer(settings.Rec)
        self._input = TextRecInput

    def find(self, image: Pixels) -> Quads:
        """Where lines are, their corners from the top left; in no particular order."""
        longest = max(image.shape[:2])
        found = self._find(image, min(_WHOLE, longest))
        if len(found) and longest > _WHOLE:
            heights = np.minimum(_lengths(found, 0, 1), _lengths(found, 1, 2))
            if np.median(heights) * _WHOLE / longest < _SMALL_PRINT:
                found = self._find(image, min(_LARGE, longest))
        return found

    def _find(self, image: Pixels, side: int) -> Quads:
        height, width = image.shape[:2]
        scale = side / max(height, width)
        size = max(32, round(width * scale)), max(32, round(height * scale))
        if size != (width, height):
            image = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
        boxes = self._finder(image).boxes
        if boxes is None:
            return np.empty((0, 4, 2))
        quads: Quads = np.asarray(boxes, dtype=np.float64) * (width / size[0], height / size[1])
        return quads

    def read(self, image: Pixels, quads: Quads) -> list[Line]:
        """What stands in each of a few lines. They are read together, so they had better be
        about equally long."""
        crops = [_cut(image, quad) for quad in quads]
        read = self._reader(self._input(img=crops, return_word_box=True))
        return [
            _line(text, float(score), info)
            for text, score, info in zip(read.txts, read.scores, read.word_results, strict=True)
        ]


@cache
def engine() -> Engine:
    """The one of this process, loaded at the first call."""
    return Engine()


def _session(model: Path) -> Any:
    options = onnxruntime.SessionOptions()
    # Threads that wait by spinning would take the other readers' cores
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.intra_op_num_threads = min(_MOST_THREADS, os.cpu_count() or 1)
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    if not model.is_file():
        raise ModelsMissingError(f"The model {model.name} is missing from this installation.")
    try:
        return onnxruntime.InferenceSession(str(model), options, ["CPUExecutionProvider"])
    except Exception as error:
        raise ModelsMissingError(f"The model {model.name} cannot be loaded.") from error


def _lengths(quads: Quads, a: int, b: int) -> NDArray[np.float64]:
    """(n,) from corner ``a`` to corner ``b``."""
    lengths: NDArray[np.float64] = np.linalg.norm(quads[:, a] - quads[:, b], axis=1)
    return lengths


def _cut(image: Pixels, quad: NDArray[np.float64]) -> Pixels:
    """The line as a picture of its own, upright."""
    along, across = np.linalg.norm(quad - np.roll(quad, -1, axis=0), axis=1).reshape(2, 2).T
    long, high = max(along.max(), 1.0), max(across.max(), 1.0)
    height = _LINE_HEIGHT
    width = round(height * min(long / high, _LONGEST))
    width = max(width, height // 4)
    onto = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), onto)
    cut = cv2.warpPerspective(
        image, matrix, (width, height), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(cut, dtype=np.uint8)


def _line(text: str, score: float, info: Any) -> Line:
    columns = [column for word in info.word_cols or () for column in word]
    if not _WIDE.search(text):
        text = text.translate(_FULL_WIDTH)
    total = float(info.line_txt_len or 1.0)
    spans = [match.span() for match in _WORD.finditer(text)]
    if len(columns) != sum(b - a for a, b in spans):
        return Line(text, score, tuple((a, b, a / len(text), b / len(text)) for a, b in spans))
    return Line(text, score, tuple(_placed(spans, columns, total)))


def _placed(
    spans: Sequence[tuple[int, int]], columns: Sequence[int], total: float
) -> list[tuple[int, int, float, float]]:
    """The words with their places. ``columns`` has for each letter the step, of ``total``, at
    which the model saw it: about its middle."""
    steps = [after - before for before, after in pairwise(columns)]
    half = max(float(np.median(steps)) / 2 if steps else 2.0, 0.5)
    found: list[tuple[int, int, float, float]] = []
    at, before = 0, 0.0
    for start, end in spans:
        first, last = columns[at], columns[at + end - start - 1]
        at += end - start
        left = max(first + 0.5 - half, before)
        right = last + 0.5 + half
        if at < len(columns):
            right = min(right, (last + columns[at] + 1) / 2)
        before = right
        found.append((start, end, min(left / total, 1.0), min(max(right, left) / total, 1.0)))
    return found
