"""Colours, spacing and icons: the system's palette, one accent, light and dark.

Widgets ask :func:`colours` when they paint or on ``changeEvent(PaletteChange)``; they keep no
colour of their own. On ``changeEvent(FontChange)`` they scale the system's font anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Template

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from desktop.icons import material_icon

SPACE = 8  # the grid: margins and gaps are multiples of it
_FACTOR, _BOLD = "fontFactor", "fontBold"  # what a widget remembers of its font


@dataclass(frozen=True, slots=True)
class Colours:
    """``text`` on ``base`` for reading; ``surface`` behind side bars; ``muted`` for second-rank
    text; ``handle`` of scroll bars; ``lit`` behind a cited passage (drawn with multiply on
    pages)."""

    base: QColor
    surface: QColor
    raised: QColor
    border: QColor
    text: QColor
    muted: QColor
    accent: QColor
    on_accent: QColor
    accent_soft: QColor
    handle: QColor
    lit: QColor
    good: QColor
    warning: QColor
    danger: QColor


LIGHT = Colours(
    base=QColor("#ffffff"),
    surface=QColor("#f4f3f0"),
    raised=QColor("#fbfaf8"),
    border=QColor("#dedbd4"),
    text=QColor("#1f1e1b"),
    muted=QColor("#66625a"),
    accent=QColor("#1f5f8b"),
    on_accent=QColor("#ffffff"),
    accent_soft=QColor("#e2edf5"),
    handle=QColor("#bcb8ae"),
    lit=QColor("#ffe58a"),
    good=QColor("#2c6e49"),
    warning=QColor("#8a5a00"),
    danger=QColor("#a3302b"),
)

DARK = Colours(
    base=QColor("#1c1d1f"),
    surface=QColor("#242629"),
    raised=QColor("#2a2c30"),
    border=QColor("#3a3d42"),
    text=QColor("#e8e6e1"),
    muted=QColor("#a3a09a"),
    accent=QColor("#7ab8e0"),
    on_accent=QColor("#0e1a22"),
    accent_soft=QColor("#243643"),
    handle=QColor("#5b5f66"),
    lit=QColor("#f2cf5b"),
    good=QColor("#7cc49a"),
    warning=QColor("#e0b25a"),
    danger=QColor("#ec8b84"),
)


def is_dark() -> bool:
    window = QGuiApplication.palette().color(QPalette.ColorRole.Window)
    return window.lightness() < 128


def colours() -> Colours:
    return DARK if is_dark() else LIGHT


def looks() -> tuple[Colours, str]:
    """What text is drawn with; different once the theme or the system's font has changed."""
    return colours(), QApplication.font().key()


def icon(name: str, *, colour: QColor | None = None) -> QIcon:
    """An icon of the Material Design set by its name, such as "file-document-outline"."""
    ink = colour or colours().text
    faint = QColor(ink.red(), ink.green(), ink.blue(), 90)
    return material_icon(name, ink, faint)


def scaled(font: QFont, factor: float, *, bold: bool = False) -> QFont:
    """``font`` larger or smaller, whichever unit its size is in."""
    larger = QFont(font)
    if font.pointSizeF() > 0:
        larger.setPointSizeF(font.pointSizeF() * factor)
    else:
        larger.setPixelSize(max(1, round(font.pixelSize() * factor)))
    if bold:
        larger.setWeight(QFont.Weight.DemiBold)
    return larger


def enlarge(widget: QWidget, factor: float, *, bold: bool = False) -> None:
    """Give ``widget`` the system's font in another size, now and whenever that font changes."""
    widget.setProperty(_FACTOR, factor)
    widget.setProperty(_BOLD, bold)
    widget.setFont(scaled(QApplication.font(), factor, bold=bold))


def ems(widget: QWidget, count: float) -> int:
    """A width of ``count`` average characters in pixels, so that sizes follow the font."""
    return round(widget.fontMetrics().averageCharWidth() * count)


def icon_size(widget: QWidget, factor: float = 1.1) -> QSize:
    """A square beside a line of ``widget``'s text."""
    side = round(widget.fontMetrics().height() * factor)
    return QSize(side, side)


