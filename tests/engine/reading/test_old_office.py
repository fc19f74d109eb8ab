"""Old files through LibreOffice, where this machine has it."""

from __future__ import annotations

import random
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import psutil
import pytest
from old_containers import ole

from engine.errors import ChildError
from engine.reading import old_office
from engine.reading.messages import ReaderReply, ReadFile
from engine.records import BlockKind, DocumentState
from engine.workers import ChildProcess, libreoffice

Read = Callable[..., Any]

pytestmark = pytest.mark.skipif(
    libreoffice.program() is None, reason="LibreOffice is not installed on this machine"
)


@pytest.fixture(scope="module")
def old_word_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made by LibreOffice, for nothing else here writes the old format."""
    folder = tmp_path_factory.mktemp("old")
    document = docx.Document()
    document.add_heading("Terms", 1)
    document.add_paragraph("Between the parties.")
    document.add_page_break()
    document.add_paragraph("Signed by all.")
    document.save(folder / "new.docx")
    (folder / "work").mkdir()
    made = libreoffice.convert(folder / "new.docx", "doc", folder / "work", seconds=120)
    assert made is not None
    return made


def running() -> set[int]:
    return {
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if any("carrel-office-" in part for part in process.info["cmdline"] or ())
    }


def test_an_old_word_file_keeps_its_structure(
    old_word_file: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(old_office, "SECONDS", 120)
    before = sorted(old_word_file.parent.iterdir())
    result = read(old_word_file)
    assert result.state is DocumentState.INDEXED
    assert result.facts.format == "word"
    first, second = result.pages
    assert [(b.kind, first.text[b.start : b.end]) for b in first.blocks] == [
        (BlockKind.HEADING, "Terms"),
        (BlockKind.PARAGRAPH, "Between the parties."),
    ]
    assert second.text == "Signed by all."
    assert sorted(old_word_file.parent.iterdir()) == before, "nothing is left beside the file"


def test_one_that_takes_too_long_is_stopped(
    old_word_file: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(old_office, "SECONDS", 0.4)
    before = running()
    result = read(old_word_file)
    assert result.state is DocumentState.FAILED
    assert "did not finish" in result.reason
    until = time.monotonic() + 30
    while running() - before and time.monotonic() < until:
        time.sleep(0.05)
    assert not running() - before


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux's signals of death")
def test_it_ends_with_its_reader(
    old_word_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    before = running()
    child: ChildProcess[ReaderReply] = ChildProcess("reader", ReaderReply)
    outcome: list[Exception] = []

    def ask() -> None:
        try:
            list(child.request(ReadFile(str(old_word_file))))
        except ChildError as error:
            outcome.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        until = time.monotonic() + 60
        while not running() - before and time.monotonic() < until:
            time.sleep(0.01)
        assert running() - before
        assert child._process is not None
        child._process.kill()
        asking.join(10)
        until = time.monotonic() + 30
        while running() - before and time.monotonic() < until:
            time.sleep(0.05)
        assert not running() - before
        assert outcome
    finally:
        child.close()


def test_one_that_cannot_be_opened_says_so(
    tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(old_office, "SECONDS", 120)
    path = tmp_path / "broken.doc"
    path.write_bytes(ole({"WordDocument": b"x" * 5000}))
    result = read(path)
    assert result.state is DocumentState.FAILED
    assert "an old Word file, and LibreOffice cannot open it" in result.reason


def test_nonsense_is_refused(tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """LibreOffice makes a text of anything."""
    monkeypatch.setattr(old_office, "SECONDS", 120)
    path = tmp_path / "noise.wpd"
    path.write_bytes(random.Random(1).randbytes(8000))
    result = read(path)
    assert (result.state, result.pages) == (DocumentState.FAILED, [])
    assert "a WordPerfect file, but LibreOffice finds no sense in it" in result.reason


def test_links_are_not_followed(tmp_path: Path) -> None:
    """A picture on another machine; this machine's own port stands for it."""
    met: list[object] = []
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.2)
    done = threading.Event()

    def listen() -> None:
        while not done.is_set():
            try:
                connection, address = server.accept()
            except TimeoutError:
                continue
            met.append(address)
            connection.close()

    listener = threading.Thread(target=listen)
    listener.start()
    address = f"http://127.0.0.1:{server.getsockname()[1]}/pixel.png"
    page = tmp_path / "linked.html"
    page.write_text(f"<html><body><p>Text.</p><img src='{address}'></body></html>")
    (tmp_path / "work").mkdir()
    try:
        made = libreoffice.convert(page, "odt", tmp_path / "work", seconds=120)
    finally:
        done.set()
        listener.join()
        server.close()
    assert made is not None
    assert not met
