"""Labels and buttons that show text as it is, in the theme's colours and the system's font."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QToolButton, QWidget

from desktop import theme
from desktop.plain import tooltip

_LOOKS = (QEvent.Type.PaletteChange, QEvent.Type.FontChange)
"""What restyling itself causes, too: only other looks are a reason for it."""


def scaled_font(factor: float = 1.0, *, bold: bool = False) -> QFont:
    """The application's font, ``factor`` times its size."""
    return theme.scaled(QApplication.font(), factor, bold=bold)


class Label(QLabel):
    """Plain text in one of the theme's inks (``text``, ``muted``, ``warning``, ``danger``)."""

    def __init__(
        self,
        text: str = "",
        *,
        size: float = 1.0,
        bold: bool = False,
        ink: str = "text",
        wrap: bool = False,
        selectable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._size, self._bold, self._ink = size, bold, ink
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        if selectable:
            self.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse
                | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setText(text)
        self._restyle()

    def set_ink(self, ink: str) -> None:
        self._ink = ink
        self._restyle()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in _LOOKS and self._looks != theme.looks():
            self._restyle()

    def _restyle(self) -> None:
        self._looks = theme.looks()
        theme.enlarge(self, self._size, bold=self._bold)
        ink: QColor = getattr(theme.colours(), self._ink)
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, ink)
        palette.setColor(QPalette.ColorRole.Text, ink)
        self.setPalette(palette)


class Rule(QWidget):
    """A thin line between two things."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(1)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme.colours().border)


class Field(QLineEdit):
    """A line to type in, framed in the theme's colours."""

    def __init__(self, name: str, placeholder: str = "") -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self._restyle()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._restyle()

    def _restyle(self) -> None:
        c = theme.colours()
        sheet = (
            f"QLineEdit {{ background: {c.base.name()}; color: {c.text.name()};"
            f" border: 1px solid {c.border.name()}; border-radius: 6px; padding: 3px 6px; }}"
            f"QLineEdit:focus {{ border-color: {c.accent.name()}; }}"
        )
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)


class IconButton(QToolButton):
    """A flat button with an icon; its tip is also its accessible name."""

    def __init__(self, icon: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.set_icon(icon, tip)

    def set_icon(self, icon: str, tip: str) -> None:
        self._icon = icon
        self.setToolTip(tooltip(tip))
        self.setAccessibleName(tip)
        self._restyle()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in _LOOKS and self._looks != theme.looks():
            self._restyle()

    def _restyle(self) -> None:
        self._looks = theme.looks()
        side = round(self.fontMetrics().height() * 1.15)
        self.setIconSize(QSize(side, side))
        self.setIcon(theme.icon(self._icon, colour=theme.colours().muted))


class TextButton(QPushButton):
    """A button with a word. ``primary`` is the one to press next, ``link`` has no frame."""

    def __init__(
        self, text: str, icon: str = "", *, primary: bool = False, link: bool = False
    ) -> None:
        super().__init__(text)
        self._icon, self._primary, self._link = icon, primary, link
        self.setAutoDefault(False)
        self._restyle()

    def set_icon(self, icon: str) -> None:
        self._icon = icon
        self._restyle()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in _LOOKS and self._looks != theme.looks():
            self._restyle()

    def _restyle(self) -> None:
        self._looks = theme.looks()
        c = theme.colours()
        ink = c.on_accent if self._primary else c.accent if self._link else c.text
        if self._icon:
            side = round(self.fontMetrics().height() * 0.9)
            self.setIconSize(QSize(side, side))
            self.setIcon(theme.icon(self._icon, colour=ink))
        fill = c.accent.name() if self._primary else "transparent"
        edge = c.accent.name() if self._primary else c.border.name()
        edge = "transparent" if self._link else edge
        side = 2 if self._link else 12
        resting = c.surface.name() if self._primary else "transparent"
        hover = c.accent.lighter(112).name() if self._primary else c.accent_soft.name()
        focus = c.text.name() if self._primary else c.accent.name()
        sheet = (
            f"QPushButton {{ color: {ink.name()}; background: {fill};"
            f" border: 1px solid {edge}; border-radius: 6px; padding: 5px {side}px; }}"
            f"QPushButton:hover {{ background: {hover}; }}"
            f"QPushButton:focus {{ border: 2px solid {focus}; padding: 4px {side - 1}px; }}"
            f"QPushButton:disabled {{ color: {c.muted.name()}; background: {resting};"
            f" border-color: {c.border.name() if not self._link else 'transparent'}; }}"
        )
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)


class QuietButton(QPushButton):
    """A word beside an icon, without a frame until it has the focus."""

    def __init__(self, text: str, icon: str, tip: str) -> None:
        super().__init__(text)
        self._icon = icon
        self.setAutoDefault(False)
        self.setToolTip(tooltip(tip))
        self.setAccessibleName(text)
        self.setAccessibleDescription(tip)
        self._restyle()

    def set_icon(self, icon: str) -> None:
        self._icon = icon
        self._restyle()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in _LOOKS and self._looks != theme.looks():
            self._restyle()

    def _restyle(self) -> None:
        self._looks = theme.looks()
        c = theme.colours()
        theme.enlarge(self, 0.92)
        side = round(self.fontMetrics().height() * 0.95)
        self.setIconSize(QSize(side, side))
        self.setIcon(theme.icon(self._icon, colour=c.muted))
        sheet = (
            f"QPushButton {{ color: {c.muted.name()}; background: transparent;"
            " border: 1px solid transparent; border-radius: 4px; padding: 4px 1px; }"
            f"QPushButton:hover, QPushButton:open {{ color: {c.accent.name()}; }}"
            f"QPushButton:checked {{ color: {c.accent.name()};"
            f" border-bottom: 2px solid {c.accent.name()}; }}"
            f"QPushButton:focus {{ border: 1px solid {c.accent.name()}; padding: 4px 1px; }}"
            "QPushButton::menu-indicator { image: none; width: 0; }"
        )
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)
