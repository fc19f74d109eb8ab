"""Kill indexing at random moments; what a second run makes of it must be what one run makes.

    python tests/benchmarks/kill.py [--kills 20] [--no-embed] [--seed 0] [--small]

Each round indexes the same folder in a process of its own, kills that process with SIGKILL (its
children are left to notice), runs once more to the end, and compares with a library that was
never interrupted. Three real filings are added where ``$CARREL_BENCH_DATA`` or ``../shared/data``
has them. Exits 1 where anything differs.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx
import numpy as np
import psutil
import pymupdf

from engine.store import Store
from engine.store.connection import select

ROOT = Path(__file__).resolve().parents[2]
_OUTLIVES = 2.0
_WORDS = (
    "lighthouse glacier harbour ledger tenant notice margin orchard river council budget verdict "
    "cargo winter signal archive garden marble letter engine"
).split()

INDEX = """
import sys
from pathlib import Path
from engine.library import Library
library = Library.open(Path(sys.argv[1]))
library.add_folder(Path(sys.argv[2]))
report = library.index(embed=sys.argv[3] == "embed")
library.close()
sys.exit(1 if report.problems else 0)
"""


@dataclass(frozen=True)
class Content:
    """All that a library holds, in an order of its own: equal for equal libraries."""

    documents: list[tuple[Any, ...]]
    pages: list[tuple[Any, ...]]
    passages: list[tuple[Any, ...]]
    vectors: dict[tuple[Any, ...], np.ndarray[Any, np.dtype[np.float32]]]
    problems: list[str]


@dataclass(frozen=True)
class Round:
    killed_after: float
    stored: int
    survivors: int
    differences: list[str]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-embed", action="store_true")
    parser.add_argument("--small", action="store_true", help="a dozen documents, no filings")
    options = parser.parse_args()
    embed = not options.no_embed
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="carrel-kill-") as name:
        place = Path(name)
        folder = place / "documents"
        make_documents(folder, 12 if options.small else 40)
        if not options.small:
            add_filings(folder)
        whole = place / "whole.carrel"
        started = time.monotonic()
        if index(whole, folder, embed).wait():
            print("The uninterrupted run failed.")
            return 1
        seconds = time.monotonic() - started
        expected = content(whole)
        print(
            f"{len(expected.documents)} documents, {len(expected.pages)} pages, "
            f"{len(expected.passages)} passages, {len(expected.vectors)} vectors; "
            f"uninterrupted in {seconds:.1f} s"
        )
        print(f"{'round':>5} {'killed at':>10} {'stored':>7} {'survivors':>10}  differences")
        rounds = []
        for number in range(1, options.kills + 1):
            library = place / f"{number}.carrel"
            # every other one early: reading is short beside embedding
            after = chance.uniform(0, seconds if number % 2 else seconds / 4)
            done = one_round(library, folder, embed, after, expected)
            rounds.append(done)
            said = "; ".join(done.differences) or "none"
            print(
                f"{number:>5} {done.killed_after:>8.2f} s {done.stored:>7} {done.survivors:>10}"
                f"  {said}",
                flush=True,
            )
        bad = sum(bool(done.differences or done.survivors) for done in rounds)
        print(f"{len(rounds) - bad} of {len(rounds)} rounds are as if nothing had happened.")
    return 1 if bad else 0


def one_round(library: Path, folder: Path, embed: bool, after: float, expected: Content) -> Round:
    running = index(library, folder, embed)
    time.sleep(after)
    children = (
        psutil.Process(running.pid).children(recursive=True) if running.poll() is None else []
    )
    running.send_signal(signal.SIGKILL)
    running.wait()
    _, alive = psutil.wait_procs(children, timeout=_OUTLIVES)
    for child in alive:
        child.kill()
    stored = len(content(library).documents) if library.exists() else 0
    differences = []
    if index(library, folder, embed).wait():
        differences.append("the second run failed")
    differences += compared(expected, content(library))
    return Round(after, stored, len(alive), differences)


def index(library: Path, folder: Path, embed: bool) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", INDEX, str(library), str(folder), "embed" if embed else "no"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )


def content(library: Path) -> Content:
    store = Store(library)
    try:
        problems = store.check()
        with store._database.reading() as db:
            documents = select(
                db,
                "SELECT d.path, d.title, d.format, d.state, d.reason, d.size, d.modified_ns,"
                " d.digest, d.pages, d.passages, p.path FROM documents d"
                " LEFT JOIN documents p ON p.id = d.parent_id ORDER BY d.path",
            )
            pages = select(
                db,
                "SELECT d.path, g.number, g.label, g.state, g.text, g.blocks, g.layout FROM pages g"
                " JOIN documents d ON d.id = g.document_id ORDER BY d.path, g.number",
            )
            rows = select(
                db,
                'SELECT p.id, d.path, g.number, p.start, p."end", p.heading,'
                ' substr(g.text, p.start + 1, p."end" - p.start) FROM passages p'
                " JOIN pages g ON g.id = p.page_id JOIN documents d ON d.id = p.document_id"
                " ORDER BY d.path, g.number, p.start",
            )
            vectors: dict[int, bytes] = {}
            for (embedder,) in select(db, "SELECT id FROM embedders"):
                vectors |= dict(
                    select(db, f"SELECT passage_id, embedding FROM vectors_{int(embedder)}")
                )
        return Content(
            documents,
            pages,
            [row[1:] for row in rows],
            {row[1:]: unit(vectors[row[0]]) for row in rows if row[0] in vectors},
            problems,
        )
    finally:
        store.close()


def unit(embedding: bytes) -> np.ndarray[Any, np.dtype[np.float32]]:
    vector = np.frombuffer(embedding, "<f4")
    return vector / np.linalg.norm(vector)


def compared(expected: Content, found: Content) -> list[str]:
    differences = list(found.problems)
    for name in ("documents", "pages", "passages"):
        if getattr(expected, name) != getattr(found, name):
            differences.append(f"other {name}")
    if expected.vectors.keys() != found.vectors.keys():
        differences.append(f"{len(found.vectors)} vectors for {len(expected.vectors)}")
    else:
        cosines = [float(v @ found.vectors[key]) for key, v in expected.vectors.items()]
        if cosines and min(cosines) < 0.999:
            differences.append(f"a vector is off: cosine {min(cosines):.4f}")
    return differences


def make_documents(folder: Path, count: int) -> None:
    """Small documents of every format, some nested, some inside others (two deep), a copy, and
    some that cannot be read."""
    chance = random.Random(7)
    folder.mkdir(parents=True)
    for number in range(count):
        place = folder / f"part {number % 3}" if number % 4 == 0 else folder
        place.mkdir(exist_ok=True)
        _make(place / f"{number:02}", number, _paragraphs(chance))
    shutil.copy(folder / "01.md", folder / "copy.md")
    (folder / "empty.pdf").touch()
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\n" + chance.randbytes(2000))
    for number in range(2):
        (folder / f"scan {number}.pdf").write_bytes(_scan(_paragraphs(chance)[0]))


def _make(stem: Path, number: int, paragraphs: Sequence[str]) -> None:
    text = "\n\n".join(paragraphs)
    kind = number % 5
    if kind == 0:
        stem.with_suffix(".txt").write_text(text)
    elif kind == 1:
        stem.with_suffix(".md").write_text(f"# Report {number}\n\n{text}")
    elif kind == 2:
        body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
        stem.with_suffix(".html").write_text(f"<html><title>R {number}</title>{body}</html>")
    elif kind == 3:
        written = docx.Document()
        for paragraph in paragraphs:
            written.add_paragraph(paragraph)
        written.save(str(stem.with_suffix(".docx")))
    else:
        enclosed = _pdf(paragraphs[1:], {"innermost.txt": f"Note {number}. {text}".encode()})
        attached = {"enclosure.pdf": enclosed, "note.md": f"# Note {number}\n\n{text}".encode()}
        stem.with_suffix(".pdf").write_bytes(_pdf(paragraphs, attached))


def _pdf(paragraphs: Sequence[str], attached: dict[str, bytes]) -> bytes:
    with pymupdf.open() as pdf:
        for paragraph in paragraphs:
            pdf.new_page().insert_textbox((72, 72, 500, 700), paragraph)
        for name, content in attached.items():
            pdf.embfile_add(name, content, filename=name)
        return bytes(pdf.tobytes())


def _scan(text: str) -> bytes:
    """A page that says it, and one that shows it."""
    with pymupdf.open() as written, pymupdf.open() as pdf:
        written.new_page(width=400, height=200).insert_textbox((20, 20, 380, 180), text)
        pdf.new_page().insert_textbox((72, 72, 500, 700), text)
        shown = pdf.new_page(width=400, height=200)
        shown.insert_image(shown.rect, pixmap=written[0].get_pixmap(dpi=150))
        return bytes(pdf.tobytes())


def _paragraphs(chance: random.Random) -> list[str]:
    return [
        " ".join(f"The {' '.join(chance.choices(_WORDS, k=8))}." for _ in range(6))
        for _ in range(chance.randint(2, 6))
    ]


def add_filings(folder: Path) -> None:
    data = Path(os.environ.get("CARREL_BENCH_DATA") or ROOT.parent / "shared" / "data")
    found = sorted(data.glob("financebench/pdfs/*.pdf"), key=lambda file: file.stat().st_size)
    for file in found[:3]:
        shutil.copy(file, folder)


if __name__ == "__main__":
    sys.exit(main())
