"""All threads when the machine is free, fewer when it is not."""

from __future__ import annotations

import pytest

from engine.models.threads import FreeCores, Usage, usage


class Machine:
    """Four cores; ``others`` and ``own`` of them are in use."""

    def __init__(self, others: float, own: float) -> None:
        self.others, self.own, self.at = others, own, 100.0

    def look(self) -> Usage:
        self.at += 0.001
        return Usage(self.at, self.at * (self.others + self.own), self.at * self.own)

    def sleep(self, seconds: float) -> None:
        self.at += seconds


@pytest.mark.parametrize("own", [0.0, 1.0, 3.9])
@pytest.mark.parametrize(
    ("others", "threads"), [(0.0, 4), (0.3, 4), (0.6, 3), (1.0, 3), (2.2, 2), (3.5, 1), (4.0, 1)]
)
def test_what_others_use_is_left_to_them(own: float, others: float, threads: int) -> None:
    machine = Machine(others, own)
    cores = FreeCores(4, machine.look, machine.sleep, cores=4)
    assert cores.count() == threads
    machine.at += 1.0
    assert cores.count() == threads


def test_a_look_long_ago_does_not_count() -> None:
    machine = Machine(4.0, 0.0)
    cores = FreeCores(4, machine.look, machine.sleep, cores=4)
    machine.at += 600
    busy = machine.look().everyone
    machine.others = busy / machine.at  # what was used stays used …
    machine.look = lambda: Usage(machine.at, busy, 0.0)  # type: ignore[method-assign]
    cores._look = machine.look
    assert cores.count() == 4  # … and now nobody computes


def test_a_look_begun_is_not_waited_for() -> None:
    machine = Machine(1.0, 0.0)
    slept: list[float] = []
    cores = FreeCores(4, machine.look, lambda s: (slept.append(s), machine.sleep(s))[1], cores=4)
    machine.at += 60
    cores.begin()
    machine.at += 0.03
    assert cores.count() == 3
    assert sum(slept) < 0.021
    machine.at += 1
    assert cores.count() == 3
    assert len(slept) == 1


def test_one_core_is_one_thread() -> None:
    assert FreeCores(1).count() == 1


def test_the_real_clocks_go_forward() -> None:
    first, second = usage(), usage()
    assert second.at >= first.at
    assert second.everyone >= first.everyone > 0
    assert second.own >= first.own
    assert 1 <= FreeCores().count() <= 1024


def test_no_more_than_were_found_best() -> None:
    machine = Machine(1.0, 0.0)
    assert FreeCores(2, machine.look, machine.sleep, cores=8).count() == 2
    machine = Machine(7.0, 0.0)
    assert FreeCores(4, machine.look, machine.sleep, cores=8).count() == 1