class Theme(QObject):
    """Dresses the application: the system's light or dark, unless the person chose one."""

    CHOICES = ("system", "light", "dark")

    def __init__(self, app: QApplication, choice: str = "system") -> None:
        super().__init__(app)
        self._app = app
        self._dark_at_start = is_dark()
        self.choice = "system"
        app.styleHints().colorSchemeChanged.connect(self._dress)
        app.fontChanged.connect(self._font_changed)
        self.choose(choice)

    def choose(self, choice: str) -> None:
        """``choice`` is one of :attr:`CHOICES`; anything else is the system's."""
        self.choice = choice if choice in self.CHOICES else "system"
        set_scheme = getattr(self._app.styleHints(), "setColorScheme", None)  # Qt 6.8
        if set_scheme is not None:
            set_scheme(
                {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}.get(
                    self.choice, Qt.ColorScheme.Unknown
                )
            )
        self._dress()

    @property
    def dark(self) -> bool:
        """Whether the window should be dark now."""
        if self.choice != "system":
            return self.choice == "dark"
        scheme = self._app.styleHints().colorScheme()
        if scheme == Qt.ColorScheme.Unknown:
            return self._dark_at_start
        return bool(scheme == Qt.ColorScheme.Dark)

    @Slot()
    def _font_changed(self) -> None:
        QTimer.singleShot(0, self, self._tell_of_font)  # once Qt has told those that it tells

    def _tell_of_font(self) -> None:
        """Widgets that a style sheet has dressed keep the font of then until they are dressed
        again, and those that have set a font of their own are not told by Qt."""
        self._app.setStyleSheet(self._app.styleSheet())
        for widget in self._app.allWidgets():
            factor = widget.property(_FACTOR)
            if factor is not None:
                enlarge(widget, factor, bold=widget.property(_BOLD))
            else:
                QApplication.sendEvent(widget, QEvent(QEvent.Type.FontChange))

    @Slot()
    def _dress(self) -> None:
        tones = DARK if self.dark else LIGHT
        self._app.setPalette(_palette(tones))
        sheet = _stylesheet(tones)
        if self._app.styleSheet() != sheet:
            self._app.setStyleSheet(sheet)


def _palette(tones: Colours) -> QPalette:
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    palette = QPalette(tones.surface, tones.surface)
    for which, colour in {
        role.Base: tones.base,
        role.AlternateBase: tones.raised,
        role.Window: tones.base,
        role.Button: tones.raised,
        role.Text: tones.text,
        role.WindowText: tones.text,
        role.ButtonText: tones.text,
        role.PlaceholderText: tones.muted,
        role.Highlight: tones.accent,
        role.HighlightedText: tones.on_accent,
        role.Link: tones.accent,
        role.LinkVisited: tones.accent,
        role.ToolTipBase: tones.raised,
        role.ToolTipText: tones.text,
    }.items():
        palette.setColor(which, colour)
    for which in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(group.Disabled, which, tones.muted)
    palette.setColor(group.Inactive, role.Highlight, tones.accent_soft)
    palette.setColor(group.Inactive, role.HighlightedText, tones.text)
    if hasattr(role, "Accent"):
        palette.setColor(role.Accent, tones.accent)
    return palette


def _stylesheet(tones: Colours) -> str:
    return _SHEET.substitute({name: getattr(tones, name).name() for name in tones.__slots__})


