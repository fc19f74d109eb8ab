"""Narrowing by type and by date: what can be chosen in the scope's menu, and the tokens that show
what is chosen and take it away again."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QVBoxLayout,
    QWidget,
    QWidgetAction,
)

from desktop import theme
from desktop.ask.choices import counted, kind_name
from desktop.ask.labels import Field, Label
from desktop.ask.shrinking import ShrinkingButton
from desktop.plain import menu_text, one_line, tooltip
from engine.query import period

_DASH = re.compile(r"\s*(–|—|\.\.+|(?<=\s)-(?=\s|$)|^-|-$)\s*")


@dataclass(frozen=True, slots=True)
class Period:
    """When a file was last changed: in the ``days`` before today, or between two days, of which
    ``before`` is the first that is too late. ``name`` is for the eye."""

    name: str
    days: int = 0
    after: date | None = None
    before: date | None = None

    def bounds(self, today: date) -> tuple[date | None, date | None]:
        if self.days:
            return today - timedelta(days=self.days), None
        return self.after, self.before

    @classmethod
    def parse(cls, text: str) -> Period | None:
        """From what was typed: a year, a month or a day, or two with a dash between them, one of
        which may be left out. Both are inside. None for nothing. Raises ``ValueError`` with what
        to write."""
        text = text.strip()
        if not text:
            return None
        parts = _DASH.split(text, maxsplit=1)
        first, dash, last = parts if len(parts) == 3 else (text, "", text)
        after = period(first)[0] if first else None
        before = period(last)[1] if last else None
        if after is None and before is None:
            raise ValueError("a period is written 2021, 2021 – 2022-05, or 2021 –")
        if after is not None and before is not None and after >= before:
            raise ValueError("the second date is before the first")
        if not dash:
            return cls(first, after=after, before=before)
        named = f"{first} – {last}" if first and last else f"Since {first}"
        return cls(named if first else f"Until {last}", after=after, before=before)


RECENT = (Period("Past month", days=30), Period("Past year", days=365))


class Token(ShrinkingButton):
    """Something that narrows the search; pressing it takes it away."""

    def __init__(self, text: str, meaning: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say(text)
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the cross follows the words
        self.setToolTip(tooltip(f"{meaning}. Press to remove this."))
        self.setAccessibleName(f"Remove: {one_line(text)}")
        self._restyle()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._restyle()

    def _restyle(self) -> None:
        c = theme.colours()
        theme.enlarge(self, 0.9)
        sheet = (
            f"QToolButton {{ color: {c.text.name()}; background: {c.accent_soft.name()};"
            f" border: 1px solid {c.accent_soft.name()}; border-radius: 8px;"
            f" padding: 3px 7px 3px 1px; }}"
            f"QToolButton:hover, QToolButton:focus {{ border: 1px solid {c.accent.name()}; }}"
        )
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)
        side = round(self.fontMetrics().height() * 0.85)
        self.setIconSize(QSize(side, side))
        self.setIcon(theme.icon("close", colour=c.muted))


class Tokens(QWidget):
    """A row of tokens; takes no room while there are none."""

    emptied = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        self.tokens: list[Token] = []
        self.hide()

    def show_tokens(self, wanted: Sequence[tuple[str, str, Callable[[], None]]]) -> None:
        """(text, meaning, what removes it) of each."""
        focused = any(token.hasFocus() for token in self.tokens)
        for token in self.tokens:
            self._row.removeWidget(token)
            token.hide()
            token.deleteLater()
        self.tokens = []
        for text, meaning, remove in wanted:
            token = Token(text, meaning, self)
            token.clicked.connect(lambda _=False, act=remove: act())
            self._row.addWidget(token)
            token.show()
            self.tokens.append(token)
        self.setVisible(bool(self.tokens))
        if focused and self.tokens:
            self.tokens[0].setFocus()
        elif focused:
            self.emptied.emit()


class KindMenu(QMenu):
    """The types that the library's documents are of; several can be chosen."""

    toggled = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Type", parent)

    def fill(self, kinds: dict[str, int], chosen: set[str]) -> None:
        self.clear()
        for kind in dict.fromkeys([*kinds, *sorted(chosen)]):
            name = menu_text(kind_name(kind))
            action = self.addAction(f"{name}\t{counted(kinds.get(kind, 0))}")
            action.setCheckable(True)
            action.setChecked(kind in chosen)
            action.triggered.connect(lambda _=False, which=kind: self.toggled.emit(which))
        self.menuAction().setVisible(bool(self.actions()))


class PeriodMenu(QMenu):
    """When the files were last changed."""

    chosen = Signal(object)  # Period, or None for any time

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Last changed", parent)
        self._field = Field("Changed between", "2021 – 2022-05, 2021 –, or a day")
        self._field.setMinimumWidth(220)
        self._field.returnPressed.connect(self._apply)
        self._problem = Label(size=0.86, ink="warning", wrap=True)
        self._problem.hide()
        frame = QWidget()
        frame.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        frame.setFocusProxy(self._field)  # the arrow keys lead here
        column = QVBoxLayout(frame)
        column.setContentsMargins(10, 6, 10, 8)
        column.setSpacing(4)
        column.addWidget(Label("Between", size=0.9, ink="muted"))
        column.addWidget(self._field)
        column.addWidget(self._problem)
        self._between = QWidgetAction(parent)  # a menu that is cleared deletes its own actions
        self._between.setDefaultWidget(frame)
        self._group: QActionGroup | None = None

    def fill(self, years: dict[int, int], current: Period | None) -> None:
        self.clear()
        self._problem.hide()
        self._field.clear()
        if self._group is not None:
            self._group.deleteLater()
        self._group = QActionGroup(self)
        offered = [None, *RECENT, *(_year(year) for year in list(years)[:4])]
        for offer in offered:
            words = "Any time" if offer is None else offer.name
            if offer is not None and offer.after is not None:
                words = f"{words}\t{counted(years[offer.after.year])}"
            action = QAction(words, self)
            action.setCheckable(True)
            action.setChecked(offer == current)
            action.triggered.connect(lambda _=False, which=offer: self.chosen.emit(which))
            self._group.addAction(action)
            self.addAction(action)
        self.addSeparator()
        self.addAction(self._between)

    def _apply(self) -> None:
        try:
            found = Period.parse(self._field.text())
        except ValueError as error:
            self._problem.setText(str(error).capitalize() + ".")
            self._problem.show()
            return
        self.chosen.emit(found)


def _year(year: int) -> Period:
    return Period(str(year), after=date(year, 1, 1), before=date(year + 1, 1, 1))
