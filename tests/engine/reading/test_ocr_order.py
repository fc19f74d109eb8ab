"""Lines of a scan in reading order, whatever stands beside what."""

from __future__ import annotations

import numpy as np

from engine.reading.ocr_order import paragraphs

Line = tuple[float, float, float]


def ordered(*lines: Line) -> list[list[list[int]]]:
    """Lines as left, top, right; each ten units high."""
    boxes = np.array([(x0, y, x1, y + 10) for x0, y, x1 in lines], dtype=np.float64)
    return [part.rows for part in paragraphs(boxes)]


def test_two_columns_are_read_one_after_the_other() -> None:
    left = [(0.0, 40.0 + 12 * n, 140.0) for n in range(6)]
    right = [(160.0, 40.0 + 12 * n, 300.0) for n in range(6)]
    title, foot = (20.0, 0.0, 280.0), (0.0, 140.0, 300.0)
    mixed = [title] + [line for pair in zip(left, right, strict=True) for line in pair] + [foot]
    flat = [n for rows in ordered(*mixed) for row in rows for n in row]
    assert flat == [0, 1, 3, 5, 7, 9, 11, 2, 4, 6, 8, 10, 12, 13]


def test_rows_of_a_table_are_read_across() -> None:
    cells = [(x, 20.0 * n, x + 40) for n in range(5) for x in (0.0, 100.0, 200.0)]
    flat = [row for rows in ordered(*cells) for row in rows]
    assert flat == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11], [12, 13, 14]]


def test_a_larger_step_begins_a_paragraph() -> None:
    assert ordered((0, 0, 200), (0, 12, 200), (0, 24, 90), (0, 50, 200), (0, 62, 200)) == [
        [[0], [1], [2]],
        [[3], [4]],
    ]


def test_an_indented_line_after_a_short_one_begins_a_paragraph() -> None:
    assert ordered((0, 0, 200), (0, 12, 90), (20, 24, 200), (0, 36, 200)) == [
        [[0], [1]],
        [[2], [3]],
    ]


def test_every_line_is_there_once_however_they_lie() -> None:
    random = np.random.default_rng(3)
    for count in (1, 2, 40, 400):
        corner = random.uniform(0, 500, (count, 2))
        boxes = np.concatenate([corner, corner + random.uniform(1, 120, (count, 2))], axis=1)
        flat = [n for part in paragraphs(boxes) for row in part.rows for n in row]
        assert sorted(flat) == list(range(count))
