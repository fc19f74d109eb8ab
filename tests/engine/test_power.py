"""What is known of the battery, and what follows from it."""

from __future__ import annotations

import psutil
import pytest

from engine.power import Battery, Power, battery


def test_a_system_that_does_not_tell_has_no_battery(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise FileNotFoundError(2, "No such file or directory", "/sys/class/power_supply")

    monkeypatch.setattr(psutil, "sensors_battery", missing, raising=False)
    assert battery() is None
    assert Power().want() == ""


def test_work_waits_while_a_battery_runs_out() -> None:
    assert Power(lambda: Battery(12.0, plugged=True)).want() == ""
    assert "12 %" in Power(lambda: Battery(12.0, plugged=False)).want()
