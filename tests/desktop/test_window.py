"""The window as a whole: keys, drops, folders, conversations, closing."""

from __future__ import annotations

import re
import time
import warnings
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QAction,
    QDragEnterEvent,
    QDropEvent,
    QFontMetrics,
    QKeySequence,
    QShortcut,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from desktop.ask.labels import Label
from desktop.bridge import Wish
from desktop.help_dialog import HelpDialog
from desktop.main_window import MainWindow
from desktop.plain import ElidedLabel
from desktop.remembered import Remembered
from desktop.theme import DARK, LIGHT, Theme
from engine.answers import Answer, Citation, Claim, Conversation, Support
from engine.errors import CarrelError
from engine.records import Folder, IndexReport
from engine.settings import SettingsFile

LEASE = Citation(1, 1, "lease.pdf", "Lease", 1, "", 0, 9, "The lease")
CONTROL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def remembered(tmp_path):
    return Remembered(SettingsFile(tmp_path / "settings.json"))


@pytest.fixture
def fresh_window(qtbot, bridge, library, remembered, catalogue, adapters, trainer, entry):
    library.followed = [Folder(1, "/papers/Contracts")]
    library.entries = [entry(n) for n in range(1, 6)]
    library.talks = [Conversation(1, "Older", 0, 1), Conversation(2, "Newer & <b>bold</b>", 0, 2)]
    window = MainWindow(bridge, remembered, catalogue, adapters, trainer)
    qtbot.addWidget(window)
    window.resize(1200, 760)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    qtbot.waitUntil(lambda: len(window.sidebar.history.list.conversations) == 2)
    return window


def complete(window):
    """It with all its parts, which otherwise are made a moment later."""
    assert {window.documents, window.source, window.models}
    return window


@pytest.fixture
def window(fresh_window):
    return complete(fresh_window)


def press(qtbot, window, key, modifiers=Qt.KeyboardModifier.ControlModifier):
    qtbot.keyClick(QApplication.focusWidget() or window, key, modifiers)


def buttons(box):
    return {button.text().replace("&", ""): button for button in box.buttons()}


# --- parts that are made later ----------------------------------------------------------------


def parts(window):
    return {"documents", "source", "models", "adapters"} & set(vars(window))


def test_what_is_not_on_screen_is_made_once_the_window_is_there(qtbot, fresh_window):
    assert not parts(fresh_window)
    qtbot.waitUntil(lambda: len(parts(fresh_window)) == 3)
    assert parts(fresh_window) == {"documents", "source", "models"}
    assert not fresh_window.source.isVisible()
    assert fresh_window.views.currentWidget() is fresh_window.ask


def test_what_is_wanted_before_is_made_at_once(qtbot, fresh_window):
    press(qtbot, fresh_window, Qt.Key.Key_2)
    assert fresh_window.documents.isVisible()
    fresh_window.ask.citation_opened.emit(LEASE)
    assert fresh_window.source.isVisible()
    qtbot.waitUntil(lambda: len(parts(fresh_window)) == 3)
    assert fresh_window.documents.isVisible()
    assert fresh_window.source.isVisible()


def test_the_source_is_as_wide_as_it_was_left(
    qtbot, window, remembered, bridge, catalogue, adapters, trainer
):
    window.resize(1600, 760)
    window.ask.citation_opened.emit(LEASE)
    window._split.setSizes([200, 500, 900])
    left = window._split.sizes()
    window.source.closed.emit()
    assert not window.source.isVisible()
    window.ask.citation_opened.emit(LEASE)
    assert window._split.sizes() == pytest.approx(left, abs=5)
    window.close()
    later = MainWindow(bridge, remembered, catalogue, adapters, trainer)
    qtbot.addWidget(later)
    later.resize(window.size())
    later.show()
    QApplication.processEvents()
    later.ask.citation_opened.emit(LEASE)
    assert later._split.sizes() == pytest.approx(left, abs=5)


# --- keys -------------------------------------------------------------------------------------


