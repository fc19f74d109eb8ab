"""Opening, switching and leaving libraries; and libraries that will not open."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton

from desktop.application import Application
from desktop.file_opening import FileOpening
from desktop.handing_over import hand_over
from desktop.library_dialogs import NewPassphraseDialog, PassphraseDialog, TroubleDialog
from desktop.remembered import Remembered
from desktop.theme import Theme
from engine.errors import LibraryInUseError, LibraryLockedError, LibraryTooNewError
from engine.records import Folder
from engine.settings import SettingsFile


class Shelf:
    """Opens fake libraries; ``refuse`` names the error for a path, ``secret`` its passphrase."""

    def __init__(self, make):
        self._make = make
        self.refuse, self.secret, self.opened = {}, {}, {}

    def __call__(self, path, passphrase):
        assert threading.current_thread() is not threading.main_thread()
        if path in self.refuse:
            raise self.refuse[path]
        if self.secret.get(path) != passphrase:
            raise LibraryLockedError("This library is encrypted.")
        library = self.opened[path] = self._make(path)
        library.encrypted = passphrase is not None
        return library


@pytest.fixture
def shelf(library):
    return Shelf(type(library))


@pytest.fixture
def application(qtbot, qapp, tmp_path, shelf, catalogue, adapters, trainer, monkeypatch):
    remembered = Remembered(SettingsFile(tmp_path / "settings.json"))
    application = Application(qapp, remembered, Theme(qapp), shelf, catalogue, adapters, trainer)
    left = []
    monkeypatch.setattr(application._app, "quit", lambda: left.append(True))
    application.left = left
    yield application
    for widget in QApplication.topLevelWidgets():
        widget.hide()
        widget.deleteLater()
    if application.bridge is not None:
        application.bridge.close()
    application.release()
    application.deleteLater()


def dialog(qtbot, kind):
    def shown():
        return [w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible()]

    qtbot.waitUntil(lambda: bool(shown()))
    return shown()[0]


def button(widget, words):
    return next(b for b in widget.findChildren(QPushButton) if b.text() == words)


def test_a_library_is_opened_and_remembered(qtbot, application, tmp_path):
    path = tmp_path / "Case.carrel"
    application.start(path, None)
    qtbot.waitUntil(lambda: application.window is not None)
    assert application.window.isVisible()
    assert application.window.windowTitle() == "Case — Carrel"
    assert application._remembered.last_library == path


def test_an_opened_library_is_brought_up_to_date(qtbot, application, shelf, tmp_path):
    make = shelf._make

    def filled(path):
        library = make(path)
        library.followed = [Folder(1, "/papers")]
        return library

    shelf._make = filled
    application.start(tmp_path / "Case.carrel", None)
    qtbot.waitUntil(lambda: application.bridge is not None)
    qtbot.waitUntil(lambda: "index" in application.bridge.library.calls)


def test_a_locked_library_asks_until_it_opens(qtbot, application, shelf, tmp_path):
    path = tmp_path / "Secret.carrel"
    shelf.secret[path] = "open sesame"
    application.start(path, None)
    for words in ("wrong", "open sesame"):
        asked = dialog(qtbot, PassphraseDialog)
        asked.findChild(QLineEdit).setText(words)
        button(asked, "Unlock").click()
        qtbot.waitUntil(lambda asked=asked: not asked.isVisible())
    qtbot.waitUntil(lambda: application.window is not None)
    assert application.window.sidebar._encrypted


@pytest.mark.parametrize(
    "error",
    [
        LibraryTooNewError("A newer Carrel wrote this library."),
        LibraryInUseError("Another window has it open."),
        ValueError("a bug"),
    ],
)
def test_a_library_that_will_not_open_offers_ways_on(qtbot, application, shelf, tmp_path, error):
    path = tmp_path / "New.carrel"
    shelf.refuse[path] = error
    if isinstance(error, ValueError):
        with qtbot.capture_exceptions() as caught:
            application.start(path, None)
            trouble = dialog(qtbot, TroubleDialog)
        assert caught[0][1] is error
    else:
        application.start(path, None)
        trouble = dialog(qtbot, TroubleDialog)
    ways = [b.text() for b in trouble.findChildren(QPushButton)]
    assert ways == ["Try again", "Open another library…", "New library…", "Quit"]
    button(trouble, "Quit").click()
    assert application.left == [True]


def test_trying_again_may_help(qtbot, application, shelf, tmp_path):
    path = tmp_path / "Case.carrel"
    path.write_bytes(b"")
    shelf.refuse[path] = LibraryInUseError("Another window has it open.")
    application.start(path, None)
    trouble = dialog(qtbot, TroubleDialog)
    del shelf.refuse[path]
    button(trouble, "Try again").click()
    qtbot.waitUntil(lambda: application.window is not None)


def test_a_locked_library_may_be_left_for_another(qtbot, application, shelf, tmp_path):
    path = tmp_path / "Secret.carrel"
    shelf.secret[path] = "open sesame"
    application.start(path, None)
    asked = dialog(qtbot, PassphraseDialog)
    assert "This library is encrypted." in [label.text() for label in asked.findChildren(QLabel)]
    asked.reject()
    trouble = dialog(qtbot, TroubleDialog)
    button(trouble, "Enter passphrase…").click()
    dialog(qtbot, PassphraseDialog)
    assert application.left == []


def test_a_library_that_is_gone_is_not_made_anew(qtbot, application, shelf, tmp_path):
    application._remembered.used(tmp_path / "Stick" / "Case.carrel")
    application.start(None, None)
    trouble = dialog(qtbot, TroubleDialog)
    assert shelf.opened == {}
    trouble.reject()
    assert application._remembered.last_library == tmp_path / "Stick" / "Case.carrel"


def test_another_library_takes_the_place_of_the_first(qtbot, application, shelf, tmp_path):
    one, two = tmp_path / "One.carrel", tmp_path / "Two.carrel"
    application.start(one, None)
    qtbot.waitUntil(lambda: application.window is not None)
    first = application.window
    application.open(two)
    qtbot.waitUntil(lambda: application.window is not first)
    qtbot.waitUntil(lambda: shelf.opened[one].closed)
    assert not shelf.opened[two].closed
    assert application._remembered.recent == [two, one]
    assert application.left == []


def test_a_refused_library_leaves_the_first_alone(qtbot, application, shelf, tmp_path):
    one, two = tmp_path / "One.carrel", tmp_path / "Two.carrel"
    application.start(one, None)
    qtbot.waitUntil(lambda: application.window is not None)
    shelf.refuse[two] = LibraryTooNewError("A newer Carrel wrote this library.")
    application.open(two)
    trouble = dialog(qtbot, TroubleDialog)
    button(trouble, "Stay in “One”").click()
    assert application.window.isVisible()
    assert not shelf.opened[one].closed
    assert application.left == []


def test_closing_the_window_closes_the_library_then_leaves(qtbot, application, shelf, tmp_path):
    path = tmp_path / "Case.carrel"
    application.start(path, None)
    qtbot.waitUntil(lambda: application.window is not None)
    library = shelf.opened[path]
    library.pause.clear()
    application.bridge.start_indexing()
    qtbot.waitUntil(lambda: "index" in library.calls)
    application.window.close()
    assert not application.window.isVisible()
    qtbot.waitUntil(lambda: bool(application.left), timeout=2000)
    assert library.closed
    assert "stop_children" in library.calls


def test_a_new_passphrase_is_typed_twice(qtbot):
    asked = NewPassphraseDialog("Case")
    qtbot.addWidget(asked)
    first, second = asked.findChildren(QLineEdit)
    create = button(asked, "Create library")
    assert create.isEnabled()
    first.setText("sesame")
    assert not create.isEnabled()
    second.setText("sesam")
    assert "not the same" in asked._hint.text()
    second.setText("sesame")
    with qtbot.waitSignal(asked.chosen) as chosen:
        create.click()
    assert chosen.args == ["sesame"]


def test_folders_named_at_the_start_are_followed(qtbot, application, tmp_path):
    papers = tmp_path / "papers"
    papers.mkdir()
    application.start(tmp_path / "Case.carrel", None, (papers,))
    qtbot.waitUntil(lambda: application.bridge is not None)
    library = application.bridge.library
    qtbot.waitUntil(lambda: [folder.path for folder in library.followed] == [str(papers)])


def test_a_second_carrel_hands_its_folders_to_the_one_that_has_the_library(
    qtbot, application, shelf, tmp_path
):
    path, papers = tmp_path / "Case.carrel", tmp_path / "papers"
    papers.mkdir()
    application.start(path, None)
    qtbot.waitUntil(lambda: application.window is not None)
    taken = []
    asking = threading.Thread(target=lambda: taken.append(hand_over(path, [papers])))
    asking.start()
    library = application.bridge.library
    qtbot.waitUntil(lambda: [folder.path for folder in library.followed] == [str(papers)])
    qtbot.waitUntil(lambda: taken == [True])
    asking.join()
    application.quit()
    assert not hand_over(path, [papers])  # nobody is there any more


def test_a_carrel_that_was_heard_leaves(qtbot, application, shelf, tmp_path, monkeypatch):
    path = tmp_path / "Case.carrel"
    shelf.refuse[path] = LibraryInUseError("Another window has it open.")
    heard = []
    monkeypatch.setattr("desktop.application.hand_over", lambda *asked: heard.append(asked) or True)
    application.start(path, None, (tmp_path,))
    qtbot.waitUntil(lambda: application.left == [True])
    assert heard == [(path, (tmp_path,))]


def test_the_system_asks_for_files_by_event(qtbot, application, qapp, tmp_path):
    opening = FileOpening(qapp)
    opening.wished.connect(application.take)
    path = tmp_path / "Case.carrel"
    path.touch()
    QApplication.sendEvent(qapp, QFileOpenEvent(str(path)))
    qtbot.waitUntil(lambda: application.window is not None)
    assert application.window.library_path == path
    qapp.removeEventFilter(opening)
