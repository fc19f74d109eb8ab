"""The source pane's head: which document, which page, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop import theme
from desktop.ask.labels import Field, IconButton, Label
from desktop.plain import ElidedLabel

_LONGEST_LABEL = 80


class SourceHeader(QWidget):
    """Wishes out, facts in."""

    page_wanted = Signal(int)
    zoomed_in = Signal()
    zoomed_out = Signal()
    fit_wanted = Signal()
    find_wanted = Signal()
    open_wanted = Signal()
    summary_wanted = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._number, self._count = 1, 1
        self._title = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        close = IconButton("close", "Close the source (Esc)")
        close.clicked.connect(self.closed)
        self._back = IconButton("chevron-left", "Previous page")
        self._back.clicked.connect(lambda: self.page_wanted.emit(self._number - 1))
        self._on = IconButton("chevron-right", "Next page")
        self._on.clicked.connect(lambda: self.page_wanted.emit(self._number + 1))
        self._field = Field("Page number")
        self._field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._field.returnPressed.connect(self._typed)
        self._field.editingFinished.connect(self._restore)
        self._before = Label("p.", ink="muted")
        self._of = ElidedLabel()
        self._of.setProperty("look", "muted")
        self._of.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._open = IconButton("open-in-new", "Open the file in its own program")
        self._open.clicked.connect(self.open_wanted)
        self._summarise = IconButton("text-box-outline", "Summarise this document")
        self._summarise.clicked.connect(self.summary_wanted)
        find = IconButton("magnify", "Find in page (Ctrl+F)")
        find.clicked.connect(self.find_wanted)
        smaller = IconButton("minus", "Smaller (−)")
        smaller.clicked.connect(self.zoomed_out)
        larger = IconButton("plus", "Larger (+)")
        larger.clicked.connect(self.zoomed_in)
        fit = IconButton("arrow-expand-horizontal", "Fit the width (0)")
        fit.clicked.connect(self.fit_wanted)

        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 0, 0)
        top.addWidget(self._title, 1)
        top.addWidget(close)
        bar = QHBoxLayout()
        bar.setContentsMargins(0, 0, 0, 0)
        bar.setSpacing(2)
        for widget in (self._back, self._before, self._field, self._of, self._on):
            bar.addWidget(widget)
        bar.addStretch(1)
        for widget in (smaller, fit, larger):
            bar.addWidget(widget)
        bar.addSpacing(8)
        bar.addWidget(self._summarise)
        bar.addWidget(find)
        bar.addWidget(self._open)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 8, 8, 6)
        column.setSpacing(2)
        column.addLayout(top)
        column.addLayout(bar)

        theme.enlarge(self._title, 1.05, bold=True)
        self.show_nothing()

    def show_nothing(self) -> None:
        """No page yet, or none that can be had."""
        self.show_place(1, 1, "")
        self._field.clear()
        self._of.set_text("")
        self.allow_opening(False)
        self._summarise.setEnabled(False)

    def show_title(self, title: str) -> None:
        self._title.set_text(title)

    def show_place(self, number: int, count: int, label: str) -> None:
        """The page's number, how many there are, and what is printed on it if that differs."""
        self._number, self._count = number, count
        self._summarise.setEnabled(True)
        self._field.setValidator(QIntValidator(1, max(1, count), self._field))
        self._restore()
        metrics = self._field.fontMetrics()
        self._field.setFixedWidth(metrics.horizontalAdvance("0" * (len(str(count)) + 1)) + 18)
        label = " ".join(label.split())
        printed = f" · {label[:_LONGEST_LABEL]}" if label and label != str(number) else ""
        self._of.set_text(f"of {count}{printed}")
        self._back.setEnabled(number > 1)
        self._on.setEnabled(number < count)

    def allow_opening(self, allowed: bool) -> None:
        self._open.setEnabled(allowed)

    def _typed(self) -> None:
        wanted = int(self._field.text() or self._number)
        if wanted != self._number:
            self.page_wanted.emit(wanted)

    def _restore(self) -> None:
        self._field.setText(str(self._number))
