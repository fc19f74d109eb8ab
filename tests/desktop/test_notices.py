"""Notices: one sentence each, never twice, never markup."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton

from desktop.notices import Action, DetailsDialog, Notices, Rank
from engine.errors import CancelledError, CarrelError


@pytest.fixture
def notices(qtbot):
    notices = Notices()
    qtbot.addWidget(notices)
    notices.show()
    return notices


def texts(notices):
    return [notice.text for notice in notices.shown()]


def test_an_error_one_can_act_on_is_its_sentence(notices):
    notices.failure(CarrelError("The disk is full. Make room, then try again."))
    assert texts(notices) == ["The disk is full. Make room, then try again."]
    assert notices.shown()[0].rank is Rank.ERROR


def test_a_bug_is_owned_up_to_with_details(qtbot, notices):
    try:
        raise ValueError("secret <b>detail</b>")
    except ValueError as error:
        notices.failure(error)
    assert texts(notices)[0].startswith("Something went wrong.")
    notices.shown()[0].findChild(QPushButton).click()
    dialog = notices.window().findChild(DetailsDialog)
    copy = next(b for b in dialog.findChildren(QPushButton) if b.text() == "Copy details")
    copy.click()
    copied = QGuiApplication.clipboard().text()
    assert "ValueError: secret <b>detail</b>" in copied
    assert "test_notices.py" in copied


def test_stopping_is_no_failure(notices):
    notices.failure(CancelledError("Stopped."))
    assert texts(notices) == []


def test_the_same_is_not_said_twice(notices):
    notices.error("One.")
    notices.error("Two.")
    notices.error("One.")
    assert texts(notices) == ["Two.", "One."]


def test_errors_outlast_the_rest_where_there_are_many(notices):
    notices.error("An error.")
    for number in range(5):
        notices.info(f"News {number}.")
    assert texts(notices) == ["An error.", "News 3.", "News 4."]


def test_text_is_never_markup(notices):
    notices.info("<h1>Big</h1>")
    labels = [label for label in notices.findChildren(QLabel) if label.text()]
    assert [label.text() for label in labels] == ["<h1>Big</h1>"]
    assert labels[0].textFormat() == Qt.TextFormat.PlainText


def test_an_action_acts_once_and_the_notice_goes(qtbot, notices):
    done = []
    notices.warning("A folder is missing.", Action("Remove it", lambda: done.append(1)))
    notices.shown()[0].findChild(QPushButton).click()
    qtbot.waitUntil(lambda: not notices.shown())
    assert done == [1]


def test_dismissing(qtbot, notices):
    notices.error("One.")
    notices.shown()[0]._dismiss.click()
    qtbot.waitUntil(lambda: not notices.shown())
