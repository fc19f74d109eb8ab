"""The foot of an answer: its progress while it is on its way, then what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from desktop.ask import measures
from desktop.ask.export_menu import ExportMenu
from desktop.ask.labels import Label, QuietButton
from desktop.ask.meter import ContextMeter
from desktop.ask.progress_line import ProgressLine
from desktop.plain import menu_text
from engine.answers import Answer

_COPIED_MS = 1500


class Foot(QWidget):
    """One line high, whichever half is shown, so that nothing moves when an answer ends; the
    meter's line comes below it."""

    copy_wanted = Signal()
    again_wanted = Signal()
    export_wanted = Signal(str)  # a format's name
    unread_wanted = Signal()
    adapters_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.progress = ProgressLine()
        self._copy = QuietButton("Copy", "content-copy", "Copy the answer with its sources")
        self._copy.clicked.connect(self.copy_wanted)
        self._export = QuietButton("Export", "tray-arrow-down", "Save the answer as a file")
        self._export.clicked.connect(self._offer_forms)
        self._again = QuietButton("Ask again", "refresh", "Ask again; the words may differ")
        self._again.clicked.connect(self.again_wanted)
        self._stopped = Label("Stopped.", size=0.92, ink="muted")
        self._actions = QWidget()
        row = QHBoxLayout(self._actions)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        for button in (self._copy, self._export, self._again):
            row.addWidget(button)
        row.addWidget(self._stopped)
        row.addStretch(1)
        self._halves = QStackedWidget()
        self._halves.addWidget(self.progress)
        self._halves.addWidget(self._actions)
        self._halves.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._meter = ContextMeter()
        self._shaped = QuietButton("", "tune-variant", "Show the adapters")
        self._shaped.clicked.connect(self.adapters_wanted)
        self._shaped.hide()
        self._coverage = QuietButton("", "file-check-outline", "Show what Carrel could not read")
        self._coverage.clicked.connect(self.unread_wanted)
        self._coverage.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._halves)
        column.addWidget(self._meter)
        column.addWidget(self._shaped, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._coverage, 0, Qt.AlignmentFlag.AlignLeft)

    @property
    def meter(self) -> ContextMeter:
        return self._meter

    def show_running(self) -> None:
        self._halves.setCurrentWidget(self.progress)
        self._meter.hide()
        self._shaped.hide()
        self._coverage.hide()
        self.show()

    def show_answer(self, answer: Answer) -> None:
        self._halves.setCurrentWidget(self._actions)
        self._stopped.setVisible(answer.stopped)
        self._meter.show_answer(answer)
        shaped = measures.adapters(answer)
        words = f"Written with {', '.join(shaped)}"
        self._shaped.setText(menu_text(words))
        self._shaped.setAccessibleName(words)
        self._shaped.setVisible(bool(shaped))
        self.show()

    def say_coverage(self, words: str) -> None:
        """How much of the library could be read; nothing where there is nothing to say."""
        self._coverage.setText(words)
        self._coverage.setAccessibleName(words)
        self._coverage.setVisible(bool(words))

    def _offer_forms(self) -> None:
        menu = ExportMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.chosen.connect(self.export_wanted)
        corner = self._export.rect().bottomLeft() + QPoint(0, 2)
        menu.popup(self._export.mapToGlobal(corner))

    def copied(self) -> None:
        """Say so for a moment."""
        self._copy.setText("Copied")
        QTimer.singleShot(_COPIED_MS, self._copy, lambda: self._copy.setText("Copy"))
