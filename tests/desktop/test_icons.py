"""Icons are drawn in the colour, and at the size, that is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QImage

import desktop
from desktop.icons import material_icon
from engine.paths import resource

INK, FAINT = QColor("#1f5f8b"), QColor(200, 30, 10, 90)
DRAWINGS = sorted(file.stem for file in resource("icons", "material").glob("*.svg"))


def drawn(icon: QIcon, side: int = 48, mode: QIcon.Mode = QIcon.Mode.Normal) -> list[QColor]:
    image = icon.pixmap(QSize(side, side), 1.0, mode).toImage()
    image = image.convertToFormat(QImage.Format.Format_ARGB32)
    assert image.size() == QSize(side, side)
    pixels = [image.pixelColor(x, y) for x in range(side) for y in range(side)]
    return [pixel for pixel in pixels if pixel.alpha()]


@pytest.mark.parametrize("name", DRAWINGS)
def test_each_is_drawn_in_one_colour(qapp, name):
    pixels = drawn(material_icon(name, INK, FAINT))
    assert 48 < len(pixels) < 48 * 48
    assert {pixel.rgb() for pixel in pixels if pixel.alpha() == 255} == {INK.rgb()}


def test_a_disabled_one_is_faint(qapp):
    icon = material_icon("close", INK, FAINT)
    alphas = [pixel.alpha() for pixel in drawn(icon, mode=QIcon.Mode.Disabled)]
    assert max(alphas) == FAINT.alpha()


def test_a_copy_that_is_changed_leaves_the_first_as_it_was(qapp):
    icon = material_icon("close", INK, FAINT)
    copy = QIcon(icon)
    copy.addPixmap(icon.pixmap(16, 16))  # which makes another engine
    assert len(drawn(icon)) == len(drawn(material_icon("close", INK, FAINT)))


def test_one_that_is_not_there_is_a_mistake_that_shows(qapp):
    with pytest.raises(FileNotFoundError):
        material_icon("no-such-drawing", INK, FAINT)


def test_no_drawing_is_shipped_in_vain():
    sources = " ".join(
        file.read_text(encoding="utf-8") for file in Path(desktop.__file__).parent.rglob("*.py")
    )
    assert [name for name in DRAWINGS if f'"{name}"' not in sources] == []
