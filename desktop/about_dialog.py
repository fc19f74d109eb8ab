"""Which Carrel this is, and what it is made with: the parts of others and their licences."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.plain import plain_label
from desktop.theme import SPACE
from engine.paths import app_icon, third_party_licences
from engine.version import version

ABOUT = (
    "Ask your own documents, on your own computer. Free software under the GNU Affero General "
    "Public License, version 3 or later."
)
FROM_SOURCE = (
    "This Carrel runs from its source: each library that it uses is installed with its own "
    "licence. Packages of Carrel list them here."
)
_RULE = "=" * 20
_MOST = 64_000  # bytes; the list at the head of the file is a tenth of that


def parts(file: Path) -> str:
    """The list of parts at the head of ``file``, without the texts that follow it; empty where
    there is no file."""
    try:
        with file.open(encoding="utf-8") as stream:
            return stream.read(_MOST).partition(_RULE)[0].strip()
    except OSError:
        return ""


class AboutDialog(QDialog):
    """Shows the list; the texts themselves, a book's worth, open in another program."""

    def __init__(self, parent: QWidget | None = None, licences: Path | None = None) -> None:
        super().__init__(parent)
        self._licences = licences or third_party_licences()
        self.setWindowTitle("About Carrel")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE * 3, SPACE * 3, SPACE * 3, SPACE * 2)
        column.setSpacing(SPACE * 3 // 2)
        column.addLayout(self._head())
        listed = parts(self._licences)
        self.list = QPlainTextEdit(listed or FROM_SOURCE, self)
        self.list.setReadOnly(True)
        self.list.setAccessibleName("Parts made by others, and their licences")
        column.addWidget(self.list, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        if listed:
            self.texts = buttons.addButton(
                "Open the licences", QDialogButtonBox.ButtonRole.ActionRole
            )
            self.texts.clicked.connect(self._open_texts)
        column.addWidget(buttons)
        self.resize(theme.ems(self, 80), theme.ems(self, 70))

    def _head(self) -> QHBoxLayout:
        side = theme.icon_size(self, 3.5)
        picture = plain_label("", self)
        drawn = QPixmap(str(app_icon()))
        drawn.setDevicePixelRatio(self.devicePixelRatioF())
        picture.setPixmap(
            drawn.scaled(
                side * self.devicePixelRatioF(),
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        )
        name = plain_label(f"Carrel {version()}", self)
        theme.enlarge(name, 1.3, bold=True)
        words = QVBoxLayout()
        words.addWidget(name)
        words.addWidget(plain_label(ABOUT, self, wrap=True))
        row = QHBoxLayout()
        row.setSpacing(SPACE * 2)
        row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        return row

    def _open_texts(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._licences)))
