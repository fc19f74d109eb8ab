"""Where a new model shall live: where it is, or as a copy of Carrel's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QRadioButton, QVBoxLayout, QWidget

from desktop import theme
from desktop.models.wording import file_size, short_path
from desktop.plain import one_line, plain_label
from desktop.theme import SPACE

_SPARE = 1 << 28  # bytes that a copy should leave on the disk


class AddDialog(QDialog):
    """``models`` are names with sizes in bytes, ``free`` is the space for copies."""

    decided = Signal(bool)  # whether to copy

    def __init__(
        self,
        models: Sequence[tuple[str, int]],
        here: Path,
        copies: Path,
        free: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Add model")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        size = sum(size for _name, size in models)
        one = len(models) == 1
        title = f"Add “{models[0][0]}”?" if one else f"Add {len(models)} models?"
        heading = plain_label(title, self, wrap=True)
        theme.enlarge(heading, 1.15, bold=True)
        names = "\n".join(f"{name}, {file_size(size)}" for name, size in models[:6])
        if len(models) > 6:
            names += f"\nand {len(models) - 6} more"
        named = plain_label(file_size(size) if one else names, self, wrap=True)
        named.setProperty("look", "muted")
        it = "it" if one else "them"
        self.in_place = QRadioButton(f"Use {it} where {'it is' if one else 'they are'}", self)
        self.copied = QRadioButton(f"Copy {it} into Carrel’s models folder", self)
        self.in_place.setChecked(True)
        room = free >= size + _SPARE
        self.copied.setEnabled(room)
        stay = (
            f"{one_line(short_path(here))}\nNothing is copied. Leave the "
            f"{'file' if one else 'files'} there: if moved, Carrel has to be told."
        )
        into = (
            f"{one_line(short_path(copies))}\nTakes {file_size(size)} on the disk; "
            f"{file_size(free)} are free."
            if room
            else f"Not enough space: a copy takes {file_size(size)}, and {file_size(free)} are "
            "free on the disk."
        )
        check = plain_label(
            "Carrel then loads it once, apart from everything else, to see that it works.",
            self,
            wrap=True,
        )
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        add = buttons.addButton("Add", QDialogButtonBox.ButtonRole.AcceptRole)
        add.setDefault(True)
        buttons.accepted.connect(self._accepted)
        buttons.rejected.connect(self.reject)

        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE * 3, SPACE * 3, SPACE * 3, SPACE * 2)
        column.setSpacing(SPACE)
        column.addWidget(heading)
        column.addWidget(named)
        column.addSpacing(SPACE)
        for choice, words in ((self.in_place, stay), (self.copied, into)):
            explained = plain_label(words, self, wrap=True)
            explained.setProperty("look", "muted")
            explained.setIndent(theme.ems(self, 3))
            choice.setAccessibleDescription(words)
            column.addWidget(choice)
            column.addWidget(explained)
        column.addSpacing(SPACE)
        column.addWidget(check)
        column.addSpacing(SPACE)
        column.addWidget(buttons)
        self.setMinimumWidth(theme.ems(self, 64))

    def _accepted(self) -> None:
        self.decided.emit(self.copied.isChecked())
        self.accept()
