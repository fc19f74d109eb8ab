"""A set of questions: out of a file or typed, compared, summed up, opened one by one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hands import button, said
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from desktop.adapters.view import COMPARE
from engine.comparisons import Variant
from engine.errors import ModelError

TWO = ["When does the lease end?", "Who pays for repairs?"]


@pytest.fixture
def page(view):
    view.show_part(COMPARE)
    button(view.compare.one, "A set of questions…").click()
    return view.compare.many


@pytest.fixture
def table(qtbot, page):
    page.edit.setPlainText("\n".join(TWO))
    button(page, "Compare").click()
    qtbot.waitUntil(lambda: page.table is not None)
    return page


def test_a_dropped_file_fills_the_box(qtbot, view, page, tmp_path):
    file = tmp_path / "questions.csv"
    file.write_text("question\nWhen does the lease end?\nWho pays for repairs?\n")
    assert view.drop_words([file]) == "Drop to compare these questions"
    view.take([file])
    qtbot.waitUntil(lambda: page.edit.toPlainText().splitlines() == TWO)
    assert page._count.text() == "2 questions, 8 answers"


def test_one_that_holds_none_says_so(qtbot, view, page, notices, tmp_path):
    file = tmp_path / "questions.txt"
    file.write_text("\n")
    view.take([file])
    qtbot.waitUntil(lambda: bool(notices.shown()))
    assert "There is no question in it" in said(notices)[0]


# --- comparing --------------------------------------------------------------------------------


def test_nothing_begins_without_a_question(page):
    assert not button(page, "Compare").isEnabled()
    page.edit.setPlainText("\n".join(f"Question {n}?" for n in range(501)))
    assert not button(page, "Compare").isEnabled()
    assert "501 questions, and a table takes 500" in page._count.text()


def test_it_tells_how_far_it_is_and_stops(qtbot, page, library):
    library.step.clear()
    page.edit.setPlainText("\n".join(TWO))
    page.begin()
    qtbot.waitUntil(lambda: page._now.text() == "Answer 1 of 8")
    assert page._question.text() == TWO[0]
    assert page._left.text() == "About 5 minutes left"
    button(page, "Stop").click()
    qtbot.waitUntil(lambda: not page.running)
    assert page.table is None
    assert page.edit.isVisible()
    assert page.edit.toPlainText().splitlines() == TWO


def test_a_failure_leads_back_to_the_questions(qtbot, page, library, notices, monkeypatch):
    def broken(*_args, **_how):
        raise ModelError("The model ended.")

    monkeypatch.setattr(library, "compare_all", broken)
    page.edit.setPlainText(TWO[0])
    page.begin()
    qtbot.waitUntil(lambda: bool(notices.shown()))
    assert page.edit.isVisible()
    assert said(notices) == ["The model ended."]


def test_questions_that_could_not_be_asked_are_told_of(qtbot, page, library, monkeypatch):
    whole = library.compare_all

    def failing(questions, adapters, **how):
        made = whole(questions[:1], adapters, **how)
        return replace(made, failures=((questions[1], "It is too long."),))

    monkeypatch.setattr(library, "compare_all", failing)
    page.edit.setPlainText("\n".join(TWO))
    page.begin()
    qtbot.waitUntil(lambda: page.table is not None)
    assert page._said.text().endswith(
        "1 question could not be asked, such as “Who pays for repairs?”: It is too long."
    )


def test_the_four_ways_in_sum(table):
    lines = table.sums.text().splitlines()
    assert lines[0] == "Claims in your documents | Refusals | Words | Time | Tokens"
    assert lines[1] == "Model alone | 0 % · 0 of 4 | 0 of 2 | 14 | 1.9 s | 64"
    assert lines[3].startswith("Documents | 100 % · 4 of 4 | 1 of 2")
    assert table._said.text() == "2 questions with Numbered findings ×1."
    model = table.questions.model()
    row = [model.index(0, column).data() for column in range(model.columnCount())]
    assert row == [TWO[0], "0 of 2", "0 of 2", "2 of 2", "2 of 3"]


def test_a_row_opens_its_four_answers_and_leads_back(qtbot, view, table):
    one = view.compare.one
    table.questions.setFocus()
    table.questions.selectRow(1)
    qtbot.keyClick(table.questions, Qt.Key.Key_Return)
    assert one.isVisible()
    assert one.comparison.question == TWO[1]
    assert one.four.panels[Variant.BOTH].answer is not None
    button(one, "Close").click()
    assert table.questions.isVisible()


def test_it_can_be_taken_away(qtbot, view, table):
    table._offer_forms()
    menu = table.findChildren(QMenu)[-1]
    assert menu.actions()[0].text() == "Table (CSV)…"
    with qtbot.waitSignal(view.table_exported) as wanted:
        menu.actions()[0].trigger()
    assert wanted.args == [table.table, "csv"]
    menu.close()


def test_other_questions_keep_what_was_typed(table):
    button(table, "Other questions").click()
    assert table.edit.isVisible()
    assert table.edit.toPlainText().splitlines() == TWO


def test_esc_stops_what_is_on_screen(qtbot, view, page, library):
    library.step.clear()
    page.edit.setPlainText(TWO[0])
    page.begin()
    qtbot.waitUntil(lambda: page.running)
    assert view.stop()
    qtbot.waitUntil(lambda: not page.running)
    assert not view.stop()


def test_the_tab_key_leaves_the_box(qtbot, page):
    page.edit.setFocus()
    qtbot.keyClick(page.edit, Qt.Key.Key_Tab)
    assert not page.edit.hasFocus()
