"""The few things that are set once: how the window looks, how long a person will wait, and how
pictures are read."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.models.wording import short_path
from desktop.plain import one_line, plain_label
from desktop.remembered import Remembered
from desktop.theme import SPACE, Theme
from engine.records import OcrWish

THEMES = {"system": "As the system", "light": "Light", "dark": "Dark"}
_LEAST, _MOST = 0.5, 60.0  # seconds
_MOST_PAGES = 5000
_SETTLED_MS = 250


class SettingsDialog(QDialog):
    """What is chosen here holds at once; there is nothing to confirm."""

    theme_chosen = Signal(str)

    def __init__(self, remembered: Remembered, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._remembered = remembered
        self.setWindowTitle("Settings")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._settling = QTimer(self)  # the file is written once for several steps
        self._settling.setSingleShot(True)
        self._settling.setInterval(_SETTLED_MS)
        self._settling.timeout.connect(self._keep)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(SPACE * 3, SPACE * 3, SPACE * 3, SPACE * 2)
        self._column.setSpacing(SPACE)
        self._heading("Appearance")
        self._themes = self._theme_choices()
        self._column.addSpacing(SPACE * 2)
        self._heading("Answers")
        self.patience = self._patience_choice()
        self._column.addSpacing(SPACE * 2)
        self._heading("Scans and pictures")
        self.reads_pictures, self.most_pages = self._ocr_choices()
        self._column.addSpacing(SPACE * 2)
        self._explain(
            f"Settings are kept in {one_line(short_path(remembered.file))}, on this computer only."
        )
        self._column.addStretch(1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        self._column.addSpacing(SPACE)
        self._column.addWidget(buttons)
        self.setMinimumWidth(theme.ems(self, 66))

    def _theme_choices(self) -> QButtonGroup:
        group = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(SPACE // 2)
        label = QLabel("Theme", self)
        row.addWidget(label)
        row.addStretch(1)
        for choice in Theme.CHOICES:
            button = QPushButton(THEMES[choice], self)
            button.setAccessibleName(f"Theme: {THEMES[choice]}")
            button.setCheckable(True)
            button.setAutoDefault(False)
            button.setProperty("look", "segment")
            button.setChecked(choice == self._remembered.theme)
            button.clicked.connect(lambda _on, choice=choice: self.theme_chosen.emit(choice))
            group.addButton(button)
            row.addWidget(button)
        self._column.addLayout(row)
        return group

    def _patience_choice(self) -> QDoubleSpinBox:
        spin = QDoubleSpinBox(self)
        spin.setRange(_LEAST, _MOST)
        spin.setSingleStep(0.5)
        spin.setDecimals(1)
        spin.setSuffix(" seconds")
        spin.setValue(self._remembered.patience)
        spin.setAccessibleName("First word of an answer within, in seconds")
        spin.setKeyboardTracking(False)
        spin.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        spin.setFrame(False)
        spin.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        spin.valueChanged.connect(lambda _seconds: self._settling.start())
        label = QLabel("First word of an answer within", self)
        label.setBuddy(spin)
        row = QHBoxLayout()
        row.addWidget(label)
        row.addStretch(1)
        row.setSpacing(SPACE // 2)
        row.addWidget(spin)
        row.addSpacing(SPACE // 2)
        for sign, name, step in (("−", "Less patience", -1), ("+", "More patience", 1)):
            button = QPushButton(sign, self)
            button.setAccessibleName(name)
            button.setProperty("look", "segment")
            button.setAutoDefault(False)
            button.setAutoRepeat(True)
            button.clicked.connect(lambda _on, step=step: spin.stepBy(step))
            row.addWidget(button)
        self._column.addLayout(row)
        self._explain(
            "A model reads its sources before it writes. So that it can begin in time, a slow one "
            "is given fewer quotes, the best ones first. Wait longer for fuller answers."
        )
        return spin

    def _ocr_choices(self) -> tuple[QCheckBox, QSpinBox]:
        wish = self._remembered.ocr
        reads = QCheckBox("Read the text in scans and pictures (OCR)", self)
        reads.setChecked(wish.on)
        pages = QSpinBox(self)
        pages.setRange(1, _MOST_PAGES)
        pages.setSingleStep(50)
        pages.setValue(wish.pages)
        pages.setSuffix(" pages")
        pages.setEnabled(wish.on)
        pages.setAccessibleName("Pages of one document that are read by OCR, at most")
        label = QLabel("Of one document at most", self)
        label.setBuddy(pages)
        reads.toggled.connect(pages.setEnabled)
        reads.toggled.connect(self._keep_ocr)
        pages.valueChanged.connect(lambda _pages: self._settling.start())
        row = QHBoxLayout()
        row.addWidget(label)
        row.addStretch(1)
        row.addWidget(pages)
        self._column.addWidget(reads)
        self._column.addLayout(row)
        self._explain(
            "A page takes some seconds. Carrel reads the Latin and Greek alphabets, Chinese and "
            "Japanese. What is changed here holds for documents that are read from now on."
        )
        return reads, pages

    def done(self, result: int) -> None:
        self._keep()
        super().done(result)

    def _keep_ocr(self) -> None:
        wish = OcrWish(on=self.reads_pictures.isChecked(), pages=self.most_pages.value())
        if wish != self._remembered.ocr:
            self._remembered.ocr = wish

    def _keep(self) -> None:
        self._settling.stop()
        self._keep_patience()
        self._keep_ocr()

    def _keep_patience(self) -> None:
        if self.patience.value() != self._remembered.patience:
            self._remembered.patience = self.patience.value()

    def _heading(self, text: str) -> None:
        label = plain_label(text, self)
        theme.enlarge(label, 1.15, bold=True)
        self._column.addWidget(label)

    def _explain(self, text: str) -> None:
        label = plain_label(text, self, wrap=True)
        label.setProperty("look", "muted")
        self._column.addWidget(label)
