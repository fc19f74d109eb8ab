"""The time left, on a clock of the test's own."""

from __future__ import annotations

import random

import pytest

from engine.estimating import TimeLeft


class Clock:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def within(foretold: float | None, truth: float, share: float = 0.25) -> bool:
    return foretold is not None and abs(foretold - truth) <= share * truth


def test_slow_files_among_quick_ones_are_reckoned_by_their_kind() -> None:
    """Scans take fifty times as long for a byte as texts."""
    clock, chance = Clock(), random.Random(1)
    left = TimeLeft(clock)
    files = [("scan", chance.randint(50, 150) * 1000, 20e-6) for _ in range(100)]
    files += [("txt", chance.randint(50, 150) * 1000, 4e-7) for _ in range(300)]
    chance.shuffle(files)
    for kind, size, _ in files:
        left.found(kind, size)
    total = sum(size * cost for _, size, cost in files)
    began, honest = clock.at, 0
    for number, (kind, size, cost) in enumerate(files):
        left.begun(str(number), kind, size)
        clock.at += size * cost
        left.ended(str(number))
        spent = clock.at - began
        if 0.1 * total < spent < 0.95 * total:
            foretold = left.seconds()
            assert foretold is not None
            assert abs(spent + foretold - total) <= 0.25 * total
            honest += 1
    assert honest > 100
    assert left.seconds() == 0.0


def test_one_long_file_is_reckoned_by_its_pages() -> None:
    clock = Clock()
    left = TimeLeft(clock)
    left.found("pdf", 1_000_000)
    left.begun("a", "pdf", 1_000_000)
    left.opened("a", 200)
    for page in range(1, 201):
        clock.at += 1.0
        left.page("a", 2000)
        if page > 20:
            assert within(left.seconds(), 200 - page + 1e-6, 0.3) or page > 195


def test_what_is_to_be_embedded_counts_while_reading() -> None:
    clock = Clock()
    left = TimeLeft(clock)
    left.expect_embedding(0, 1e-3)
    for _ in range(100):
        left.found("pdf", 1000)
    for number in range(10):
        left.begun(str(number), "pdf", 1000)
        left.opened(str(number), 1)
        clock.at += 0.2
        left.page(str(number), 5000)
        left.ended(str(number))
    assert within(left.seconds(), 90 * 0.2 + 100 * 5000 * 1e-3, 0.01)


def test_nothing_is_said_while_nothing_is_known() -> None:
    clock = Clock()
    left = TimeLeft(clock)
    left.expect_embedding(0, None)
    left.found("pdf", 1000)
    left.found("pdf", 1000)
    assert left.seconds() is None
    left.begun("a", "pdf", 1000)
    clock.at += 5
    assert left.seconds() is None
    left.page("a", 100)
    left.ended("a")
    assert left.seconds() is None  # how fast one embeds is not known
    left.embedded(100, 2.0)
    left.embedded(20_000, 2.0)
    left.begun("b", "pdf", 1000)
    assert left.seconds() is not None


def test_embedding_goes_by_the_pace_it_has_now() -> None:
    left = TimeLeft(Clock())
    left.to_embed(1_000_000)
    for _ in range(200):
        left.embedded(1000, 0.5)
    assert within(left.seconds(), 800 * 0.5, 0.01)
    for _ in range(200):  # others want the processor too
        left.embedded(1000, 2.0)
    assert within(left.seconds(), 600 * 2.0, 0.05)


def test_a_rest_does_not_count() -> None:
    clock = Clock()
    left = TimeLeft(clock)
    for _ in range(10):
        left.found("pdf", 1000)
    for number in range(4):
        left.begun(str(number), "pdf", 1000)
        clock.at += 1
        left.ended(str(number))
    left.begun("4", "pdf", 1000)
    clock.at += 3600
    left.rested(3600)
    clock.at += 1
    left.ended("4")
    assert left.seconds() == pytest.approx(5.0)
