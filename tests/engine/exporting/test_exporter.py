"""From turns to a file: formats by name, nothing overwritten, nothing half written."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import docx
import pymupdf
import pytest
import rispy

from engine.answers import Turn
from engine.errors import CancelledError, CarrelError
from engine.exporting import writing
from engine.exporting.exporter import Exporter, ExportFormat
from engine.exporting.writing import save
from engine.store import Store
from engine.workers import CancelToken
from tests.engine.exporting.answers import mixed, refusal

TURNS = [Turn(1, 1.8e9, mixed()), Turn(2, 1.8e9 + 60, refusal())]


@pytest.fixture
def exporter(store: Store) -> Iterator[Exporter]:
    exporter = Exporter(store)
    yield exporter
    exporter.close()


def test_the_name_says_the_format(exporter: Exporter, tmp_path: Path) -> None:
    for known in ExportFormat:
        exporter.export(TURNS, tmp_path / f"revenue{known.suffix.upper()}", title="Revenue")
    assert "# Revenue" in (tmp_path / "revenue.MD").read_text(encoding="utf-8")
    assert "<h1" in (tmp_path / "revenue.HTML").read_text(encoding="utf-8")
    assert pymupdf.open(tmp_path / "revenue.PDF", filetype="pdf").page_count == 1
    with (tmp_path / "revenue.DOCX").open("rb") as stream:
        assert docx.Document(stream).paragraphs[0].text == "Revenue"
    assert (tmp_path / "revenue.BIB").read_text(encoding="utf-8").startswith("@misc{")
    assert len(rispy.loads((tmp_path / "revenue.RIS").read_text(encoding="utf-8"))) == 1
    assert json.loads((tmp_path / "revenue.JSON").read_bytes())["title"] == "Revenue"


def test_a_format_may_be_told(exporter: Exporter, tmp_path: Path) -> None:
    file = tmp_path / "notes"
    with pytest.raises(CarrelError, match="does not say in which format"):
        exporter.export(TURNS, file)
    exporter.export(TURNS, file, format=ExportFormat.HTML)
    assert file.read_bytes().startswith(b"<!DOCTYPE html>")


def test_an_empty_conversation_is_not_exported(exporter: Exporter, tmp_path: Path) -> None:
    with pytest.raises(CarrelError, match="nothing to export"):
        exporter.export([], tmp_path / "empty.md")
    assert not list(tmp_path.glob("empty*"))


def test_a_cancelled_export_leaves_no_file(exporter: Exporter, tmp_path: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        exporter.export(TURNS, tmp_path / "a.pdf", cancel=cancel)
    assert not (tmp_path / "a.pdf").exists()


def test_files_are_overwritten_only_when_that_is_meant(exporter: Exporter, tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(CarrelError, match="already"):
        exporter.export(TURNS, file)
    assert file.read_text(encoding="utf-8") == "mine"
    exporter.export(TURNS, file, overwrite=True)
    assert "Revenue" in file.read_text(encoding="utf-8")
    assert {path.name for path in tmp_path.iterdir() if "carrel" not in path.name} == {"a.md"}


def test_a_link_is_not_followed_and_a_folder_not_replaced(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link.md"
    target.write_text("mine", encoding="utf-8")
    link.symlink_to(target)
    for place in (link, tmp_path):
        for overwrite in (False, True):
            with pytest.raises(CarrelError):
                save(b"new", place, overwrite=overwrite)
    assert target.read_text(encoding="utf-8") == "mine"
    assert link.is_symlink()


def test_what_cannot_be_written_says_so_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CarrelError, match="cannot be written"):
        save(b"new", tmp_path / "no such folder" / "a.md")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing.os, "fsync", full)
    with pytest.raises(CarrelError, match="No space left"):
        save(b"new", tmp_path / "a.md")
    old = tmp_path / "old.md"
    old.write_text("old", encoding="utf-8")
    with pytest.raises(CarrelError, match="No space left"):
        save(b"new", old, overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["old.md"]
    assert old.read_text(encoding="utf-8") == "old"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_permissions_are_the_usual_ones_or_those_of_the_file_before(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        save(b"new", tmp_path / "new.md")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "new.md").stat().st_mode) == 0o640
    (tmp_path / "new.md").chmod(0o600)
    save(b"newer", tmp_path / "new.md", overwrite=True)
    assert stat.S_IMODE((tmp_path / "new.md").stat().st_mode) == 0o600
