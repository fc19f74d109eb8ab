"""One question in four ways: streamed in turn, checked, marked, kept and taken away."""

from __future__ import annotations

import pytest
from hands import act, button, said
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QMenu
from scripted import SAMPLE, four

from desktop.adapters.comparing.wording import cell, verdict
from desktop.adapters.view import COMPARE
from engine.answers import AppliedAdapter, Support
from engine.comparisons import Comparison, Variant
from engine.errors import ModelError

QUESTION = "When does the lease end?"
APPLIED = (AppliedAdapter(SAMPLE.place, 0.8, "Numbered findings"),)


@pytest.fixture
def page(qtbot, view):
    view.show_part(COMPARE)
    return view.compare.one


@pytest.fixture
def compared(qtbot, page):
    page.question.setText(QUESTION)
    page.compare()
    qtbot.waitUntil(lambda: page.comparison is not None)
    return page


def made(question=QUESTION, number=0):
    answers = four(question, APPLIED)
    return Comparison(
        question, answers, "SmolLM2-135M-Instruct.Q4_1.gguf", APPLIED, 0, 1.7e9, number
    )


def texts(page):
    return {variant: panel.text.toPlainText() for variant, panel in page.four.panels.items()}


def test_the_answers_come_one_after_the_other(qtbot, page, library):
    library.step.clear()
    page.question.setText(QUESTION)
    qtbot.keyClick(page.question, Qt.Key.Key_Return)
    panels = page.four.panels
    qtbot.waitUntil(lambda: "Writing" in panels[Variant.PLAIN].words)
    assert panels[Variant.PLAIN].text.toPlainText().startswith("A lease usually")
    assert panels[Variant.BOTH].words == "Waiting"
    assert page._state.text() == "Answer 1 of 4: Model alone"
    library.step.set()
    qtbot.waitUntil(lambda: page.comparison is not None)
    assert texts(page)[Variant.DOCUMENTS].startswith("The lease ends on 31 March 2027.")
    assert page._state.text() == "With Numbered findings ×1, seed 0."
    assert library.compared[0][0] == QUESTION


def test_a_fluent_invention_shows_as_unsupported(compared):
    plain, both = compared.four.panels[Variant.PLAIN], compared.four.panels[Variant.BOTH]
    assert "(not in your documents)" in plain.text.toPlainText()
    assert plain.words.splitlines() == ["0 of 2 claims in your documents",
                                        "1.9 s · 14 words · 64 tokens"]  # fmt: skip
    assert "2 of 3 claims in your documents" in both.words


def test_a_chip_opens_its_source(qtbot, view, compared):
    text = compared.four.panels[Variant.DOCUMENTS].text
    with qtbot.waitSignal(view.citation_opened) as opened:
        text.citation_activated.emit(2)
    assert opened.args[0].n == 2


def test_differences_are_those_words_that_the_first_lacks(compared):
    button(compared, "Mark differences").click()
    panels = compared.four.panels
    lit = [s.cursor.selectedText() for s in panels[Variant.DOCUMENTS].text.extraSelections()]
    assert "on 31 March 2027" in lit
    assert all("[1]" not in words for words in lit)
    assert panels[Variant.PLAIN].text.extraSelections() == []
    button(compared, "Mark differences").click()
    assert panels[Variant.DOCUMENTS].text.extraSelections() == []


def test_marks_stand_where_the_words_are_whatever_their_letters(view):
    from scripted import written

    from desktop.ask.answer_text import AnswerText

    text = AnswerText()
    yes = Support.SUPPORTED
    text.show_answer(written(("Owl 🦉 ends.", yes, (1,)), ("Ünï 🦉 begins.", yes, (2,))))
    text.mark([(4, 17)])
    assert [s.cursor.selectedText() for s in text.extraSelections()] == ["🦉 ends.", " ", "Ünï 🦉"]
    text.deleteLater()


def test_stop_keeps_what_is_there(qtbot, page, library):
    library.step.clear()
    page.question.setText(QUESTION)
    page.compare()
    qtbot.waitUntil(lambda: "Writing" in page.four.panels[Variant.PLAIN].words)
    button(page, "Stop").click()
    qtbot.waitUntil(lambda: page._state.text() == "Stopped.")
    assert page.comparison is None
    assert page.four.panels[Variant.PLAIN].text.toPlainText()
    assert page.four.panels[Variant.BOTH].words == "Not answered"
    assert button(page, "Compare").isEnabled()


def test_stopped_later_it_keeps_the_answers_that_are_done(qtbot, page, library):
    from dataclasses import replace

    whole = made()
    page.show_comparison(replace(whole, answers=whole.answers[2:3], variants=(Variant.DOCUMENTS,)))
    assert page._state.text().startswith("Stopped.")
    assert texts(page)[Variant.DOCUMENTS].startswith("The lease ends")
    assert page.four.panels[Variant.PLAIN].words == "Not answered"


