"""F1: how Carrel works, and its keys."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.plain import plain_label
from desktop.theme import SPACE

STORY = (
    (
        "Ask, and check",
        "Type a question: matching passages appear while you type, and Enter asks. The best "
        "sources come first, then the answer. Each numbered mark opens the page that a claim "
        "came from, with the passage lit. A claim that its sources do not support is marked, with "
        "what is missing. Where your documents hold no answer, Carrel says so.",
    ),
    (
        "Whole documents",
        "“Summarise”, beside a page or in the list of documents, goes through one document from "
        "its beginning to its end; “Ask every document”, under the dots beside the question, "
        "tells what each of them says. Answers and conversations can be exported.",
    ),
    (
        "Your documents stay yours",
        "Add folders of documents. Carrel reads them on this computer, changes nothing in them, "
        "and never connects to a network. The list of documents says of every file whether it "
        "was read, and if not, why.",
    ),
    (
        "Adapters",
        "An adapter is a small file that changes how a model writes, not what it knows. View → "
        "Adapters tab lets you apply one, see on your own question what it changes, and make one "
        "from examples.",
    ),
    (
        "A library is one file",
        "What was read and asked is kept in one .carrel file. Use one for each matter; a library "
        "can be encrypted with its own passphrase.",
    ),
)

SEARCHING = (
    ("“these words”", "Only pages that hold these words one after the other"),
    ("-word", "No passages that hold this word; -“two words” works too"),
    ("file:lease", "Only files with this in their name, or that match: file:*.pdf"),
    ("folder:letters", "Only documents in a folder of this name"),
    ("type:pdf", "Only documents of this type, such as word, web or text"),
    (
        "after:2021",
        "Only files last changed in 2021 or later; also 2021-05 and 2021-05-31",
    ),
    ("before:2022", "Only files last changed before 2022"),
    ("-type:pdf", "Everything else: a hyphen turns any of these around"),
    ("Down, Up", "Choose among what appears; Enter opens it, Tab completes an operator"),
    ("Ctrl+Enter", "Open the first passage"),
)

KEYS = (
    ("Ctrl+K", "Go to the question"),
    ("Ctrl+N", "Begin a new conversation"),
    ("Ctrl+Shift+Enter", "Ask every document, one after the other"),
    ("Ctrl+O", "Add a folder"),
    ("Ctrl+1", "Ask"),
    ("Ctrl+2", "Documents"),
    ("Ctrl+3", "Models"),
    ("Ctrl+4", "Adapters, once they are switched on in the View menu"),
    ("Ctrl+,", "Settings"),
    ("F5", "Check the folders for changes"),
    ("Alt+1", "Open the first citation; Alt+2 to Alt+9 open the next ones"),
    ("Esc", "Stop the answer, or close the source"),
    ("Ctrl+F", "Find in the open page, or filter the documents"),
    ("Ctrl+Shift+F", "Search the conversations"),
    ("F2, Delete", "Rename or delete the chosen conversation"),
    ("Ctrl+Shift+C", "Copy the answer with its citations"),
    ("F1", "This help"),
    ("Ctrl+Q", "Quit"),
)


class HelpDialog(QDialog):
    """Short enough to be read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("How Carrel works")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(SPACE * 3, SPACE * 3, SPACE * 3, SPACE)
        column.setSpacing(SPACE)
        for heading, text in STORY:
            column.addWidget(self._heading(heading, page))
            column.addWidget(plain_label(text, page, wrap=True))
            column.addSpacing(SPACE)
        column.addWidget(self._heading("Searching", page))
        column.addLayout(self._table(SEARCHING, page))
        column.addSpacing(SPACE)
        column.addWidget(self._heading("Keys", page))
        native = QKeySequence.SequenceFormat.NativeText
        keys = [(QKeySequence(key).toString(native), meaning) for key, meaning in KEYS]
        column.addLayout(self._table(keys, page))
        column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setWidget(page)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, SPACE, SPACE)
        outer.addWidget(scroll, 1)
        outer.addWidget(buttons)
        room = self.screen().availableSize()
        self.resize(
            min(theme.ems(self, 84), room.width() - 40),
            min(theme.ems(self, 90), room.height() - 80),
        )

    def _table(self, rows: Iterable[tuple[str, str]], page: QWidget) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE * 3)
        grid.setVerticalSpacing(SPACE // 2)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(0, theme.ems(self, 17))
        for row, (name, meaning) in enumerate(rows):
            label = plain_label(name, page)
            theme.enlarge(label, 1.0, bold=True)
            grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(plain_label(meaning, page, wrap=True), row, 1)
        return grid

    def _heading(self, text: str, parent: QWidget) -> QWidget:
        label = plain_label(text, parent)
        theme.enlarge(label, 1.15, bold=True)
        return label
