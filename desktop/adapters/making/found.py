"""What a file of examples holds, and what is wrong with some of them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.activity import plural
from desktop.ask.labels import Label
from desktop.plain import one_line
from desktop.theme import SPACE
from engine.training_facts import Doubt, ExampleDoubt, ExamplesFound

FEW = 50  # usable examples below which little is learnt
_ROWS = 6  # at most before the list scrolls


class Found(QWidget):
    """A sentence with the counts, warnings, and a list of doubts by line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found: ExamplesFound | None = None
        self._sign = QLabel(self)
        self._sum = Label("", bold=True, wrap=True)
        self._more = Label("", ink="muted", wrap=True)
        self._warning = Label("", ink="warning", wrap=True)
        self.doubts = QListWidget(self)
        self.doubts.setProperty("look", "plain")
        self.doubts.setAccessibleName("Doubts about examples")
        self.doubts.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.doubts.setUniformItemSizes(True)
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._sum, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        column.addLayout(head)
        column.addWidget(self._more)
        column.addWidget(self._warning)
        column.addWidget(self.doubts)
        self.hide()

    def show_found(self, found: ExamplesFound) -> None:
        self._found = found
        self._sum.setText(f"{found.usable:,} of {plural(found.examples, 'example')} can be used")
        self._sum.set_ink("text")
        self._more.setText(
            f"{found.tokens:,} tokens; the longest has {found.longest:,} of the {found.context:,} "
            "that an example may have."
        )
        self._more.show()
        warning = _warning(found)
        self._warning.setText(warning)
        self._warning.setVisible(bool(warning))
        self.doubts.clear()
        secrets_first = sorted(found.doubts, key=lambda d: (d.left_out, d.line))
        for doubt in secrets_first:
            item = QListWidgetItem(_line(doubt))
            item.setToolTip("")
            item.setData(Qt.ItemDataRole.UserRole, doubt)
            self.doubts.addItem(item)
        if found.more:
            item = QListWidgetItem(f"and {found.more:,} more")
            item.setData(Qt.ItemDataRole.UserRole, None)
            self.doubts.addItem(item)
        self.doubts.setVisible(bool(found.doubts))
        self._tint()
        self.show()

    def show_failure(self, sentence: str) -> None:
        self._found = None
        self._sum.setText(sentence)
        self._sum.set_ink("danger")
        for part in (self._more, self._warning, self.doubts):
            part.hide()
        self._tint()
        self.show()

    def show_checking(self) -> None:
        self._found = None
        self._sum.setText("Checking the examples…")
        self._sum.set_ink("muted")
        for part in (self._more, self._warning, self.doubts):
            part.hide()
        self._tint()
        self.show()

    def lines(self) -> list[str]:
        return [self.doubts.item(row).text() for row in range(self.doubts.count())]

    @property
    def words(self) -> str:
        return " ".join((self._sum.text(), self._more.text(), self._warning.text()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        kinds = (QEvent.Type.PaletteChange, QEvent.Type.FontChange)
        if event.type() in kinds and hasattr(self, "doubts"):
            self._tint()

    def _tint(self) -> None:
        tones, size = theme.colours(), theme.icon_size(self, 1.05)
        fine = self._found is not None and self._found.usable > 0
        checking = self._found is None and "…" in self._sum.text()
        name = "check-circle-outline" if fine else "close-circle-outline"
        ink = tones.good if fine else tones.danger
        if checking:
            name, ink = "progress-clock", tones.muted
        self._sign.setPixmap(theme.icon(name, colour=ink).pixmap(size))
        secret = theme.icon("key-alert-outline", colour=tones.warning)
        left_out = theme.icon("minus-circle-outline", colour=tones.muted)
        for row in range(self.doubts.count()):
            item = self.doubts.item(row)
            doubt: ExampleDoubt | None = item.data(Qt.ItemDataRole.UserRole)
            if doubt is not None:
                item.setIcon(left_out if doubt.left_out else secret)
            flagged = doubt is not None and not doubt.left_out
            item.setForeground(tones.text if flagged else tones.muted)
        line = round(self.fontMetrics().height() * 1.6)
        self.doubts.setIconSize(theme.icon_size(self, 1.0))
        for row in range(self.doubts.count()):
            self.doubts.item(row).setSizeHint(QSize(0, line))
        self.doubts.setFixedHeight(line * min(_ROWS, self.doubts.count()) + 4)


def _line(doubt: ExampleDoubt) -> str:
    end = "Left out." if doubt.left_out else "Kept; take it out of the file if it is one."
    text = one_line(doubt.text).rstrip(".")
    return f"Line {doubt.line:,}: {text}. {end}"


def _warning(found: ExamplesFound) -> str:
    """The one thing to know before starting, if there is one."""
    secrets = sum(doubt.doubt is Doubt.SECRET for doubt in found.doubts)
    if secrets:
        what = "1 example looks" if secrets == 1 else f"{secrets:,} examples look"
        return (
            f"{what} as if they held a secret. An adapter may repeat what it was trained on, word "
            "for word: take secrets out before you share it."
        ).replace("looks as if they", "looks as if it")
    if 0 < found.usable < FEW:
        return (
            f"{plural(found.usable, 'example')} can be learnt by heart, and little else from "
            "them. From a hundred on, a style carries over to new questions."
        )
    return ""