def test_views_and_the_question_box_have_keys(qtbot, window):
    press(qtbot, window, Qt.Key.Key_2)
    assert window.views.currentWidget() is window.documents
    press(qtbot, window, Qt.Key.Key_1)
    assert window.views.currentWidget() is window.ask
    press(qtbot, window, Qt.Key.Key_2)
    press(qtbot, window, Qt.Key.Key_K)
    assert window.views.currentWidget() is window.ask
    assert window.ask.isAncestorOf(QApplication.focusWidget())


def test_alt_digits_open_citations(window):
    keys = {shortcut.key().toString() for shortcut in window.findChildren(QShortcut)}
    assert {f"Alt+{n}" for n in range(1, 10)} <= keys


def test_escape_stops_first_and_closes_the_source_next(qtbot, window, monkeypatch):
    answers = [True, False]
    monkeypatch.setattr(window.ask, "stop", lambda: answers.pop(0))
    window.source.show()
    press(qtbot, window, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
    assert window.source.isVisible()
    press(qtbot, window, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
    assert not window.source.isVisible()


def test_closing_the_source_brings_the_focus_back(qtbot, window):
    window.source.show()
    window.source.setFocus()
    inside = window.source.findChildren(QAbstractButton)
    next(button for button in inside if button.isEnabled() and button.isVisible()).setFocus()
    press(qtbot, window, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
    assert not window.source.isVisible()
    assert window.ask.isAncestorOf(QApplication.focusWidget())


def test_find_goes_to_the_documents_filter(qtbot, window):
    window.show_view("documents")
    press(qtbot, window, Qt.Key.Key_F)
    assert QApplication.focusWidget() is window.documents.filter


def test_help(qtbot, window):
    press(qtbot, window, Qt.Key.Key_F1, Qt.KeyboardModifier.NoModifier)
    qtbot.waitUntil(lambda: window.findChild(HelpDialog) is not None)
    window.findChild(HelpDialog).close()


def test_no_two_actions_want_the_same_key(window):
    keys = [
        action.shortcut().toString(QKeySequence.SequenceFormat.PortableText)
        for action in window.findChildren(QAction)
        if not action.shortcut().isEmpty()
    ]
    assert len(keys) == len(set(keys))
    assert {
        "Ctrl+K",
        "Ctrl+O",
        "Ctrl+1",
        "Ctrl+2",
        "Ctrl+F",
        "Ctrl+Shift+C",
        "F1",
        "Ctrl+Q",
    } <= set(keys)


@pytest.mark.parametrize("view", ["ask", "documents"])
def test_every_control_has_a_name(window, view):
    window.show_view(view)
    window.source.show()

    def own(widget):  # Qt names the parts of its own controls
        return not widget.objectName().startswith("qt_")

    for kind in (QAbstractButton, QAbstractItemView, QLineEdit):
        for widget in filter(own, window.findChildren(kind)):
            if widget.focusPolicy() == Qt.FocusPolicy.NoFocus or not widget.isVisibleTo(window):
                continue
            text = widget.text() if isinstance(widget, QAbstractButton) else ""
            assert widget.accessibleName() or text, widget


# --- drops ------------------------------------------------------------------------------------


MIDDLE = QPoint(400, 300)


def drag_enter(mime, at=MIDDLE):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of the only public constructor
        return QDragEnterEvent(
            at,
            Qt.DropAction.CopyAction,
            mime,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )


def drop(target, paths, at=MIDDLE):
    """What the window system sends for a drag of ``paths`` onto ``target``."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = drag_enter(mime, at)
    QApplication.sendEvent(target, enter)
    event = QDropEvent(QPointF(at), Qt.DropAction.CopyAction, mime, left, none)
    QApplication.sendEvent(target, event)
    return enter.isAccepted() and event.isAccepted()


def test_a_dropped_folder_is_followed(qtbot, window, library, tmp_path):
    folder = tmp_path / "New papers"
    folder.mkdir()
    assert drop(window, [folder])
    qtbot.waitUntil(lambda: "index" in library.calls)
    assert library.followed[-1].path == str(folder)
    assert "New papers" in window.notices.shown()[0].text


def test_the_question_box_does_not_swallow_a_dropped_folder(qtbot, window, library, tmp_path):
    """The native window delivers the drag, whatever widget is under the pointer."""
    box = window.ask.findChild(QPlainTextEdit)
    assert box is not None
    assert box.acceptDrops()
    at = box.mapTo(window, box.rect().center())
    assert drop(window.windowHandle(), [tmp_path], at)
    qtbot.waitUntil(lambda: "add_folder" in library.calls)
    assert box.toPlainText() == ""


def test_dropped_text_is_left_to_the_widgets(window):
    mime = QMimeData()
    mime.setText("some words")
    event = drag_enter(mime)
    event.ignore()
    QApplication.sendEvent(window, event)
    assert not event.isAccepted()


def test_a_dropped_file_asks_for_its_folder(qtbot, window, library, tmp_path):
    file = tmp_path / "letter.txt"
    file.write_text("Dear Ada")
    assert drop(window, [file])
    qtbot.waitUntil(lambda: window.findChild(QMessageBox) is not None)
    box = window.findChild(QMessageBox)
    assert tmp_path.name in box.text()
    assert len(library.followed) == 1
    buttons(box)["Add folder"].click()
    qtbot.waitUntil(lambda: len(library.followed) == 2)
    assert library.followed[-1].path == str(tmp_path)


def test_a_dropped_library_is_opened(qtbot, window, tmp_path):
    file = tmp_path / "Other.carrel"
    file.write_bytes(b"")
    with qtbot.waitSignal(window.library_chosen) as chosen:
        drop(window, [file])
    assert chosen.args == [file]


# --- folders, conversations, notices ----------------------------------------------------------


def test_a_folder_that_is_refused_says_why(qtbot, window, library, tmp_path):
    library.error = CarrelError("The folder is inside one that is followed already.")
    window.following.add([tmp_path])
    qtbot.waitUntil(lambda: bool(window.notices.shown()))
    assert window.notices.shown()[0].text == "The folder is inside one that is followed already."
    assert "index" not in library.calls


def test_removing_a_folder_asks_and_promises(qtbot, window, library):
    window.following.ask_removal(library.followed[0])
    box = window.findChild(QMessageBox)
    assert "untouched" in box.informativeText()
    assert box.defaultButton().text().replace("&", "") == "Cancel"
    buttons(box)["Remove"].click()
    qtbot.waitUntil(lambda: library.followed == [])


def test_the_sample_is_added(qtbot, window, library):
    window.documents.sample_requested.emit()
    qtbot.waitUntil(lambda: len(library.followed) == 2)
    assert Path(library.followed[-1].path).name == "sample"


def test_the_first_folder_leads_to_the_question(qtbot, window, library, bridge, tmp_path):
    library.followed, library.entries = [], []
    bridge.library_changed.emit()
    qtbot.waitUntil(lambda: window._empty)
    window.following.add([tmp_path])
    qtbot.waitUntil(lambda: not window._empty)
    assert window.ask.isAncestorOf(QApplication.focusWidget())


def test_problems_of_a_run_are_told(window, bridge):
    bridge.index_finished.emit(
        IndexReport(0, 0, 0, 0, 0, 0, 0, 0, False, {}, ("The folder “X” is not there.",))
    )
    assert [notice.text for notice in window.notices.shown()] == ["The folder “X” is not there."]


def rows_of(window):
    model = window.sidebar.history.list.model()
    return [model.index(row, 0) for row in range(model.rowCount())]


def row_called(window, title):
    return next(row for row in rows_of(window) if row.data() == title)


def test_conversations_newest_first_and_never_markup(window):
    assert [row.data() for row in rows_of(window)] == ["Earlier", "Newer & <b>bold</b>", "Older"]
    assert "<b>" not in rows_of(window)[1].data(Qt.ItemDataRole.ToolTipRole)


def test_conversations_stand_under_their_days(qtbot, window, library):
    now = time.time()
    library.talks = [
        Conversation(3, "Now", 0, now),
        Conversation(4, "Before", 0, now - 86_400),
        Conversation(1, "Older", 0, 1),
    ]
    window.sidebar.history.refresh()
    qtbot.waitUntil(lambda: len(rows_of(window)) == 6)
    said = [row.data() for row in rows_of(window)]
    assert said == ["Today", "Now", "Yesterday", "Before", "Earlier", "Older"]
    days = [row for row in rows_of(window) if row.data() in ("Today", "Yesterday", "Earlier")]
    assert not any(row.flags() & Qt.ItemFlag.ItemIsSelectable for row in days)


def test_a_conversation_is_renamed_in_place(qtbot, window, library):
    talks = window.sidebar.history.list
    talks.setFocus()
    talks.setCurrentIndex(row_called(window, "Newer & <b>bold</b>"))
    qtbot.keyClick(talks, Qt.Key.Key_F2)
    field = talks.findChild(QLineEdit)
    assert field.text() == "Newer & <b>bold</b>"
    window.sidebar.history.refresh()  # must not take the field away
    qtbot.wait(30)
    assert field.isVisible()
    field.setText("Lease")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: rows_of(window)[1].data() == "Lease")
    assert [talk.title for talk in library.talks] == ["Older", "Lease"]
    talks.edit(row_called(window, "Lease"))
    field = talks.findChild(QLineEdit)
    field.setText("Something else")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    qtbot.wait(20)
    assert [talk.title for talk in library.talks] == ["Older", "Lease"]


def test_a_deleted_conversation_comes_back(qtbot, window, library):
    talks = window.sidebar.history.list
    talks.setFocus()
    talks.setCurrentIndex(row_called(window, "Older"))
    qtbot.keyClick(talks, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: len(talks.conversations) == 1)
    notice = window.notices.shown()[-1]
    assert notice.text == "“Older” was deleted."
    next(b for b in notice.findChildren(QPushButton) if b.text() == "Undo").click()
    qtbot.waitUntil(lambda: len(talks.conversations) == 2)


def test_deleting_the_conversation_on_screen_leaves_a_fresh_page(qtbot, window, library):
    talks = window.sidebar.history.list
    talks.opened.emit(1)
    qtbot.waitUntil(lambda: window.ask.conversation_id == 1)
    assert talks.current.id == 1
    talks.deleted.emit(1)
    qtbot.waitUntil(lambda: window.ask.conversation_id is None)
    next(
        button
        for button in window.notices.shown()[-1].findChildren(QPushButton)
        if button.text() == "Undo"
    ).click()
    qtbot.waitUntil(lambda: window.ask.conversation_id == 1)


def test_conversations_are_searched_while_typing(qtbot, window, library):
    panel = window.sidebar.history
    library.found = [Conversation(1, "Older", 0, 1, "…the rent may rise by <b>3</b> per cent…")]
    press(qtbot, window, Qt.Key.Key_F, CONTROL_SHIFT)
    assert QApplication.focusWidget() is panel.field
    qtbot.keyClicks(panel.field, "rent")
    qtbot.waitUntil(lambda: len(panel.list.conversations) == 1)
    assert library.looked_for[-1] == "rent"
    spoken = rows_of(window)[0].data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Older. …the rent may rise by <b>3</b> per cent…"
    plain = QFontMetrics(panel.list.font()).height()
    assert panel.list.sizeHintForRow(0) > 2 * plain
    qtbot.keyClick(panel.field, Qt.Key.Key_Down)
    assert QApplication.focusWidget() is panel.list
    qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.ask.conversation_id == 1)
    window.new_conversation()
    panel.focus_search()
    qtbot.keyClicks(panel.field, "rent rise")
    qtbot.keyClick(panel.field, Qt.Key.Key_Return)  # sooner than the list is there
    qtbot.waitUntil(lambda: window.ask.conversation_id == 1)
    library.found = []
    panel.focus_search()
    qtbot.keyClicks(panel.field, "nothing")
    qtbot.waitUntil(panel._nothing.isVisible)
    qtbot.keyClick(panel.field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: len(panel.list.conversations) == 2)
    assert not panel._nothing.isVisible()


def test_a_place_that_repeats_the_title_is_not_shown(qtbot, window):
    model = window.sidebar.history.list.model()
    model.show([Conversation(1, "When does the lease end?", 0, 1, "When does the lease…")], "lease")
    assert model.conversations()[0].found == ""
    model.show([Conversation(1, "Lease", 0, 1, "…the lease ends in 2027…")], "lease")
    assert model.conversations()[0].found == "…the lease ends in 2027…"


def test_a_conversation_can_be_exported_from_its_menu(qtbot, window):
    talks = window.sidebar.history.list
    wanted = []
    talks.export_wanted.connect(lambda *what: wanted.append(what))
    menu = talks.menu_for(talks.conversations[0])
    qtbot.addWidget(menu)
    export = next(action for action in menu.actions() if action.text() == "Export").menu()
    next(action for action in export.actions() if action.text() == "PDF…").trigger()
    assert wanted == [(2, "pdf")]


def test_a_click_opens_a_conversation(qtbot, window, monkeypatch):
    opened = []
    monkeypatch.setattr(window.ask, "open_conversation", opened.append)
    window.show_view("documents")
    talks = window.sidebar.history.list
    centre = talks.visualRect(row_called(window, "Older")).center()
    qtbot.mouseClick(talks.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    assert opened == [1]
    assert window.views.currentWidget() is window.ask
    qtbot.mouseClick(talks.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    qtbot.mouseDClick(talks.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    assert talks.findChild(QLineEdit).isVisible()


@pytest.mark.parametrize("where", ["sidebar", "live results"])
def test_need_attention_leads_to_the_problems(qtbot, window, where):
    if where == "sidebar":
        window.sidebar.activity.problems_requested.emit()
    else:
        window.ask.unread_requested.emit()
    assert window.views.currentWidget() is window.documents
    assert window.documents._states["problems"].isChecked()


def test_a_document_is_summarised_in_the_ask_view(qtbot, window, library):
    library.new_conversation = lambda title: Conversation(9, title, 0, 0)
    asked = []

    def summarise(document_id, **how):
        asked.append((document_id, how["conversation_id"]))
        return Answer("Summarise", (), "Rent is due.", (), (), text_leads=True)

    library.summarise = summarise
    window.show_view("documents")
    window.documents.summary_requested.emit(3, "Report 3")
    qtbot.waitUntil(lambda: asked == [(3, 9)])
    assert window.views.currentWidget() is window.ask
    assert window.ask._transcript.turns[-1].question == "Summarise “Report 3”"


def test_the_conversation_on_screen_is_exported_from_the_menu(qtbot, window, library):
    window.sidebar.history.list.opened.emit(1)
    qtbot.waitUntil(lambda: window.ask.conversation_id == 1)
    window.export_shown("md")
    name = window.findChild(QFileDialog).selectedFiles()[0]
    assert Path(name).name == "Older.md"


# --- size, theme, memory ----------------------------------------------------------------------


def test_it_fits_a_small_screen_with_the_source_open(qtbot, window):
    window.source.show()
    for view in ("ask", "documents", "models"):
        window.show_view(view)
        window.resize(1024, 640)
        qtbot.wait(20)
        assert (window.width(), window.height()) == (1024, 640)


@pytest.mark.parametrize("width", [1024, 1280, 1600])
def test_an_opened_source_gets_room_to_be_read(qtbot, window, width):
    window.resize(width, 700)
    qtbot.wait(20)
    window._open_source(lambda: None)
    qtbot.wait(20)
    _left, middle, right = window._split.sizes()
    assert right >= 370
    assert right >= 0.8 * middle


def test_geometry_view_and_theme_come_back(
    qtbot, window, bridge, remembered, catalogue, adapters, trainer
):
    window.resize(790, 610)
    window.show_view("documents")
    window.remember()
    other = MainWindow(bridge, remembered, catalogue, adapters, trainer)
    qtbot.addWidget(other)
    assert (other.width(), other.height()) == (790, 610)
    assert other.views.currentWidget() is other.documents
    assert not other.source.isVisibleTo(other)


@pytest.fixture
def dressed(qapp):
    """The application's theme; what was there before comes back."""
    font, sheet, palette = qapp.font(), qapp.styleSheet(), qapp.palette()
    yield Theme(qapp, "light")
    qapp.setFont(font)
    qapp.setStyleSheet(sheet)
    qapp.setPalette(palette)


def test_the_theme_changes_while_it_runs(dressed, window):
    light = window.palette().window().color().lightness()
    dressed.choose("dark")
    assert window.palette().window().color().lightness() < 60 < light
    dressed.choose("nonsense")
    assert dressed.choice == "system"


def inks(window):
    """Text colours of everything that says something, by what it says."""
    return {
        (type(widget).__name__, widget.text(), widget.accessibleName()): widget.palette()
        .color(widget.foregroundRole())
        .name()
        for kind in (QLabel, QAbstractButton, QLineEdit)
        for widget in window.findChildren(kind)
        if widget.text() or widget.accessibleName()
    }


@pytest.mark.parametrize("first", ["light", "dark"])
def test_a_theme_chosen_later_looks_like_one_chosen_before(
    qtbot, dressed, window, bridge, remembered, catalogue, adapters, trainer, first
):
    other = {"light": "dark", "dark": "light"}[first]
    dressed.choose(first)
    turn = window.ask._new_turn(Wish("When does the lease end?"))
    text = "It ends in May."
    claim = Claim(text, 0, len(text), Support.UNSUPPORTED, (1,))
    turn.finish(Answer("When does the lease end?", (1,), text, (claim,), (LEASE,), model="m.gguf"))
    window.ask._transcript.add(turn)
    for choice in (other, first, other):
        dressed.choose(choice)
        qtbot.wait(20)
    fresh = complete(MainWindow(bridge, remembered, catalogue, adapters, trainer))
    qtbot.addWidget(fresh)
    again = fresh.ask._new_turn(Wish("When does the lease end?"))
    again.finish(turn.answer)
    fresh.ask._transcript.add(again)
    fresh.show()
    qtbot.waitUntil(lambda: len(fresh.sidebar.history.list.conversations) == 2)
    changed, new = inks(window), inks(fresh)
    assert {key: ink for key, ink in changed.items() if key in new} == {
        key: ink for key, ink in new.items() if key in changed
    }
    assert len(changed.keys() & new.keys()) > 30
    assert turn._written.text.toHtml() == again._written.text.toHtml()
    stale = set(named(first)) - set(named(other))
    assert not sheet_colours(window) & stale


def named(choice):
    tones = {"light": LIGHT, "dark": DARK}[choice]
    return [getattr(tones, name).name() for name in tones.__slots__]


def sheet_colours(window):
    sheets = {widget.styleSheet() for widget in window.findChildren(QWidget)}
    return set(re.findall("#[0-9a-f]{6}", " ".join(sheets)))


def test_a_larger_system_font_reaches_every_label(qtbot, qapp, dressed, window):
    labels = [label for label in window.findChildren(Label) if label.text()]
    before = [label.font().pointSizeF() for label in labels]
    font = qapp.font()
    font.setPointSizeF(font.pointSizeF() * 2)
    qapp.setFont(font)
    qtbot.wait(50)
    assert [label.font().pointSizeF() for label in labels] == [2 * size for size in before]
    assert len(before) > 5


def test_a_larger_system_font_reaches_all_other_words(qtbot, qapp, dressed, window):
    window.want_adapters(True)
    kinds = (QAbstractButton, QLabel, ElidedLabel, QLineEdit, QPlainTextEdit, QAbstractItemView)
    worded = [widget for kind in kinds for widget in window.findChildren(kind)]
    before = {widget: widget.fontInfo().pixelSize() for widget in worded}
    font = qapp.font()
    font.setPointSizeF(font.pointSizeF() * 2)
    qapp.setFont(font)
    qtbot.wait(50)
    assert len(before) > 60
    unmoved = [f"{widget}" for widget, size in before.items()
               if widget.fontInfo().pixelSize() < 1.8 * size]  # fmt: skip
    print(
        "UNM",
        [
            (
                type(w).__name__,
                getattr(w, "text", str)()[:20],
                size,
                w.fontInfo().pixelSize(),
                w.isVisible(),
            )
            for w, size in before.items()
            if w.fontInfo().pixelSize() < 1.8 * size
        ],
    )
    assert unmoved == []


def test_closing_hides_at_once_and_tells(qtbot, window):
    with qtbot.waitSignal(window.closed):
        window.close()
    assert not window.isVisible()
