"""Colours, spacing and icons: the system's palette, one accent, light and dark.

Widgets ask :func:`colours` when they paint or on ``changeEvent(PaletteChange)``; they keep no
colour of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import qtawesome
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPalette

SPACE = 8  # the grid: margins and gaps are multiples of it


@dataclass(frozen=True, slots=True)
class Colours:
    """``text`` on ``base`` for reading; ``surface`` behind side bars; ``muted`` for second-rank
    text; ``lit`` behind a cited passage (drawn with multiply on pages)."""

    base: QColor
    surface: QColor
    raised: QColor
    border: QColor
    text: QColor
    muted: QColor
    accent: QColor
    on_accent: QColor
    accent_soft: QColor
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


def icon(name: str, *, colour: QColor | None = None) -> QIcon:
    """An icon of the Material Design set by its name, such as "file-document-outline"."""
    ink = colour or colours().text
    return qtawesome.icon(
        f"mdi6.{name}", color=ink, color_disabled=QColor(ink.red(), ink.green(), ink.blue(), 90)
    )
