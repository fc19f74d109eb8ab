"""Hands and eyes for the tests of the Ask view."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from scripted_library import ScriptedLibrary

from desktop.ask.meter import ContextMeter
from desktop.ask.turn import TurnView
from desktop.ask.view import AskView
from desktop.plain import ElidedLabel

QUESTION = "When does the lease end?"


def last(view: AskView) -> TurnView:
    return view._transcript.turns[-1]


def type_text(qtbot: Any, view: AskView, text: str) -> None:
    view.focus_question()
    qtbot.keyClicks(view._box.edit, text)


def ask(qtbot: Any, view: AskView, text: str = QUESTION) -> TurnView:
    type_text(qtbot, view, text)
    qtbot.keyClick(view._box.edit, Qt.Key.Key_Return)
    return last(view)


def asked_and_done(
    qtbot: Any, view: AskView, library: ScriptedLibrary, text: str = QUESTION
) -> TurnView:
    library.go.set()
    turn = ask(qtbot, view, text)
    qtbot.waitUntil(lambda: not turn.running)
    return turn


def shown(turn: TurnView) -> str:
    """Every word of a turn that a person can read."""
    kinds = (QLabel, ElidedLabel)
    labels = [part for kind in kinds for part in turn.findChildren(kind) if part.isVisibleTo(turn)]
    text = turn._written.text
    words = text.toPlainText() if text.isVisibleTo(turn) else ""
    return "\n".join([*(label.text() for label in labels), words])


def meter(turn: TurnView) -> ContextMeter:
    return turn._written.foot.meter


def button(parent: QWidget, words: str) -> QAbstractButton:
    """The visible one that says or is called so."""
    return next(
        found
        for found in parent.findChildren(QAbstractButton)
        if words in (found.text(), found.accessibleName()) and found.isVisibleTo(parent)
    )


def above(upper: QWidget, lower: QWidget, view: AskView) -> bool:
    """Whether one ends before the other begins."""
    end = upper.mapTo(view, upper.rect().bottomLeft()).y()
    return end < lower.mapTo(view, lower.rect().topLeft()).y()
