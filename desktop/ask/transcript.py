"""The turns of one conversation in a readable column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.ask.labels import TextButton
from desktop.ask.turn import TurnView

COLUMN = 760  # pixels at a 16-pixel line; grows with the font
_MARGIN = 24
_BATCH = 12  # turns of an old conversation that are loaded without asking
_BOTTOM = 6  # pixels from the end that still count as the end


def column_width(widget: QWidget) -> int:
    """How wide a column of text may be before lines become hard to follow."""
    return max(COLUMN, round(COLUMN / 18 * widget.fontMetrics().height()))


class Column(QWidget):
    """Keeps what is in it centred and no wider than is readable."""

    def __init__(self, inner: QWidget, share: float = 1.0) -> None:
        """``share`` of the readable width is what ``inner`` gets at most."""
        super().__init__()
        self._inner, self._share = inner, share
        row = QHBoxLayout(self)
        row.setContentsMargins(_MARGIN, 0, _MARGIN, 0)
        row.addStretch(1)
        row.addWidget(inner, 1000)
        row.addStretch(1)
        self._limit()

    def balance(self, right: int) -> None:
        """Stay where columns without a scroll bar are, though one takes ``right`` pixels."""
        layout = self.layout()
        if layout is not None:
            layout.setContentsMargins(_MARGIN, 0, max(0, _MARGIN - right), 0)

    def _limit(self) -> None:
        self._inner.setMaximumWidth(round(column_width(self) * self._share))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._limit()


class Transcript(QScrollArea):
    """Scrolls; stays at the end while an answer grows, unless the person has scrolled away."""

    def __init__(self, conversation_id: int | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.conversation_id = conversation_id
        self.turns: list[TurnView] = []
        self._pinned = True
        self._older: list[Callable[[], TurnView]] = []
        self._due = 0
        self._filling = QTimer(self)
        self._filling.setSingleShot(True)
        self._filling.timeout.connect(self._add_older)
        self._earlier = TextButton("Show earlier questions", "chevron-up", link=True)
        self._earlier.clicked.connect(self._load_more)
        self._earlier.hide()
        inner = self._inner = QWidget()
        self._rows = QVBoxLayout(inner)
        self._rows.setContentsMargins(0, 28, 0, 28)
        self._rows.setSpacing(36)
        self._rows.addWidget(self._earlier, 0, Qt.AlignmentFlag.AlignLeft)
        self._rows.addStretch(1)
        page = self._page = Column(inner)
        self.setWidget(page)
        page.setAutoFillBackground(False)  # setWidget turns it on
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Conversation")
        self.viewport().setAutoFillBackground(False)
        bar = self.verticalScrollBar()
        bar.rangeChanged.connect(self._range_changed)
        bar.valueChanged.connect(self._value_changed)

    def add(self, turn: TurnView) -> None:
        self.turns.append(turn)
        self._rows.insertWidget(self._rows.count() - 1, turn)
        self.follow()

    def fill(self, makers: Sequence[Callable[[], TurnView]]) -> None:
        """Turns of long ago, oldest first. The newest is there at once, others follow one at a
        time, so that the window stays free; those long past wait until they are asked for."""
        self._older = list(makers)
        self._load_more()

    def _load_more(self) -> None:
        self._due = min(_BATCH, len(self._older))
        self._add_older()

    def _add_older(self) -> None:
        if self._due:
            self._due -= 1
            held = self._at_top()
            turn = self._older.pop()()
            self.turns.insert(0, turn)
            self._rows.insertWidget(1, turn)
            if held is not None:
                turn.show()
                self._keep(*held)
            self._filling.start()
        self._earlier.setVisible(bool(self._older) and not self._due)

    def _at_top(self) -> tuple[TurnView, int] | None:
        """The turn at the top of the view and its distance from there; None at the end."""
        top = self.verticalScrollBar().value()
        shown = (turn for turn in self.turns if self._top(turn) + turn.height() > top)
        turn = next(shown, None)
        return None if turn is None or self._pinned else (turn, self._top(turn) - top)

    def _keep(self, turn: TurnView, distance: int) -> None:
        """Put what was at the top of the view back there. The layouts are made to work now:
        later, a frame would be drawn with everything moved."""
        for widget in (self._inner, self._page):
            QCoreApplication.sendPostedEvents(widget, QEvent.Type.LayoutRequest.value)
        self.verticalScrollBar().setValue(self._top(turn) - distance)

    def _top(self, turn: TurnView) -> int:
        return turn.mapTo(self._page, QPoint(0, 0)).y()

    def follow(self) -> None:
        """Go to the end and stay there."""
        self._pinned = True
        self._settle()

    @property
    def running(self) -> Iterator[TurnView]:
        return (turn for turn in self.turns if turn.running)

    @property
    def busy(self) -> bool:
        return any(True for _ in self.running)

    def _value_changed(self, value: int) -> None:
        self._pinned = value >= self.verticalScrollBar().maximum() - _BOTTOM

    def _range_changed(self, least: int, most: int) -> None:
        bar = self.verticalScrollBar()
        self._page.balance(bar.sizeHint().width() if most > least else 0)
        if self._pinned:
            # The layout may still be at work; moving now would be undone by it.
            QTimer.singleShot(0, self, self._settle)

    def _settle(self) -> None:
        if self._pinned:
            bar = self.verticalScrollBar()
            bar.setValue(bar.maximum())
