"""What the four ways came to over a set of questions: a small table with bars."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from desktop import theme
from desktop.adapters.comparing.wording import WORDS, share
from desktop.ask.labels import Label, Rule
from desktop.ask.measures import seconds
from desktop.theme import SPACE
from engine.comparisons import ComparisonTable, VariantSum

_ROOMY = 84  # average characters
_HEADS = ("", "Claims in your documents", "Refusals", "Words", "Time", "Tokens")


class Sums(QWidget):
    """A row for each way. The figures of an answer are its median."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("The four ways in sum")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACE * 3)
        self._grid.setVerticalSpacing(SPACE)
        self._grid.setColumnStretch(1, 1)

    def show_table(self, table: ComparisonTable) -> None:
        while item := self._grid.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for column, head in enumerate(_HEADS):
            label = Label(head, size=0.9, ink="muted", wrap=column == 1)
            self._grid.addWidget(label, 0, column, _side(column))
        best = max((share(of) or 0.0 for of in table.sums), default=0.0)
        for row, of in enumerate(table.sums):
            self._grid.addWidget(Rule(), 2 * row + 1, 0, 1, len(_HEADS))
            self._add(2 * row + 2, of, lit=bool(best) and share(of) == best)

    def _add(self, row: int, of: VariantSum, *, lit: bool) -> None:
        words = WORDS[of.variant]
        name = Label(words.name, bold=True)
        name.setToolTip(words.what)
        figures = (
            f"{of.refused} of {of.answers}",
            f"{of.words:.0f}",
            seconds(1000 * of.seconds),
            f"{of.tokens:.0f}",
        )
        self._grid.addWidget(name, row, 0)
        share = _Share(of, lit, self)
        share.set_roomy(self.width() >= theme.ems(self, _ROOMY))
        self._grid.addWidget(share, row, 1)
        for column, figure in enumerate(figures, 2):
            label = Label(figure)
            label.setAccessibleName(f"{words.name}, {_HEADS[column]}: {figure}")
            self._grid.addWidget(label, row, column, _side(column))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Without much room, a share is a figure and no bar."""
        roomy = self.width() >= theme.ems(self, _ROOMY)
        self._grid.setHorizontalSpacing(SPACE * 3 if roomy else SPACE * 2)
        self._grid.setColumnStretch(0, 0 if roomy else 1)
        self._grid.setColumnStretch(1, 1 if roomy else 0)
        for part in self.findChildren(_Share):
            part.set_roomy(roomy)

    def text(self) -> str:
        """Every word of it, a row on each line."""
        lines = []
        for row in range(self._grid.rowCount()):
            cells = (self._grid.itemAtPosition(row, column) for column in range(len(_HEADS)))
            widgets = [cell.widget() for cell in cells if cell is not None]
            said = [w.text() for w in widgets if isinstance(w, (Label, _Share)) and w.text()]
            if said:
                lines.append(" | ".join(said))
        return "\n".join(lines)


class _Share(QWidget):
    """A bar with its figure: how many claims the library bears out."""

    def __init__(self, of: VariantSum, lit: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self._share, self._lit = share(of), lit
        self._short, self._long = "no claims", "no claims"
        if self._share is not None:
            self._short = f"{100 * self._share:.0f} %"
            self._long = f"{self._short} · {of.supported} of {of.claims}"
        self._figure = Label(self._long, ink="text" if lit else "muted")
        self.setAccessibleName(f"{WORDS[of.variant].name}, claims in your documents: {self._long}")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE)
        self._bar = _Bar(self._share or 0.0, lit, self)
        row.addWidget(self._bar, 1)
        row.addWidget(self._figure)
        self.set_roomy(True)

    def set_roomy(self, roomy: bool) -> None:
        self._roomy = roomy
        self._bar.setVisible(roomy)
        self._figure.setText(self._long if roomy else self._short)
        self._fit()

    def text(self) -> str:
        return self._figure.text()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_bar"):
            self._fit()

    def _fit(self) -> None:
        widest = "100 % · 000 of 000" if self._roomy else "100 %"
        self._figure.setMinimumWidth(self.fontMetrics().horizontalAdvance(widest))


class _Bar(QWidget):
    def __init__(self, share: float, lit: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self._share, self._lit = share, lit
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(theme.ems(self, 10), round(self.fontMetrics().height() * 0.5))

    def paintEvent(self, event: QPaintEvent) -> None:
        tones = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        track = QRectF(self.rect())
        radius = track.height() / 2
        painter.setBrush(tones.surface)
        painter.drawRoundedRect(track, radius, radius)
        if self._share > 0:
            filled = QRectF(track)
            filled.setWidth(max(track.height(), track.width() * min(1.0, self._share)))
            painter.setBrush(tones.accent if self._lit else tones.handle)
            painter.drawRoundedRect(filled, radius, radius)


def _side(column: int) -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag.AlignRight if column > 1 else Qt.AlignmentFlag.AlignLeft
