"""Choosing a token: the likeliest, less and less of what was said lately, or drawn by a seed."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from engine.models.choosing import Chooser


def _logits(*values: float) -> NDArray[np.float32]:
    return np.array([*values, *([-20.0] * 200)], np.float32)


def test_the_likeliest_until_it_was_said() -> None:
    chooser = Chooser(0.0, 0)
    assert chooser.choose(_logits(1.0, 2.0, 1.9)) == 1
    assert chooser.choose(_logits(1.0, 2.0, 1.9)) == 2  # 2.0 / 1.1 is less than 1.9
    assert chooser.choose(_logits(1.0, 2.0, 1.9)) == 1
    assert chooser.choose(_logits(1.0, 3.0, 1.9)) == 1  # and sure things are said again
    assert Chooser(0.0, 0).choose(_logits(-1.0, -0.95)) == 1
    again = Chooser(0.0, 0)
    assert [again.choose(_logits(-1.0, -0.95)) for _ in range(2)] == [1, 0]


def test_a_word_of_long_ago_is_as_good_as_new() -> None:
    chooser = Chooser(0.0, 0)
    chooser.choose(_logits(0.0, 2.0, 1.9))
    for number in range(64):
        lone = _logits()
        lone[10 + number] = 50
        assert chooser.choose(lone) == 10 + number
    assert chooser.choose(_logits(0.0, 2.0, 1.9)) == 1


def test_a_seed_says_what_is_drawn() -> None:
    def drawn(seed: int) -> list[int]:
        chooser = Chooser(1.0, seed)
        return [chooser.choose(_logits(3.0, 3.0, 3.0, 3.0)) for _ in range(40)]

    assert drawn(1) == drawn(1) != drawn(2)
    assert set(drawn(1)) == {0, 1, 2, 3}


def test_the_unlikely_is_never_drawn() -> None:
    counts = Counter(Chooser(1.0, seed).choose(_logits(5.0, 4.0, 0.0)) for seed in range(600))
    assert set(counts) == {0, 1}  # the third has less than the last twentieth
    assert 0.68 < counts[0] / 600 < 0.78  # e / (1 + e) is 0.73
    cold = Counter(Chooser(0.2, seed).choose(_logits(5.0, 4.0)) for seed in range(300))
    assert cold[0] > 290


def test_a_small_vocabulary_will_do() -> None:
    assert Chooser(0.8, 3).choose(np.array([1.0, -40.0], np.float32)) == 0
