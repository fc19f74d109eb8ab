"""Pictures as documents: sizes, frames, turns, and bombs that are left closed."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from scans import picture_of

from engine.errors import CarrelError
from engine.reading import image
from engine.reading.document import Source
from engine.records import DocumentState, PageState

Read = Callable[..., Any]


def marked(size: tuple[int, int] = (80, 40)) -> Image.Image:
    """White with a red square in its upper left corner."""
    made = Image.new("RGB", size, "white")
    made.paste((255, 0, 0), (0, 0, 20, 20))
    return made


def red_corner(path: Path, number: int = 1) -> tuple[int, int, int]:
    """Width and height as drawn, and which corner is red, clockwise from the upper left."""
    drawn = image.render(Source(path), number, 1.0)
    rows = np.frombuffer(drawn.samples, np.uint8).reshape(drawn.height, drawn.stride)
    pixels = rows[:, : drawn.width * 3].reshape(drawn.height, drawn.width, 3)
    corners = [pixels[2, 2], pixels[2, -3], pixels[-3, -3], pixels[-3, 2]]
    return drawn.width, drawn.height, [bool(corner[1] < 100) for corner in corners].index(True)


@pytest.mark.model
@pytest.mark.parametrize("suffix", ["png", "jpg", "tiff", "webp", "bmp", "gif"])
def test_pictures_of_text_are_read(tmp_path: Path, read: Read, suffix: str) -> None:
    path = tmp_path / f"picture.{suffix}"
    picture_of("<p>Lighthouse keeper</p>", size=(200, 100), dpi=192).save(path)
    result = read(path)
    (page,) = result.pages
    assert (page.state, page.text) == (PageState.OCR, "Lighthouse keeper")
    assert result.facts is not None
    assert result.facts.format == "image"
    assert result.state is DocumentState.INDEXED


@pytest.mark.parametrize("suffix", ["png", "jpg", "tiff", "webp"])
@pytest.mark.parametrize(("turn", "corner"), [(1, 0), (3, 2), (6, 1), (8, 3)])
def test_pictures_stand_as_the_camera_was_held(
    tmp_path: Path, suffix: str, turn: int, corner: int
) -> None:
    path = tmp_path / f"turned.{suffix}"
    exif = Image.Exif()
    exif[0x0112] = turn
    marked().save(path, exif=exif, quality=95, dpi=(96, 96))
    size = (30, 60) if turn in (6, 8) else (60, 30)
    assert red_corner(path) == (*size, corner)


def test_a_picture_without_text_is_no_failure(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "plain.png"
    Image.new("RGB", (300, 200), "navy").save(path, dpi=(150, 150))
    result = read(path)
    assert (result.state, result.reason) == (
        DocumentState.INDEXED,
        "Carrel found no text in this picture.",
    )
    (page,) = result.pages
    assert page.state is PageState.EMPTY
    assert (page.width, page.height) == pytest.approx((144, 96), abs=0.1)


def test_each_frame_of_a_tiff_is_a_page_and_a_film_is_one(tmp_path: Path, read: Read) -> None:
    frames = [Image.new("RGB", (60 + 10 * n, 40), (n * 20, 0, 0)) for n in range(3)]
    many = tmp_path / "fax.tif"
    frames[0].save(many, save_all=True, append_images=frames[1:], dpi=(72, 72))
    assert [page.width for page in read(many).pages] == [60, 70, 80]
    assert image.render(Source(many), 3, 2.0).width == 160
    film = tmp_path / "film.gif"
    frames[0].save(film, save_all=True, append_images=frames[1:])
    assert len(read(film).pages) == 1
    with pytest.raises(CarrelError, match="no page 2"):
        image.render(Source(film), 2, 1.0)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "F"])
def test_every_kind_of_pixels_is_drawn(tmp_path: Path, mode: str) -> None:
    if mode in ("I;16", "F"):
        ramp = np.linspace(0, 60000, 80 * 40).reshape(40, 80)
        made = Image.fromarray(ramp.astype(np.uint16 if mode == "I;16" else np.float32))
    else:
        made = marked().convert(mode)
    path = tmp_path / "picture.tiff"
    made.save(path)
    drawn = image.render(Source(path), 1, 1.0)
    assert (drawn.width, drawn.height) == (60, 30)
    assert max(drawn.samples) > 200


def test_what_is_transparent_is_paper(tmp_path: Path) -> None:
    path = tmp_path / "glass.png"
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(path)
    assert set(image.render(Source(path), 1, 1.0).samples) == {255}


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it is so large, and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


def test_a_bomb_is_left_closed(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(bomb(100_000, 100_000))
    result = read(path)
    assert result.state is DocumentState.FAILED
    assert result.reason == (
        "The picture has 10,000 million pixels; more than 150 million are not unpacked."
    )
    with pytest.raises(CarrelError, match="10,000 million pixels"):
        image.render(Source(path), 1, 1.0)


@pytest.mark.parametrize("content", [bomb(300, 200), b"\x89PNG\r\n\x1a\nnothing", b"\xff\xd8\xff"])
def test_damage_is_told(tmp_path: Path, read: Read, content: bytes) -> None:
    path = tmp_path / "damaged.png"
    path.write_bytes(content)
    result = read(path)
    assert result.state is DocumentState.FAILED
    assert "could not be read" in result.reason or "damaged" in result.reason
    with pytest.raises(CarrelError):
        image.render(Source(path), 1, 1.0)


def test_a_text_that_begins_like_a_bitmap_is_text(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "cars.txt"
    path.write_text("BMW and others make cars. " * 4, encoding="utf-8")
    assert "BMW" in read(path).text
