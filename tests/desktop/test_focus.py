"""Focus is seen, and moves nothing."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QPushButton, QStyle, QStyleOptionButton

from desktop.theme import Theme


@pytest.mark.parametrize("look", ["quiet", "primary", "segment", ""])
def test_a_button_in_focus_keeps_its_text_in_place(qtbot: Any, look: str) -> None:
    Theme(QApplication.instance(), "light")
    button = QPushButton("Ask")
    qtbot.addWidget(button)
    button.setProperty("look", look)
    button.ensurePolished()
    option = QStyleOptionButton()
    button.initStyleOption(option)
    places = []
    for focused in (False, True):
        option.state &= ~QStyle.StateFlag.State_HasFocus
        if focused:
            option.state |= QStyle.StateFlag.State_HasFocus
        style = button.style()
        places.append(style.subElementRect(QStyle.SubElement.SE_PushButtonContents, option, button))
    assert places[0] == places[1]
