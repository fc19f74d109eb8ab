"""Asking for the passphrase of a locked file."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QVBoxLayout, QWidget

from desktop import theme
from desktop.bridge import Bridge
from desktop.documents.wording import title
from desktop.plain import one_line, plain_label
from desktop.theme import SPACE
from engine.errors import CarrelError
from engine.records import LedgerEntry

_KEPT = "The passphrase is kept in this library, which is encrypted."
_NOT_KEPT = (
    "The passphrase is forgotten when Carrel is closed, since this library is not encrypted. What "
    "is read from the file stays in the library."
)


class UnlockDialog(QDialog):
    """One file, one passphrase. A wrong one is told in place, and the next can be tried."""

    unlocked = Signal(object)  # LedgerEntry

    def __init__(self, bridge: Bridge, entry: LedgerEntry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._entry = bridge, entry
        self.setWindowTitle("Locked file")
        heading = plain_label(f"“{one_line(title(entry))}” is locked", self, wrap=True)
        theme.enlarge(heading, 1.15, bold=True)
        path = plain_label(one_line(entry.path), self, wrap=True)
        path.setProperty("look", "muted")
        self.line = QLineEdit(self)
        self.line.setEchoMode(QLineEdit.EchoMode.Password)
        self.line.setAccessibleName("Passphrase of the file")
        self.line.setPlaceholderText("Passphrase")
        self.line.setProperty("look", "field")
        self.hint = plain_label("", self, wrap=True)
        self.hint.hide()
        kept = plain_label(_KEPT if bridge.library.encrypted else _NOT_KEPT, self, wrap=True)
        kept.setProperty("look", "muted")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.unlock = buttons.addButton("Unlock", QDialogButtonBox.ButtonRole.AcceptRole)
        self.unlock.setEnabled(False)
        self.line.textChanged.connect(self._typed)
        buttons.accepted.connect(self._try)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE * 3, SPACE * 3, SPACE * 3, SPACE * 2)
        column.setSpacing(SPACE * 3 // 2)
        for part in (heading, path, self.line, self.hint, kept, buttons):
            column.addWidget(part)
        self.setFixedWidth(theme.ems(self, 68))
        self._tint()
        self._make_room()

    def _make_room(self) -> None:
        """A dialog does not grow by itself when there is more to say in it."""
        layout = self.layout()
        if layout is not None:
            layout.invalidate()
            self.setFixedHeight(layout.totalHeightForWidth(self.width()))

    def _typed(self, text: str) -> None:
        self.unlock.setEnabled(bool(text))
        self.hint.hide()
        self._make_room()

    def _try(self) -> None:
        if not self.unlock.isEnabled():
            return
        library, document_id, words = (
            self._bridge.library,
            self._entry.document_id,
            self.line.text(),
        )
        self.line.setEnabled(False)
        self.unlock.setEnabled(False)
        self.unlock.setText("Trying…")
        self._bridge.run(
            self, lambda: library.unlock(document_id, words), self._opened, self._refused
        )

    def _opened(self, _nothing: None) -> None:
        self.unlocked.emit(self._entry)
        self.accept()

    def _refused(self, error: Exception) -> None:
        self.line.setEnabled(True)
        self.unlock.setEnabled(True)
        self.unlock.setText("Unlock")
        self.hint.setText(
            str(error)
            if isinstance(error, CarrelError)
            else "The file could not be opened. The log has the details."
        )
        self.hint.show()
        self._make_room()
        self.line.setFocus()
        self.line.selectAll()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "hint"):
            self._tint()

    def _tint(self) -> None:
        palette = self.hint.palette()
        palette.setColor(self.hint.foregroundRole(), theme.colours().danger)
        self.hint.setPalette(palette)
