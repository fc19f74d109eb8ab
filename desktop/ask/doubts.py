"""What an answer says that its sources do not: each such claim, and what is missing for it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop import theme
from desktop.ask.citing import MARKERS, why_not
from desktop.ask.labels import Label, TextButton
from desktop.plain import one_line
from engine.answers import Answer, Claim, Support

_FEW = 4
_SIGNS = {
    Support.UNSUPPORTED: ("close-circle-outline", "danger"),
    Support.PARTLY: ("circle-half-full", "warning"),
}


class Doubts(QWidget):
    """Hidden while there is nothing to doubt."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._claims: tuple[Claim, ...] = ()
        self._quoting = True
        self._heading = Label("Could not be supported", size=0.9, bold=True, ink="muted")
        self._rows = QVBoxLayout()
        self._rows.setSpacing(6)
        self._more = TextButton("", "chevron-down", link=True)
        self._more.clicked.connect(lambda: self._fill(len(self._claims)))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 4)
        column.setSpacing(6)
        column.addWidget(self._heading)
        column.addLayout(self._rows)
        column.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        self.hide()

    def show_answer(self, answer: Answer) -> None:
        self._claims = tuple(claim for claim in answer.claims if claim.support in MARKERS)
        # The only sentence of an answer need not be said twice.
        self._quoting = len(answer.claims) > 1
        self._fill(_FEW)
        self.setVisible(bool(self._claims))

    def rows(self) -> list[str]:
        """What each row says."""
        found = self.findChildren(_Doubt, options=Qt.FindChildOption.FindDirectChildrenOnly)
        return [row.words for row in found]

    def _fill(self, most: int) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            row = item.widget()
            if row is not None:
                row.setParent(None)
                row.deleteLater()
        shown: Sequence[Claim] = self._claims
        if len(self._claims) > most:
            shown = self._claims[: most - 1]
        for claim in shown:
            self._rows.addWidget(_Doubt(claim, quoting=self._quoting, parent=self))
        hidden = len(self._claims) - len(shown)
        self._more.setText(f"Show {hidden:,} more" if hidden else "")
        self._more.setVisible(bool(hidden))


class _Doubt(QWidget):
    def __init__(self, claim: Claim, *, quoting: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self._icon, self._ink = _SIGNS[claim.support]
        self._sign = QLabel()
        why = why_not(claim)
        said = f"“{one_line(claim.text)}”"
        self.words = f"{said} {why}" if quoting else why
        self.setAccessibleName(self.words)
        words = QVBoxLayout()
        words.setSpacing(1)
        if quoting:
            words.addWidget(Label(said, wrap=True, selectable=True))
        words.addWidget(Label(why, ink="muted", wrap=True, selectable=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self._restyle()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._restyle()

    def _restyle(self) -> None:
        side = self.fontMetrics().height()
        ink = getattr(theme.colours(), self._ink)
        self._sign.setPixmap(theme.icon(self._icon, colour=ink).pixmap(side, side))
