"""What came of a training: whether it helped, and what to do with the adapter now."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from desktop import theme
from desktop.adapters.making.curve import LossCurve, Points
from desktop.ask.labels import Label, TextButton
from desktop.ask.measures import seconds
from desktop.lists.facts_grid import FactsGrid
from desktop.models.wording import file_size
from desktop.plain import one_line
from desktop.theme import SPACE
from engine.training_facts import TrainingResult, TrainingWish

_LITTLE = 0.03  # a share of the loss below which nothing can be said


class Result(QWidget):
    """Held-out loss before and after, the curve, and the next steps."""

    switch_requested = Signal(str)  # a place
    compare_requested = Signal(str)  # a place
    another_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Result of the training")
        self._place = ""
        self._sign = QLabel(self)
        self._title = Label("", size=1.2, bold=True, wrap=True)
        self._verdict = Label("", wrap=True)
        self.losses = _BeforeAfter(self)
        self.curve = LossCurve(self)
        self._facts = FactsGrid(self)
        self._facts.set_columns(2)
        self.switch = TextButton("Switch it on", primary=True)
        self.compare = TextButton("Compare…")
        self.another = TextButton("Make another", link=True)
        self.switch.clicked.connect(lambda: self.switch_requested.emit(self._place))
        self.compare.clicked.connect(lambda: self.compare_requested.emit(self._place))
        self.another.clicked.connect(self.another_requested)
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._title, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        for button in (self.switch, self.compare, self.another):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE * 3 // 2)
        column.addLayout(head)
        column.addWidget(self._verdict)
        column.addWidget(self.losses)
        column.addLayout(buttons)
        column.addSpacing(SPACE)
        column.addWidget(self.curve)
        column.addWidget(self._facts)
        column.addStretch(1)
        self._tint()

    def show_result(
        self, wish: TrainingWish, result: TrainingResult, losses: Points, held_out: Points
    ) -> None:
        self._place = result.adapter
        self._title.setText(f"“{one_line(wish.name)}” was added to your adapters")
        self._verdict.setText(_verdict(result))
        self.losses.show_losses(result.before, result.after)
        self.curve.show_points(losses, held_out, losses[-1][0] if losses else 1)
        self._facts.show_facts(_facts(result))

    def focus(self) -> None:
        self.switch.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def words(self) -> str:
        return f"{self._title.text()}\n{self._verdict.text()}"

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        kinds = (QEvent.Type.PaletteChange, QEvent.Type.FontChange)
        if event.type() in kinds and hasattr(self, "another"):
            self._tint()

    def _tint(self) -> None:
        icon = theme.icon("check-circle-outline", colour=theme.colours().good)
        self._sign.setPixmap(icon.pixmap(theme.icon_size(self, 1.4)))


class _BeforeAfter(QWidget):
    """Two bars: the loss on examples that were kept aside."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._bars = (_LossBar("Before", self), _LossBar("After", self))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        column.addWidget(Label("Loss on the examples that were kept aside", size=0.92, ink="muted"))
        for bar in self._bars:
            column.addWidget(bar)

    def show_losses(self, before: float, after: float) -> None:
        most = max(before, after, 1e-9)
        self._bars[0].show_loss(before, before / most, lit=False)
        self._bars[1].show_loss(after, after / most, lit=True)
        self.setAccessibleName(
            f"Loss on the examples that were kept aside: {before:.2f} before, {after:.2f} after"
        )


class _LossBar(QWidget):
    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._name, self._loss, self._share, self._lit = name, 0.0, 0.0, False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_loss(self, loss: float, share: float, *, lit: bool) -> None:
        self._loss, self._share, self._lit = loss, share, lit
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.ems(self, 40), round(self.fontMetrics().height() * 1.35))

    def paintEvent(self, event: QPaintEvent) -> None:
        tones = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = self.fontMetrics()
        left = metrics.horizontalAdvance("Before ") + SPACE
        right = metrics.horizontalAdvance("0.00") + SPACE
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.setPen(tones.muted)
        painter.drawText(self.rect(), middle | int(Qt.AlignmentFlag.AlignLeft), self._name)
        height = metrics.height() * 0.6
        room = max(0.0, min(self.width() - left - right, theme.ems(self, 60)))
        bar = QRectF(left, (self.height() - height) / 2, room * self._share, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tones.accent if self._lit else tones.handle)
        painter.drawRoundedRect(bar, 4, 4)
        painter.setPen(tones.text)
        figure = QRectF(bar.right() + SPACE, 0, right + SPACE, self.height())
        painter.drawText(figure, middle, f"{self._loss:.2f}")


def _verdict(result: TrainingResult) -> str:
    """Whether it helped, in a sentence or two."""
    if result.before <= 0:
        return "No example was kept aside, so it cannot be said how much it has learnt."
    better = (result.before - result.after) / result.before
    if better > _LITTLE:
        return (
            f"On examples that it never saw the loss has fallen by {better:.0%}: what it learnt "
            "carries over. Compare its answers to see what that looks like."
        ).replace("%", " %")
    if better < -_LITTLE:
        return (
            "On examples that it never saw it does worse than before: it has learnt the others by "
            "heart. Train fewer rounds, or add examples."
        )
    return (
        "On examples that it never saw it does no better than before. Add examples, make them "
        "more alike in form, or train more rounds."
    )


def _facts(result: TrainingResult) -> list[tuple[str, str]]:
    return [
        ("Examples", f"{result.examples:,}"),
        ("Tokens", f"{result.tokens:,}"),
        ("Time", seconds(1000 * result.seconds)),
        ("Peak memory", file_size(result.peak_memory)),
    ]
