"""Which do I need? Advice follows from three answers, with reasons."""

from __future__ import annotations

import pytest
from hands import button
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from desktop.adapters.advising.advice import Aim, Examples, Ground, Step, Way, advise
from desktop.adapters.view import ADVICE, COMPARE, MAKE


@pytest.mark.parametrize(
    ("aim", "ground", "examples", "way", "first"),
    [
        (Aim.FACTS, Ground.OWN, Examples.FEW, Way.DOCUMENTS, Step.ASK),
        (Aim.FACTS, Ground.OWN, Examples.MANY, Way.DOCUMENTS, Step.ASK),
        (Aim.FACTS, Ground.KNOWN, Examples.FEW, Way.DOCUMENTS, Step.ASK),
        (Aim.FORM, Ground.NONE, Examples.MANY, Way.ADAPTER, Step.MAKE),
        (Aim.FORM, Ground.NONE, Examples.READY, Way.ADAPTER, Step.ADD),
        (Aim.FORM, Ground.NONE, Examples.FEW, Way.INSTRUCTIONS, Step.ASK),
        (Aim.FORM, Ground.OWN, Examples.MANY, Way.BOTH, Step.MAKE),
        (Aim.BOTH, Ground.OWN, Examples.READY, Way.BOTH, Step.ADD),
        (Aim.BOTH, Ground.OWN, Examples.FEW, Way.DOCUMENTS, Step.ASK),
    ],
)
def test_what_is_advised(aim, ground, examples, way, first):
    advice = advise(aim, ground, examples)
    assert advice.way is way
    assert advice.steps[0] is first


@pytest.mark.parametrize("aim", Aim)
@pytest.mark.parametrize("ground", Ground)
@pytest.mark.parametrize("examples", Examples)
def test_every_advice_has_reasons_that_suit_it(aim, ground, examples):
    advice = advise(aim, ground, examples)
    said = " ".join(advice.reasons)
    assert advice.headline
    assert 1 <= len(advice.reasons) <= 3
    assert len(set(advice.reasons)) == len(advice.reasons)
    if ground is Ground.OWN:
        assert advice.way in (Way.DOCUMENTS, Way.BOTH)
        assert "in your documents" in said
    if advice.way is Way.ADAPTER:
        assert "enough examples" in said or "costs you nothing to try" in said


@pytest.fixture
def page(view):
    view.show_part(ADVICE)
    return view.advice


def shown(page):
    return " ".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def test_the_advice_comes_once_all_is_answered_and_changes_with_it(qtbot, page):
    assert "The advice appears here" in shown(page)
    page.groups[0].buttons()[0].setChecked(True)
    page.groups[1].buttons()[0].setChecked(True)
    assert "One more question" in shown(page)
    page.groups[2].buttons()[2].setChecked(True)
    assert "Your documents are enough" in shown(page)
    page.groups[0].buttons()[2].setChecked(True)
    page.groups[2].buttons()[0].setChecked(True)
    assert "Use both" in shown(page)
    assert "You have enough examples" in shown(page)


def test_what_it_cannot_do_is_always_said(page):
    assert "Cite. Only what was found in a document" in shown(page)


def test_the_words_beside_a_radio_button_choose_it(qtbot, page):
    choice = page.groups[0].buttons()[1].parentWidget()
    qtbot.mouseClick(choice.findChild(QLabel), Qt.MouseButton.LeftButton)
    assert page.groups[0].checkedButton() is page.groups[0].buttons()[1]


def test_keys_alone_are_enough(qtbot, page):
    page.focus()
    first = page.groups[0].buttons()
    assert first[0].hasFocus()
    qtbot.keyClick(first[0], Qt.Key.Key_Space)
    assert first[0].isChecked()
    qtbot.keyClick(first[0], Qt.Key.Key_Down)
    assert page.groups[0].checkedButton() is not first[0]


@pytest.mark.parametrize(
    ("chosen", "words", "part"),
    [((2, 0, 0), "Make one from examples", MAKE), ((2, 0, 0), "Compare the four ways", COMPARE)],
)
def test_the_next_step_leads_there(view, page, chosen, words, part):
    for group, at in zip(page.groups, chosen, strict=True):
        group.buttons()[at].setChecked(True)
    button(page, words).click()
    assert view.part == part


def test_asking_documents_is_the_windows_to_do(qtbot, view, page):
    for group, at in zip(page.groups, (0, 0, 0), strict=True):
        group.buttons()[at].setChecked(True)
    with qtbot.waitSignal(view.ask_requested):
        button(page, "Ask your documents").click()
