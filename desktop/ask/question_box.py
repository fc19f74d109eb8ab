"""The one box: a question that grows to a few lines, its scope, its model, and the button."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPalette, QResizeEvent, QTextCursor
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.ask.ways import Way, WaysButton

TYPING_PAUSE_MS = 25
"""Keys that follow each other faster are looked at together; a key after a rest is at once."""
_PAGE = 5  # passages that Page Down moves by
_MOST_LINES = 6
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_STEPS = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: _PAGE,
    Qt.Key.Key_PageUp: -_PAGE,
}


class QuestionBox(QFrame):
    """Keys are turned into wishes; what they lead to is the view's business."""

    submitted = Signal(str)
    typed = Signal(str)  # at most every TYPING_PAUSE_MS; empty when the box was emptied
    stepped = Signal(int)  # so many rows down the list, or up where negative
    list_wanted = Signal()  # the down key while the list is closed
    first_wanted = Signal()
    completion_wanted = Signal()  # the tab key while ``completing``
    dismissed = Signal()  # Esc while the list is open
    focused = Signal()
    other_way = Signal(str, object)  # the question, a Way
    resized = Signal()
    stop_wanted = Signal()

    def __init__(self, chips: list[QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("question-box")
        self.list_open = False
        self.completing = False
        self._answering = False
        self.edit = _Edit(self)
        self._button = QToolButton()
        self._button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._button.clicked.connect(self._pressed)
        self._ways = WaysButton()
        self._ways.chosen.connect(self._other_way)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for chip in chips:
            row.addWidget(chip)
        row.addStretch(1)
        row.addWidget(self._ways)
        row.addWidget(self._button)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.edit)
        column.addLayout(row)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._tell)
        self._told = QElapsedTimer()
        self.edit.textChanged.connect(self._changed)
        self._restyle()

    @property
    def text(self) -> str:
        return self.edit.toPlainText()

    @property
    def before_caret(self) -> str:
        """The text up to the caret; nothing where it stands in the middle of a word, or where
        something is selected."""
        cursor = self.edit.textCursor()
        units = self.text.encode("utf-16-le")
        after = units[2 * cursor.position() :].decode("utf-16-le", "ignore")
        if cursor.hasSelection() or (after and not after[0].isspace()):
            return ""
        return units[: 2 * cursor.position()].decode("utf-16-le", "ignore")

    def write(self, text: str, replaces: int = 0) -> None:
        """Put ``text`` at the caret, in place of so many code points before it."""
        cursor = self.edit.textCursor()
        units = len(self.before_caret[-replaces:].encode("utf-16-le")) // 2 if replaces else 0
        cursor.setPosition(cursor.position() - units, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(text)
        self.edit.setTextCursor(cursor)
        self.focus_edit(select=False)

    def write_apart(self, text: str) -> None:
        """Put ``text`` at the caret as the beginning of a word."""
        before = self.edit.document().characterAt(self.edit.textCursor().position() - 1)
        joined = bool(before) and before != "\0" and not before.isspace()
        self.write(f" {text}" if joined else text)

    def set_text(self, text: str) -> None:
        """Put a question there, ready to be changed."""
        self.edit.setPlainText(text)
        self.edit.moveCursor(QTextCursor.MoveOperation.End)

    def clear(self) -> None:
        self.edit.clear()
        self._pause.stop()

    def set_answering(self, answering: bool) -> None:
        """While an answer is on its way the button stops it, unless a question is typed."""
        self._answering = answering
        self._restyle()

    def set_placeholder(self, words: str) -> None:
        self.edit.setPlaceholderText(words)

    def set_roomy(self, roomy: bool) -> None:
        """Larger, while it is all there is to look at."""
        self.edit.set_least_lines(2 if roomy else 1)

    def focus_edit(self, *, select: bool = True) -> None:
        self.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if select:
            self.edit.selectAll()

    # --- keys -------------------------------------------------------------------------------

    def key(self, event: QKeyEvent) -> bool:
        """Whether the box has dealt with a key of its edit."""
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() in _ENTER and shift and control:
            self._other_way(Way.EVERY_DOCUMENT)
            return True
        if event.key() in _ENTER and not shift:
            if control:
                self.first_wanted.emit()
            else:
                self._submit()
            return True
        if event.key() == Qt.Key.Key_Tab and self.completing and not (control or shift):
            self.completion_wanted.emit()
            return True
        if not self.list_open:
            if event.key() == Qt.Key.Key_Down and not shift and self._in_last_line:
                self.list_wanted.emit()
                return True
            return False
        if event.key() == Qt.Key.Key_Escape:
            self.dismissed.emit()
            return True
        step = _STEPS.get(Qt.Key(event.key()), 0)
        if step and not shift:
            self.stepped.emit(step)
            return True
        return False

    @property
    def _in_last_line(self) -> bool:
        cursor = self.edit.textCursor()
        return not cursor.movePosition(QTextCursor.MoveOperation.Down)

    def _submit(self) -> None:
        self._pause.stop()
        self.submitted.emit(self.text.strip())

    def _other_way(self, way: Way) -> None:
        self._pause.stop()
        self.other_way.emit(self.text.strip(), way)

    def offer_model(self, offered: bool) -> None:
        """Whether there is a model that could answer without documents."""
        self._ways.offer(Way.WITHOUT_DOCUMENTS, offered)

    def _pressed(self) -> None:
        if self._stops:
            self.stop_wanted.emit()
        else:
            self._submit()

    @property
    def _stops(self) -> bool:
        return self._answering and not self.text.strip()

    def _changed(self) -> None:
        if not self._pause.isActive():
            since = self._told.elapsed() if self._told.isValid() else TYPING_PAUSE_MS
            self._pause.start(max(0, TYPING_PAUSE_MS - since))
        self._restyle()

    def _tell(self) -> None:
        self._told.start()
        self.typed.emit(self.text.strip())

    # --- looks ------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._restyle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def focus_changed(self) -> None:
        self._restyle()
        if self.edit.hasFocus():
            self.focused.emit()

    def _restyle(self) -> None:
        c = theme.colours()
        focused = self.edit.hasFocus()
        edge = c.accent if focused else c.border
        sheet = (
            f"#question-box {{ background: {c.base.name()}; border-radius: 12px;"
            f" border: {2 if focused else 1}px solid {edge.name()};"
            f" margin: {0 if focused else 1}px; }}"
            f"QToolButton#ask {{ background: {c.accent.name()}; border: none;"
            f" border-radius: 8px; padding: 5px; }}"
            f"QToolButton#ask:hover {{ background: {c.accent.lighter(112).name()}; }}"
            f"QToolButton#ask:focus {{ border: 2px solid {c.text.name()}; padding: 3px; }}"
            f"QToolButton#ask:disabled {{ background: {c.border.name()}; }}"
        )
        self._button.setObjectName("ask")
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)
        side = round(self.fontMetrics().height() * 1.1)
        tip = "Stop (Esc)" if self._stops else "Ask (Enter)"
        self._button.setIcon(theme.icon("stop" if self._stops else "arrow-up", colour=c.on_accent))
        self._button.setIconSize(QSize(side, side))
        self._button.setToolTip(tip)
        self._button.setAccessibleName(tip)
        self._button.setEnabled(self._stops or bool(self.text.strip()))


