"""All that is known of the selected model, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.models import wording
from desktop.models.offers import Offer
from desktop.models.wording import file_size
from desktop.plain import ElidedLabel, one_line, plain_label
from desktop.theme import SPACE
from engine.models.entries import ModelEntry, ModelKind

_USE = {
    ModelKind.GENERATOR: "Use for answers",
    ModelKind.EMBEDDER: "Use for this library",
    ModelKind.RERANKER: "Use for sorting",
}


class Details(QFrame):
    """Beside the lists where there is room, else below them."""

    choose_requested = Signal()
    measure_requested = Signal()
    digest_requested = Signal()
    show_requested = Signal()  # in the file manager
    remove_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Details of the selected model")
        self._offer: Offer | None = None
        self._room = 0
        self._digesting = self._beside = False
        self._columns = 2
        self._name = plain_label("", self, wrap=True)
        self._place = ElidedLabel("", self, Qt.TextElideMode.ElideMiddle)
        self._place.setProperty("look", "muted")
        self._problem = plain_label("", self, wrap=True)
        self._meaning = plain_label("", self, wrap=True)
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(SPACE * 2)
        self._facts.setVerticalSpacing(SPACE // 2)
        self._facts.setColumnStretch(1, 1)
        self._facts.setColumnStretch(3, 1)
        self._use = self._button("Use", "primary", self.choose_requested.emit)
        self._measure = self._button("Measure speed", "", self.measure_requested.emit)
        self._show = self._button("Show in folder", "link", self.show_requested.emit)
        self._remove = self._button("Remove…", "", self.remove_requested.emit)

        page = self._page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(SPACE * 2, SPACE * 3 // 2, SPACE * 2, SPACE)
        column.setSpacing(SPACE // 2)
        where = QHBoxLayout()
        where.setSpacing(SPACE // 2)
        where.addWidget(self._place, 1)
        where.addWidget(self._show)
        column.addWidget(self._name)
        column.addLayout(where)
        column.addWidget(self._problem)
        column.addWidget(self._meaning)
        column.addSpacing(SPACE)
        column.addLayout(self._facts)
        column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(page)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        buttons = self._buttons = QVBoxLayout()
        buttons.setContentsMargins(SPACE * 2, SPACE * 3 // 2, SPACE * 2, SPACE * 3 // 2)
        buttons.setSpacing(SPACE)
        for button in (self._use, self._measure, self._remove):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self._halves = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._halves.setContentsMargins(1, 1, 0, 0)  # of the line that is painted
        self._halves.setSpacing(0)
        self._halves.addWidget(scroll, 1)
        self._halves.addLayout(buttons)
        self._scale()

    def set_place(self, beside: bool, columns: int) -> None:
        """Whether it stands beside the lists, with its buttons below, or below them, with its
        buttons to the right; and how many facts have room beside each other."""
        if (beside, columns) == (self._beside, self._columns):
            return
        self._beside, self._columns = beside, columns
        self._facts.setColumnStretch(3, columns - 1)
        self._halves.setDirection(
            QBoxLayout.Direction.TopToBottom if beside else QBoxLayout.Direction.LeftToRight
        )
        if self._offer is not None:
            self._fill(self._offer)

    def wanted_height(self) -> int:
        """Pixels in which everything can be read, as wide as it is now."""
        self._page.ensurePolished()
        layout, buttons = self._page.layout(), self._buttons
        assert layout is not None
        layout.activate()
        width = max(1, self.width() - buttons.sizeHint().width() - 1)
        return max(layout.totalHeightForWidth(width), buttons.sizeHint().height()) + 2

    def show_offer(self, offer: Offer | None, room: int) -> None:
        """``room`` is this computer's memory in bytes. Without an offer there is nothing to say."""
        if (offer, room) == (self._offer, self._room):
            return
        self._offer, self._room = offer, room
        self.setVisible(offer is not None)
        if offer is not None:
            self._fill(offer)

    def set_digesting(self, busy: bool) -> None:
        if busy == self._digesting:
            return
        self._digesting = busy
        if self._offer is not None:
            self._fill(self._offer)

    def set_measuring(self, busy: bool) -> None:
        self._measure.setEnabled(not busy)

    def facts(self) -> list[tuple[str, str]]:
        """What is shown, as label and value."""
        return _facts(self._offer.entry, self._room) if self._offer and self._offer.entry else []

    # --- showing ------------------------------------------------------------------------------

    def _fill(self, offer: Offer) -> None:
        entry = offer.entry
        self._name.setText(one_line(offer.name))
        self._scale()
        self._place.set_text(wording.place(entry) if entry else "")
        self._place.setVisible(entry is not None)
        self._problem.setText(offer.problem)
        self._problem.setVisible(bool(offer.problem))
        words = wording.meaning(entry) if entry else _without(offer.kind)
        self._meaning.setText(words)
        self._meaning.setVisible(bool(words))
        while item := self._facts.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        facts = self.facts()
        for number, (label, value) in enumerate(facts):
            self._add_fact(number, label, plain_label(value, self, wrap=True))
        if offer.measurable and entry is not None:
            self._add_fact(len(facts), "SHA-256", self._sum(entry.digest))
        self._use.setText(_USE[offer.kind])
        self._use.setVisible(not offer.chosen and not offer.problem)
        self._measure.setVisible(offer.measurable)
        self._measure.setText(
            "Measure again" if entry is not None and entry.speed else "Measure speed"
        )
        self._show.setVisible(entry is not None and not entry.shipped)
        self._remove.setVisible(offer.removable)
        self._tint()

    def _add_fact(self, number: int, label: str, value: QWidget) -> None:
        row, column = number // self._columns, number % self._columns * 2
        name = plain_label(label, self)
        name.setProperty("look", "muted")
        name.style().polish(name)
        self._facts.addWidget(name, row, column, Qt.AlignmentFlag.AlignTop)
        self._facts.addWidget(value, row, column + 1, Qt.AlignmentFlag.AlignTop)
        for part in (name, value):  # else they count for nothing until Qt comes to it
            part.show()

    def _sum(self, digest: str) -> QWidget:
        """The sum of the file, elided, with a button that copies it, or one that computes it."""
        part = QWidget(self)
        row = QHBoxLayout(part)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE // 2)
        if digest:
            row.addWidget(ElidedLabel(digest, part, Qt.TextElideMode.ElideMiddle), 1)
            copy = self._button("Copy", "link", lambda: QGuiApplication.clipboard().setText(digest))
            copy.setAccessibleName("Copy the SHA-256")
            row.addWidget(copy)
            return part
        words = "Computing…" if self._digesting else "Compute"
        compute = self._button(words, "link", self.digest_requested.emit)
        compute.setAccessibleName("Compute the SHA-256")
        compute.setEnabled(not self._digesting)
        row.addWidget(compute)
        row.addStretch(1)
        return part

    def _button(self, words: str, look: str, act: object) -> QPushButton:
        button = QPushButton(words, self)
        if look:
            button.setProperty("look", look)
        button.clicked.connect(act)
        return button

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if not hasattr(self, "_halves"):
            return
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        elif event.type() == QEvent.Type.FontChange:
            self._scale()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(theme.colours().border)
        edge = self.rect()
        painter.drawLine(edge.topLeft(), edge.bottomLeft() if self._beside else edge.topRight())

    def _scale(self) -> None:
        self._name.setFont(theme.scaled(self.font(), 1.15, bold=True))

    def _tint(self) -> None:
        palette = self._problem.palette()
        palette.setColor(self._problem.foregroundRole(), theme.colours().danger)
        self._problem.setPalette(palette)


