"""Lines that stand far apart are one paragraph; paragraphs, columns and tables stay apart."""

from __future__ import annotations

import numpy as np
import pymupdf
import pytest

from engine.reading import pdf_lines

SENTENCE = (
    "The tenant shall keep the inside of the premises in repair and shall pay for the glass of "
    "every window, whether it was broken by the tenant or by anyone whom the tenant let in, but "
    "not where the frost or the landlord broke it."
)


def _text(spacing: float, *paragraphs: str) -> str:
    with pymupdf.open() as document:
        page = document.new_page(width=420, height=595)
        page.insert_textbox(
            (48, 60, 372, 560), "\n\n".join(paragraphs), fontsize=11, lineheight=spacing
        )
        words = page.get_textpage().extractWORDS()
    boxes = np.array([word[:4] for word in words], dtype=np.float64)
    gaps = pdf_lines.gaps(
        boxes, np.array([word[5] for word in words]), np.array([word[6] for word in words])
    )
    joints = [" \n¶"[gap] for gap in gaps] + [""]
    return "".join(word[4] + joint for word, joint in zip(words, joints, strict=True))


@pytest.mark.parametrize("spacing", [1.0, 1.2, 1.45, 1.7, 2.0])
def test_a_paragraph_is_one_whatever_its_spacing(spacing: float) -> None:
    text = _text(spacing, SENTENCE)
    assert "¶" not in text
    assert " ".join(text.split()) == SENTENCE


@pytest.mark.parametrize("spacing", [1.2, 1.45, 2.0])
def test_paragraphs_stay_apart(spacing: float) -> None:
    text = _text(spacing, SENTENCE, "The deposit is three months' rent.", SENTENCE)
    assert text.count("¶") == 2


def test_one_word_is_a_page() -> None:
    nothing = pdf_lines.gaps(np.zeros((1, 4)), np.zeros(1, dtype=int), np.zeros(1, dtype=int))
    assert len(nothing) == 0