class _Edit(QPlainTextEdit):
    """As high as its text, up to a few lines."""

    def __init__(self, box: QuestionBox) -> None:
        super().__init__(box)
        self._box = box
        self._least = 1
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setPlaceholderText("Ask your documents")
        self.setAccessibleName("Question")
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(2)
        self.viewport().setAutoFillBackground(False)
        self._restyle()
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    def event(self, event: QEvent) -> bool:
        # QWidget takes the tab key before keyPressEvent could see it.
        if (
            event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Tab
            and self._box.key(event)
        ):
            return True
        # Esc closes the list first; a window-wide shortcut on Esc must not take it away.
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and self._box.list_open
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._box.key(event):
            event.accept()
            return
        if event.key() == Qt.Key.Key_Escape:
            event.ignore()
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._box.focus_changed()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._box.focus_changed()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (
            QEvent.Type.PaletteChange,
            QEvent.Type.FontChange,
        ):
            self._restyle()
            self._fit()

    def set_least_lines(self, lines: int) -> None:
        self._least = lines
        self._fit()

    def _restyle(self) -> None:
        c = theme.colours()
        theme.enlarge(self, 1.12)
        self.viewport().setFont(self.font())  # the placeholder is drawn in it
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.transparent)
        palette.setColor(QPalette.ColorRole.Text, c.text)
        palette.setColor(QPalette.ColorRole.PlaceholderText, c.muted)
        self.setPalette(palette)

    def _fit(self) -> None:
        wanted = max(1, round(self.document().size().height()))
        lines = min(_MOST_LINES, max(self._least, wanted))
        self.setVerticalScrollBarPolicy(
            Qt.ScrollBarPolicy.ScrollBarAsNeeded
            if wanted > _MOST_LINES
            else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        )
        height = lines * self.fontMetrics().lineSpacing() + 6
        if height != self.height():
            self.setFixedHeight(height)