# What a palette cannot say. Widgets take part by object name or the ``look`` property.
_SHEET = Template("""
#sidebar { background: $surface; border: none; }
#sidebar QListView { background: transparent; border: none; outline: none; }
#sidebar QListView::item { padding: 4px 8px; border-radius: 6px; color: $text; }
#sidebar QListView::item:hover { background: $raised; }
#sidebar QListView::item:selected { background: $accent_soft; color: $text; }
#sidebar QListView::item:selected:focus { border: 1px solid $accent; }
QToolButton[look="quiet"], QPushButton[look="quiet"] {
    border: 1px solid transparent; border-radius: 6px; padding: 4px 8px;
    background: transparent; color: $text; text-align: left;
}
QToolButton[look="quiet"]:hover, QPushButton[look="quiet"]:hover { background: $raised; }
QToolButton[look="quiet"]:checked, QPushButton[look="quiet"]:checked {
    background: $accent_soft; font-weight: 600;
}
QToolButton[look="quiet"]:focus, QPushButton[look="quiet"]:focus {
    border: 1px solid $accent; padding: 4px 8px;
}
QPushButton[look="link"] {
    border: 1px solid transparent; border-radius: 4px; padding: 1px 4px;
    background: transparent; color: $accent;
}
QPushButton[look="link"]:hover { background: $raised; text-decoration: underline; }
QPushButton[look="link"]:focus { border: 1px solid $accent; padding: 1px 4px; }
QPushButton[look="link"]:disabled { color: $muted; }
QPushButton[look="segment"] {
    border: 1px solid $border; border-radius: 6px; padding: 4px 12px; background: $base;
}
QPushButton[look="segment"]:hover { background: $raised; }
QPushButton[look="segment"]:checked { background: $accent_soft; border-color: $accent; }
QPushButton[look="segment"]:focus { border: 2px solid $accent; padding: 3px 11px; }
QLineEdit[look="field"] {
    border: 1px solid $border; border-radius: 6px; padding: 4px 8px; background: $base;
}
QLineEdit[look="field"]:focus { border: 2px solid $accent; padding: 3px 7px; }
QPlainTextEdit[look="field"] {
    border: 1px solid $border; border-radius: 6px; padding: 4px; background: $base;
}
QPlainTextEdit[look="field"]:focus { border: 2px solid $accent; padding: 3px; }
QRadioButton { spacing: 8px; }
QRadioButton::indicator {
    width: 14px; height: 14px; border: 1px solid $muted; border-radius: 8px; background: $base;
}
QRadioButton::indicator:checked {
    width: 6px; height: 6px; border: 5px solid $accent; background: $on_accent;
}
QRadioButton::indicator:disabled { border-color: $border; }
QRadioButton:focus { color: $accent; }
QPushButton[look="primary"] {
    background: $accent; color: $on_accent; border: 2px solid $accent;
    border-radius: 6px; padding: 6px 16px; font-weight: 600;
}
QPushButton[look="primary"]:focus, QPushButton[look="primary"]:hover {
    border: 2px solid $text; padding: 6px 16px;
}
QProgressBar[look="slim"] {
    border: none; border-radius: 2px; background: $border; min-height: 4px; max-height: 4px;
}
QProgressBar[look="slim"]::chunk { border-radius: 2px; background: $accent; }
QFrame[look="notice"] { background: $raised; border: none; border-bottom: 1px solid $border; }
QFrame[look="notice"][rank="error"] { border-left: 4px solid $danger; }
QFrame[look="notice"][rank="warning"] { border-left: 4px solid $warning; }
QFrame[look="notice"][rank="info"] { border-left: 4px solid $accent; }
QFrame[look="drop"] { border: 2px dashed $border; border-radius: 12px; }
QFrame[look="drop"][over="true"] { border-color: $accent; background: $accent_soft; }
QFrame[look="line"] { background: $border; border: none; max-height: 1px; }
*[look="muted"] { color: $muted; }
QTableView, QListView[look="plain"] { border: 1px solid transparent; outline: none; }
QTableView:focus, QListView[look="plain"]:focus { border-color: $accent; }
QTableView::item { padding: 0 8px; }
QTableView::item:selected, QListView[look="plain"]::item:selected {
    background: $accent_soft; color: $text;
}
QListView[look="plain"]::item { padding: 0 4px; color: $text; }
QHeaderView::section {
    background: $base; color: $muted; border: none;
    border-bottom: 1px solid $border; padding: 6px 11px;
}
QTableCornerButton::section {
    background: $surface; border: none; border-bottom: 1px solid $handle;
}
QPushButton {
    background: $raised; color: $text; border: 1px solid $border; border-radius: 6px;
    padding: 5px 14px;
}
QPushButton:hover { background: $accent_soft; }
QPushButton:default { border-color: $accent; }
QPushButton:focus { border: 2px solid $accent; padding: 4px 13px; }
QPushButton:disabled { color: $muted; background: transparent; border-color: $border; }
QDialogButtonBox QPushButton { min-width: 64px; }
QMenu { background: $raised; color: $text; border: 1px solid $border; padding: 4px; }
QMenu::item { padding: 5px 22px 5px 26px; border-radius: 4px; }
QMenu::item:selected { background: $accent_soft; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $border; margin: 4px 8px; }
QMenu::indicator { width: 14px; height: 14px; left: 6px; }
QMenu::indicator:non-exclusive:unchecked, QMenu::indicator:exclusive:unchecked { image: none; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QSplitter::handle { background: $border; }
QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 12px; }
QScrollBar:horizontal { height: 12px; }
QScrollBar::handle { background: $handle; border-radius: 3px; margin: 3px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover, QScrollBar::handle:pressed {
    background: $muted; margin: 2px; border-radius: 4px;
}
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }
""")
