"""Comparisons in the library: kept, listed, deleted, and brought back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from desktop.bridge import Bridge
from desktop.notices import Action, Notices
from desktop.plain import one_line
from engine.comparisons import Comparison

_LONGEST = 60  # characters of a question in a notice


class Keeping(QObject):
    """Does it off the UI thread."""

    listed = Signal()  # ``comparisons`` are known anew
    kept = Signal(object)  # Comparison, with its id

    def __init__(self, bridge: Bridge, notices: Notices, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge, self._notices = bridge, notices
        self.comparisons: list[Comparison] = []

    def refresh(self) -> None:
        self._bridge.run(self, self._bridge.library.comparisons, self._listed)

    def keep(self, comparison: Comparison) -> None:
        library = self._bridge.library

        def kept(made: Comparison) -> None:
            self.kept.emit(made)
            self.refresh()

        self._bridge.run(self, lambda: library.keep_comparison(comparison), kept)

    def delete(self, comparison: Comparison) -> None:
        library = self._bridge.library

        def deleted(_nothing: object) -> None:
            self.refresh()
            self._notices.info(
                f"The comparison “{_short(comparison.question)}” was deleted.",
                Action("Undo", lambda: self._restore(comparison)),
            )

        self._bridge.run(self, lambda: library.delete_comparison(comparison.id), deleted)

    def _restore(self, comparison: Comparison) -> None:
        library = self._bridge.library
        self._bridge.run(
            self, lambda: library.restore_comparison(comparison.id), lambda _: self.refresh()
        )

    def _listed(self, comparisons: Sequence[Comparison]) -> None:
        self.comparisons = list(comparisons)
        self.listed.emit()


def _short(question: str) -> str:
    line = one_line(question)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1].rstrip()}…"
