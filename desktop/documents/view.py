"""The documents view: folders, documents with what became of them, and the selected one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSplitter,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.bridge import Bridge
from desktop.documents.arranging import Arrangement, Column, Shown
from desktop.documents.details import Details
from desktop.documents.empty import EmptyLibrary
from desktop.documents.folders import FolderList
from desktop.documents.loading import Listing, Loader
from desktop.documents.table import DocumentsTable
from desktop.documents.unlocking import UnlockDialog
from desktop.plain import plain_label
from desktop.theme import SPACE
from engine.records import LedgerEntry

_FILTER_MS = 120
_NARROWEST = 58  # average characters
_SHOWN = {Shown.ALL: "All", Shown.READ: "Read", Shown.PROBLEMS: "Need attention"}


_TOLD = {Shown.PROBLEMS: "What could not be read, in full or in part, and what to do about it"}


class DocumentsView(QWidget):
    """Shows and asks; adding and removing folders is the window's to do."""

    folder_requested = Signal()
    sample_requested = Signal()
    removal_requested = Signal(object)  # Folder
    document_opened = Signal(int, int)  # document id, page
    summary_requested = Signal(int, str)  # document id, its title

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Documents")
        self._bridge = bridge
        self._empty = EmptyLibrary(self)
        self._empty.folder_requested.connect(self.folder_requested)
        self._empty.sample_requested.connect(self.sample_requested)
        self.folders = FolderList(self)
        self.table = DocumentsTable(self)
        self.details = Details(self)
        self.details.hide()
        self._nothing = plain_label("No document matches.", self.table)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setProperty("look", "muted")
        self._nothing.hide()

        self._add = self._button("Add folder…", "folder-plus-outline", self.folder_requested.emit)
        self._remove = self._button("Remove…", "folder-remove-outline", self._removal)
        self._check = self._button("Check for changes", "refresh", bridge.restart_indexing)
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText("Filter by name")
        self.filter.setAccessibleName("Filter documents by name")
        self.filter.setClearButtonEnabled(True)
        self.filter.setProperty("look", "field")
        self.filter.setMinimumWidth(theme.ems(self, 10))
        self.filter.setMaximumWidth(theme.ems(self, 40))
        self._shown = QButtonGroup(self)
        self._states = {shown: self._state_button(shown) for shown in Shown}

        self._full = QWidget(self)
        self._arrange_widgets()
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._full)
        self._stack.setCurrentWidget(self._full)

        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_FILTER_MS)
        self._typing.timeout.connect(self._wish)
        self.filter.textChanged.connect(lambda _text: self._typing.start())
        self._shown.buttonToggled.connect(lambda _button, on: self._wish() if on else None)
        self.folders.chosen.connect(self._folder_chosen)
        self.table.horizontalHeader().sortIndicatorChanged.connect(lambda *_: self._wish())
        self.table.selection_changed.connect(self._selected)
        self.table.open_requested.connect(self._opened)
        self.table.summary_requested.connect(
            lambda entry: self.summary_requested.emit(entry.document_id, entry.title or entry.path)
        )
        self.details.open_requested.connect(self._opened)
        self.details.page_requested.connect(
            lambda entry, page: self.document_opened.emit(entry.document_id, page)
        )
        self.details.pages_wanted.connect(self._bring_pages)
        for part in (self.table, self.details):
            part.unlock_requested.connect(self._ask_passphrase)
            part.first_requested.connect(lambda entry: bridge.read_first([entry.document_id]))
        self.folders.first_requested.connect(
            lambda folder: bridge.read_first(paths=[Path(folder.path)])
        )
        self._loader = Loader(bridge, self)
        self._loader.loaded.connect(self._show)
        self._folder_chosen(None)
        self.setFocusProxy(self.table)
        self._tint()

    def show_problems(self) -> None:
        """List what could not be read, in every folder."""
        self.folders.setCurrentRow(0)
        self.filter.clear()
        self._states[Shown.PROBLEMS].setChecked(True)

    def focus_filter(self) -> None:
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def set_empty(self, empty: bool) -> None:
        """Whether the library follows no folder and holds no document."""
        self._stack.setCurrentWidget(self._empty if empty else self._full)

    # --- making it ----------------------------------------------------------------------------

    def _button(self, words: str, icon: str, act: object) -> QToolButton:
        button = QToolButton(self)
        button.setText(words)
        button.setAccessibleName(words)
        button.setToolTip(words)
        button.setProperty("look", "quiet")
        button.setProperty("icon_name", icon)
        button.setIconSize(theme.icon_size(self))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(act)
        return button

    def _state_button(self, shown: Shown) -> QPushButton:
        button = QPushButton(_SHOWN[shown], self)
        button.setCheckable(True)
        button.setProperty("look", "segment")
        button.setChecked(shown is Shown.ALL)
        button.setToolTip(_TOLD.get(shown, ""))
        self._shown.addButton(button)
        return button

    def _arrange_widgets(self) -> None:
        actions = QHBoxLayout()
        actions.setContentsMargins(SPACE, SPACE, SPACE * 2, SPACE // 2)
        actions.setSpacing(SPACE // 2)
        for button in (self._add, self._remove, self._check):
            actions.addWidget(button)
        actions.addStretch(1)
        narrowing = QHBoxLayout()
        narrowing.setContentsMargins(SPACE * 2, 0, SPACE * 2, SPACE)
        narrowing.setSpacing(SPACE // 2)
        for state in self._states.values():
            narrowing.addWidget(state)
        narrowing.addSpacing(SPACE * 2)
        narrowing.addStretch(1)
        narrowing.addWidget(self.filter, 4)
        line = QFrame(self)
        line.setProperty("look", "line")
        self._split = QSplitter(Qt.Orientation.Horizontal, self)
        self._split.addWidget(self.folders)
        self._split.addWidget(self.table)
        self._split.setStretchFactor(1, 1)
        self._split.setHandleWidth(1)
        self._split.setSizes([theme.ems(self, 24), theme.ems(self, 120)])
        below = QFrame(self)
        below.setProperty("look", "line")
        column = QVBoxLayout(self._full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(actions)
        column.addLayout(narrowing)
        column.addWidget(line)
        column.addWidget(self._split, 1)
        column.addWidget(below)
        column.addWidget(self.details)

    # --- what Qt tells ------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._loader.set_active(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._loader.set_active(False)

    def minimumSizeHint(self) -> QSize:
        # What does not fit a narrow view is left out of it (see resizeEvent), so the parts'
        # own hints would ask for too much.
        return QSize(theme.ems(self, _NARROWEST), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.folders.setVisible(self.width() > theme.ems(self, 85))
        words = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        style = (
            words if self.width() > theme.ems(self, 60) else Qt.ToolButtonStyle.ToolButtonIconOnly
        )
        for button in (self._add, self._remove, self._check):
            button.setToolButtonStyle(style)
        self._place_nothing()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_loader"):
            self._tint()

    def _tint(self) -> None:
        for button in (self._add, self._remove, self._check):
            button.setIcon(theme.icon(button.property("icon_name")))
        self.folders.tint()
        self.table.documents.tint()

    # --- narrowing and showing ----------------------------------------------------------------

    def _wish(self) -> None:
        header = self.table.horizontalHeader()
        checked = next(shown for shown, button in self._states.items() if button.isChecked())
        self._loader.arrange(
            Arrangement(
                self.filter.text().strip(),
                checked,
                self.folders.folder_id,
                Column(max(0, header.sortIndicatorSection())),
                header.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder,
            )
        )

    def _show(self, listing: Listing) -> None:
        self.folders.show_folders(listing.folders, listing.gone)
        self.table.folder_paths = {folder.id: folder.path for folder in listing.folders}
        self.table.renew(listing.rows)
        totals = listing.counts
        for shown, count in (
            (Shown.ALL, totals.all),
            (Shown.READ, totals.read),
            (Shown.PROBLEMS, totals.problems),
        ):
            button = self._states[shown]
            button.setText(f"{_SHOWN[shown]} {count:,}")
            # All of it is to be read, whatever else has to give way.
            button.setMinimumWidth(button.sizeHint().width())
        wish = self._loader.wish
        narrowed = bool(wish.text) or wish.shown is not Shown.ALL
        self._nothing.setText(
            "No problems: every file was read."
            if wish.shown is Shown.PROBLEMS and totals.all and not totals.problems
            else "No document matches."
            if narrowed
            else "Nothing here yet. New files appear as they are read."
        )
        self._nothing.setVisible(not listing.rows)
        self._place_nothing()

    def _place_nothing(self) -> None:
        self._nothing.setGeometry(self.table.viewport().geometry())

    def _selected(self) -> None:
        entries = self.table.selected()
        folder = self.table.folder_paths.get(entries[0].folder_id, "") if entries else ""
        self.details.show_entries(entries, folder)

    def _folder_chosen(self, folder_id: int | None) -> None:
        self._remove.setEnabled(folder_id is not None)
        self._remove.setToolTip(
            "Stop following the chosen folder; its files stay untouched"
            if folder_id is not None
            else "Choose a folder on the left to remove it"
        )
        self._wish()

    def _removal(self) -> None:
        folder = self.folders.folder()
        if folder is not None:
            self.removal_requested.emit(folder)

    def _opened(self, entry: LedgerEntry) -> None:
        self.document_opened.emit(entry.document_id, 1)

    def _bring_pages(self, document_id: int) -> None:
        library = self._bridge.library
        self._bridge.run(
            self,
            lambda: library.pages_of(document_id),
            lambda pages: self.details.show_pages(document_id, pages),
        )

    def _ask_passphrase(self, entry: LedgerEntry) -> None:
        dialog = UnlockDialog(self._bridge, entry, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.unlocked.connect(lambda _entry: self._bridge.restart_indexing())
        dialog.open()
