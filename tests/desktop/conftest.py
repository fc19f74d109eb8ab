"""Shared fixtures of the window's tests: no screen unless a test asks for a real X server."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest

from engine.adapter_facts import AdapterEntry
from engine.answers import Answer, AppliedAdapter, Conversation, Turn
from engine.errors import CarrelError
from engine.models.catalogue import Catalogue
from engine.records import (
    DocumentState,
    EmbedderState,
    Folder,
    IndexProgress,
    IndexReport,
    LedgerEntry,
    LibraryStatus,
    PageEntry,
    SearchMode,
    SearchResult,
    Stage,
)
from engine.settings import SettingsFile

REPORT = IndexReport(0, 0, 0, 0, 0, 0, 0, 0, False, {})


def ledger_entry(number: int, folder_id: int = 1, **changes: Any) -> LedgerEntry:
    """A line of a ledger; anything can be changed by name."""
    values: dict[str, Any] = {
        "document_id": number,
        "folder_id": folder_id,
        "path": f"reports/report {number}.pdf",
        "title": f"Report {number}",
        "format": "pdf",
        "state": DocumentState.INDEXED,
        "reason": "",
        "size": 10_000 + number,
        "modified": 1_700_000_000.0 + number,
        "pages": 4,
        "pages_text": 4,
        "pages_ocr": 0,
        "pages_empty": 0,
        "passages": 12,
        "embedded": 12,
    }
    return LedgerEntry(**(values | changes))


class FakeWatch:
    """``tell`` is what a change would call."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self.tell = tell
        self.closed = False

    def close(self) -> None:
        self.closed = True


class FakeLibrary:
    """A library in memory with the façade's names. ``pause`` holds ``index`` until it is set;
    ``calls`` are the names of what was called, ``threads`` where."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.stem
        self.encrypted = False
        self.entries: list[LedgerEntry] = []
        self.followed: list[Folder] = []
        self.talks: list[Conversation] = []
        self.gone: list[Conversation] = []
        self.kept: list[Turn] = []
        self.exported: tuple[list[Turn], Path, dict[str, Any]] | None = None
        self.found: list[Conversation] = []
        self.looked_for: list[str] = []
        self.answers: list[Answer] = []
        self.report = REPORT
        self.error: Exception | None = None
        self.pages: list[PageEntry] = []
        self.firsts: list[tuple[list[int], list[Path]]] = []
        self.passphrases: dict[int, str] = {}
        self.watches: list[FakeWatch] = []
        self.expected: list[tuple[AppliedAdapter, ...]] = []
        self.applied_to: dict[int, tuple[AppliedAdapter, ...]] = {}
        self.paused: Any = None  # the token of the run that is going on
        self.pause = threading.Event()
        self.pause.set()
        self.calls: list[str] = []
        self.threads: set[str] = set()
        self.closed = False

    def _called(self, name: str) -> None:
        self.calls.append(name)
        self.threads.add(threading.current_thread().name)
        if self.error is not None:
            raise self.error

    def folders(self) -> list[Folder]:
        return list(self.followed)

    def add_folder(self, path: Path) -> Folder:
        self._called("add_folder")
        folder = Folder(len(self.followed) + 1, str(path))
        self.followed.append(folder)
        return folder

    def remove_folder(self, folder_id: int) -> None:
        self._called("remove_folder")
        self.followed = [folder for folder in self.followed if folder.id != folder_id]
        self.entries = [entry for entry in self.entries if entry.folder_id != folder_id]

    def ledger(self) -> list[LedgerEntry]:
        self._called("ledger")
        return list(self.entries)

    def status(self) -> LibraryStatus:
        states = dict.fromkeys(DocumentState, 0)
        for entry in self.entries:
            states[entry.state] += 1
        return LibraryStatus(
            len(self.entries),
            sum(entry.passages for entry in self.entries),
            sum(entry.embedded for entry in self.entries),
            states,
        )

    def index(
        self,
        *,
        embed: bool = True,
        on_progress: Callable[[IndexProgress], None] | None = None,
        cancel: Any = None,
        pause: Any = None,
    ) -> IndexReport:
        self.paused = pause
        self._called("index")
        if on_progress is not None:
            on_progress(IndexProgress(Stage.SCANNING))
        while not self.pause.wait(0.01):
            cancel.check()
        return self.report

    def pages_of(self, document_id: int) -> list[PageEntry]:
        self._called("pages_of")
        return list(self.pages)

    def read_first(self, document_ids: Any = (), *, paths: Any = ()) -> None:
        self._called("read_first")
        self.firsts.append((list(document_ids), list(paths)))

    def unlock(self, document_id: int, passphrase: str) -> None:
        self._called("unlock")
        if self.passphrases.get(document_id) != passphrase:
            raise CarrelError("This passphrase does not open the file.")

    def watch(self, on_change: Callable[[], None]) -> FakeWatch:
        self.watches.append(FakeWatch(on_change))
        return self.watches[-1]

    def search(self, query: str, **how: Any) -> SearchResult:
        self._called("search")
        return SearchResult(query, SearchMode.HYBRID, (), 1.0)

    def ask(self, question: str, **how: Any) -> Answer:
        self._called("ask")
        return Answer(question, (), "", (), (), refused=True, reason="Nothing found.")

    def conversations(self, search: str = "") -> list[Conversation]:
        self.looked_for.append(search)
        return list(self.found if search else self.talks)

    def turns(self, conversation_id: int) -> list[Answer]:
        return list(self.answers)

    def rename_conversation(self, conversation_id: int, title: str) -> None:
        self._called("rename_conversation")
        self.talks = [
            Conversation(talk.id, title, talk.created, talk.updated)
            if talk.id == conversation_id
            else talk
            for talk in self.talks
        ]

    def delete_conversation(self, conversation_id: int) -> None:
        self._called("delete_conversation")
        self.gone += [talk for talk in self.talks if talk.id == conversation_id]
        self.talks = [talk for talk in self.talks if talk.id != conversation_id]

    def restore_conversation(self, conversation_id: int) -> None:
        self._called("restore_conversation")
        self.talks += [talk for talk in self.gone if talk.id == conversation_id]

    def history(self, conversation_id: int) -> list[Turn]:
        return list(self.kept)

    def export(self, turns: list[Turn], file: Path, **how: Any) -> None:
        self._called("export")
        self.exported = (turns, file, how)

    def applied(self, conversation_id: int) -> tuple[AppliedAdapter, ...]:
        return self.applied_to.get(conversation_id, ())

    def apply_adapters(self, conversation_id: int, adapters: Any) -> None:
        self._called("apply_adapters")
        self.applied_to[conversation_id] = tuple(adapters)

    def expect(self, adapters: Any) -> None:
        self.expected.append(tuple(adapters))

    def warm(self, adapters: Any = ()) -> None:
        self.calls.append("warm")

    def model(self) -> Path | None:
        return None

    def use_model(self) -> None:
        self._called("use_model")

    def use_reranker(self, folder: str) -> None:
        self._called("use_reranker")

    def use_embedder(self, folder: Path | None) -> None:
        self._called("use_embedder")

    def embedders(self, known: Any) -> list[EmbedderState]:
        return [EmbedderState("", True, True, self.status().embedded)]

    def stop_children(self) -> None:
        self.calls.append("stop_children")

    def close(self) -> None:
        self.closed = True


@pytest.fixture(autouse=True, scope="session")
def _collect_on_the_ui_thread() -> Iterator[None]:
    """As the application does: no worker thread may come to destroy a widget."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def _collect_between_tests() -> Iterator[None]:
    yield
    gc.collect(1)


