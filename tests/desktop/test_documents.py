"""The list of documents: which, in what order, and what is said of each."""

from __future__ import annotations

import threading
import time

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QPushButton

from desktop.documents.arranging import Arrangement, Column, Counts, Shown, arrange, counts, natural
from desktop.documents.details import Details, numbers
from desktop.documents.model import DocumentsModel
from desktop.documents.table import DocumentsTable
from desktop.documents.view import DocumentsView
from desktop.documents.wording import STATES, file_size
from engine.records import DocumentState, Folder

DISPLAY, TIP = Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole


@pytest.fixture
def mixed(entry):
    return [
        entry(1, title="Part 10", path="a/ten.pdf", size=5),
        entry(2, title="Part 9", path="a/nine.pdf", size=50),
        entry(3, title="", path="b/Lease & <b>rent.docx", state=DocumentState.FAILED,
              reason="The file is damaged.", format="docx", pages=0, size=7),
        entry(4, folder_id=2, title="Scans", state=DocumentState.PARTIAL, reason="1 page failed."),
        entry(5, folder_id=2, title="Copy", state=DocumentState.DUPLICATE),
        entry(6, folder_id=2, title="Sealed", state=DocumentState.LOCKED, reason="Password."),
    ]  # fmt: skip


def ids(entries):
    return [entry.document_id for entry in entries]


# --- arranging --------------------------------------------------------------------------------


def test_titles_are_ordered_as_people_count(mixed):
    assert ids(arrange(mixed, Arrangement())) == [5, 3, 2, 1, 4, 6]


@pytest.mark.parametrize("column", list(Column))
def test_every_column_sorts_both_ways(mixed, column):
    up = arrange(mixed, Arrangement(column=column))
    down = arrange(mixed, Arrangement(column=column, descending=True))
    assert sorted(ids(up)) == sorted(ids(down)) == [1, 2, 3, 4, 5, 6]
    assert up != down


def test_every_word_of_the_filter_must_occur_in_title_or_path(mixed):
    assert ids(arrange(mixed, Arrangement(text="PART nine"))) == [2]
    assert ids(arrange(mixed, Arrangement(text="rent"))) == [3]
    assert arrange(mixed, Arrangement(text="part nowhere")) == []


def test_states_and_folders_narrow(mixed):
    assert ids(arrange(mixed, Arrangement(shown=Shown.PROBLEMS))) == [3, 4, 6]
    assert ids(arrange(mixed, Arrangement(shown=Shown.READ))) == [5, 2, 1, 4]
    assert ids(arrange(mixed, Arrangement(shown=Shown.PROBLEMS, folder_id=2))) == [4, 6]


def test_counts_say_what_each_choice_would_show(mixed):
    assert counts(mixed, None) == Counts(6, 4, 3)
    assert counts(mixed, 2) == Counts(3, 2, 2)
    for shown, count in ((Shown.READ, 2), (Shown.PROBLEMS, 2)):
        assert len(arrange(mixed, Arrangement(shown=shown, folder_id=2))) == count


def test_natural_order_takes_any_digits():
    assert sorted(["x10", "x9", "X1", "9", "ü"], key=natural) == ["9", "X1", "x9", "x10", "ü"]
    assert natural("٣") == ["", 3, ""]
    assert natural("x²") == ["x²"]


# --- the model and the table ------------------------------------------------------------------


def test_the_model_says_state_and_reason(qapp, mixed):
    model = DocumentsModel()
    model.show(mixed)
    assert model.data(model.index(2, Column.STATE), DISPLAY) == "Not read: The file is damaged."
    assert model.data(model.index(0, Column.STATE), DISPLAY) == "Read"
    assert model.data(model.index(2, Column.TITLE), DISPLAY) == "Lease & <b>rent.docx"
    assert model.data(model.index(2, Column.PAGES), DISPLAY) == ""
    assert model.data(model.index(0, Column.TYPE), DISPLAY) == "PDF"


