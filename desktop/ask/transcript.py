"""The turns of one conversation in a readable column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import Enum

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.ask import tab_order
from desktop.ask.labels import TextButton
from desktop.ask.turn import TurnView

COLUMN = 760  # pixels at a 16-pixel line; grows with the font
_MARGIN = 24
_BATCH = 12  # turns of an old conversation that are loaded without asking
_NEAR = 6  # pixels from a place that still count as that place
_ABOVE = 20  # pixels over a question at the top of the view


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


class Follow(Enum):
    """What stays in view while an answer grows: the latest question at the top and as much as
    fits below it; the very end; or what is being read."""

    QUESTION = "question"
    END = "end"
    NOTHING = "nothing"


class Transcript(QScrollArea):
    """Scrolls as little as it can: a new question comes up no higher than the top, and from then
    on nothing moves unless the person scrolls."""

    def __init__(self, conversation_id: int | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.conversation_id = conversation_id
        self.turns: list[TurnView] = []
        self._follow = Follow.QUESTION
        self._held: tuple[QWidget, int] | None = None  # what is being read, and where it is
        self._moving = False
        self._older: list[Callable[[], TurnView]] = []
        self._due = 0
        self._filling = QTimer(self)
        self._filling.setSingleShot(True)
        self._filling.timeout.connect(self._add_older)
        # The layout may still be at work when it tells; moving then would be undone by it.
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.timeout.connect(self._settle)
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
        turn.installEventFilter(self)
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
            turn = self._older.pop()()
            self.turns.insert(0, turn)
            turn.installEventFilter(self)
            self._rows.insertWidget(1, turn)
            if len(self.turns) > 1:
                tab_order.place_before(turn.reached(), self.turns[1].reached()[0])
                turn.show()
                self._lay_out()
                self._settle()
            self._filling.start()
        self._earlier.setVisible(bool(self._older) and not self._due)

    def _at_top(self) -> tuple[QWidget, int] | None:
        """What is at the top of the view and its distance from there."""
        top = self.verticalScrollBar().value()
        for turn in self.turns:
            if self._top(turn) + turn.height() <= top:
                continue
            parts = [turn, *turn.parts()] if self._top(turn) >= top else turn.parts()
            for part in parts:
                if self._top(part) + part.height() > top:
                    return part, self._top(part) - top
        return None

    def _lay_out(self) -> None:
        """Let the layouts work now: later, a frame would be drawn with everything moved."""
        for widget in (self._inner, self._page):
            QCoreApplication.sendPostedEvents(widget, QEvent.Type.LayoutRequest.value)

    def _top(self, part: QWidget) -> int:
        return part.mapTo(self._page, QPoint(0, 0)).y()

    def follow(self) -> None:
        """Bring the latest question into view, and what comes of it."""
        self._follow = Follow.QUESTION
        self._settle()

    @property
    def running(self) -> Iterator[TurnView]:
        return (turn for turn in self.turns if turn.running)

    @property
    def busy(self) -> bool:
        return any(True for _ in self.running)

    def _question(self) -> int:
        """How far to scroll for the latest question and as much below it as fits."""
        most = self.verticalScrollBar().maximum()
        return min(most, max(0, self._top(self.turns[-1]) - _ABOVE)) if self.turns else most

    def _value_changed(self, value: int) -> None:
        if self._moving:
            return
        if abs(value - self._question()) <= _NEAR:
            self._follow, self._held = Follow.QUESTION, None
        elif value >= self.verticalScrollBar().maximum() - _NEAR:
            self._follow, self._held = Follow.END, None
        else:
            self._follow, self._held = Follow.NOTHING, self._at_top()

    def _range_changed(self, least: int, most: int) -> None:
        bar = self.verticalScrollBar()
        self._page.balance(bar.sizeHint().width() if most > least else 0)
        self._settling.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A turn may be moved though the range stays as it is."""
        if event.type() in (QEvent.Type.Move, QEvent.Type.Resize):
            self._settling.start()
        return super().eventFilter(watched, event)

    def _settle(self) -> None:
        """Go where the view belongs. This is no wish of the person's to be elsewhere."""
        bar = self.verticalScrollBar()
        wanted = bar.value()
        if self._follow is Follow.QUESTION:
            wanted = self._question()
        elif self._follow is Follow.END:
            wanted = bar.maximum()
        elif self._held is not None and shiboken6.isValid(self._held[0]):
            part, distance = self._held
            if part.isVisible():
                wanted = self._top(part) - distance
        self._moving = True
        bar.setValue(wanted)
        self._moving = False
