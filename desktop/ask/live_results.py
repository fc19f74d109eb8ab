"""What appears under the question box while someone types: passages, grouped by document, with
matched words in bold; values for an operator; what was searched where nothing was found.

The keyboard stays in the question box, which moves the selection here.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QFrame, QListView, QVBoxLayout, QWidget

from desktop import theme
from desktop.ask.choices import counted
from desktop.ask.completing import Suggestion
from desktop.ask.labels import Label, Rule
from desktop.ask.operator_line import OperatorLine
from desktop.ask.rows import (
    PAD,
    Choice,
    RowDelegate,
    Unread,
    choice,
    heading,
    passage,
    suggestion,
    unread,
)
from engine.records import Coverage, Hit, SearchResult

_ABOVE, _BELOW = 5, 4  # pixels between the rows and the frame or the line
_FRAME = 2  # pixels that both edges take together
_FOOT_MARGINS = 10
_KEYS = "Enter asks  ·  ↓ ↑ choose  ·  Ctrl+Enter opens the first"
_KEYS_WITHOUT_HITS = "Enter asks"
_KEYS_UNREAD = "Enter asks  ·  ↓ chooses"
_KEYS_COMPLETING = "Tab takes the first  ·  ↓ ↑ choose  ·  Enter takes the chosen one"
_MEANING = "Search by meaning"
_HINTS = {
    "quotation": "Words in quotation marks must stand one after the other: “thirty days”",
    "excluding": "-word leaves out the passages that hold it; -“two words” works too",
}


class LiveResults(QFrame):
    """A list over the view; hidden while it has nothing to show."""

    opened = Signal(object)  # Hit
    completed = Signal(object)  # Suggestion
    unread_requested = Signal()
    operator_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("live-results")
        self._bare = False
        self._model = QStandardItemModel(self)
        self._list = QListView()
        self._list.setModel(self._model)
        self._rows = RowDelegate(self._list)
        self._list.setItemDelegate(self._rows)
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._list.setMouseTracking(True)
        self._list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setMinimumHeight(1)  # gives way where there are no rows
        self._list.setResizeMode(QListView.ResizeMode.Adjust)
        self._list.setAccessibleName("Matching passages")
        self._list.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self._list.clicked.connect(self._clicked)
        self._said = Label(wrap=True)
        self._notice = Label(size=0.86, ink="muted", wrap=True)
        self._keys = Label(size=0.86, ink="muted", wrap=True)
        self._operators = OperatorLine()
        self._operators.chosen.connect(self.operator_wanted)
        self._head = _padded(self._said, above=6)
        self._rule = Rule()
        self._foot = _padded(self._notice, self._keys, self._operators, above=5)
        column = QVBoxLayout(self)
        column.setSpacing(0)
        for part in (self._head, self._list, self._rule, self._foot):
            column.addWidget(part)
        column.setStretchFactor(self._list, 1)
        self._restyle()
        self.hide()

    # --- what is shown ----------------------------------------------------------------------

    def show_result(self, result: SearchResult, hint: str = "") -> None:
        """The passages, or what was searched without finding any. ``hint`` is one of
        :func:`desktop.ask.completing.hint`."""
        groups: dict[int, list[Hit]] = {}
        for hit in result.hits:
            groups.setdefault(hit.document_id, []).append(hit)
        items = [
            item
            for hits in groups.values()
            for item in (heading(hits[0]), *(passage(hit, result.words) for hit in hits))
        ]
        said, notice, keys = "", result.notice, _KEYS
        if result.coverage is not None:
            said = _nothing_found(result.coverage)
            keys = _KEYS_WITHOUT_HITS
            if result.coverage.unread:
                items.append(unread(result.coverage.unread))
                keys = _KEYS_UNREAD
            if result.coverage.waiting and _MEANING not in notice:
                notice = f"{notice} {_MEANING} is not complete yet.".strip()
        self._show(items, said, notice, _HINTS.get(hint, keys), operators=hint == "operators")

    def show_suggestions(self, offered: Sequence[Suggestion]) -> None:
        self._show([suggestion(one) for one in offered], keys=_KEYS_COMPLETING)

    def show_operators(self, *, framed: bool) -> None:
        """Nothing but the line that names them."""
        self._show([], bare=not framed, operators=True)

    def _show(
        self,
        items: Sequence[QStandardItem],
        said: str = "",
        notice: str = "",
        keys: str = "",
        *,
        operators: bool = False,
        bare: bool = False,
    ) -> None:
        self._model.clear()
        self._model.invisibleRootItem().appendRows(items)
        for label, text in ((self._said, said), (self._notice, notice), (self._keys, keys)):
            label.setText(text)
            label.setVisible(bool(text))
        self._keys.setVisible(bool(keys) and not operators)
        self._operators.setVisible(operators)
        self._head.setVisible(bool(said))
        self._rule.setVisible(bool(items or said))
        self._bare = bare
        self._restyle()
        self._list.scrollToTop()
        self.show()

    def close_list(self) -> None:
        self._model.clear()
        self.hide()

    @property
    def is_list(self) -> bool:
        """Whether there is something to close or choose from, and not only the quiet line."""
        return not self.isHidden() and not self._bare

    @property
    def line_height(self) -> int:
        """Pixels that the operators' names take by themselves."""
        return self._operators.sizeHint().height() + _FOOT_MARGINS

    def fitting_height(self, width: int, room: int) -> int:
        """Pixels for as many whole rows as ``room`` holds at this width; one at the least. The
        rest can be scrolled to."""
        around = sum(
            part.heightForWidth(width - _FRAME)
            if part.hasHeightForWidth()
            else part.sizeHint().height()
            for part in (self._head, self._foot)
            if not part.isHidden()
        )
        if self._rule.isHidden():
            return around + _FRAME
        around += _ABOVE + _BELOW + 1 + self._rule.height()
        room -= around
        width -= _FRAME
        ends = self._row_ends(width, room)
        scrolls = ends[-1] > room
        if scrolls:
            ends = self._row_ends(width - self._list.verticalScrollBar().sizeHint().width(), room)
        policy = Qt.ScrollBarPolicy
        bar = policy.ScrollBarAlwaysOn if scrolls else policy.ScrollBarAlwaysOff
        self._list.setVerticalScrollBarPolicy(bar)
        return max([end for end in ends if end <= room], default=ends[0]) + around

    def _row_ends(self, width: int, room: int) -> list[int]:
        """Where the list could end: below each passage, but not between a title and its first.
        Nothing is measured below the first end that is beyond ``room``."""
        ends, total = [], 0
        for row in range(self._model.rowCount()):
            total += self._rows.height(self._model.index(row, 0), width)
            if self._choice(row) is not None:
                ends.append(total)
                if total > room:
                    break
        return ends or [total]

    # --- choosing ---------------------------------------------------------------------------

    def step(self, by: int) -> None:
        """Move the selection by so many rows that can be chosen; up from the first clears it."""
        rows = [row for row in range(self._model.rowCount()) if self._choice(row) is not None]
        if not rows:
            return
        current = self._list.currentIndex().row()
        if current not in rows:
            position = min(by, len(rows)) - 1 if by > 0 else -1
        elif abs(by) > 1:
            position = max(0, min(rows.index(current) + by, len(rows) - 1))
        else:
            position = min(rows.index(current) + by, len(rows) - 1)
        if position < 0:
            self.unselect()
            return
        self._list.setCurrentIndex(self._model.index(rows[position], 0))
        if position == 0:
            self._list.scrollToTop()

    def unselect(self) -> None:
        self._list.setCurrentIndex(QModelIndex())
        self._list.clearSelection()

    def choose(self, chosen: Choice) -> None:
        """Do what a row is there for."""
        if isinstance(chosen, Hit):
            self.opened.emit(chosen)
        elif isinstance(chosen, Suggestion):
            self.completed.emit(chosen)
        elif isinstance(chosen, Unread):
            self.unread_requested.emit()

    @property
    def selected(self) -> Choice | None:
        return self._choice(self._list.currentIndex().row())

    @property
    def first(self) -> Choice | None:
        rows = range(self._model.rowCount())
        return next((found for row in rows if (found := self._choice(row))), None)

    def _choice(self, row: int) -> Choice | None:
        return choice(self._model.item(row)) if row >= 0 else None

    def _clicked(self, index: QModelIndex) -> None:
        chosen = self._choice(index.row())
        if chosen is not None:
            self.choose(chosen)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._restyle()

    def _restyle(self) -> None:
        c = theme.colours()
        fill, edge = c.base.name(), c.border.name()
        if self._bare:
            fill = edge = "transparent"
        sheet = (
            f"#live-results {{ background: {fill}; border: 1px solid {edge};"
            f" border-radius: 10px; }} QListView {{ background: transparent; }}"
        )
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)
        layout = self.layout()
        if layout is not None:
            layout.setContentsMargins(0, 0 if self._rule.isHidden() else _ABOVE, 0, 0)


def _padded(*labels: QWidget, above: int) -> QWidget:
    """Labels one below the other. Style sheets take away the margins of labels themselves."""
    frame = QWidget()
    column = QVBoxLayout(frame)
    column.setContentsMargins(PAD, above, PAD, _FOOT_MARGINS - above)
    column.setSpacing(2)
    for label in labels:
        column.addWidget(label)
    return frame


def _nothing_found(coverage: Coverage) -> str:
    found = f"Nothing found in {counted(coverage.documents)}."
    return f"{found} {coverage.unread:,} could not be read." if coverage.unread else found
