"""The course of a training: which examples are kept aside, in what order the others come, and how
large each step is. All of it follows from the lengths and the seed, so that a run that was stopped
goes on with the very example that was next."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

EACH_STEP = 8
"""Examples whose errors are summed up before anything is changed."""

_AT_ONCE = 1024  # tokens that are computed together, filled up to the longest
_NEAR = 6  # steps whose examples are put in order of length among themselves
_WARMING = 0.06  # the share of the steps in which the learning rate rises


@dataclass(frozen=True, slots=True)
class Course:
    """Numbers of examples. ``steps`` are those of each step; ``epochs`` are the numbers of steps
    after which all were seen once more."""

    held_out: tuple[int, ...]
    steps: tuple[tuple[int, ...], ...]
    epochs: frozenset[int]


def course(lengths: Sequence[int], held_out: float, epochs: int, seed: int) -> Course:
    """At least one example is kept aside, and one is not; there have to be two. Examples of a
    like length come together."""
    numbers = list(range(len(lengths)))
    random.Random(f"held out {seed}").shuffle(numbers)
    aside = min(max(1, round(len(lengths) * held_out)), len(lengths) - 1)
    kept = sorted(numbers[aside:])
    steps: list[tuple[int, ...]] = []
    ends = []
    for epoch in range(epochs):
        order = random.Random(f"epoch {epoch} of {seed}")
        mixed = order.sample(kept, len(kept))
        batches: list[tuple[int, ...]] = []
        for start in range(0, len(mixed), EACH_STEP * _NEAR):
            near = sorted(mixed[start : start + EACH_STEP * _NEAR], key=lambda n: (lengths[n], n))
            batches += [tuple(near[at : at + EACH_STEP]) for at in range(0, len(near), EACH_STEP)]
        order.shuffle(batches)
        steps += batches
        ends.append(len(steps))
    return Course(tuple(sorted(numbers[:aside])), tuple(steps), frozenset(ends))


def batches(lengths: Sequence[int], numbers: Sequence[int]) -> list[list[int]]:
    """``numbers`` in batches that are computed at once, short ones first."""
    found: list[list[int]] = []
    for number in sorted(numbers, key=lambda n: lengths[n]):
        if found and (len(found[-1]) + 1) * lengths[number] <= _AT_ONCE:
            found[-1].append(number)
        else:
            found.append([number])
    return found


def most_at_once(longest: int) -> int:
    """Tokens in the largest batch there can be."""
    return max(_AT_ONCE, longest)


def rate(step: int, steps: int) -> float:
    """The share of the learning rate for a step (from 0): it rises, then falls as a cosine."""
    warming = max(1, round(_WARMING * steps))
    if step < warming:
        return (step + 1) / (warming + 1)
    done = (step - warming) / max(1, steps - warming)
    return 0.5 * (1 + math.cos(math.pi * done))
