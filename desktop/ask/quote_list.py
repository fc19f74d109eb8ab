"""Quotes one below the other: the best of them at once, the rest when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.ask.labels import Label, TextButton
from desktop.ask.quote_card import QuoteCard
from engine.answers import Citation

_FEW = 3  # quotes shown before "more"
_BATCH = 30  # more of them at a time


class QuoteList(QWidget):
    """Hidden while there is no quote. Cards stay where they are and take new quotes in, so that a
    better list that comes second (see ``QuotesFound``) is no new picture, and the focus stays."""

    opened = Signal(object)  # Citation
    changed = Signal()  # there are other cards

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.quotes: tuple[Citation, ...] = ()
        self._few = _FEW
        self._faint = False
        self._caption = Label(size=0.9, bold=True, ink="muted")
        self._cards = QVBoxLayout()
        self._cards.setContentsMargins(0, 0, 0, 0)
        self._cards.setSpacing(8)
        self._more = TextButton("", "chevron-down", link=True)
        self._more.clicked.connect(self._show_more)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._caption)
        column.addLayout(self._cards)
        column.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        self.hide()

    def set_caption(self, caption: str) -> None:
        self._caption.setText(caption)
        self._caption.setVisible(bool(caption))

    def open_up(self) -> None:
        """The quotes are all there is to read: show more of them at once."""
        self._few = max(self._few, _BATCH)

    def set_faint(self, faint: bool) -> None:
        """Whether these are no answer, only the closest there is."""
        self._faint = faint
        for card in self.cards():
            card.set_faint(faint)

    def show_quotes(self, quotes: Sequence[Citation]) -> None:
        self.quotes = tuple(quotes)
        self._fill()
        self.setVisible(bool(quotes))

    def cards(self) -> list[QuoteCard]:
        items = (self._cards.itemAt(i) for i in range(self._cards.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [widget for widget in widgets if isinstance(widget, QuoteCard)]

    def _fill(self) -> None:
        shown = self.quotes[: self._few]
        cards = self.cards()
        for card, citation in zip(cards, shown, strict=False):
            if card.citation != citation:
                card.show_citation(citation)
        for citation in shown[len(cards) :]:
            card = QuoteCard(citation, faint=self._faint)
            card.opened.connect(self.opened)
            self._cards.addWidget(card)
        for card in cards[len(shown) :]:
            self._cards.removeWidget(card)
            card.hide()
            card.deleteLater()
        hidden = len(self.quotes) - len(shown)
        self._more.setText(f"Show {min(hidden, _BATCH):,} more" if hidden > 0 else "")
        self._more.setVisible(hidden > 0)
        if len(cards) != len(shown):
            self.changed.emit()

    def reached(self) -> list[QWidget]:
        """By the tab key, in its order."""
        return [*self.cards(), self._more]

    def _show_more(self) -> None:
        before = len(self.cards())
        self._few += _BATCH
        self._fill()
        cards = self.cards()
        if before < len(cards):
            cards[before].setFocus(Qt.FocusReason.OtherFocusReason)
