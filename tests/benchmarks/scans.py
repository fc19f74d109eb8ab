"""Scans of known text: how many characters OCR gets wrong, and how long a page takes.

Pages are drawn as pictures at 150 pixels an inch, straight, askew, and as a poor copy (coarse,
grey and noisy); the character error rate is the edit distance to what was drawn, spaces aside,
by its length. A page is about 1,800 characters, and 600 where it is in Chinese.
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pymupdf
from PIL import Image, ImageFilter

from engine.reading.document import Source
from engine.reading.pdf import read
from engine.records import Page
from tests.benchmarks.tables import show

_DPI = 150
_PARAGRAPHS = {
    "English": (
        "The committee met on the 14th of March to consider the report of its auditors. Revenue "
        "for the year had risen by 12.4 per cent to £3,481,920, while the cost of freight, which "
        "the board had expected to fall, rose again in the fourth quarter. Members asked whether "
        "the contracts signed in 2017 could be ended early; counsel advised that notice of six "
        "months was required, and that a penalty of $45,000 would be due in either case."
    ),
    "German": (
        "Der Ausschuss trat am 14. März zusammen, um über den Bericht der Prüfer zu beraten. Die "
        "Erlöse waren um 12,4 % auf 3.481.920 € gestiegen, während die Frachtkosten, deren "
        "Rückgang der Vorstand erwartet hatte, im vierten Quartal erneut zunahmen. Außerdem "
        "wurde gefragt, ob die 2017 geschlossenen Verträge vorzeitig gekündigt werden könnten; "
        "üblich sei eine Frist von sechs Monaten, größere Ausnahmen müssten begründet werden."
    ),
    "French": (
        "Le comité s’est réuni le 14 mars afin d’étudier le rapport des commissaires. Les "
        "recettes de l’année ont augmenté de 12,4 % pour atteindre 3 481 920 €, tandis que le "
        "coût du fret, dont le conseil espérait la baisse, s’est encore élevé au quatrième "
        "trimestre. Les membres ont demandé si les contrats signés en 2017 pouvaient être "
        "résiliés plus tôt ; il faudrait un préavis de six mois, là où l’usage n’en exige guère."
    ),
    "Polish": (
        "Komisja zebrała się 14 marca, aby omówić sprawozdanie biegłych. Przychody wzrosły w tym "
        "roku o 12,4 % do 3 481 920 zł, natomiast koszty przewozu, których spadku oczekiwał "
        "zarząd, w czwartym kwartale ponownie się zwiększyły. Członkowie pytali, czy umowy "
        "zawarte w 2017 roku można rozwiązać wcześniej; wymagałoby to półrocznego okresu "
        "wypowiedzenia, a kara wyniosłaby 45 000 zł niezależnie od przyczyny."
    ),
    "Chinese": (
        "委员会于三月十四日开会，审议审计师的报告。本年度收入增长百分之十二点四，达到三百四十八万元，"
        "而董事会原本预期下降的运输费用在第四季度再次上升。委员们询问二〇一七年签订的合同能否提前终止；"
        "律师表示需要提前六个月通知，并且无论如何都要支付四万五千元的违约金。"
    ),
}


def main() -> int:
    began = resource.getrusage(resource.RUSAGE_SELF)
    rows = []
    for language, paragraph in _PARAGRAPHS.items():
        text = [paragraph] * (4 if language != "Chinese" else 5)
        for name, worsen in _WAYS.items():
            expected, picture = _drawn(text)
            page, seconds, computed = _read(worsen(picture))
            wrong = _distance(_solid(expected), _solid(page.text)) / len(_solid(expected))
            rows.append(
                (language, name, len(_solid(expected)), f"{100 * wrong:.2f} %",
                 f"{seconds:.1f}", f"{computed:.1f}")
            )  # fmt: skip
    show(
        f"OCR of made scans (load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores)",
        ("language", "scan", "characters", "wrong", "s/page", "s computed"),
        rows,
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"  memory at most {peak} MB (before the first page: {began.ru_maxrss // 1024} MB)")
    return 0


def _drawn(paragraphs: Sequence[str]) -> tuple[str, Image.Image]:
    html = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    with pymupdf.open() as document:
        page = document.new_page(width=595, height=842)
        page.insert_htmlbox((60, 60, 535, 782), f'<div style="font-size:11pt">{html}</div>')
        pixmap = page.get_pixmap(dpi=_DPI)
        image = Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)
        return page.get_text(), image


def _skewed(picture: Image.Image) -> Image.Image:
    return picture.rotate(3, Image.Resampling.BICUBIC, fillcolor="white")


def _poor(picture: Image.Image) -> Image.Image:
    """As a copier in a hurry leaves it: 100 pixels an inch, grey paper, noise, half a degree."""
    coarse = picture.convert("L").rotate(-0.5, Image.Resampling.BICUBIC, fillcolor="white")
    size = coarse.width * 100 // _DPI, coarse.height * 100 // _DPI
    pixels = np.asarray(coarse.resize(size).filter(ImageFilter.GaussianBlur(0.5)), dtype=float)
    noise = np.random.default_rng(1).normal(0, 14, pixels.shape)
    return Image.fromarray(np.clip(40 + 0.75 * pixels + noise, 0, 255).astype(np.uint8))


_WAYS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "clean": lambda picture: picture,
    "skewed by 3°": _skewed,
    "upside down": lambda picture: picture.rotate(180),
    "poor copy": _poor,
}


def _read(picture: Image.Image) -> tuple[Page, float, float]:
    with tempfile.TemporaryDirectory(prefix="carrel-bench-") as folder:
        stored, path = Path(folder) / "page.png", Path(folder) / "scan.pdf"
        picture.save(stored)
        with pymupdf.open() as document:
            page = document.new_page(width=595, height=842)
            page.insert_image(page.rect, filename=str(stored))
            document.save(path)
        started, computing = time.perf_counter(), time.process_time()
        (found,) = read(Source(path)).pages
        return found, time.perf_counter() - started, time.process_time() - computing


def _solid(text: str) -> str:
    return "".join(text.split())


def _distance(a: str, b: str) -> int:
    """Levenshtein's, a row at a time."""
    second = np.array([ord(c) for c in b], dtype=np.int64)
    steps = np.arange(len(b) + 1)
    row = steps.copy()
    for letter in a:
        changed = np.r_[row[0] + 1, np.minimum(row[1:] + 1, row[:-1] + (second != ord(letter)))]
        # a letter put in costs one more than the cell to its left
        row = np.minimum.accumulate(changed - steps) + steps
    return int(row[-1])


if __name__ == "__main__":
    raise SystemExit(main())