def test_file_names_are_never_markup(qapp, mixed):
    model = DocumentsModel()
    model.show(mixed)
    tip = model.data(model.index(2, Column.TITLE), TIP)
    assert "<b>" not in tip
    assert "&lt;b&gt;rent" in tip


def test_every_state_has_words(qapp):
    assert set(STATES) == set(DocumentState)


def test_selection_is_few_ranges(qapp, entry):
    model = DocumentsModel()
    model.show([entry(n) for n in range(100)])
    selection = model.selection_of([*range(10, 40), 50])
    assert [(selection.at(i).top(), selection.at(i).bottom()) for i in range(2)] == [
        (10, 39),
        (50, 50),
    ]


def test_place_and_selection_survive_a_renewal(qtbot, entry):
    table = DocumentsTable()
    qtbot.addWidget(table)
    table.resize(600, 300)
    table.show()
    rows = [entry(n) for n in range(500)]
    table.renew(rows)
    table.selectRow(200)
    table.scrollTo(table.documents.index(200, 0))
    at = table.verticalScrollBar().value()
    assert at > 0
    table.renew([entry(1000), *rows])
    assert ids(table.selected()) == [200]
    assert table.currentIndex().row() == 201
    assert table.verticalScrollBar().value() == at
    table.renew(rows[:100])
    assert table.selected() == []


def test_a_hundred_thousand_rows_do_not_hold_the_ui(qtbot, entry):
    table = DocumentsTable()
    qtbot.addWidget(table)
    table.resize(900, 600)
    table.show()
    rows = [entry(n) for n in range(100_000)]
    table.renew(rows)
    table.selectRow(99_999)
    began = time.perf_counter()
    table.renew(rows[1:])
    table.viewport().repaint()
    assert time.perf_counter() - began < 0.25  # some 30 ms where nothing else runs
    assert ids(table.selected()) == [99_999]


def test_only_what_was_read_may_be_opened_in_its_program(qtbot, entry):
    table = DocumentsTable()
    qtbot.addWidget(table)
    table.folder_paths = {1: "/papers"}

    def enabled(state):
        menu = table.menu_for(entry(1, state=state))
        return {action.text(): action.isEnabled() for action in menu.actions() if action.text()}

    assert all(enabled(DocumentState.INDEXED).values())
    program = enabled(DocumentState.UNSUPPORTED)
    assert not program["Open in its own program"]
    assert program["Show in file manager"]
    assert table.path_of(entry(1, path="x/y.pdf")) == "/papers/x/y.pdf"
    assert not program["Summarise"]
    wanted = []
    table.summary_requested.connect(wanted.append)
    read = entry(4)
    next(a for a in table.menu_for(read).actions() if a.text() == "Summarise").trigger()
    assert wanted == [read]


def test_columns_make_room_when_it_is_narrow(qtbot, entry):
    table = DocumentsTable()
    qtbot.addWidget(table)
    table.show()
    table.resize(1600, 300)
    assert not any(table.isColumnHidden(column) for column in Column)
    table.resize(300, 300)
    shown = [column for column in Column if not table.isColumnHidden(column)]
    assert shown == [Column.TITLE, Column.STATE]


# --- details ----------------------------------------------------------------------------------


def test_numbers_name_every_kind_of_page(entry):
    text = numbers(entry(1, pages=9, pages_text=4, pages_ocr=2, pages_empty=2, embedded=3))
    assert text == (
        "9 pages · 2 read by OCR · 2 without text · 1 not read · 12 passages · "
        "3 of them found by meaning so far"
    )


def test_details_of_a_failure_say_what_to_do(qtbot, entry):
    details = Details()
    qtbot.addWidget(details)
    details.show_entries(
        [entry(1, state=DocumentState.LOCKED, reason="It needs a password.", pages=0)], "/papers"
    )
    assert details._state.text() == "Locked. It needs a password."
    assert "without a passphrase" in details._advice.text()
    assert not details._open.isVisibleTo(details)
    details.show_entries([], "")
    assert details.isHidden()


