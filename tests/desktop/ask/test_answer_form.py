"""The form of an answer: what leads, what could not be supported, refusals, follow-ups, meter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from asking import (
    QUESTION,
    above,
    ask,
    asked_and_done,
    button,
    last,
    meter,
    shown,
    type_text,
)
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication
from scripted_library import HOSTILE, ScriptedLibrary, citation, hit, written

from desktop.ask.answer_text import AnswerText
from desktop.ask.document_picker import DocumentPicker
from desktop.ask.export_menu import ExportMenu
from desktop.ask.meter import DetailsPopover
from desktop.ask.refusal import Ways
from desktop.ask.turn import TurnView
from desktop.ask.view import AskView
from desktop.ask.ways import Way
from desktop.bridge import Wish
from engine.answers import (
    Answer,
    AnswerKind,
    Claim,
    ContextUse,
    PromptRead,
    Provenance,
    Support,
    TextStreamed,
)
from engine.errors import CarrelError
from engine.records import Scope

SUPPORTED, UNSUPPORTED = Support.SUPPORTED, Support.UNSUPPORTED


# --- what leads -------------------------------------------------------------------------------


def test_quotes_lead_a_weak_model_and_follow_a_strong_one(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    weak = asked_and_done(qtbot, view, library)
    assert above(weak.cards()[0], weak._written.text, view)
    assert "In short · SmolLM2-135M-Instruct" in shown(weak)
    assert "Best quotes" in shown(weak)
    library.answer = replace(library.answer, text_leads=True)
    strong = asked_and_done(qtbot, view, library)
    qtbot.wait(20)
    assert above(strong._written.text, strong.cards()[0], view)
    assert "In short" not in shown(strong)
    assert "Sources" in shown(strong)


def test_room_is_kept_for_leading_text_so_that_the_sources_stay_put(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    library.answer = replace(library.answer, text_leads=True)
    turn = ask(qtbot, view)
    qtbot.waitUntil(lambda: len(turn.cards()) == 2)
    qtbot.wait(30)
    before = turn.cards()[0].mapTo(view, turn.cards()[0].rect().topLeft())
    turn.append(TextStreamed("It ends in 2027, unless it is renewed. " * 3))
    qtbot.waitUntil(lambda: "2027" in turn._written.words)
    qtbot.wait(30)
    assert turn.cards()[0].mapTo(view, turn.cards()[0].rect().topLeft()) == before
    library.go.set()
    qtbot.waitUntil(lambda: not turn.running)
    qtbot.wait(30)
    assert turn.cards()[0].mapTo(view, turn.cards()[0].rect().topLeft()).y() == before.y()


# --- what could not be supported --------------------------------------------------------------


def test_doubts_are_listed_with_what_they_lack(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    answer = written(
        ("It ends in 2027.", SUPPORTED, (1,)),
        ("A fee is due.", UNSUPPORTED, (2,)),
        ("Rent is doubled.", Support.PARTLY, (3,)),
    )
    whys = ("", "no quote names a fee", "the quotes say “raised”")
    claims = tuple(replace(c, why=why) for c, why in zip(answer.claims, whys, strict=True))
    library.answer = replace(answer, claims=claims)
    turn = asked_and_done(qtbot, view, library)
    doubts = turn._written.doubts
    assert doubts.rows() == [
        "“A fee is due.” No quote names a fee.",
        "“Rent is doubled.” The quotes say “raised”.",
    ]
    assert above(turn._written.text, doubts, view)
    text = turn._written.text
    said = text.toPlainText().replace("\u00a0", " ")
    assert "A fee is due. (not in your documents)" in said  # and no number
    marks = [text.document().find(words) for words in ("(not", "(only")]
    tips = [text._tip(mark.charFormat().anchorHref()) for mark in marks]
    assert ["No quote names a fee." in tips[0], "“raised”" in tips[1]] == [True, True]


def test_the_only_sentence_is_not_said_twice(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    library.answer = written(("A fee is due.", UNSUPPORTED, ()))
    turn = asked_and_done(qtbot, view, library)
    assert turn._written.doubts.rows() == [
        "No quote that was found says this. Check it before you rely on it."
    ]


def test_many_doubts_do_not_bury_the_answer(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    claims = [(f"Fee {n} is due.", UNSUPPORTED, ()) for n in range(9)]
    library.answer = written(*claims)
    turn = asked_and_done(qtbot, view, library)
    assert len(turn._written.doubts.rows()) == 3
    button(turn, "Show 6 more").click()
    qtbot.waitUntil(lambda: len(turn._written.doubts.rows()) == 9)


def test_an_answer_without_doubts_says_nothing_of_them(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    turn = asked_and_done(qtbot, view, library)
    assert not turn._written.doubts.isVisibleTo(turn)
    assert "supported" not in shown(turn)


# --- refusal ----------------------------------------------------------------------------------

REASON = "Not found in the 3 documents that could be read; 1 could not be read."


def refused(qtbot: Any, view: AskView, library: ScriptedLibrary) -> TurnView:
    library.answer = Answer(
        QUESTION, (1, 2), "", (), (citation(1), citation(2)), refused=True, reason=REASON
    )
    return asked_and_done(qtbot, view, library)


def test_a_refusal_gives_its_reason_first_and_is_no_answer(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    library.unread = 1
    view.refresh()
    qtbot.waitUntil(lambda: view._choices.unread == 1)
    turn = refused(qtbot, view, library)
    assert turn._refusal.text == REASON
    assert above(turn._refusal, turn.cards()[0], view)
    assert "do not answer" in shown(turn)
    assert all(card._faint for card in turn.cards())
    with qtbot.waitSignal(view.unread_requested):
        button(turn, "Show the document that could not be read").click()


def test_a_refusal_offers_what_can_be_tried(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    view._scope.toggle_folder(2)
    turn = refused(qtbot, view, library)
    button(turn, "Ask all documents").click()
    qtbot.waitUntil(lambda: len(library.asked) == 2)
    assert library.asked[1][2] == Scope()
    qtbot.waitUntil(lambda: not last(view).running)
    assert not last(view)._refusal._wider.isVisibleTo(last(view))  # nothing is narrowed now
    assert not last(view)._refusal._unread.isVisibleTo(last(view))
    library.hits = (hit(1),)
    button(turn, "Search for the words").click()
    qtbot.waitUntil(lambda: view._results.is_list)
    assert view._box.text == QUESTION
    assert view._box.edit.hasFocus()


def test_the_model_alone_is_plainly_labelled(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    turn = refused(qtbot, view, library)
    words = "It ended in 1990."
    claim = Claim(words, 0, len(words), Support.UNCHECKED)
    library.answer = Answer(QUESTION, (), words, (claim,), (), model="m.gguf")
    library.quotes = ()
    button(turn, "Ask the model without documents").click()
    qtbot.waitUntil(lambda: len(library.how) == 2)
    assert library.how[1][0] is False
    alone = last(view)
    qtbot.waitUntil(lambda: not alone.running)
    assert "not from your documents, not checked" in shown(alone)
    assert alone._written.text.toPlainText() == words
    library.stored[6] = [library.answer]  # and so it is when it is read again
    view.open_conversation(6)
    qtbot.waitUntil(lambda: view.conversation_id == 6)
    qtbot.waitUntil(lambda: bool(view._transcript.turns))
    assert "not from your documents, not checked" in shown(last(view))
    button(last(view), "Ask again").click()
    qtbot.waitUntil(lambda: len(library.how) == 3)
    assert library.how[2] == (False, 1)


def test_without_a_model_none_is_offered(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    library.model_path = None
    view.refresh()
    qtbot.waitUntil(lambda: view._model == "")
    turn = refused(qtbot, view, library)
    assert not turn._refusal._model.isVisibleTo(turn)
    assert not view._box._ways._actions[Way.WITHOUT_DOCUMENTS].isVisible()


def test_from_an_answer_it_is_one_click_to_what_could_not_be_read(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    library.unread = 2
    view.refresh()
    qtbot.waitUntil(lambda: view._choices.unread == 2)
    turn = asked_and_done(qtbot, view, library)
    link = button(turn, "3 documents could be read; 2 could not")
    assert link.focusPolicy() & Qt.FocusPolicy.TabFocus
    with qtbot.waitSignal(view.unread_requested):
        link.click()


def test_where_all_was_read_nothing_is_said_of_it(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    turn = asked_and_done(qtbot, view, library)
    assert not turn._written.foot._coverage.isVisibleTo(turn)


@pytest.mark.parametrize(
    ("ways", "said"),
    [
        (Ways(read=412, unread=3), "412 documents could be read; 3 could not"),
        (Ways(read=1, unread=1), "1 document could be read; 1 could not"),
        (Ways(read=12, partly=2), "12 documents could be read, 2 of them in part"),
        (
            Ways(read=12, partly=2, unread=1),
            "12 documents could be read, 2 of them in part; 1 could not",
        ),
        (Ways(read=12), ""),
    ],
)
def test_coverage_in_words(ways: Ways, said: str) -> None:
    assert ways.coverage == said


def test_a_refused_summary_offers_nothing_beside_the_unread(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    library.go.set()
    library.answer = Answer("", (), "", (), (), refused=True, reason="Nothing in it could be read.")
    view.intentions.summarise(2, "Lease 2")
    turn = last(view)
    qtbot.waitUntil(lambda: not turn.running)
    assert turn._refusal.text == "Nothing in it could be read."
    ways = turn._refusal._ways.findChildren(QAbstractButton)
    assert len(ways) == 3
    assert not any(way.isVisibleTo(turn) for way in ways)


def test_an_answer_is_exported_in_a_chosen_form(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    turn = asked_and_done(qtbot, view, library)
    button(turn, "Export").click()
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, ExportMenu)
    with qtbot.waitSignal(view.export_wanted) as wanted:
        next(action for action in menu.actions() if action.text() == "PDF…").trigger()
    assert wanted.args == [turn.answer, "pdf"]
    menu.close()


def test_a_failure_leaves_no_empty_room(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    library.error = CarrelError("The document is gone.")
    library.go.set()
    library.answer = replace(library.answer, text_leads=True)
    turn = ask(qtbot, view)
    qtbot.waitUntil(lambda: not turn.running)
    assert not turn._written.text.isVisibleTo(turn)
    assert "The document is gone." in shown(turn)


# --- follow-ups -------------------------------------------------------------------------------


def test_what_a_follow_up_was_taken_to_mean_can_be_put_right(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    assert view._box.edit.placeholderText() == "Ask your documents"
    asked_and_done(qtbot, view, library)
    assert view._box.edit.placeholderText() == "Ask a follow-up"
    library.answer = replace(library.answer, searched="lease end 2019")
    library.go.clear()
    turn = ask(qtbot, view, "and in 2019?")
    qtbot.waitUntil(lambda: turn._searched.text == "Searched for: lease end 2019")
    library.go.set()
    qtbot.waitUntil(lambda: not turn.running)
    assert above(turn._searched, turn.cards()[0], view)
    button(turn, "Change what was searched for, and ask again").click()
    field = turn._searched._field
    assert field.hasFocus()
    assert field.text() == "lease end 2019"
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert not field.isVisible()
    turn._searched.edit()
    field.setText("lease end 2020")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(library.asked) == 3)
    assert library.asked[2][:2] == ("lease end 2020", 41)
    view.open_conversation(None)
    assert view._box.edit.placeholderText() == "Ask your documents"


def test_a_question_that_speaks_for_itself_has_no_such_line(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    assert asked_and_done(qtbot, view, library)._searched.text == ""


# --- context and speed ------------------------------------------------------------------------


def test_the_meter_names_what_was_in_and_warns_of_what_was_not(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    full = ContextUse(1240, 8192, quotes=3, quotes_left=2, turns=1)
    made = Provenance("0", "", seed=7, temperature=0.4)
    library.answer = replace(library.answer, context=full, provenance=made)
    turn = asked_and_done(qtbot, view, library)
    shown_meter = meter(turn)
    assert shown_meter.words == (
        "1,240 of 8,192 tokens · 3 quotes · 1 earlier question; 2 quotes left out"
    )
    assert shown_meter.words in shown_meter.accessibleName()
    assert "0.9 s to the first word" in shown_meter.accessibleName()
    qtbot.keyClick(shown_meter, Qt.Key.Key_Space)
    popover = QApplication.activePopupWidget()
    assert isinstance(popover, DetailsPopover)
    rows = dict(popover.rows)
    assert rows["Left out"] == "2 quotes"
    assert rows["Model"] == "SmolLM2-135M-Instruct"
    assert (rows["Seed"], rows["Temperature"]) == ("7", "0.4")
    qtbot.keyClick(popover, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is None)


@pytest.mark.parametrize("width", [60, 200, 700])
def test_the_meter_paints_at_any_width(
    qtbot: Any, view: AskView, library: ScriptedLibrary, width: int
) -> None:
    use = ContextUse(9000, 8192, 40, 12, 3, 4)
    library.answer = replace(library.answer, context=use)
    shown_meter = meter(asked_and_done(qtbot, view, library))
    shown_meter.setFixedWidth(width)
    assert not shown_meter.grab().isNull()


def test_reading_the_prompt_is_no_silent_wait(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    turn = ask(qtbot, view)
    qtbot.waitUntil(lambda: bool(turn.cards()))
    turn.prompt_read(PromptRead(400, 1000))
    progress = turn._written.foot.progress
    assert progress.text == "Reading the sources, 40 %"
    assert progress._bar.isVisibleTo(turn)
    turn.append(TextStreamed("It ends"))
    qtbot.waitUntil(lambda: progress.text == "Writing…")
    assert not progress._bar.isVisibleTo(turn)


def test_asking_again_uses_another_seed_in_the_same_scope(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    view._scope.toggle_folder(1)
    turn = asked_and_done(qtbot, view, library)
    view._scope.clear()
    button(turn, "Ask again").click()
    qtbot.waitUntil(lambda: len(library.asked) == 2)
    assert library.how == [(True, 0), (True, 1)]
    assert library.asked[1][2] == Scope(folder_ids=(1,))


def test_focus_warms_the_model_once_in_a_while(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    for _ in range(3):
        view._model_chip.setFocus()
        view.focus_question()
        qtbot.wait(5)
    qtbot.waitUntil(lambda: library.warmed == 1)
    view._bridge._warmed -= 1000.0
    view._model_chip.setFocus()
    view.focus_question()
    qtbot.waitUntil(lambda: library.warmed == 2)


# --- whole documents --------------------------------------------------------------------------

SECTION = "Rent\nRent is due on the first."


def summary_piece() -> TextStreamed:
    start = SECTION.index("Rent is")
    return TextStreamed(SECTION, (Claim(SECTION[start:], start, len(SECTION), SUPPORTED, (1,)),))


def test_a_summary_grows_with_its_citations_and_can_be_stopped(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    piece = summary_piece()
    library.pieces = (piece,)
    library.answer = replace(library.answer, text=SECTION, claims=piece.claims, model="")
    view.intentions.summarise(2, "Lease 2")
    turn = last(view)
    assert turn.question == "Summarise “Lease 2”"
    qtbot.waitUntil(lambda: "Rent is due on the first. [1]" in turn._written.words)
    assert library.summarised == [2]
    text = turn._written.text
    head = text.document().find("Rent")
    body = text.document().find("is due")
    assert head.charFormat().fontWeight() > body.charFormat().fontWeight()
    progress = turn._written.foot.progress
    assert progress.text == "Section 2 of 2 · Notice · about 2 minutes left"
    turn.show_quotes(library.quotes[:1])  # more is found before the next section
    assert progress._bar.isVisibleTo(turn)
    assert progress._bar.value() == 500
    assert view.stop()
    qtbot.waitUntil(lambda: not turn.running, timeout=500)
    assert "Stopped." in shown(turn)
    assert "In the document’s own words" in shown(turn)
    assert len(turn.cards()) == 3  # its sources are all that it cites
    assert turn._written.words == f"{SECTION} [1]"


@pytest.mark.parametrize(
    ("question", "scope", "beside", "meant"),
    [
        ("Summarise lease 2, please", None, None, None),
        ("Summarise the lease", "leases/lease 3.pdf", None, 3),
        ("Summarise this document", None, 1, 1),
    ],
)
def test_a_typed_wish_for_a_summary_finds_its_document(
    qtbot: Any,
    view: AskView,
    library: ScriptedLibrary,
    question: str,
    scope: str | None,
    beside: int | None,
    meant: int | None,
) -> None:
    library.go.set()
    qtbot.waitUntil(lambda: "3 documents" in view._greeting.text)
    if scope:
        view._scope.set_filter(scope)
    view.show_beside(beside)
    if meant is None:
        assert view._scope.choices.named_in(question) == [2]
        return
    ask(qtbot, view, question)
    qtbot.waitUntil(lambda: library.summarised == [meant])
    assert last(view).question == question


def test_where_it_is_open_the_person_is_asked_which_document(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    library.go.set()
    qtbot.waitUntil(lambda: "3 documents" in view._greeting.text)
    type_text(qtbot, view, "Summarise this document")
    qtbot.keyClick(view._box.edit, Qt.Key.Key_Return)
    picker = view.findChild(DocumentPicker)
    assert picker.isVisible()
    assert picker._list.count() == 3
    qtbot.keyClick(picker._field, Qt.Key.Key_Down)
    assert picker._list.currentRow() == 1
    qtbot.keyClicks(picker._field, "lease 3")
    assert picker._list.count() == 1
    qtbot.keyClick(picker._field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: library.summarised == [3])


def test_every_document_can_be_asked(qtbot: Any, view: AskView, library: ScriptedLibrary) -> None:
    library.go.set()
    library.answer = replace(library.answer, reason="2 of the 3 documents speak of it.")
    type_text(qtbot, view, "Who pays for repairs?")
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(view._box.edit, Qt.Key.Key_Return, both)
    qtbot.waitUntil(lambda: library.surveyed == [("Who pays for repairs?", Scope())])
    turn = last(view)
    qtbot.waitUntil(lambda: not turn.running)
    assert "2 of the 3 documents speak of it." in shown(turn)
    assert view._box.text == ""


def test_another_way_needs_a_question_first(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    view._model_chip.setFocus()
    view._box._ways.chosen.emit(Way.EVERY_DOCUMENT)
    assert view._box.edit.hasFocus()
    assert library.surveyed == []


# --- hostile text -----------------------------------------------------------------------------


def test_nothing_new_reads_markup(qtbot: Any, view: AskView, library: ScriptedLibrary) -> None:
    answer = written((HOSTILE, UNSUPPORTED, ()), ("Fine.", SUPPORTED, (1,)))
    claims = tuple(replace(claim, why=HOSTILE) for claim in answer.claims)
    library.answer = replace(answer, claims=claims, searched=HOSTILE)
    turn = asked_and_done(qtbot, view, library)
    assert HOSTILE in shown(turn)
    mark = turn._written.text.document().find("(not")
    assert "<img" not in turn._written.text._tip(mark.charFormat().anchorHref())
    view.wish(Wish(HOSTILE, kind=AnswerKind.SURVEY))
    assert HOSTILE in shown(last(view))


def test_a_long_answer_is_laid_out_once(qtbot: Any) -> None:
    """Each layout is of the whole text: one for every claim would take seconds."""
    text = AnswerText()
    qtbot.addWidget(text)
    text.show()
    sizes: list[object] = []
    text.document().documentLayout().documentSizeChanged.connect(sizes.append)
    text.show_answer(written(*[(f"It ends in {n}.", SUPPORTED, (1, 2)) for n in range(100)]))
    assert "It ends in 99." in text.toPlainText()
    assert len(sizes) < 10
