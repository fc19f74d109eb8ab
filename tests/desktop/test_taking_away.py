"""Answers and conversations as files: where to, what is written, what is said of it."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QPushButton, QWidget

from desktop.ask.export_menu import OFFERED
from desktop.notices import Notices
from desktop.remembered import Remembered
from desktop.taking_away import KINDS, TakingAway, file_name, suffix_of
from engine.answers import Answer, Turn
from engine.errors import CancelledError, CarrelError
from engine.exporting.exporter import ExportFormat
from engine.settings import SettingsFile
from engine.workers import CancelToken

ANSWER = Answer("When does the lease end?", (), "In 2027.", (), ())


@pytest.fixture
def remembered(tmp_path):
    return Remembered(SettingsFile(tmp_path / "settings.json"))


@pytest.fixture
def taking(qtbot, bridge, remembered, tmp_path):
    window = QWidget()
    qtbot.addWidget(window)
    notices = Notices(window)
    remembered.keep(export_folder=str(tmp_path))
    return TakingAway(bridge, notices, remembered, window)


def dialog(taking):
    return taking._window.findChild(QFileDialog)


def test_every_form_offered_is_one_that_the_engine_writes():
    offered = [form for group in OFFERED for form, _ in group]
    assert sorted(offered) == sorted(KINDS) == sorted(ExportFormat)
    assert all(suffix_of(form) == ExportFormat(form).suffix for form in offered)


def test_a_conversation_is_saved_and_can_be_shown(
    qtbot, taking, library, remembered, tmp_path, monkeypatch
):
    library.kept = [Turn(3, 50.0, ANSWER)]
    taking.export_conversation(7, "pdf", "Lease: end/renewal?")
    assert dialog(taking).selectedFiles() == [str(tmp_path / "Lease end renewal.pdf")]
    folder = tmp_path / "papers"
    folder.mkdir()
    dialog(taking).fileSelected.emit(str(folder / "lease.pdf"))
    qtbot.waitUntil(lambda: bool(taking._notices.shown()))
    turns, file, how = library.exported
    assert (turns, file) == (library.kept, folder / "lease.pdf")
    assert isinstance(how.pop("cancel"), CancelToken)
    assert how == {"format": "pdf", "title": "Lease: end/renewal?", "overwrite": True}
    assert remembered.word("export_folder") == str(folder)
    notice = taking._notices.shown()[0]
    assert notice.text == "Saved as “lease.pdf”."
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    next(b for b in notice.findChildren(QPushButton) if b.text() == "Show in folder").click()
    assert opened == [str(folder)]


def test_an_answer_knows_when_it_was_given(qtbot, taking, library, tmp_path):
    other = Answer("Why?", (), "Because.", (), ())
    library.kept = [Turn(3, 50.0, ANSWER), Turn(4, 60.0, other), Turn(5, 70.0, ANSWER)]
    taking.export_answer(ANSWER, "record", 7)
    dialog(taking).fileSelected.emit(str(tmp_path / "a.json"))
    qtbot.waitUntil(lambda: library.exported is not None)
    assert library.exported[0] == [Turn(5, 70.0, ANSWER)]
    library.exported = None
    library.kept = []
    taking.export_answer(ANSWER, "md", None)
    taking._window.findChildren(QFileDialog)[-1].fileSelected.emit(str(tmp_path / "a.md"))
    qtbot.waitUntil(lambda: library.exported is not None)
    assert [turn.answer for turn in library.exported[0]] == [ANSWER]


def test_what_fails_is_a_sentence(qtbot, taking, library, bridge, tmp_path):
    bridge.failed.connect(taking._notices.failure)
    library.kept = [Turn(3, 50.0, ANSWER)]
    library.error = CarrelError("The disk is full. Make room, then export again.")
    taking.export_conversation(7, "html", "Lease")
    dialog(taking).fileSelected.emit(str(tmp_path / "a.html"))
    qtbot.waitUntil(lambda: bool(taking._notices.shown()))
    assert taking._notices.shown()[0].text == str(library.error)


def test_closing_waits_for_no_export(qtbot, taking, library, bridge, tmp_path, monkeypatch):
    """A record takes the hash of a model, which is gigabytes."""
    begun, ended = threading.Event(), []

    def hashing(turns, file, *, cancel, **how):
        begun.set()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if cancel.cancelled:
                ended.append(file)
                raise CancelledError("Stopped.")
            time.sleep(0.005)

    monkeypatch.setattr(library, "export", hashing)
    failures = []
    bridge.failed.connect(failures.append)
    taking.export_conversation(7, "record", "Lease")
    dialog(taking).fileSelected.emit(str(tmp_path / "a.json"))
    assert begun.wait(10)
    bridge.close()
    assert ended == [tmp_path / "a.json"]
    qtbot.wait(50)
    assert failures == []
    assert taking._notices.shown() == []


def test_stopping_an_export_says_nothing(qtbot, taking, library, bridge, tmp_path):
    failures = []
    bridge.failed.connect(failures.append)
    library.error = CancelledError("Stopped.")
    taking.export_conversation(7, "md", "Lease")
    dialog(taking).fileSelected.emit(str(tmp_path / "a.md"))
    qtbot.waitUntil(lambda: "export" in library.calls)
    qtbot.waitUntil(lambda: not bridge._jobs)
    assert failures == []
    assert taking._notices.shown() == []


def test_a_folder_that_is_gone_is_not_offered(qtbot, taking, remembered, tmp_path):
    remembered.keep(export_folder=str(tmp_path / "gone"))
    taking.export_conversation(7, "md", "Lease")
    assert Path(dialog(taking).selectedFiles()[0]).parent.is_dir()


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("When does the lease end?", "When does the lease end"),
        ('a/b\\c:d*e"f<g>h|i\n', "a b c d e f g h i"),
        ("../../etc/passwd", "etc passwd"),
        ("con", "con -"),
        ("???", "Answer"),
        ("word " * 40, ("word " * 12).strip()),
        ("موعد انتهاء العقد", "موعد انتهاء العقد"),
    ],
)
def test_names_suit_every_system(title, name):
    assert file_name(title) == name