def test_sizes_are_told_as_file_managers_do():
    assert [file_size(n) for n in (0, 999, 1000, 2_500_000)] == [
        "0 bytes", "999 bytes", "1.0 kB", "2.5 MB",
    ]  # fmt: skip


# --- the view ---------------------------------------------------------------------------------


@pytest.fixture
def view(qtbot, bridge, library, mixed):
    library.entries = mixed
    library.followed = [Folder(1, "/home/a/Contracts"), Folder(2, "/home/a/Letters")]
    view = DocumentsView(bridge)
    qtbot.addWidget(view)
    view.resize(1200, 700)
    view.show()
    qtbot.waitUntil(lambda: view.table.documents.rowCount() == 6)
    return view


def listed(view):
    model = view.table.documents
    return [model.entry(row).document_id for row in range(model.rowCount())]


def test_the_view_loads_off_the_ui_thread(view, library):
    assert "ledger" in library.calls
    assert threading.main_thread().name not in library.threads


def test_typing_filters(qtbot, view):
    qtbot.keyClicks(view.filter, "part")
    qtbot.waitUntil(lambda: listed(view) == [2, 1])
    view.filter.setText("nothing like it")
    qtbot.waitUntil(lambda: listed(view) == [])
    assert view._nothing.isVisible()


def test_problems_of_a_folder(qtbot, view):
    view.show_problems()
    qtbot.waitUntil(lambda: listed(view) == [3, 4, 6])
    view.folders.setCurrentRow(2)
    qtbot.waitUntil(lambda: listed(view) == [4, 6])
    assert view._states[Shown.PROBLEMS].text() == "Need attention 2"


def test_a_click_on_a_heading_sorts(qtbot, view):
    view.table.horizontalHeader().setSortIndicator(Column.SIZE, Qt.SortOrder.DescendingOrder)
    qtbot.waitUntil(lambda: listed(view)[-1] == 1)


def test_new_documents_appear_and_the_selection_stays(qtbot, view, library, bridge, entry):
    view.table.selectRow(2)
    chosen = ids(view.table.selected())
    library.entries = [*library.entries, entry(7, title="A new one")]
    bridge.library_changed.emit()
    qtbot.waitUntil(lambda: len(listed(view)) == 7)
    assert ids(view.table.selected()) == chosen
    assert view.details._entry.document_id == chosen[0]


def test_a_hidden_view_loads_nothing_until_it_is_looked_at(qtbot, view, library, bridge, entry):
    view.hide()
    before = library.calls.count("ledger")
    library.entries = [*library.entries, entry(7)]
    bridge.library_changed.emit()
    qtbot.wait(300)
    assert library.calls.count("ledger") == before
    view.show()
    qtbot.waitUntil(lambda: len(listed(view)) == 7)


def test_enter_opens_what_was_read_and_nothing_else(qtbot, view):
    picker = view.table.selectionModel()
    for row, document_id in enumerate(listed(view)):
        view.table.setCurrentIndex(view.table.documents.index(row, 0))
        picker.select(view.table.currentIndex(), QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if document_id in (1, 2, 4, 5):
            with qtbot.waitSignal(view.document_opened) as opened:
                qtbot.keyClick(view.table, Qt.Key.Key_Return)
            assert opened.args == [document_id, 1]
        else:
            with qtbot.assertNotEmitted(view.document_opened):
                qtbot.keyClick(view.table, Qt.Key.Key_Return)


def test_removing_needs_a_chosen_folder(qtbot, view):
    assert not view._remove.isEnabled()
    view.folders.setCurrentRow(1)
    with qtbot.waitSignal(view.removal_requested) as asked:
        view._remove.click()
    assert asked.args[0] == Folder(1, "/home/a/Contracts")


def test_an_empty_library_offers_the_next_step(qtbot, view):
    view.set_empty(True)
    assert view._empty.isVisible()
    buttons = {button.text(): button for button in view._empty.findChildren(QPushButton)}
    with qtbot.waitSignal(view.sample_requested):
        buttons["Try it with the sample documents"].click()
    with qtbot.waitSignal(view.folder_requested):
        buttons["Add folder…"].click()
