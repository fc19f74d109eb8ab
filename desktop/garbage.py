"""Python's cycle collector, kept on the UI thread.

Left alone it runs on whichever thread happens to allocate, and a widget that is part of a cycle
would then be destroyed on a worker thread, which Qt answers with a crash.

A full collection of everything would hold the UI for a tenth of a second, so what has survived
one is not looked at again. Only cycles that lived that long are lost sight of: few and small.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_INTERVAL_MS = 1000


class GarbageCollector(QObject):
    """Turns automatic collection off for as long as it lives and collects on a timer instead."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._thresholds = gc.get_threshold()
        gc.disable()
        gc.freeze()
        timer = QTimer(self)
        timer.timeout.connect(self.collect)
        timer.start(_INTERVAL_MS)

    def collect(self) -> None:
        """Collect the oldest generation that is due, as Python would have done by itself."""
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > self._thresholds[generation]:
                gc.collect(generation)
                if generation == 2:
                    gc.freeze()
                return

    def release(self) -> None:
        """Hand collection back to Python."""
        gc.unfreeze()
        gc.enable()
