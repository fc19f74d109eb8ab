"""Asking for a library: a new one, one to open, a passphrase, or what to do when it won't open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.plain import one_line, plain_label
from desktop.theme import SPACE
from engine.errors import LibraryLockedError
from engine.paths import LIBRARY_SUFFIX

_FILTER = f"Carrel libraries (*{LIBRARY_SUFFIX})"


def present(dialog: QDialog) -> None:
    """Open ``dialog``; it lives until it is closed, also where it has no parent to keep it."""
    dialog.finished.connect(lambda _result: dialog.deleteLater())
    dialog.open()


def choose_library(
    parent: QWidget | None,
    start: Path,
    chosen: Callable[[Path], None],
    cancelled: Callable[[], None] | None = None,
) -> None:
    """Let the person pick a library file."""
    dialog = QFileDialog(parent, "Open a library", str(start), _FILTER)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(lambda name: chosen(Path(name)))
    if cancelled is not None:
        dialog.rejected.connect(cancelled)
    present(dialog)


def choose_new_library(
    parent: QWidget | None,
    start: Path,
    chosen: Callable[[Path, str | None], None],
    cancelled: Callable[[], None] | None = None,
) -> None:
    """Let the person name a new library and, if they like, give it a passphrase."""
    dialog = QFileDialog(parent, "New library", str(start), _FILTER)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(LIBRARY_SUFFIX[1:])
    dialog.setLabelText(QFileDialog.DialogLabel.Accept, "Next")
    # An existing library is opened rather than written over, so there is nothing to warn of.
    dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)

    def named(name: str) -> None:
        path = Path(name)
        if path.exists():
            chosen(path, None)
            return
        protection = NewPassphraseDialog(path.stem, parent)
        protection.chosen.connect(lambda passphrase: chosen(path, passphrase or None))
        if cancelled is not None:
            protection.rejected.connect(cancelled)
        present(protection)

    dialog.fileSelected.connect(named)
    if cancelled is not None:
        dialog.rejected.connect(cancelled)
    present(dialog)


def _secret(parent: QWidget, name: str) -> QLineEdit:
    line = QLineEdit(parent)
    line.setEchoMode(QLineEdit.EchoMode.Password)
    line.setAccessibleName(name)
    line.setProperty("look", "field")
    line.setMinimumWidth(theme.ems(parent, 36))
    return line


def _column(dialog: QDialog) -> QVBoxLayout:
    column = QVBoxLayout(dialog)
    column.setContentsMargins(SPACE * 3, SPACE * 3, SPACE * 3, SPACE * 2)
    column.setSpacing(SPACE * 3 // 2)
    return column


class NewPassphraseDialog(QDialog):
    """Whether to encrypt a new library. Empty means not."""

    chosen = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("New library")
        self._first = _secret(self, "Passphrase")
        self._second = _secret(self, "Passphrase again")
        self._hint = plain_label("", self, wrap=True)
        form = QFormLayout()
        form.addRow("Passphrase:", self._first)
        form.addRow("Again:", self._second)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self._create = buttons.addButton("Create library", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self._accepted)
        buttons.rejected.connect(self.reject)
        column = _column(self)
        heading = plain_label(f"Encrypt “{one_line(name)}”?", self, wrap=True)
        theme.enlarge(heading, 1.15, bold=True)
        column.addWidget(heading)
        column.addWidget(
            plain_label(
                "With a passphrase, nobody can read this library without it, and nobody can "
                "bring it back if it is lost. Leave it empty for a library without encryption.",
                self,
                wrap=True,
            )
        )
        column.addLayout(form)
        column.addWidget(self._hint)
        column.addWidget(buttons)
        for line in (self._first, self._second):
            line.textChanged.connect(self._check)
        self._check()

    def _check(self) -> None:
        same = self._first.text() == self._second.text()
        self._create.setEnabled(same)
        differs = bool(self._second.text()) and not same
        self._hint.setText("The two passphrases are not the same." if differs else "")

    def _accepted(self) -> None:
        self.chosen.emit(self._first.text())
        self.accept()


class PassphraseDialog(QDialog):
    """Asks for the passphrase of an encrypted library; ``reason`` is why it is asked for."""

    given = Signal(str)

    def __init__(self, reason: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Encrypted library")
        self._line = _secret(self, "Passphrase")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        unlock = buttons.addButton("Unlock", QDialogButtonBox.ButtonRole.AcceptRole)
        unlock.setEnabled(False)
        self._line.textChanged.connect(lambda text: unlock.setEnabled(bool(text)))
        buttons.accepted.connect(self._accepted)
        buttons.rejected.connect(self.reject)
        column = _column(self)
        column.addWidget(plain_label(one_line(reason), self, wrap=True))
        column.addWidget(self._line)
        column.addWidget(buttons)

    def _accepted(self) -> None:
        self.given.emit(self._line.text())
        self.accept()


class TroubleDialog(QDialog):
    """A library could not be opened: why, and the ways on. Closing it is the last of them."""

    retry = Signal()
    unlock = Signal()
    open_other = Signal()
    create_new = Signal()

    def __init__(
        self, path: Path, error: Exception, *, last_way: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Carrel")
        column = _column(self)
        heading = plain_label(f"“{one_line(path.stem)}” could not be opened", self, wrap=True)
        theme.enlarge(heading, 1.3, bold=True)
        column.addWidget(heading)
        column.addWidget(plain_label(str(error), self, wrap=True))
        where = plain_label(one_line(str(path)), self, wrap=True)
        where.setProperty("look", "muted")
        column.addWidget(where)
        column.addSpacing(SPACE)
        if isinstance(error, LibraryLockedError):
            self._way("Enter passphrase…", self.unlock)
        self._way("Try again", self.retry)
        self._way("Open another library…", self.open_other)
        self._way("New library…", self.create_new)
        self._way(last_way, None)
        self.setMinimumWidth(theme.ems(self, 64))

    def _way(self, words: str, signal: SignalInstance | None) -> QPushButton:
        button = QPushButton(words, self)
        button.setAutoDefault(signal is not None)
        if signal is None:
            button.clicked.connect(self.reject)
        else:
            button.clicked.connect(self.accept)
            button.clicked.connect(signal.emit)
        layout = self.layout()
        assert layout is not None
        layout.addWidget(button)
        return button
