"""Scans made from known text: a page drawn as a picture, turned and skewed as scanners do."""

from __future__ import annotations

import io
from pathlib import Path

import pymupdf
from PIL import Image

WIDTH, HEIGHT = 420, 300


def picture_of(
    html: str, *, dpi: int = 150, size: tuple[float, float] = (WIDTH, HEIGHT), skew: float = 0.0
) -> Image.Image:
    """A page with the text as a picture; ``skew`` in degrees against the clock."""
    with pymupdf.open() as document:
        page = document.new_page(width=size[0], height=size[1])
        page.insert_htmlbox(pymupdf.Rect(30, 30, page.rect.x1 - 30, page.rect.y1 - 30), html)
        pixmap = page.get_pixmap(dpi=dpi)
    image = Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)
    return image.rotate(skew, Image.Resampling.BICUBIC, fillcolor="white") if skew else image


def add_scan(document: pymupdf.Document, image: Image.Image, dpi: int = 150) -> pymupdf.Page:
    """A page that is the picture and nothing else."""
    page = document.new_page(width=image.width * 72 / dpi, height=image.height * 72 / dpi)
    stored = io.BytesIO()
    image.save(stored, "PNG")
    page.insert_image(page.rect, stream=stored.getvalue())
    return page


def save_scan(path: Path, *images: Image.Image) -> Path:
    with pymupdf.open() as document:
        for image in images:
            add_scan(document, image)
        document.save(path)
    return path
