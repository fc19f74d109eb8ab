"""What the documents view shows before there are any: where to drop, and the next step."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop import theme
from desktop.plain import plain_label
from desktop.theme import SPACE


class EmptyLibrary(QWidget):
    """A large drop target that says what happens next. (The window takes the drop itself.)"""

    folder_requested = Signal()
    sample_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        frame = QFrame(self)
        frame.setProperty("look", "drop")
        self._icon = QLabel(frame)
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        heading = plain_label("Drop a folder of documents here", frame, wrap=True)
        theme.enlarge(heading, 1.5, bold=True)
        story = plain_label(
            "Carrel reads it on this computer and never sends anything anywhere. "
            "Your files stay where they are and are not changed. "
            "You can search as soon as the first ones are read.",
            frame,
            wrap=True,
        )
        kinds = plain_label("PDF · Word · plain text · Markdown · web pages", frame, wrap=True)
        kinds.setProperty("look", "muted")
        self._story = story
        for label in (heading, story, kinds):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        add = QPushButton("Add folder…", frame)
        add.setProperty("look", "primary")
        add.clicked.connect(self.folder_requested)
        sample = QPushButton("Try it with the sample documents", frame)
        sample.setProperty("look", "quiet")
        sample.clicked.connect(self.sample_requested)

        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE * 2)
        buttons.addStretch(1)
        buttons.addWidget(add)
        buttons.addWidget(sample)
        buttons.addStretch(1)
        column = QVBoxLayout(frame)
        column.setContentsMargins(SPACE * 4, SPACE * 4, SPACE * 4, SPACE * 4)
        column.setSpacing(SPACE * 2)
        column.addStretch(1)
        column.addWidget(self._icon)
        column.addWidget(heading)
        column.addWidget(story, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(kinds)
        column.addSpacing(SPACE)
        column.addLayout(buttons)
        column.addStretch(1)
        around = QVBoxLayout(self)
        around.setContentsMargins(SPACE * 3, SPACE * 3, SPACE * 3, SPACE * 3)
        around.addWidget(frame)
        self._tint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = max(0, self.width() - SPACE * 16)
        self._story.setFixedWidth(min(theme.ems(self, 70), room))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_icon"):
            self._tint()

    def _tint(self) -> None:
        icon = theme.icon("folder-plus-outline", colour=theme.colours().accent)
        self._icon.setPixmap(icon.pixmap(theme.icon_size(self, 3)))
