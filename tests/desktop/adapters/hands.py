"""Hands and eyes for the tests of the adapters view."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QAbstractButton, QWidget

from desktop.adapters.row import AdapterRow
from desktop.adapters.view import AdaptersView


def row(view: AdaptersView, name: str) -> AdapterRow:
    return next(row for row in view.listing.rows if row.entry.name == name)


def names(view: AdaptersView) -> list[str]:
    return [row.entry.name for row in view.listing.rows]


def button(parent: QWidget, words: str) -> QAbstractButton:
    """The visible one that says or is called so."""
    return next(
        found
        for found in parent.findChildren(QAbstractButton)
        if words in (found.text(), found.accessibleName()) and found.isVisibleTo(parent)
    )


def said(notices: Any) -> list[str]:
    return [notice.text for notice in notices.shown()]


def act(notices: Any, words: str) -> None:
    """Press the button of the latest notice that has one of these words."""
    button(notices.shown()[-1], words).click()
