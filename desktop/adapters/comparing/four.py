"""The four answers side by side, as many in a row as can be read."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop import theme
from desktop.adapters.comparing.panel import VariantPanel
from desktop.theme import SPACE
from engine.answers import Answer, AnswerEvent
from engine.comparing.differences import differences
from engine.comparisons import Comparison, Variant

_FOUR, _TWO = 150, 62  # average characters that four and two columns need


class FourAnswers(QWidget):
    """Panels by variant, from the first comparison on; the first panel is what the others are
    held against."""

    citation_opened = Signal(object)  # Citation

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.panels: dict[Variant, VariantPanel] = {}
        self._columns = 0
        self._marking = False
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(SPACE * 3 // 2)

    def clear(self) -> None:
        """Four that wait."""
        for panel in self.panels.values():
            self._grid.removeWidget(panel)
            panel.hide()
            panel.deleteLater()
        self.panels = {variant: VariantPanel(variant, self) for variant in Variant}
        for panel in self.panels.values():
            panel.citation_opened.connect(self.citation_opened)
            panel.show()
        self._columns = 0
        self._place()

    def show_comparison(self, comparison: Comparison) -> None:
        """One that is there already."""
        self.clear()
        for variant, panel in self.panels.items():
            answer = comparison.answer(variant)
            if answer is not None:
                panel.finish(answer)
            else:
                panel.give_up("Not answered")
        self.mark_differences(self._marking)

    def begin(self, variant: Variant) -> None:
        self.panels[variant].begin()

    def hear(self, variant: Variant, event: AnswerEvent) -> None:
        self.panels[variant].hear(event)

    def finish(self, variant: Variant, answer: Answer) -> None:
        self.panels[variant].finish(answer)
        if self._marking:
            self.mark_differences(True)

    def give_up(self, words: str) -> None:
        for panel in self.panels.values():
            panel.give_up(words)

    def mark_differences(self, marking: bool) -> None:
        """Light up the words that the model alone did not use; or no longer."""
        self._marking = marking
        first = self.panels.get(Variant.PLAIN)
        for panel in self.panels.values():
            if panel.answer is None or panel is first:
                continue
            spans: tuple[tuple[int, int], ...] = ()
            if marking and first is not None and first.answer is not None:
                spans = differences(first.answer.text, panel.answer.text).second
            panel.text.mark(spans)

    # --- room ---------------------------------------------------------------------------------

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.ems(self, 28), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_grid"):
            self._place()

    def _place(self) -> None:
        width = self.width()
        columns = (
            4 if width >= theme.ems(self, _FOUR) else 2 if width >= theme.ems(self, _TWO) else 1
        )
        if columns == self._columns:
            return
        self._columns = columns
        for index, panel in enumerate(self.panels.values()):
            self._grid.addWidget(panel, index // columns, index % columns)
        for column in range(4):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
