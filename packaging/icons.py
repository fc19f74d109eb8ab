"""Draws the icons of the packages from their SVGs: PNGs in every size, ``.ico`` and ``.icns``."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QBuffer, QByteArray, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

DRAWN = Path(__file__).parent / "icons"
APP, LIBRARY = "carrel.svg", "carrel-library.svg"
SIZES = (16, 22, 24, 32, 48, 64, 96, 128, 256, 512)
ICO_SIZES = (16, 20, 24, 32, 40, 48, 64, 256)


def png(name: str, size: int) -> bytes:
    """``name`` is one of the drawings."""
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(DRAWN / name)).render(painter)
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(data.data())


def into_theme(theme: Path, app_id: str) -> None:
    """The icons of the application and of its libraries, as the icon theme ``hicolor`` has
    them."""
    names = {APP: f"apps/{app_id}", LIBRARY: "mimetypes/application-x-carrel"}
    for drawing, name in names.items():
        for size in SIZES:
            file = theme / f"{size}x{size}" / f"{name}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(png(drawing, size))
        scalable = theme / "scalable" / f"{name}.svg"
        scalable.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(DRAWN / drawing, scalable)


def for_windows(drawing: str, file: Path) -> None:
    images = [Image.open(io.BytesIO(png(drawing, size))) for size in ICO_SIZES]
    images[-1].save(file, sizes=[image.size for image in images], append_images=images[:-1])


def for_macos(drawing: str, file: Path) -> None:
    Image.open(io.BytesIO(png(drawing, 1024))).save(file)


if __name__ == "__main__":
    # the window's own icon; committed, so that Carrel has it without a build
    target = DRAWN.parent.parent / "resources" / "icons" / "carrel.png"
    target.write_bytes(png(APP, 256))
