"""Page layouts: what is packed comes back, and damage is told."""

from __future__ import annotations

import random

import pytest

from engine.layout import Layout
from engine.records import Box

Word = tuple[int, int, tuple[float, float, float, float]]


def random_words(chance: random.Random, count: int) -> list[Word]:
    words: list[Word] = []
    at = 0
    for _ in range(count):
        at += chance.randint(0, 5)
        length = chance.randint(1, 30)
        x, y = chance.uniform(-100, 5000), chance.uniform(-100, 5000)
        box = (x, y, x + chance.uniform(0, 300), y + chance.uniform(0, 40))
        words.append((at, at + length, box))
        at += length
    return words


@pytest.mark.parametrize("seed", range(20))
def test_words_come_back_to_a_fortieth_of_a_point(seed: int) -> None:
    chance = random.Random(seed)
    words = random_words(chance, chance.choice([0, 1, 2, 50, 2000]))
    again = Layout.decode(Layout.of_words(words).encode())
    assert [tuple(span) for span in again.spans.tolist()] == [word[:2] for word in words]
    for box, word in zip(again.boxes.tolist(), words, strict=True):
        assert box == pytest.approx(word[2], abs=0.0251)


@pytest.mark.parametrize("seed", range(20))
def test_boxes_cover_the_words_of_a_span_and_no_others(seed: int) -> None:
    chance = random.Random(seed)
    words = [(7 * n, 7 * n + 6, _place(n)) for n in range(100)]
    layout = Layout.decode(Layout.of_words(words).encode())
    start = chance.randint(0, 690)
    end = chance.randint(start, 700)
    boxes = layout.boxes_for(start, end)
    touched = [word for word in words if word[1] > start and word[0] < end]
    assert len(boxes) == len({word[2][1] for word in touched})
    for box in boxes:
        assert any(box.y0 == pytest.approx(word[2][1], abs=0.1) for word in touched)
        assert box.x0 < box.x1


def _place(number: int) -> tuple[float, float, float, float]:
    """Ten words a line."""
    x, y = 72.0 + 40 * (number % 10), 100.0 + 14 * (number // 10)
    return x, y, x + 36, y + 10


def test_a_line_is_one_box_and_columns_stay_apart() -> None:
    layout = Layout.of_words(
        [
            (0, 3, (10, 10, 30, 20)),
            (4, 7, (33, 10, 50, 20)),
            (8, 12, (300, 10, 330, 20)),
            (13, 15, (10, 24, 30, 34)),
        ]
    )
    assert layout.boxes_for(0, 15) == (
        Box(10, 10, 50, 20),
        Box(300, 10, 330, 20),
        Box(10, 24, 30, 34),
    )
    assert layout.boxes_for(3, 4) == ()
    assert layout.boxes_for(7, 7) == ()


def test_part_of_a_word_is_part_of_its_box() -> None:
    layout = Layout.of_words([(0, 10, (100, 0, 200, 10))])
    assert layout.boxes_for(2, 5) == (Box(120, 0, 150, 10),)


def test_nothing_is_nothing() -> None:
    assert Layout.of_words([]).encode() == b""
    assert Layout.decode(b"").boxes_for(0, 100) == ()


def test_boxes_that_are_no_numbers_do_no_harm() -> None:
    words = [(0, 2, (float("nan"), float("inf"), -float("inf"), 1e300)), (3, 5, (1, 2, 3, 4))]
    again = Layout.decode(Layout.of_words(words).encode())
    assert again.spans.tolist() == [[0, 2], [3, 5]]


@pytest.mark.parametrize("seed", range(200))
def test_damage_is_told(seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(Layout.of_words(random_words(chance, 40)).encode())
    how = seed % 4
    if how == 0:
        del data[chance.randrange(1, len(data) - 8) :]
    elif how == 1:
        data[:4] = chance.randbytes(4)
    elif how == 2:
        data[4:] = chance.randbytes(len(data) - 4)
    else:
        data = bytearray(chance.randbytes(chance.randint(1, 100)))
    with pytest.raises(ValueError, match="damaged page layout"):
        Layout.decode(bytes(data))