@pytest.fixture
def library_class() -> type[FakeLibrary]:
    return FakeLibrary


@pytest.fixture
def library(tmp_path: Path, library_class: type[FakeLibrary]) -> FakeLibrary:
    return library_class(tmp_path / "Matter.carrel")


@pytest.fixture
def bridge(qapp: Any, library: FakeLibrary) -> Iterator[Any]:
    from desktop.bridge import Bridge

    bridge = Bridge(library)  # type: ignore[arg-type]
    yield bridge
    library.pause.set()
    bridge.close()


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue(SettingsFile(tmp_path / "settings.json"), copies=tmp_path / "models")


class NoAdapters:
    """A list that is empty."""

    def entries(self) -> tuple[AdapterEntry, ...]:
        return ()


class NoTrainer:
    """Nothing was trained, and nothing can be."""

    def missing(self) -> str:
        return "Making adapters needs the extra “train”."

    def unfinished(self) -> None:
        return None


@pytest.fixture
def adapters() -> Any:
    return NoAdapters()


@pytest.fixture
def trainer() -> Any:
    return NoTrainer()


@pytest.fixture
def applying(qapp: Any, bridge: Any, adapters: Any) -> Any:
    from desktop.applying import Applying

    return Applying(bridge, adapters, bridge)


@pytest.fixture
def entry() -> Callable[..., LedgerEntry]:
    return ledger_entry


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment whose settings, data and logs are in a temporary folder."""
    names = ("CONFIG", "DATA", "STATE", "CACHE")
    folders = {f"XDG_{name}_HOME": str(tmp_path / name.lower()) for name in names}
    return os.environ | folders


@pytest.fixture(scope="session")
def x_server() -> Iterator[SimpleNamespace]:
    """A real X server with a window manager of its own; ``environment`` leads a process to it.

    The tests' own process stays without a screen: Qt has one platform for each process.
    """
    if not (shutil.which("Xvfb") and shutil.which("openbox")):
        pytest.skip("needs Xvfb and openbox")
    read, write = os.pipe()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
        pass_fds=[write],
        **quiet,
    )
    os.close(write)
    with os.fdopen(read) as pipe:
        display = f":{pipe.readline().strip()}"
    environment = {
        name: value for name, value in os.environ.items() if name != "WAYLAND_DISPLAY"
    } | {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    manager = subprocess.Popen(["openbox", "--sm-disable"], env=environment, **quiet)
    time.sleep(0.3)
    yield SimpleNamespace(display=display, environment=environment)
    for process in (manager, server):
        process.terminate()
        process.wait(5)
