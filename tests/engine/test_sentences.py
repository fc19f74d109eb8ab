"""Sentences: where they end, and that nothing is lost between them."""

from __future__ import annotations

import random
import time
from itertools import pairwise

import pytest

from engine.sentences import LONGEST, sentences


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "parts",
    [
        ["Mr. Smith paid $3.5 million to Acme Inc. in the U.S. on Jan. 5.", "He left."],
        ["See Fig. 3, No. 5 and J. K. Rowling et al. (2020).", "It rose 3.2%."],
        ["The answer is no.", "Nobody knew."],
        ["He lives in the U.S.", "The rest moved away."],
        ["Costs fell, e.g. Freight did.", "What now?!", "Nothing..."],
        ["She left... and came back.", "Then… silence."],
        ["He said “Stop.”", "Then (as always) it ended.)", "Good."],
        ["“Really?” he asked.", "Yes!"],
        ["Sales grew in 2020.", "2021 was flat."],
    ],
)
def test_english(parts: list[str]) -> None:
    assert cut(" ".join(parts)) == parts


def test_chinese_and_japanese_need_no_spaces() -> None:
    assert cut("今天天气很好。我们去公园！「好吗？」他说。") == [
        "今天天气很好。",
        "我们去公园！",
        "「好吗？」",
        "他说。",
    ]


def test_arabic_and_urdu_marks() -> None:
    assert cut("هل أنت بخير؟ نعم. هذا جيد۔ آخر") == ["هل أنت بخير؟", "نعم.", "هذا جيد۔", "آخر"]


def test_line_ends_matter_only_between_paragraphs_and_items() -> None:
    text = "A line that\ngoes on.\n\nHeading\n1. First item\n2. Second item\n- bullet\n• other"
    assert cut(text) == [
        "A line that\ngoes on.",
        "Heading",
        "1. First item",
        "2. Second item",
        "- bullet",
        "• other",
    ]


def test_long_stretches_are_cut_at_line_ends() -> None:
    rows = [f"row {n} has some words in it and the figure {n * 37}" for n in range(60)]
    parts = cut("\n".join(rows))
    assert all(len(part) <= LONGEST for part in parts)
    assert "\n".join(parts).split("\n") == rows


def test_a_word_longer_than_any_sentence_is_cut_anyway() -> None:
    assert [len(part) for part in cut("x" * 1500)] == [600, 600, 300]


def test_nothing_is_lost_whatever_the_text() -> None:
    random.seed(7)
    pieces = [*"aZ9 .!?\n\t\"')(。؟…-", "Mr.", "\n\n", "1. ", "U.S. ", "\u3000", "\U0001f600"]
    for _ in range(1500):
        text = "".join(random.choices(pieces, k=random.randint(0, 80)))
        spans = sentences(text)
        assert all(text[a:b] == text[a:b].strip() != "" for a, b in spans)
        assert all(before[1] <= after[0] for before, after in pairwise(spans))
        assert "".join("".join(text[a:b].split()) for a, b in spans) == "".join(text.split())


def test_time_grows_with_the_length_and_no_faster() -> None:
    """A thousand-fold text may take a few thousand times as long, not a million times."""
    unit = "The board met on Jan. 5 in the U.S. and agreed (see No. 3). It was 3.5% more! "
    hostile = ["." * 400_000, "\n" * 400_000, " \n" * 200_000, "a." * 200_000, unit * 5_000]
    for text in hostile:
        began = time.process_time()
        sentences(text)
        assert time.process_time() - began < 3
