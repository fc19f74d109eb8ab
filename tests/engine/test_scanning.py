"""What a scan sees in a folder, however strange."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.scanning import FoundFile, readable, scan


def by_path(folder: Path) -> dict[str, FoundFile]:
    return {file.path: file for file in scan(folder)}


def test_an_empty_folder_holds_nothing(tmp_path: Path) -> None:
    assert list(scan(tmp_path)) == []
    with pytest.raises(OSError):
        list(scan(tmp_path / "gone"))


def test_names_are_kept_as_they_are(tmp_path: Path) -> None:
    names = ["a b.txt", "new\nline.txt", "🗝 κλειδί.txt", "x" * 251 + ".txt", "e\u0301.txt", "é.txt"]
    for name in names:
        (tmp_path / name).write_text("x")
    (tmp_path / "in" / "ner").mkdir(parents=True)
    (tmp_path / "in" / "ner" / "deep.txt").write_text("xx")
    found = by_path(tmp_path)
    assert set(found) == {*names, "in/ner/deep.txt"}
    assert not any(file.problem for file in found.values())
    assert found["in/ner/deep.txt"].size == 2
    assert list(found) == sorted(found)


def test_names_that_are_no_text_are_named_all_the_same(tmp_path: Path) -> None:
    bad = os.fsdecode(b"caf\xe9")
    try:
        (tmp_path / bad).mkdir()
    except OSError:
        pytest.skip("this file system takes only text as names")
    (tmp_path / bad / "inside.txt").write_text("x")
    (tmp_path / f"{bad}.txt").write_text("x")
    found = by_path(tmp_path)
    assert set(found) == {"caf\\xe9.txt", "caf\\xe9/inside.txt"}
    assert all("not valid text" in file.problem for file in found.values())
    assert readable(bad) == "caf\\xe9"


def test_links_never_lead_out_or_round(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("x")
    folder = tmp_path / "folder"
    (folder / "inner").mkdir(parents=True)
    (folder / "loop").symlink_to(folder)
    (folder / "inner" / "up").symlink_to("..")
    (folder / "self").symlink_to("self")
    (folder / "out").symlink_to(outside)
    (folder / "nowhere").symlink_to("missing.txt")
    (folder / "file.txt").symlink_to(outside / "secret.txt")
    found = by_path(folder)
    assert set(found) == {"loop", "inner/up", "self", "out", "nowhere", "file.txt"}
    assert "links are not followed" in found["loop"].problem
    assert "links are not followed" in found["out"].problem
    assert "leads nowhere" in found["nowhere"].problem
    assert found["self"].problem
    assert not found["file.txt"].problem


def test_what_is_no_document_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s.txt"))
        found = by_path(tmp_path)
    assert "a pipe" in found["pipe.txt"].problem
    assert "a device or socket" in found["s.txt"].problem
    try:
        os.mknod(tmp_path / "null.txt", 0o020666, os.makedev(1, 3))
    except OSError:
        return
    assert "a device or socket" in by_path(tmp_path)["null.txt"].problem


def test_carrels_own_and_hidden_files_are_passed_over(tmp_path: Path) -> None:
    for name in (
        "M.carrel", "M.carrel-wal", "M.carrel-shm", "M.carrel.backup-v1", ".hidden.txt",
        "~$letter.docx", "Thumbs.db", "desktop.ini",
    ):  # fmt: skip
        (tmp_path / name).write_text("x")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("x")
    assert list(scan(tmp_path)) == []


def test_a_folder_that_cannot_be_listed_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("open", "shut", "vanished"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text("x")
    real = os.scandir

    def scandir(path: Path) -> object:
        if Path(path).name == "shut":
            raise PermissionError(13, "Permission denied")
        if Path(path).name == "vanished":
            raise FileNotFoundError(2, "No such file or directory")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = by_path(tmp_path)
    assert set(found) == {"open/a.txt", "shut"}
    assert found["shut"].unlisted
    assert "Permission denied" in found["shut"].problem


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[int]:
    """How many folders are nested in ``tmp_path``: deeper than Python's stack, with a path that
    stays below the system's limit. Taken away step by step, as no recursive removal could."""
    here, depth = Path.cwd(), 1200
    os.chdir(tmp_path)
    try:
        for _ in range(depth):
            Path("d").mkdir()
            os.chdir("d")
        Path("deep.txt").write_text("x")
        yield depth
        Path("deep.txt").unlink()
        for _ in range(depth):
            os.chdir("..")
            Path("d").rmdir()
    finally:
        os.chdir(here)


def test_folders_may_be_nested_deep(tmp_path: Path, deep: int) -> None:
    assert [file.path for file in scan(tmp_path)] == ["d/" * deep + "deep.txt"]
