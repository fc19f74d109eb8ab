"""The reader as the app runs it: in a child with limits, fed with anything."""

from __future__ import annotations

import os
import random
import signal
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from engine.errors import CancelledError, ChildCrashedError, ChildError, ChildFailedError
from engine.reading.formats import FORMATS
from engine.reading.messages import (
    PageRead,
    ReadEnded,
    ReaderReply,
    ReadFile,
    Rendered,
    RenderPage,
)
from engine.records import DocumentState, OcrWish
from engine.workers import CancelToken, ChildProcess, Limits

Make = Callable[..., Path]
Child = ChildProcess[ReaderReply]


def ending(child: Child, path: Path, **how: Any) -> ReadEnded:
    request = ReadFile(str(path), ocr=OcrWish(later=True))  # pictures have tests of their own
    last = list(child.request(request, **how))[-1]
    assert isinstance(last, ReadEnded)
    return last


def test_a_file_comes_through_whole(reader: Child, make_pdf: Make) -> None:
    replies = list(reader.request(ReadFile(str(make_pdf("Across the border.")))))
    (page,) = [reply for reply in replies if isinstance(reply, PageRead)]
    (passage,) = page.passages
    assert page.page.text[passage.start : passage.end] == "Across the border."
    assert replies[-1] == ReadEnded(DocumentState.INDEXED)


def test_a_page_is_drawn(reader: Child, make_pdf: Make) -> None:
    rendered = reader.ask(RenderPage(str(make_pdf("Drawn.")), 1, 0.5))
    assert isinstance(rendered, Rendered)
    image = rendered.image
    assert len(image.samples) == image.stride * image.height
    with pytest.raises(ChildFailedError, match="no page 9"):
        reader.ask(RenderPage(str(make_pdf("Drawn.")), 9, 0.5))
    with pytest.raises(ChildFailedError, match="the file is gone"):
        reader.ask(RenderPage(str(make_pdf("Drawn.")) + ".gone", 1, 0.5))


@pytest.mark.parametrize(
    ("name", "content", "state", "reason"),
    [
        ("empty.pdf", b"", DocumentState.FAILED, "The file is empty."),
        ("photo.xyz", b"\0\1\2", DocumentState.UNSUPPORTED, "Carrel cannot read .xyz files yet."),
        (
            "noise",
            b"\0\1\2",
            DocumentState.UNSUPPORTED,
            "Carrel cannot read this kind of file yet.",
        ),
        ("README", b"plain words", DocumentState.INDEXED, ""),
    ],
)
def test_kinds_of_files(
    reader: Child, tmp_path: Path, name: str, content: bytes, state: DocumentState, reason: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert ending(reader, path) == ReadEnded(state, reason)


def test_what_is_not_there_or_not_a_file(reader: Child, tmp_path: Path) -> None:
    assert ending(reader, tmp_path / "gone.pdf").reason == "The file is no longer there."
    assert ending(reader, tmp_path).state is DocumentState.UNSUPPORTED


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_and_does_not_hang(reader: Child, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert "regular file" in ending(reader, tmp_path / "pipe.txt", silence=10).reason


def test_random_bytes_and_damage_never_kill_it(
    reader: Child, tmp_path: Path, make_pdf: Make
) -> None:
    random.seed(3)
    whole = make_pdf("Some text to be damaged. " * 30, None, "More.").read_bytes()
    before = reader._process
    for trial in range(40):
        damaged = bytearray(whole)
        for _ in range(random.randint(1, 60)):
            damaged[random.randrange(len(damaged))] = random.randrange(256)
        for content in (random.randbytes(3000), bytes(damaged)):
            for suffix in (".pdf", ".docx", ".html", ".md", ".txt"):
                path = tmp_path / f"noise{trial}{suffix}"
                path.write_bytes(content)
                assert isinstance(ending(reader, path), ReadEnded)
                path.unlink()
    assert reader._process is before or before is None


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_a_killed_child_costs_one_file(make_pdf: Make) -> None:
    child: Child = ChildProcess("reader", ReaderReply)
    path = make_pdf(*["A page of text. " * 40] * 400)
    try:
        replies = child.request(ReadFile(str(path)))
        next(replies)
        assert child._process is not None
        os.kill(child._process.pid, signal.SIGKILL)
        with pytest.raises(ChildCrashedError):
            list(replies)
        assert ending(child, path) == ReadEnded(DocumentState.INDEXED)
    finally:
        child.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="RLIMIT_AS is enforced on Linux")
def test_a_memory_bomb_costs_one_file(tmp_path: Path, make_pdf: Make) -> None:
    """A content stream of some kilobytes that makes gigabytes of characters."""
    bomb = tmp_path / "bomb.pdf"
    packer = zlib.compressobj(9)
    block = b"BT /F1 9 Tf (aaaaaaaaaaaaaaaa) Tj ET\n" * 30_000
    data = b"".join(packer.compress(block) for _ in range(100)) + packer.flush()
    bomb.write_bytes(
        b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R"
        b"/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj\n"
        b"4 0 obj<</Filter/FlateDecode/Length %d>>stream\n"
        % len(data)
        + data
        + b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n"
    )
    child: Child = ChildProcess("reader", ReaderReply, limits=Limits(memory=700_000_000))
    try:
        with pytest.raises(ChildError, match="memory"):
            list(child.request(ReadFile(str(bomb)), silence=60))
        assert ending(child, make_pdf("Still here.")) == ReadEnded(DocumentState.INDEXED)
    finally:
        child.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc shows open files")
def test_no_file_stays_open(tmp_path: Path, make_pdf: Make) -> None:
    child: Child = ChildProcess("reader", ReaderReply, limits=Limits(confined=True))
    outlined = pymupdf.open(make_pdf("A page.", "Another."))
    outlined.set_toc([[1, "First", 1], [2, "Second", 2]])
    try:
        for number in range(3):
            outlined.save(tmp_path / f"{number}.pdf")
            assert ending(child, tmp_path / f"{number}.pdf").state is DocumentState.INDEXED
        assert child._process is not None
        assert ending(child, tmp_path / "gone.txt").reason
        opened = [file.readlink() for file in Path(f"/proc/{child._process.pid}/fd").iterdir()]
        assert not [file for file in opened if file.suffix == ".pdf"]
    finally:
        child.close()
        outlined.close()


def test_reading_stops_when_nobody_wants_it_any_more(reader: Child, make_pdf: Make) -> None:
    path = make_pdf(*["A page of text. " * 40] * 600)
    cancel = CancelToken()
    replies = reader.request(ReadFile(str(path)), cancel=cancel)
    next(replies)
    process = reader._process
    cancel.cancel()
    with pytest.raises(CancelledError):
        list(replies)
    assert reader._process is process, "a polite stop needs no new child"


def test_real_hostile_files_all_end(reader: Child) -> None:
    root = Path(
        os.environ.get("CARREL_BENCH_DATA") or Path(__file__).parents[3].parent / "shared" / "data"
    )
    # some of them; tests/benchmarks/hostile.py reads all
    files = sorted(p for p in (root / "hostile").rglob("*") if p.is_file())[::5]
    if not files:
        pytest.skip("the hostile files are not here; CARREL_BENCH_DATA names their folder")
    for path in files:
        reached = ending(reader, path, silence=60)
        assert reached.reason or reached.state is DocumentState.INDEXED


def test_formats_share_no_suffix() -> None:
    suffixes = [suffix for known in FORMATS for suffix in known.suffixes]
    assert len(suffixes) == len(set(suffixes))
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in suffixes)
