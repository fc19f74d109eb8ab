"""Asking from the box to the claims, with a library that follows a script."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from asking import QUESTION, ask, asked_and_done, last, shown, type_text
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QThread
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from scripted_library import HOSTILE, ScriptedLibrary, citation, hit, written

from desktop.ask.turn import TurnState, TurnView
from desktop.ask.view import AskView
from desktop.ask.welcome import Greeting
from engine.answers import Claim, Support, TextStreamed
from engine.errors import ModelError
from engine.records import IndexProgress, Scope, Stage


class HideWatcher(QObject):
    """Notes what is hidden."""

    def __init__(self, hidden: list[object]) -> None:
        super().__init__()
        self._hidden = hidden

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Hide:
            self._hidden.append(watched)
        return False


def test_first_question_begins_a_conversation(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    with qtbot.waitSignal(view.conversation_changed) as signal:
        turn = ask(qtbot, view)
    assert signal.args == [41]
    assert library.made == [QUESTION]
    library.go.set()
    qtbot.waitUntil(lambda: turn.state is TurnState.DONE)
    ask(qtbot, view, "And before that?")
    qtbot.waitUntil(lambda: not last(view).running)
    assert [(q, c) for q, c, _ in library.asked] == [(QUESTION, 41), ("And before that?", 41)]
    assert view._box.text == ""


def test_long_questions_are_shortened_for_the_title(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    ask(qtbot, view, "word " * 40)
    qtbot.waitUntil(lambda: bool(library.made))
    assert len(library.made[0]) <= 61
    assert library.made[0].endswith("word…")


def test_quotes_are_there_before_the_answer(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    turn = ask(qtbot, view)
    qtbot.waitUntil(lambda: len(turn.cards()) == 2)
    assert turn.running
    with qtbot.waitSignal(view.citation_opened) as signal:
        qtbot.mouseClick(turn.cards()[1], Qt.MouseButton.LeftButton)
    assert signal.args == [citation(2)]
    with qtbot.waitSignal(view.citation_opened) as signal:
        qtbot.keyClick(turn.cards()[0], Qt.Key.Key_Return)
    assert signal.args == [citation(1)]
    with qtbot.waitSignal(view.citation_opened) as signal:
        view.open_citation(2)
    assert signal.args == [citation(2)]


def test_better_quotes_replace_the_first_ones_in_place(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    """The engine finds some by their words while the embedder still starts, then the best."""
    library.quotes = (citation(1), citation(2, "Rent is due on the first."), citation(3))
    turn = ask(qtbot, view)
    qtbot.waitUntil(lambda: len(turn.cards()) == 3)
    first = turn.cards()
    first[1].setFocus()
    hidden = []
    for card in first:
        card.installEventFilter(watcher := HideWatcher(hidden))
        watcher.setParent(card)
    better = (citation(1), citation(2, "Either party may end it."), citation(3), citation(4))
    turn.show_quotes(better)
    assert [card.citation for card in turn.cards()] == list(better[:3])
    assert turn.cards() == first
    assert hidden == []
    assert first[1].hasFocus()
    assert "Either party" in first[1].accessibleDescription()
    opened = []
    view.citation_opened.connect(opened.append)
    qtbot.mouseClick(first[1], Qt.MouseButton.LeftButton)
    assert opened == [better[1]]
    more = next(b for b in turn.findChildren(QPushButton) if b.text() == "Show 1 more")
    more.click()
    assert [card.citation for card in turn.cards()] == list(better)
    turn.show_quotes(better[:1])
    assert turn.cards() == first[:1]


def test_waiting_for_the_first_word_is_said_and_can_be_stopped(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    turn = ask(qtbot, view)
    qtbot.waitUntil(lambda: "Reading the sources…" in shown(turn))
    assert turn._written.foot.progress.isVisibleTo(turn)
    view._box._button.click()
    qtbot.waitUntil(lambda: not turn.running)
    assert "Reading the sources…" not in shown(turn)
    assert "Stopped" in shown(turn)


def test_text_streams_on_the_ui_thread(
    qtbot: Any, view: AskView, library: ScriptedLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []
    append = TurnView.append

    def noted(turn: TurnView, piece: TextStreamed) -> None:
        threads.append(QThread.currentThread())
        append(turn, piece)

    monkeypatch.setattr(TurnView, "append", noted)
    library.pieces = ("It ", "ends <b>", "in\n", "2027 🦉.")
    turn = ask(qtbot, view)
    qtbot.waitUntil(lambda: turn._written.text.toPlainText() == "It ends <b>in\n2027 🦉.")
    assert threads == [view.thread()] * 4
    assert "In short · SmolLM2-135M-Instruct" in shown(turn)


def test_claims_get_chips_that_open_their_citation(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    library.answer = written(
        ("It ends in 2027.", Support.SUPPORTED, (1, 3)), ("Or earlier.", Support.SUPPORTED, (2,))
    )
    turn = asked_and_done(qtbot, view, library)
    assert turn._written.text.toPlainText().replace("\u00a0", " ") == (
        "It ends in 2027. [1] [3] Or earlier. [2]"
    )
    opened = []
    view.citation_opened.connect(opened.append)
    view.activateWindow()
    turn._written.text.setFocus()
    turn._written.text.focusNextPrevChild(True)
    qtbot.keyClick(turn._written.text, Qt.Key.Key_Return)
    turn._written.text.focusNextPrevChild(True)
    qtbot.keyClick(turn._written.text, Qt.Key.Key_Return)
    assert [c.n for c in opened] == [1, 3]
    start, end = turn._written.text._chips[2]
    middle = turn._written.text._chip_rect(start, end).center().toPoint()
    assert turn._written.text.citation_at(middle) == citation(2)
    qtbot.mouseClick(turn._written.text.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert opened[-1] == citation(2)


def test_unsupported_claims_say_so_in_words(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    library.answer = written(
        ("It ends in 2027.", Support.SUPPORTED, (1,)),
        ("A fee is due.", Support.UNSUPPORTED, ()),
        ("Rent is doubled.", Support.PARTLY, (2,)),
    )
    turn = asked_and_done(qtbot, view, library)
    text = turn._written.text.toPlainText().replace("\u00a0", " ")
    assert "A fee is due. (not in your documents)" in text
    assert "Rent is doubled. [2] (only partly in your documents)" in text
    assert "2 of them" in turn._written.text.accessibleDescription()
    styles = {
        words: turn._written.text.document().find(words).charFormat().underlineStyle()
        for words in ("It ends", "A fee", "Rent is")
    }
    assert len(set(styles.values())) == 3


def test_what_documents_and_models_write_stays_literal(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    quote = replace(citation(1, HOSTILE), title=HOSTILE, document=HOSTILE, label=HOSTILE)
    library.quotes = (quote,)
    library.pieces = (HOSTILE,)
    claim = Claim(HOSTILE, 0, len(HOSTILE), Support.UNSUPPORTED, (1,))
    library.answer = replace(
        written(), text=HOSTILE, claims=(claim,), citations=(quote,), quotes=(1,), notice=HOSTILE
    )
    turn = asked_and_done(qtbot, view, library)
    assert turn._written.text.toPlainText().startswith(HOSTILE)
    assert HOSTILE in shown(turn)
    html = turn._written.text.toHtml()
    assert "<img" not in html
    assert 'example.org/"' not in html
    card = turn.cards()[0]
    assert HOSTILE in card.accessibleName()
    assert "<b>" not in card.toolTip()
    assert "<img" not in turn._written.text._tip("citation:1")
    for label in turn.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText or not label.text()


def test_stop_keeps_what_there_is(qtbot: Any, view: AskView, library: ScriptedLibrary) -> None:
    library.pieces = ("It ends",)
    turn = ask(qtbot, view)
    qtbot.waitUntil(lambda: turn._written.text.toPlainText() == "It ends")
    assert view.stop()
    assert "Stopping…" in shown(turn)
    qtbot.waitUntil(lambda: turn.state is TurnState.DONE, timeout=500)
    assert "Stopped." in shown(turn)
    assert not view.stop()


def test_stop_before_the_conversation_is_made(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    turn = ask(qtbot, view)
    assert view.stop()
    qtbot.waitUntil(lambda: turn.state is TurnState.DONE)
    assert turn.answer is not None
    assert turn.answer.stopped


def test_a_failure_is_a_notice_with_another_try(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    library.error = ModelError("The model ran out of memory. Choose a smaller one.")
    turn = asked_and_done(qtbot, view, library)
    assert turn.state is TurnState.FAILED
    assert "The model ran out of memory." in shown(turn)
    assert len(turn.cards()) == 2
    library.error = None
    turn._notice._button.click()
    assert last(view) is not turn
    qtbot.waitUntil(lambda: last(view).state is TurnState.DONE)
    assert [question for question, _, _ in library.asked] == [QUESTION, QUESTION]


def test_a_bug_is_not_shown_as_its_message(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    library.error = KeyError("chunk_7")
    turn = asked_and_done(qtbot, view, library)
    assert "chunk_7" not in shown(turn)
    assert "try again" in shown(turn)


def test_no_conversation_can_be_made(
    qtbot: Any, view: AskView, library: ScriptedLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(title: str) -> None:
        raise ModelError("The disk is full. Make room, then try again.")

    monkeypatch.setattr(library, "new_conversation", full)
    turn = ask(qtbot, view)
    qtbot.waitUntil(lambda: turn.state is TurnState.FAILED)
    assert "The disk is full." in shown(turn)
    monkeypatch.undo()
    again = asked_and_done(qtbot, view, library)
    assert again.state is TurnState.DONE


def test_refused_says_why_then_shows_the_closest(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    reason = "None of 3 documents mentions parking; 1 could not be read."
    library.answer = replace(written(), refused=True, reason=reason, quotes=(1,))
    turn = asked_and_done(qtbot, view, library)
    words = shown(turn)
    assert words.index(reason) < words.index("Closest passages")
    assert not turn._written.text.isVisibleTo(turn)
    assert len(turn.cards()) == 1


def test_copy_answer_is_markdown_with_numbered_sources(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    assert not view.copy_answer()
    library.answer = written(
        ("It ends in 2027.", Support.SUPPORTED, (1,)),
        ("![x](http://example.org)", Support.UNSUPPORTED, ()),
    )
    asked_and_done(qtbot, view, library)
    assert view.copy_answer()
    copied = QGuiApplication.clipboard().text()
    assert "It ends in 2027. \\[1\\]" in copied
    assert "1. Lease 1 (leases/lease 1.pdf), p. 4\n   > The lease ends on 31 March 2027." in copied
    assert "![x](http" not in copied
    assert "not in the documents" in copied


def test_live_results_by_keyboard(qtbot: Any, view: AskView, library: ScriptedLibrary) -> None:
    library.hits = (hit(1), hit(2, document=2), hit(3))
    opened = []
    view.passage_opened.connect(opened.append)
    type_text(qtbot, view, "tenant")
    qtbot.waitUntil(lambda: view._results.is_list)
    assert library.searched[-1][0] == "tenant"
    edit = view._box.edit
    qtbot.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert opened == [hit(1)]
    for _ in range(2):
        qtbot.keyClick(edit, Qt.Key.Key_Down)
    assert view._results.selected == hit(3)  # grouped by document
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert opened == [hit(1), hit(3)]
    for _ in range(2):
        qtbot.keyClick(edit, Qt.Key.Key_Up)
    assert view._results.selected is None
    override = QKeyEvent(
        QEvent.Type.ShortcutOverride, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier
    )
    override.ignore()
    QCoreApplication.sendEvent(edit, override)
    assert override.isAccepted()
    qtbot.keyClick(edit, Qt.Key.Key_Escape)
    assert not view._results.isVisible()
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(library.asked))
    assert library.asked[0][0] == "tenant"


@pytest.mark.parametrize("height", [420, 500, 640, 1400])
def test_the_list_of_passages_ends_with_a_whole_one(
    qtbot: Any, view: AskView, library: ScriptedLibrary, height: int
) -> None:
    view.resize(700, height)
    library.hits = tuple(
        hit(n, f"The tenant may end lease {n} early. " * (n % 3 + 1), n // 3) for n in range(1, 13)
    )
    type_text(qtbot, view, "tenant")
    qtbot.waitUntil(lambda: view._results.is_list)
    rows = view._results._list
    port = rows.viewport().rect()
    model = view._results._model
    rects = [rows.visualRect(model.index(row, 0)) for row in range(model.rowCount())]
    shown_rows = [row for row, rect in enumerate(rects) if rect.top() < port.bottom() - 6]
    assert rects[shown_rows[-1]].bottom() <= port.bottom()
    assert view._results._choice(shown_rows[-1]) is not None  # not a document's name by itself
    assert view.rect().contains(view._results.geometry())
    assert (len(shown_rows) == len(rects)) == (height == 1400)


def test_results_for_old_words_are_not_shown(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    library.hits = (hit(1),)
    type_text(qtbot, view, "tenant")
    qtbot.waitUntil(lambda: bool(library.searched))
    qtbot.keyClick(view._box.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(library.asked))
    qtbot.wait(30)
    assert not view._results.isVisible()


def test_shift_enter_is_a_new_line_and_the_box_grows(qtbot: Any, view: AskView) -> None:
    type_text(qtbot, view, "one")
    edit = view._box.edit
    for _ in range(3):
        qtbot.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert view._box.text == "one\n\n\n"
    four = edit.height()
    assert four >= 4 * edit.fontMetrics().lineSpacing()
    view._box.set_text("line\n" * 40)
    assert edit.height() < 7 * edit.fontMetrics().lineSpacing()


def test_scope_goes_with_question_and_search(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    view._scope.toggle_folder(2)
    view._scope.set_filter("lease")
    type_text(qtbot, view, "end")
    qtbot.waitUntil(lambda: bool(library.searched))
    expected = Scope(document="*lease*", folder_ids=(2,))
    assert library.searched[0][1] == expected
    qtbot.keyClick(view._box.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(library.asked))
    assert library.asked[0][2] == expected
    view._scope.clear()
    view._scope.set_filter("leases/lease 2.pdf")
    assert view._scope.scope == Scope(document_ids=(2,))
    view._scope._fill()
    texts = [action.text() for action in view._scope.menu().actions()]
    assert texts[0] == "Everything"
    assert "R&&D" in texts
    view._scope._fill()  # filling again must not have destroyed its own actions
    assert view._scope.menu().actions()[0].text() == "Everything"


def test_opening_conversations(qtbot: Any, view: AskView, library: ScriptedLibrary) -> None:
    library.stored[7] = [
        written(("Old words.", Support.SUPPORTED, (1,)), question="Old?"),
        written(("Newer words.", Support.SUPPORTED, (2,)), question="Newer?"),
    ]
    view.open_conversation(7)
    qtbot.waitUntil(lambda: len(view._transcript.turns) == 2)
    assert "Newer words." in shown(last(view))
    library.go.set()
    ask(qtbot, view, "Third?")
    qtbot.waitUntil(lambda: not last(view).running)
    assert library.asked[-1][:2] == ("Third?", 7)
    view.open_conversation(None)
    assert view._transcript.turns == []
    assert view._greeting.isVisible()


def test_a_long_conversation_comes_newest_first(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    library.stored[8] = [
        written(("Words.", Support.SUPPORTED, (1,)), question=f"Question {n}?") for n in range(15)
    ]
    view.open_conversation(8)
    qtbot.waitUntil(lambda: len(view._transcript.turns) == 12)
    questions = [turn.question for turn in view._transcript.turns]
    assert questions == [f"Question {n}?" for n in range(3, 15)]
    qtbot.waitUntil(view._transcript._earlier.isVisible)
    bar = view._transcript.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.value() == bar.maximum() > 0)
    qtbot.wait(50)  # nothing is left to settle, and it stays there
    assert bar.value() == bar.maximum()
    bar.setValue(0)
    top = last(view).mapTo(view, last(view).rect().topLeft())
    view._transcript._earlier.click()
    qtbot.waitUntil(lambda: len(view._transcript.turns) == 15)
    qtbot.waitUntil(lambda: not view._transcript._earlier.isVisible())
    qtbot.wait(50)
    assert view._transcript.turns[0].question == "Question 0?"
    assert not view._transcript._earlier.isVisible()
    moved = last(view).mapTo(view, last(view).rect().topLeft()).y() - top.y()
    assert abs(moved) < 80  # what was read is still there


def test_an_answer_goes_on_while_another_conversation_is_read(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    turn = ask(qtbot, view)
    qtbot.waitUntil(lambda: bool(turn.cards()))
    view.open_conversation(None)
    assert not view.stop()
    view.open_conversation(41)
    assert last(view) is turn
    view.open_conversation(None)
    library.go.set()
    qtbot.waitUntil(lambda: not turn.running)
    qtbot.wait(10)
    assert not view._busy


def test_the_latest_conversation_asked_for_wins(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    library.stored[1] = [written(("One.", Support.SUPPORTED, (1,)))]
    view.open_conversation(1)
    view.open_conversation(None)
    qtbot.wait(60)
    assert view._transcript.conversation_id is None


def test_empty_library_offers_two_ways_on(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    view.set_library_empty(True)
    assert not view._box.isVisible()
    with qtbot.waitSignal(view.folder_requested):
        view._welcome.add.click()
    with qtbot.waitSignal(view.sample_requested):
        view._welcome.sample.click()


def test_ready_and_still_reading(qtbot: Any, view: AskView) -> None:
    qtbot.waitUntil(lambda: "3 documents" in view._greeting.text)
    view.set_indexing(IndexProgress(Stage.READING, files_total=9))
    assert view._reading.isVisible()
    view.set_indexing(IndexProgress(Stage.EMBEDDING))
    assert not view._reading.isVisible()
    view.set_indexing(None)
    assert not view._reading.isVisible()


def test_the_greeting_counts_only_what_can_be_asked(qtbot: Any, view: AskView) -> None:
    greeting = Greeting()
    qtbot.addWidget(greeting)
    said = []
    for count in (0, 1, 1200):
        greeting.count(count)
        said.append(greeting.text.removeprefix("Ask anything about your "))
    assert said == ["documents", "document", "1,200 documents"]


def test_the_scope_offers_the_paths_that_match(qtbot: Any, view: AskView) -> None:
    qtbot.waitUntil(lambda: "3 documents" in view._greeting.text)
    qtbot.keyClicks(view._scope._edit, "LEASE 2")
    assert view._scope._matches.stringList() == ["leases/lease 2.pdf"]


def test_the_model_chip_names_the_model(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    assert view._model_chip.text() == "SmolLM2-135M-Instruct"
    library.model_path = None
    view.refresh()
    qtbot.waitUntil(lambda: view._model_chip.text() == "Quotes only")
    library.model_path = Path("models/Qwen&Co-F16.gguf")
    view.refresh()
    qtbot.waitUntil(lambda: view._model_chip.accessibleName() == "Model: Qwen&Co")


def below_the_top(view: AskView, part: QWidget) -> int:
    """How far from the top of the view something is."""
    return part.mapTo(view._transcript.viewport(), part.rect().topLeft()).y()


def long_conversation(qtbot: Any, view: AskView, library: ScriptedLibrary) -> Any:
    """Three long answers, scrolled as they are when they are opened."""
    library.stored[3] = [
        written(("Word. " * 300, Support.SUPPORTED, (1,)), question=f"{n}?") for n in range(3)
    ]
    view.open_conversation(3)
    qtbot.waitUntil(lambda: len(view._transcript.turns) == 3)
    bar = view._transcript.verticalScrollBar()
    qtbot.waitUntil(lambda: 0 <= below_the_top(view, last(view)) < 40)
    settled: list[tuple[int, int]] = []
    while len(settled) < 2 or settled[-1] != settled[-2]:
        qtbot.wait(100)
        settled.append((bar.value(), bar.maximum()))
    return bar


def test_the_latest_question_stays_on_screen_while_its_answer_grows(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    bar = long_conversation(qtbot, view, library)
    before, value = bar.maximum(), bar.value()
    last(view)._written.text.append_text("more " * 400)
    qtbot.waitUntil(lambda: bar.maximum() > before)
    qtbot.wait(30)
    assert bar.value() == value
    bar.setValue(bar.maximum())
    before = bar.maximum()
    last(view)._written.text.append_text("more " * 400)
    qtbot.waitUntil(lambda: bar.maximum() > before and bar.value() == bar.maximum())


def test_scrolling_away_from_the_end_is_respected(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    bar = long_conversation(qtbot, view, library)
    bar.setValue(10)
    before = bar.maximum()
    last(view)._written.text.append_text("more " * 400)
    qtbot.waitUntil(lambda: bar.maximum() > before)
    qtbot.wait(30)
    assert bar.value() == 10


def test_what_is_read_stays_where_it_is_while_the_text_above_it_grows(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    view.resize(700, 420)
    library.answer = replace(library.answer, text_leads=True)
    library.quotes = tuple(citation(n, "The lease ends. " * 30) for n in (1, 2, 3))
    turn = ask(qtbot, view)
    qtbot.waitUntil(lambda: len(turn.cards()) == 3)
    bar = view._transcript.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 60)
    card = turn.cards()[1]
    bar.setValue(bar.value() + below_the_top(view, card) + 12)  # its head is just out of view
    at, before = below_the_top(view, card), bar.maximum()
    turn.append(TextStreamed("It ends in 2027. " * 60))
    qtbot.waitUntil(lambda: bar.maximum() > before)
    qtbot.wait(30)
    assert below_the_top(view, card) == at
