"""The way of the tab key. Qt goes by the order in which widgets were made; people by what they
see."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def focusable(part: QWidget) -> list[QWidget]:
    """Everything in ``part`` that can have the focus, in the order in which it was made."""
    inside = part.findChildren(QWidget)
    return [widget for widget in inside if widget.focusPolicy() != Qt.FocusPolicy.NoFocus]


def chain(widgets: Iterable[QWidget]) -> None:
    """Let the tab key lead from each to the next."""
    for one, other in pairwise(widgets):
        QWidget.setTabOrder(one, other)


def place_before(widgets: Iterable[QWidget], later: QWidget) -> None:
    """Chain the widgets so that the tab key reaches them ahead of ``later``."""
    earlier = later.previousInFocusChain()
    while earlier is not None and earlier.focusPolicy() == Qt.FocusPolicy.NoFocus:
        earlier = earlier.previousInFocusChain()
    first = [earlier] if earlier is not None else []
    chain([*first, *widgets])
