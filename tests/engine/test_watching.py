"""Folders that are watched: what is noticed, what is not, and what the system does not tell."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine import watching
from engine.watching import Watch

_SOON = 20.0  # on a machine that is busy with other things


class Bell:
    """Counts how often it rings."""

    def __init__(self) -> None:
        self._rung = threading.Semaphore(0)

    def ring(self) -> None:
        self._rung.release()

    def rang(self, within: float = _SOON) -> bool:
        return self._rung.acquire(timeout=within)

    def quiet(self, seconds: float = 1.5) -> bool:
        return not self._rung.acquire(timeout=seconds)


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    (folder / "inner").mkdir(parents=True)
    (folder / "a.txt").write_text("words")
    return folder


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_LOOK", 0.2)
    monkeypatch.setattr(watching, "_QUIET", 0.3)


@pytest.fixture
def watch(bell: Bell, folder: Path) -> Iterator[Callable[..., list[Path]]]:
    watches: list[Watch] = []

    def begin(**how: object) -> list[Path]:
        paths = [folder]
        watches.append(Watch(lambda: list(paths), bell.ring, **how))  # type: ignore[arg-type]
        until = time.monotonic() + _SOON
        while folder not in watches[-1]._watched and time.monotonic() < until:
            time.sleep(0.02)
        return paths

    yield begin
    for each in watches:
        each.close()


def changes(folder: Path) -> Iterator[str]:
    """Does one thing after the other to the folder, and says which."""
    (folder / "new.txt").write_text("new")
    yield "new"
    (folder / "new.txt").write_text("changed, and longer")
    yield "changed"
    (folder / "new.txt").rename(folder / "renamed.txt")
    yield "renamed"
    (folder / "renamed.txt").rename(folder / "inner" / "moved.txt")
    yield "moved"
    (folder / "inner" / "moved.txt").unlink()
    yield "deleted"
    (folder / "later").mkdir()
    (folder / "later" / "in.txt").write_text("in a new folder")
    yield "in a new folder"


@pytest.mark.parametrize("polled", [False, True])
def test_what_happens_to_files_is_noticed(
    bell: Bell, folder: Path, watch: Callable[..., list[Path]], polled: bool
) -> None:
    watch(polled=lambda path: polled, poll=0.2)
    assert bell.quiet()
    for change in changes(folder):
        assert bell.rang(), change
        while not bell.quiet(0.8):
            pass


def test_many_changes_are_told_once(
    bell: Bell, folder: Path, watch: Callable[..., list[Path]]
) -> None:
    watch()
    for number in range(50):
        (folder / f"{number}.txt").write_text("words")
    assert bell.rang()
    assert bell.quiet()


def test_what_nobody_means_is_not_told(
    bell: Bell, folder: Path, watch: Callable[..., list[Path]]
) -> None:
    watch()
    (folder / "Matter.carrel-wal").write_text("Carrel's own")
    (folder / "~$report.docx").write_text("a lock")
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "in.txt").write_text("hidden")
    (folder / "a.txt").read_text()
    assert bell.quiet()


def test_a_folder_that_goes_and_comes_back_is_noticed(
    bell: Bell, folder: Path, tmp_path: Path, watch: Callable[..., list[Path]]
) -> None:
    watch()
    folder.rename(tmp_path / "unplugged")
    assert bell.rang()
    while not bell.quiet(1.0):
        pass
    (tmp_path / "unplugged").rename(folder)
    assert bell.rang()
    while not bell.quiet(1.0):
        pass
    (folder / "b.txt").write_text("it is watched again")
    assert bell.rang()


def test_folders_that_are_followed_later_are_watched(
    bell: Bell, folder: Path, tmp_path: Path, watch: Callable[..., list[Path]]
) -> None:
    paths = watch()
    other = tmp_path / "other"
    other.mkdir()
    paths.append(other)
    assert bell.rang()
    assert bell.quiet()
    (other / "b.txt").write_text("words")
    assert bell.rang()
    paths.remove(other)
    time.sleep(1)
    while not bell.quiet(0.8):
        pass
    (other / "c.txt").write_text("words")
    assert bell.quiet()


def test_a_link_is_not_followed(
    bell: Bell, folder: Path, tmp_path: Path, watch: Callable[..., list[Path]]
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (folder / "link").symlink_to(outside)
    watch()
    (outside / "b.txt").write_text("not ours")
    assert bell.quiet()


def test_where_there_is_no_room_for_watches_folders_are_looked_through(
    bell: Bell, folder: Path, watch: Callable[..., list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: object, *args: object, **how: object) -> None:
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr("watchdog.observers.api.BaseObserver.schedule", full)
    monkeypatch.setattr(watching, "_POLL", 0.2)
    watch()
    (folder / "b.txt").write_text("words")
    assert bell.rang()


def test_this_folder_is_here(folder: Path) -> None:
    assert not watching.is_elsewhere(folder)
