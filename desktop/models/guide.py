""" "Which model should I get?": a page that comes with Carrel, shown without any network."""

from __future__ import annotations

from string import Template
from typing import Any

from markdown_it import MarkdownIt
from PySide6.QtCore import QEvent, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QTextBrowser, QVBoxLayout, QWidget

from desktop import theme
from desktop.theme import SPACE
from engine.paths import resource

_WIDEST = 96  # average characters: lines that are longer are hard to read

_STYLE = Template("""
h1 { font-size: x-large; font-weight: 600; margin-top: 4px; margin-bottom: 10px; }
h2 { font-size: large; font-weight: 600; margin-top: 24px; margin-bottom: 6px; }
h3 { font-size: medium; font-weight: 600; margin-top: 16px; margin-bottom: 4px; }
p, li { margin-top: 4px; margin-bottom: 6px; line-height: 120%; }
th { color: $muted; font-weight: normal; text-align: left; }
th, td { border-bottom: 1px solid $border; }
""")


class GuidePage(QWidget):
    """The page and the way back."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Which model should I get?")
        self._back = QPushButton("Models", self)
        self._back.setProperty("look", "quiet")
        self._back.setAccessibleName("Back to the models")
        self._back.setToolTip("Back to the models (Esc)")
        self._back.clicked.connect(self.closed)
        self._text = _Page(self)
        over = QHBoxLayout()
        over.setContentsMargins(SPACE, SPACE, SPACE * 2, SPACE // 2)
        over.addWidget(self._back)
        over.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(over)
        column.addWidget(self._text, 1)
        self.setFocusProxy(self._text)
        self._written = False

    def text(self) -> str:
        return self._text.toPlainText()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._written:  # in a step of its own, so that no step is long
            QTimer.singleShot(0, self, self._write)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Back):
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        dress = (QEvent.Type.PaletteChange, QEvent.Type.FontChange)
        if event.type() in dress and hasattr(self, "_written"):
            self._written = False
            if self.isVisible():
                self._write()

    def _write(self) -> None:
        self._written = True
        tones = theme.colours()
        self._back.setIcon(theme.icon("arrow-left"))
        place = self._text.verticalScrollBar().value()
        document = self._text.document()
        document.setDefaultFont(self.font())
        document.setDefaultStyleSheet(
            _STYLE.substitute(muted=tones.muted.name(), border=tones.border.name())
        )
        self._text.setHtml(as_html(resource("docs", "models.md").read_text("utf-8")))
        self._text.verticalScrollBar().setValue(place)


def as_html(markdown: str) -> str:
    """Markdown as Qt shows it: its own HTML is text, and addresses are no links."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["link", "autolink"])
    page: str = reader.render(markdown)
    table = '<table width="99%" cellspacing="0" cellpadding="5">'
    return page.replace("<table>", table)


class _Page(QTextBrowser):
    """Follows no link and loads nothing, whatever the page holds."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Which model should I get?")
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        return None

    def resizeEvent(self, event: QResizeEvent) -> None:
        side = max(SPACE * 3, (self.width() - theme.ems(self, _WIDEST)) // 2)
        self.setViewportMargins(side, 0, side, 0)
        super().resizeEvent(event)
