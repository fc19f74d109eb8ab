"""What background work obeys between two steps, all in one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from engine.workers.lanes import CancelToken, PauseToken, Precedence


@dataclass(frozen=True, slots=True)
class Steering:
    """A wish to stop, a wish to rest, and those who go first; ``on_rest`` hears, from any
    thread, that the work rests (True) and that it goes on."""

    cancel: CancelToken = field(default_factory=CancelToken)
    pause: PauseToken = field(default_factory=PauseToken)
    precedence: Precedence = field(default_factory=Precedence)
    on_rest: Callable[[bool], None] = lambda resting: None

    def check(self) -> None:
        """Sleep while paused. Raises ``CancelledError`` once cancelled."""
        self.cancel.check()
        if self.pause.paused:
            self.on_rest(True)
            self.pause.wait(self.cancel)
            self.on_rest(False)

    def give_way(self) -> None:
        """The same, and wait for those who go first."""
        self.check()
        self.precedence.give_way(self.cancel)
        self.check()
