"""What the window says of documents that are locked, hidden, attached or gone, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLineEdit, QMenu

from desktop.documents.arranging import Arrangement, Column, Shown, arrange
from desktop.documents.details import Details
from desktop.documents.model import DocumentsModel
from desktop.documents.table import DocumentsTable
from desktop.documents.unlocking import UnlockDialog
from desktop.documents.view import DocumentsView
from desktop.documents.wording import STATES, can_be_first, hides, how_read
from desktop.watching import FolderWatch
from engine.errors import CarrelError
from engine.reading.document import Tally
from engine.records import DocumentState, Folder, Page, PageEntry, PageState, Stage

DISPLAY = Qt.ItemDataRole.DisplayRole
HIDING = "1 of 3 pages holds text that cannot be seen; answers leave it out."


@pytest.fixture
def locked(entry):
    return entry(
        7, state=DocumentState.LOCKED, reason="It needs a passphrase.", pages=0, passages=0
    )


@pytest.fixture
def view(qtbot, bridge, library, entry, locked):
    library.followed = [Folder(1, "/papers"), Folder(2, "/stick")]
    library.entries = [
        entry(1, title="Alpha"),
        locked,
        entry(8, folder_id=2, title="Away", available=False, passages=9, embedded=2),
    ]
    view = DocumentsView(bridge)
    qtbot.addWidget(view)
    view.resize(1000, 700)
    view.show()
    qtbot.waitUntil(lambda: view.table.documents.rowCount() == 3)
    return view


def choose(view, document_id):
    view.table.selectionModel().select(
        view.table.documents.selection_of([document_id]),
        view.table.selectionModel().SelectionFlag.ClearAndSelect,
    )


# --- locked files -----------------------------------------------------------------------------


def dialog_of(view):
    return next(d for d in view.findChildren(UnlockDialog) if d.isVisible())


def test_a_wrong_passphrase_is_told_in_place_and_the_right_one_reads_on(
    qtbot, view, library, locked
):
    library.passphrases[locked.document_id] = "owl"
    choose(view, locked.document_id)
    assert view.details._unlock.isVisible()
    view.details._unlock.click()
    dialog = dialog_of(view)
    assert not dialog.unlock.isEnabled()
    assert dialog.line.echoMode() == QLineEdit.EchoMode.Password
    qtbot.keyClicks(dialog.line, "mouse")
    qtbot.keyClick(dialog.line, Qt.Key.Key_Return)
    qtbot.waitUntil(dialog.hint.isVisible)
    assert dialog.hint.text() == "This passphrase does not open the file."
    assert dialog.isVisible()
    assert dialog.line.selectedText() == "mouse"
    qtbot.keyClicks(dialog.line, "owl")
    assert not dialog.hint.isVisible()
    qtbot.keyClick(dialog.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "index" in library.calls)
    assert library.calls.count("unlock") == 2


@pytest.mark.parametrize(
    ("encrypted", "said"), [(True, "is kept in this library"), (False, "is forgotten when")]
)
def test_it_says_whether_the_passphrase_is_kept(qtbot, bridge, library, locked, encrypted, said):
    library.encrypted = encrypted
    dialog = UnlockDialog(bridge, locked)
    qtbot.addWidget(dialog)
    words = " ".join(label.text() for label in dialog.findChildren(type(dialog.hint)))
    assert said in words


def test_a_locked_row_asks_too(qtbot, entry, locked):
    table = DocumentsTable()
    qtbot.addWidget(table)
    table.renew([entry(1), locked])
    names = [action.text() for action in table.menu_for(locked).actions()]
    assert "Enter passphrase…" in names
    assert "Read this first" not in names
    assert "Enter passphrase…" not in [a.text() for a in table.menu_for(entry(1)).actions()]
    with qtbot.waitSignal(table.unlock_requested) as asked:
        table.setCurrentIndex(table.documents.index(1, 0))
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert asked.args == [locked]


# --- what comes first -------------------------------------------------------------------------


def test_a_document_and_a_folder_can_come_first(qtbot, view, library, entry):
    waiting = entry(1, title="Alpha", embedded=3)
    library.entries[0] = waiting
    view.table.renew(library.entries)
    choose(view, 1)
    assert view.details._first.isVisible()
    view.details._first.click()
    assert (view.details._first.text(), view.details._first.isEnabled()) == ("Comes first", False)
    qtbot.waitUntil(lambda: library.firsts == [([1], [])])
    qtbot.waitUntil(lambda: "index" in library.calls)
    view.folders.first_requested.emit(library.followed[0])
    qtbot.waitUntil(lambda: library.firsts[1:] == [([], [Path("/papers")])])


def menu_of(widget):
    (menu,) = [menu for menu in widget.findChildren(QMenu) if menu.isVisible()]
    return {action.text(): action for action in menu.actions()}


def test_the_menu_key_reaches_what_the_mouse_does(qtbot, view, library):
    nowhere = QPoint(5, 100_000)
    view.folders.setCurrentRow(1)
    view.folders._menu(nowhere)
    menu_of(view.folders)["Read this folder first"].trigger()
    qtbot.waitUntil(lambda: library.firsts == [([], [Path("/papers")])])
    view.folders.setCurrentRow(0)
    row = next(n for n in range(3) if view.table.documents.entry(n).document_id == 7)
    view.table.setCurrentIndex(view.table.documents.index(row, 0))
    view.table._menu(nowhere)
    with qtbot.waitSignal(view.table.unlock_requested):
        menu_of(view.table)["Enter passphrase…"].trigger()


def test_only_what_is_not_done_can_come_first(entry):
    assert can_be_first(entry(1, embedded=3))
    assert can_be_first(entry(1, state=DocumentState.FAILED, passages=0, embedded=0))
    assert not can_be_first(entry(1))
    assert not can_be_first(entry(1, state=DocumentState.LOCKED, embedded=0))
    assert not can_be_first(entry(1, state=DocumentState.DUPLICATE, embedded=0))
    assert not can_be_first(entry(1, embedded=3, available=False))


# --- page by page -----------------------------------------------------------------------------

PAGES = [
    PageEntry(1, "i", PageState.TEXT, "", 0),
    PageEntry(2, "2", PageState.OCR, "", 1),
    PageEntry(3, "3", PageState.EMPTY, "This page holds only an image.", 0),
    PageEntry(4, "4", PageState.FAILED, "This part of the file is damaged.", 0),
]


def test_how_pages_were_read_is_said():
    assert [how_read(page) for page in PAGES] == [
        "Read",
        "Read by OCR; holds text that cannot be seen",
        "No text: This page holds only an image.",
        "Not read: This part of the file is damaged.",
    ]


def test_pages_are_listed_and_opened(qtbot, view, library):
    library.pages = PAGES
    choose(view, 1)
    assert not view.details._pages.isVisible()
    assert "pages_of" not in library.calls  # not before somebody wants it
    view.details._how.click()
    pages = view.details._pages
    qtbot.waitUntil(pages.isVisible)
    lines = [pages.model().index(row, 0).data() for row in range(pages.model().rowCount())]
    assert lines[0] == "Page 1 (i): Read"
    assert lines[3] == "Page 4: Not read: This part of the file is damaged."
    pages.setCurrentIndex(pages.model().index(2, 0))
    with qtbot.waitSignal(view.document_opened) as opened:
        qtbot.keyClick(pages, Qt.Key.Key_Return)
    assert opened.args == [1, 3]
    view.details._how.click()
    assert not pages.isVisible()


def test_another_documents_pages_are_not_shown(qtbot, entry):
    details = Details()
    qtbot.addWidget(details)
    details.show_entries([entry(1)], "/papers")
    details._how.setChecked(True)
    details.show_pages(2, PAGES)
    assert details._pages.isHidden()
    details.show_pages(1, PAGES)
    assert not details._pages.isHidden()
    details.show_entries([entry(1), entry(2)], "/papers")
    assert details._pages.isHidden()


# --- hidden, attached, gone -------------------------------------------------------------------


def test_what_hides_text_is_marked(qapp, entry):
    model = DocumentsModel()
    model.show([entry(1), entry(2, reason=HIDING)])
    sign, said = Qt.ItemDataRole.DecorationRole, Qt.ItemDataRole.AccessibleDescriptionRole
    assert model.data(model.index(0, Column.TITLE), sign) is None
    assert model.data(model.index(1, Column.TITLE), sign) is not None
    assert "cannot be seen" in model.data(model.index(1, Column.TITLE), said)
    assert model.data(model.index(1, Column.STATE), DISPLAY) == f"Read: {HIDING}"


def test_the_engine_says_of_hiding_what_the_list_looks_for(entry):
    tally = Tally()
    tally.add(Page(1, "1", "Owls hunt.", PageState.TEXT, hidden=((0, 4),)))
    assert hides(entry(1, reason=tally.ending().reason))


def test_attachments_stand_under_their_mail(qapp, entry):
    mail = entry(5, title="Minutes", path="a.eml")
    inner = entry(6, title="Budget", path="a.eml/b.eml", parent_id=5)
    deep = entry(7, title="Aardvark", path="a.eml/b.eml/c.pdf", parent_id=6)
    other = entry(8, title="Memo", path="b.pdf")
    lost = entry(9, title="Zebra", path="x.eml/z.pdf", parent_id=99)
    ordered = arrange([deep, other, inner, lost, mail], Arrangement())
    assert [e.document_id for e in ordered] == [8, 5, 6, 7, 9]
    model = DocumentsModel()
    model.show(ordered)
    titles = [model.data(model.index(row, Column.TITLE), DISPLAY) for row in range(5)]
    assert titles[2].strip() == "↳ Budget"
    alone = arrange([deep, inner, mail], Arrangement(text="aardvark"))
    assert [e.document_id for e in alone] == [7]  # where its mail is not listed
    table = DocumentsTable()
    table.folder_paths = {1: "/papers"}
    able = {a.text(): a.isEnabled() for a in table.menu_for(inner).actions()}
    assert not able["Open in its own program"]  # it is no file
    assert able["Show in file manager"]
    failed = entry(10, title="Bad", parent_id=5, state=DocumentState.FAILED)
    problems = arrange([mail, failed], Arrangement(shown=Shown.PROBLEMS))
    assert [e.document_id for e in problems] == [10]


def test_a_folder_that_is_gone_is_said_to_be(view):
    names = [view.folders.item(row).text() for row in range(view.folders.count())]
    assert names == ["All folders", "papers", "stick\nnot available"]
    choose(view, 8)
    assert "can still be searched" in view.details._advice.text()
    assert not view.details._first.isVisible()


def test_every_problem_says_what_to_do():
    for state in (
        DocumentState.PARTIAL,
        DocumentState.FAILED,
        DocumentState.LOCKED,
        DocumentState.UNSUPPORTED,
    ):
        assert STATES[state].advice


# --- live folders -----------------------------------------------------------------------------


def test_a_change_starts_a_run_and_many_changes_one_more(qtbot, bridge, library):
    library.followed = [Folder(1, "/papers")]
    bridge.watch_folders()
    qtbot.waitUntil(lambda: len(library.watches) == 1)
    bridge._watch._calm.setInterval(100)
    with qtbot.waitSignal(bridge.index_finished):
        library.watches[0].tell()
    for _ in range(50):
        library.watches[0].tell()
    qtbot.waitUntil(lambda: library.calls.count("index") == 2)
    qtbot.wait(300)
    assert library.calls.count("index") == 2


def test_new_files_come_before_meanings(qtbot, bridge, library):
    library.pause.clear()
    bridge.start_indexing()
    qtbot.waitUntil(lambda: "index" in library.calls)
    bridge._stage = Stage.EMBEDDING
    bridge.freshen()
    qtbot.waitUntil(lambda: library.calls.count("index") == 2)
    library.pause.set()
    qtbot.waitUntil(lambda: not bridge.indexing)


def test_after_a_cancel_changes_wait_for_the_person(qtbot, bridge, library):
    library.pause.clear()
    bridge.start_indexing()
    qtbot.waitUntil(lambda: "index" in library.calls)
    bridge.stop_indexing()
    qtbot.waitUntil(lambda: not bridge.indexing)
    library.pause.set()
    bridge.freshen()
    assert not bridge.indexing
    with qtbot.waitSignal(bridge.index_finished):
        bridge.start_indexing()
    with qtbot.waitSignal(bridge.index_finished):
        bridge.freshen()


def test_a_closed_watch_is_silent(qtbot, library):
    library.followed = [Folder(1, "/papers")]
    watch = FolderWatch(library)
    watch.begin()
    watch.begin()
    assert len(library.watches) == 1
    heard = []
    watch.changed.connect(lambda: heard.append(1))
    watch.close()
    assert library.watches[0].closed
    library.watches[0].tell()
    qtbot.wait(20)
    assert heard == []


def test_a_refused_unlock_of_any_kind_is_a_sentence(qtbot, bridge, library, locked):
    library.error = CarrelError("The file is no longer there.")
    dialog = UnlockDialog(bridge, locked)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.line.setText("owl")
    dialog.unlock.click()
    qtbot.waitUntil(dialog.hint.isVisible)
    assert dialog.hint.text() == "The file is no longer there."
