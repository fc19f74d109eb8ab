"""A training on its way: the curve, how far it is, how fast, and the ways to rest or end it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QMessageBox, QProgressBar, QVBoxLayout, QWidget

from desktop.activity import time_left
from desktop.adapters.making.curve import LossCurve
from desktop.adapters.making.training import State, Training
from desktop.ask.labels import Label, TextButton
from desktop.plain import one_line
from desktop.theme import SPACE
from engine.exporting.wording import model_name

_LEARNING = "Training"  # what goes on most of the time, and need not be said


class Running(QWidget):
    """Shows what :class:`Training` tells."""

    def __init__(self, training: Training, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Training")
        self._training = training
        self._title = Label("", size=1.2, bold=True, wrap=True)
        self._what = Label("", ink="muted", wrap=True)
        self.curve = LossCurve(self)
        self._bar = QProgressBar(self)
        self._bar.setProperty("look", "slim")
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress of the training")
        self._now = Label("", wrap=True)
        self._saved = Label("", size=0.92, ink="muted", wrap=True)
        self.pause = TextButton("Pause", "pause")
        self.cancel = TextButton("Cancel…")
        self.pause.clicked.connect(
            lambda: self._training.pause(self._training.state is State.RUNNING)
        )
        self.cancel.clicked.connect(self._ask)
        foot = QHBoxLayout()
        foot.setSpacing(SPACE)
        foot.addWidget(self._now, 1)
        foot.addWidget(self.pause)
        foot.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addWidget(self._title)
        column.addWidget(self._what)
        column.addSpacing(SPACE)
        column.addWidget(self.curve)
        column.addSpacing(SPACE)
        column.addWidget(self._bar)
        column.addLayout(foot)
        column.addWidget(self._saved)
        column.addStretch(1)
        training.changed.connect(self._show)

    def focus(self) -> None:
        self.pause.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def words(self) -> str:
        return "\n".join(label.text() for label in (self._title, self._now, self._saved))

    def _show(self) -> None:
        training, wish = self._training, self._training.wish
        if wish is None:
            return
        self._title.setText(f"Training “{one_line(wish.name)}”")
        self._what.setText(
            f"On {model_name(wish.base)}, with {wish.epochs} rounds, rank {wish.rank}"
        )
        latest = training.latest
        steps = latest.steps if latest is not None else 0
        self.curve.show_points(training.losses, training.held_out, steps)
        self._bar.setRange(0, steps)
        self._bar.setValue(latest.step if latest is not None else 0)
        self._now.setText(self._how_far())
        self._saved.setText(
            "A checkpoint is saved now and then: what was stopped can go on from there, also after "
            "a restart."
        )
        resting = training.state is State.PAUSED
        self.pause.setText("Go on" if resting else "Pause")
        self.pause.set_icon("play" if resting else "pause")
        stopping = training.state is State.STOPPING
        self.pause.setEnabled(not stopping)
        self.cancel.setEnabled(not stopping)

    def _how_far(self) -> str:
        training, latest = self._training, self._training.latest
        if training.state is State.STOPPING:
            return "Stopping…"
        if latest is None:
            return "Making ready…"
        if latest.doing and latest.doing != _LEARNING and training.state is not State.PAUSED:
            return f"{latest.doing}…"
        parts = [f"Step {latest.step:,} of {latest.steps:,}"]
        if training.state is State.PAUSED:
            return f"{parts[0]} · paused"
        if latest.tokens_per_s:
            parts.append(f"{latest.tokens_per_s:,.0f} tokens/s")
        parts.append(time_left(latest.seconds_left) or "working out how long it takes")
        return " · ".join(parts)

    def _ask(self) -> None:
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setWindowTitle("Cancel training")
        box.setText("Stop training?")
        box.setInformativeText(
            "No adapter is made. The last checkpoint is kept, so that it can go on from there "
            "later."
        )
        stop = box.addButton("Stop training", QMessageBox.ButtonRole.DestructiveRole)
        going_on = box.addButton("Go on training", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(going_on)
        stop.clicked.connect(self._training.stop)
        box.open()
