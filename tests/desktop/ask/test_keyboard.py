"""Everything in a conversation can be reached with the tab key, in the order of reading."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from asking import asked_and_done
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from scripted_library import ScriptedLibrary, written

from desktop.ask.turn import TurnView
from desktop.ask.view import AskView
from engine.answers import Support


def stops(turn: TurnView) -> list[str]:
    """What the tab key stops at inside a turn, by the kinds of widget."""
    found = []
    widget: QWidget = turn._heading
    while True:
        widget = widget.nextInFocusChain()
        if widget is turn._heading:
            return found
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            if not turn.isAncestorOf(widget):
                return found
            found.append(type(widget).__name__)


FOOT = ["QuietButton"] * 3 + ["ContextMeter"]
CARDS = ["QuoteCard"] * 2


@pytest.mark.parametrize("leads", [False, True])
def test_the_tab_key_reads_along(
    qtbot: Any, view: AskView, library: ScriptedLibrary, leads: bool
) -> None:
    library.answer = replace(library.answer, text_leads=leads)
    for question in ("First?", "Second?"):
        asked_and_done(qtbot, view, library, question)
    words = ["AnswerText", *FOOT]
    for turn in view._transcript.turns:
        assert stops(turn) == ([*words, *CARDS] if leads else [*CARDS, *words])


def test_older_turns_come_before_newer_ones(
    qtbot: Any, view: AskView, library: ScriptedLibrary
) -> None:
    library.stored[8] = [
        written(("Words.", Support.SUPPORTED, (1,)), question=f"Question {n}?") for n in range(4)
    ]
    view.open_conversation(8)
    qtbot.waitUntil(lambda: len(view._transcript.turns) == 4)
    reached = []
    widget = view._box.edit
    while (widget := widget.nextInFocusChain()) is not view._box.edit:
        for turn in view._transcript.turns:
            if widget is turn.cards()[0]:
                reached.append(turn.question)
    assert reached == [f"Question {n}?" for n in range(4)]
