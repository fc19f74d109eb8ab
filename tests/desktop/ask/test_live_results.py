"""Live results: completion, filters, what is said without hits, and how soon it all comes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from scripted_library import ScriptedLibrary, hit

from desktop.ask.filters import RECENT, Token
from desktop.ask.rows import Unread
from desktop.ask.view import AskView
from desktop.help_dialog import HelpDialog
from engine.records import Coverage, Hit, Scope


def type_text(qtbot: Any, view: AskView, text: str) -> None:
    qtbot.waitUntil(lambda: "3 documents" in view._greeting.text)
    view.focus_question()
    qtbot.keyClicks(view._box.edit, text)


def press(qtbot: Any, view: AskView, key: Qt.Key, **how: Any) -> None:
    qtbot.keyClick(view._box.edit, key, **how)


def rows(view: AskView) -> list[str]:
    model = view._results._model
    return [model.item(row).text() for row in range(model.rowCount())]


def said(view: AskView) -> str:
    labels = (view._results._said, view._results._notice, view._results._keys)
    return "\n".join(label.text() for label in labels if label.isVisible())


def test_the_first_key_is_searched_for_at_once_and_quick_ones_together(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    library.hits = (hit(1),)
    type_text(qtbot, view, "t")
    assert view._box._pause.interval() == 0
    qtbot.waitUntil(lambda: view._results.is_list)
    qtbot.keyClicks(view._box.edit, "enant")
    qtbot.waitUntil(lambda: bool(library.searched) and library.searched[-1][0] == "tenant")
    assert len(library.searched) < 6


def test_a_newer_text_does_not_wait_behind_older_ones(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    library.hits = (hit(1),)
    library.searching.clear()
    shown: list[str] = []
    view.results_shown.connect(shown.append)
    type_text(qtbot, view, "t")
    qtbot.waitUntil(lambda: bool(library.searched))
    for letter in "enant":
        qtbot.keyClicks(view._box.edit, letter)
        qtbot.wait(30)
    assert [query for query, _ in library.searched] == ["t"]
    library.searching.set()
    qtbot.waitUntil(lambda: bool(shown))
    assert shown == ["tenant"]
    assert [query for query, _ in library.searched] == ["t", "tenant"]


def test_ctrl_enter_opens_the_first_of_what_is_typed_now(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    library.hits = (hit(1, "Old news."),)
    opened: list[Hit] = []
    view.passage_opened.connect(opened.append)
    type_text(qtbot, view, "news")
    qtbot.waitUntil(lambda: view._results.is_list)
    library.hits = (hit(1, "The latest."), hit(2))
    qtbot.keyClicks(view._box.edit, " latest")
    press(qtbot, view, Qt.Key.Key_Return, modifier=Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(opened))
    assert [found.text for found in opened] == ["The latest."]
    qtbot.wait(60)
    assert len(opened) == 1


@pytest.mark.parametrize("hits", [2, 8])
def test_rows_are_shown_whole_and_the_rest_can_be_scrolled_to(
    qtbot: Any, view: AskView, library: ScriptedLibrary, hits: int
) -> None:
    library.hits = tuple(hit(n, "news of a tenant who left " * 9) for n in range(1, hits + 1))
    type_text(qtbot, view, "news")
    qtbot.waitUntil(lambda: view._results.is_list)
    port, bar = view._results._list.viewport(), view._results._list.verticalScrollBar()
    qtbot.waitUntil(lambda: bool(bar.maximum()) == (hits == 8))
    model = view._results._model
    placed = [
        view._results._list.visualRect(model.index(row, 0)) for row in range(model.rowCount())
    ]
    begun = [rect for rect in placed if rect.top() + 5 < port.height()]  # 5 above its words
    assert begun[-1].bottom() < port.height()
    assert {rect.width() for rect in begun} == {port.width()}
    assert bar.isVisible() == (hits == 8)
    assert len(begun) < len(placed) or hits == 2


def test_documents_keep_their_rank_and_gather_their_passages(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    library.hits = (hit(1, "a", 2), hit(2, "b", 1), hit(3, "c", 2), hit(4, "d", 3), hit(5, "e", 1))
    type_text(qtbot, view, "tenant")
    qtbot.waitUntil(lambda: view._results.is_list)
    assert rows(view) == ["Lease 2", "a", "c", "Lease 1", "b", "e", "Lease 3", "d"]
    press(qtbot, view, Qt.Key.Key_PageDown)
    assert view._results.selected == hit(4, "d", 3)
    press(qtbot, view, Qt.Key.Key_PageUp)
    assert view._results.selected == hit(1, "a", 2)


def test_tab_and_enter_complete_an_operator(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    library.hits = (hit(1),)
    type_text(qtbot, view, "rent type:")
    qtbot.waitUntil(lambda: rows(view) == ["PDF"])
    press(qtbot, view, Qt.Key.Key_Tab)
    assert view._box.text == "rent type:pdf "
    assert view._box.edit.hasFocus()
    qtbot.waitUntil(lambda: bool(library.searched) and library.searched[-1][0] == "rent type:pdf")
    qtbot.keyClicks(view._box.edit, "file:")
    qtbot.waitUntil(lambda: rows(view) == ["lease 1.pdf", "lease 2.pdf", "lease 3.pdf"])
    for _ in range(2):
        press(qtbot, view, Qt.Key.Key_Down)
    press(qtbot, view, Qt.Key.Key_Return)
    assert view._box.text == 'rent type:pdf file:"lease 2.pdf" '
    assert not library.asked


def test_without_a_suggestion_tab_moves_on(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    library.hits = (hit(1),)
    view.activateWindow()
    type_text(qtbot, view, "rent type:pdf")
    qtbot.waitUntil(lambda: view._results.is_list and not view._box.completing)
    press(qtbot, view, Qt.Key.Key_Tab)
    assert not view._box.edit.hasFocus()
    assert view._box.text == "rent type:pdf"


def test_operators_are_named_where_the_box_is_empty_and_a_click_writes_one(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    qtbot.waitUntil(lambda: view._results._operators.isVisible())
    assert not view._results.is_list
    folder = next(b for b in view._results._operators._buttons if b.text() == "folder:")
    type_text(qtbot, view, "rent")
    qtbot.waitUntil(lambda: view._results._keys.isVisible())
    assert not view._results._operators.isVisible()
    folder.click()
    assert view._box.text == "rent folder:"
    qtbot.waitUntil(lambda: "Leases" in rows(view))
    view._box.edit.clear()
    qtbot.waitUntil(lambda: view._results._operators.isVisible())
    library.go.set()
    view.ask("When?")
    qtbot.waitUntil(lambda: not view._transcript.busy)
    assert not view._results.isVisible()
    press(qtbot, view, Qt.Key.Key_Down)
    assert view._results._operators.isVisible()
    press(qtbot, view, Qt.Key.Key_Escape)
    assert not view._results.isVisible()


def test_a_closed_list_stays_closed(qtbot: Any, view: AskView, library: ScriptedLibrary) -> None:
    library.hits = (hit(1),)
    type_text(qtbot, view, "rent")
    qtbot.waitUntil(lambda: view._results.is_list)
    library.searching.clear()
    before = len(library.searched)
    qtbot.keyClicks(view._box.edit, "s")
    qtbot.waitUntil(lambda: len(library.searched) > before)
    press(qtbot, view, Qt.Key.Key_Escape)
    library.searching.set()
    qtbot.wait(60)
    assert not view._results.isVisible()


def test_what_was_chosen_is_let_go_once_more_is_typed(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    library.hits = (hit(1),)
    type_text(qtbot, view, "rent")
    qtbot.waitUntil(lambda: view._results.is_list)
    press(qtbot, view, Qt.Key.Key_Down)
    assert view._results.selected == hit(1)
    library.searching.clear()
    qtbot.keyClicks(view._box.edit, "s")
    qtbot.waitUntil(lambda: view._results.selected is None)


def test_the_down_key_brings_a_closed_list_back(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    library.hits = (hit(1),)
    type_text(qtbot, view, "rent")
    qtbot.waitUntil(lambda: view._results.is_list)
    press(qtbot, view, Qt.Key.Key_Escape)
    assert not view._results.isVisible()
    press(qtbot, view, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: view._results.is_list)


def test_nothing_found_says_what_was_searched_and_leads_to_the_unread(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    library.coverage = Coverage(412, 3, 0)
    type_text(qtbot, view, "zebra")
    qtbot.waitUntil(lambda: view._results.is_list)
    assert said(view).startswith("Nothing found in 412 documents. 3 could not be read.")
    assert rows(view) == ["Show the 3 in Documents"]
    press(qtbot, view, Qt.Key.Key_Down)
    assert view._results.selected == Unread(3)
    with qtbot.waitSignal(view.unread_requested):
        press(qtbot, view, Qt.Key.Key_Return)
    assert not library.asked
    library.coverage, library.notice = Coverage(1, 0, 7), "No document matches “file:x”."
    qtbot.keyClicks(view._box.edit, "s")
    qtbot.waitUntil(lambda: "Nothing found in 1 document." in said(view))
    assert "could not be read" not in said(view)
    assert "“file:x”. Search by meaning is not complete yet." in said(view)
    assert rows(view) == []
    assert view.rect().contains(view._results.geometry())


def test_filters_are_seen_and_taken_away_one_by_one(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    scope = view._scope
    qtbot.waitUntil(lambda: bool(scope.choices.kinds))
    library.hits = (hit(1),)
    type_text(qtbot, view, "rent")
    scope.toggle_folder(2)
    scope.toggle_kind("pdf")
    scope.set_period(RECENT[1])
    scope.set_filter("lease")
    assert [token.words for token in scope.tokens.tokens] == ["R&D", "PDF", "Past year", "lease"]
    assert scope.text() == "Only ▾"
    year_ago = date.today() - timedelta(days=365)
    expected = Scope("*lease*", (2,), (), ("pdf",), year_ago)
    qtbot.waitUntil(lambda: bool(library.searched) and library.searched[-1][1] == expected)

    def remove(words: str) -> None:
        token = next(token for token in scope.tokens.tokens if token.words == words)
        qtbot.mouseClick(token, Qt.MouseButton.LeftButton)

    for words in ("PDF", "lease", "R&D"):
        remove(words)
    assert scope.scope == Scope(after=year_ago)
    remove("Past year")
    assert scope.scope == Scope()
    assert scope.text() == "Everything ▾"
    assert not scope.tokens.isVisible()
    qtbot.waitUntil(lambda: library.searched[-1][1] == Scope())


def test_removing_filters_by_keyboard_keeps_the_focus_near(qtbot: Any, view: AskView) -> None:
    view.activateWindow()
    view._scope.toggle_kind("pdf")
    view._scope.toggle_kind("word")
    for focused in (Token, type(view._scope)):
        view._scope.tokens.tokens[0].setFocus()
        qtbot.keyClick(view._scope.tokens.tokens[0], Qt.Key.Key_Space)
        assert isinstance(view.focusWidget(), focused)


def test_types_and_dates_are_in_the_menu(qtbot: Any, view: AskView) -> None:
    scope = view._scope
    qtbot.waitUntil(lambda: bool(scope.choices.kinds))
    scope._fill()
    kinds = scope._kind_menu.actions()
    assert [action.text() for action in kinds] == ["PDF\t3 documents"]
    kinds[0].trigger()
    assert scope.scope.formats == ("pdf",)
    scope._fill()
    assert scope._kind_menu.actions()[0].isChecked()
    menu = scope._period_menu
    assert [action.text() for action in menu.actions()][:3] == [
        "Any time",
        "Past month",
        "Past year",
    ]
    menu._field.setText("2021 – 2020")
    menu._field.returnPressed.emit()
    assert not menu._problem.isHidden()
    assert scope.scope.after is None
    menu._field.setText("2021 – 2022")
    menu._field.returnPressed.emit()
    assert (scope.scope.after, scope.scope.before) == (date(2021, 1, 1), date(2023, 1, 1))
    scope._fill()
    menu.actions()[0].trigger()
    assert scope.scope == Scope(formats=("pdf",))


def test_a_narrow_box_cuts_its_tokens_and_not_itself(qtbot: Any, view: AskView) -> None:
    view.resize(420, 500)
    view._scope.toggle_folder(1)
    view._scope.set_filter("a rather long pattern of a name")
    view._scope.set_period(RECENT[0])
    qtbot.wait(20)
    assert view._box.width() <= view.width()
    for token in view._scope.tokens.tokens:
        right = token.mapTo(view._box, token.rect().topRight()).x()
        assert right < view._box.width()


@pytest.mark.parametrize("words", ["file:", "type:pdf", "-word", "before:2022"])
def test_help_names_the_operators(qtbot: Any, words: str) -> None:
    from PySide6.QtWidgets import QLabel

    dialog = HelpDialog()
    qtbot.addWidget(dialog)
    assert any(words in label.text() for label in dialog.findChildren(QLabel))