def _facts(entry: ModelEntry, room: int) -> list[tuple[str, str]]:
    facts, speed = entry.facts, entry.speed
    lines: list[tuple[str, str]] = []
    if facts is not None:
        parts = f" in {facts.parts} parts" if facts.parts > 1 else ""
        count = wording.parameters(facts.parameters)
        lines += [
            ("Parameters", count),
            ("Quantisation", wording.said(facts.quantisation)),
            ("Size", f"{file_size(facts.size)}{parts}" if facts.size else ""),
            ("Memory", wording.memory(entry, room)),
            ("Context", f"{facts.context:,} tokens" if facts.context else ""),
            ("Chat template", "Yes" if facts.has_template else "None"),
            ("Languages", wording.languages(facts.languages, 8) or "Not stated"),
            ("Licence", wording.licence(facts.licence) or "Not stated"),
            ("Architecture", wording.said(facts.architecture)),
        ]
    if entry.dimension:
        lines.append(("Dimensions", str(entry.dimension)))
    if speed is not None:
        with_gpu = f", {speed.gpu_layers} layers on the GPU" if speed.gpu_layers else ""
        threads = "1 thread" if speed.threads == 1 else f"{speed.threads} threads"
        lines += [
            ("Reads", f"{speed.prefill:,.0f} tokens/s"),
            ("Writes", f"{speed.decode:,.1f} tokens/s"),
            ("Loads in", wording.seconds(speed.load)),
            ("Measured with", f"{threads}{with_gpu}"),
        ]
    if entry.copied:
        lines.append(("Kept", "Carrel’s own copy"))
    return [(label, value) for label, value in lines if value]


def _without(kind: ModelKind) -> str:
    if kind is ModelKind.GENERATOR:
        return (
            "Carrel shows the best passages for your question, each with its page, and writes "
            "nothing of its own. Nothing can be made up this way."
        )
    return (
        "The search by words and by meaning already puts passages in order. A reranker reads the "
        "best of them again, together with your question; that helps, and takes time."
    )
