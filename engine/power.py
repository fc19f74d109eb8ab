"""Whether this computer has the power to spare for work that nobody waits for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import psutil

ENOUGH = 30.0  # percent of the battery below which background work waits


@dataclass(frozen=True, slots=True)
class Battery:
    percent: float
    plugged: bool


def battery() -> Battery | None:
    """None where there is none, or the system does not tell."""
    look = getattr(psutil, "sensors_battery", None)
    try:
        found = look() if look is not None else None
    except OSError:  # a container that has no /sys
        found = None
    if found is None:
        return None
    # a system that does not know whether it is plugged in says None
    return Battery(float(found.percent), found.power_plugged is not False)


class Power:
    """``look`` is asked at each question, so a cable that is plugged in is noticed at once."""

    def __init__(self, look: Callable[[], Battery | None] = battery) -> None:
        self._look = look

    def want(self) -> str:
        """Why background work should wait, in a few words; empty where it need not."""
        found = self._look()
        if found is None or found.plugged or found.percent >= ENOUGH:
            return ""
        return f"Plug in to go on: the battery is at {found.percent:.0f} %"
