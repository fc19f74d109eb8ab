"""The parts of a view, side by side, where there is room and where there is not."""

from __future__ import annotations

from desktop.adapters.segments import Segments


def test_words_that_do_not_fit_end_in_an_ellipsis_and_are_told_by_the_tool_tip(qtbot):
    segments = Segments({"list": "Adapters", "advice": "Which do I need?"})
    qtbot.addWidget(segments)
    advice = segments.button("advice")
    segments.resize(segments.sizeHint())
    segments.show()
    assert advice._shown() == "Which do I need?"
    assert advice.toolTip() == ""
    segments.resize(segments.minimumSizeHint())
    assert segments.width() < segments.sizeHint().width()
    assert advice._shown().endswith("…")
    assert advice.toolTip() == "Which do I need?"