def test_a_failure_is_said_in_its_place(qtbot, page, library):
    library.compare_error = ModelError("The adapter “Numbered findings” is gone.")
    page.question.setText(QUESTION)
    page.compare()
    qtbot.waitUntil(lambda: "is gone" in page._state.text())
    assert page.comparison is None
    assert not page.running


def test_those_applied_are_compared_unless_another_is_chosen(qtbot, view, page, applying, library):
    applying.switch(SAMPLE.place, True)
    applying.set_scale(SAMPLE.place, 0.8)
    assert page.choosing.adapters == APPLIED
    house = view.listing.rows[1].entry
    page.choosing.choose(house.place)
    assert [one.name for one in page.choosing.adapters] == ["House style"]
    page.choosing._fill()
    words = [action.text() for action in page.choosing._menu.actions()]
    assert words == [
        "Those switched on: Numbered findings ×0.8",
        "",
        "Numbered findings",
        "House style",
    ]
    page.choosing._menu.actions()[0].trigger()
    assert page.choosing.adapters == APPLIED


def test_without_an_adapter_that_fits_nothing_is_compared(qtbot, page, adapters, applying):
    adapters.list = adapters.list[2:]
    applying.refresh()
    qtbot.waitUntil(lambda: not page.choosing.adapters)
    assert not button(page, "Compare").isEnabled()
    assert "No adapter fits the model" in page._story.text()


def test_kept_listed_opened_deleted_and_brought_back(qtbot, view, compared, library, notices):
    button(compared, "Keep").click()
    qtbot.waitUntil(lambda: compared.comparison.id == 1)
    assert button(compared, "Delete").isVisible()
    button(compared, "Close").click()
    qtbot.waitUntil(lambda: compared.kept.count() == 1)
    compared.kept.setFocus()
    qtbot.keyClick(compared.kept, Qt.Key.Key_Return)
    assert compared.comparison.question == QUESTION
    assert "31 March" in texts(compared)[Variant.BOTH]
    button(compared, "Delete").click()
    qtbot.waitUntil(lambda: compared.kept.count() == 0)
    assert said(notices) == [f"The comparison “{QUESTION}” was deleted."]
    act(notices, "Undo")
    qtbot.waitUntil(lambda: compared.kept.count() == 1)


def test_delete_in_the_list_and_its_menu(qtbot, page, library):
    for number in (1, 2):
        library.keep_comparison(made(f"Question {number}?"))
    page.keeping.refresh()
    qtbot.waitUntil(lambda: page.kept.count() == 2)
    assert "Numbered findings ×0.8 · SmolLM2-135M-Instruct" in page.kept.item(0).data(
        Qt.ItemDataRole.AccessibleTextRole
    )
    qtbot.keyClick(page.kept, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: page.kept.count() == 1)
    page.kept.customContextMenuRequested.emit(QPoint(5, 5))
    menu = page.kept.findChildren(QMenu)[0]
    assert [action.text() for action in menu.actions()] == ["Open", "Delete"]
    menu.close()


def test_it_can_be_taken_away(qtbot, view, compared):
    compared._offer_forms()
    menu = compared.findChildren(QMenu)[-1]
    with qtbot.waitSignal(view.comparison_exported) as wanted:
        menu.actions()[0].trigger()
    assert wanted.args == [compared.comparison, "md"]
    menu.close()


def test_a_refusal_counts_as_one(page):
    from dataclasses import replace

    answer = replace(four(QUESTION, APPLIED)[2], refused=True, reason="Your documents do not say.")
    page.four.clear()
    page.four.finish(Variant.DOCUMENTS, answer)
    assert "Your documents do not say." in page.four.panels[Variant.DOCUMENTS].words
    assert verdict(answer).words == "Says that it does not know"
    comparison = made()
    assert cell(comparison, Variant.BOTH) == "2 of 3"
    answers = (answer, *comparison.answers[1:])
    assert cell(replace(comparison, answers=answers), Variant.PLAIN) == "refused"
    assert cell(replace(comparison, answers=()), Variant.PLAIN) == ""


@pytest.mark.parametrize(("width", "points", "columns"), [(1300, 9, 4), (800, 9, 2), (640, 17, 1)])
def test_as_many_stand_in_a_row_as_can_be_read(qtbot, view, compared, width, points, columns):
    before = QFont(QApplication.font())
    font = QFont(before)
    font.setPointSize(points)
    QApplication.setFont(font)
    try:
        view.resize(width, 640)
        qtbot.wait(30)
        lefts = {panel.x() for panel in compared.four.panels.values()}
        assert len(lefts) == columns
        for panel in compared.four.panels.values():
            assert panel.geometry().right() <= compared.four.width()
    finally:
        QApplication.setFont(before)
