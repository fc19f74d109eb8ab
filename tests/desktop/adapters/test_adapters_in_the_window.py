"""Adapters in the whole window: wanted or not, keys, drops, the chip in Ask, and each answer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hands import said
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLabel, QToolButton
from scripted import QWEN, SAMPLE, four

from desktop.ask import measures
from desktop.main_window import MainWindow
from desktop.remembered import Remembered
from engine.adapter_facts import AdapterMatch
from engine.answers import AppliedAdapter, Conversation
from engine.settings import SettingsFile

CONTROL, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier
COPY, LEFT = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
MODEL = Path("/models/SmolLM2-135M-Instruct.Q4_1.gguf")


@pytest.fixture
def settings(tmp_path):
    return SettingsFile(tmp_path / "settings.json")


@pytest.fixture
def library(library, entry, monkeypatch):
    """With a model that writes four() and keeps what it was asked with."""
    library.entries = [entry(1)]
    library.shaped = []

    def ask(question, *, adapters, **how):
        library.shaped.append(tuple(adapters))
        return four(question, adapters)[3]

    monkeypatch.setattr(library, "model", lambda: MODEL)
    monkeypatch.setattr(library, "ask", ask)
    monkeypatch.setattr(
        library, "new_conversation", lambda title: Conversation(9, title, 0, 0), raising=False
    )
    return library


@pytest.fixture
def make(qtbot, bridge, settings, catalogue, adapters, trainer):
    def make():
        window = MainWindow(bridge, Remembered(settings), catalogue, adapters, trainer)
        qtbot.addWidget(window)
        window.resize(1100, 700)
        window.show()
        qtbot.waitUntil(lambda: window.applying.known)
        return window

    return make


@pytest.fixture
def window(qtbot, make):
    window = make()
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    qtbot.waitUntil(lambda: window.ask._model != "")
    return window


@pytest.fixture
def wanted(window):
    window.want_adapters(True)
    return window


def action(window, words):
    return next(a for a in window.findChildren(QAction) if a.text().replace("&", "") == words)


def shown_in_sidebar(window):
    return window.sidebar._views["adapters"].isVisible()


def press(qtbot, window, key, modifiers=CONTROL):
    qtbot.keyClick(QApplication.focusWidget() or window, key, modifiers)


def drop(window, paths):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(400, 300), COPY, mime, LEFT, NONE))
    veil = [label.text() for label in window.findChildren(QLabel)
            if label.isVisible() and label.text().startswith("Drop to")]  # fmt: skip
    QApplication.sendEvent(window, QDropEvent(QPointF(400, 300), COPY, mime, LEFT, NONE))
    return veil[0]


# --- wanted or not ----------------------------------------------------------------------------


def test_it_is_off_until_wanted(qtbot, window):
    assert not shown_in_sidebar(window)
    assert not window.ask.adapters.isVisible()
    press(qtbot, window, Qt.Key.Key_4)
    assert window.views.currentWidget() is window.ask
    assert not action(window, "Adapters").isVisible()
    assert not action(window, "Adapters tab").isChecked()
    assert "adapters" not in vars(window)  # nothing was made that nobody wants


def test_view_adapters_shows_it_and_ctrl_4_leads_there(qtbot, window, settings):
    action(window, "Adapters tab").trigger()
    assert window.views.currentWidget() is window.adapters
    assert shown_in_sidebar(window)
    press(qtbot, window, Qt.Key.Key_1)
    assert window.ask.adapters.isVisible()
    press(qtbot, window, Qt.Key.Key_4)
    assert window.views.currentWidget() is window.adapters
    assert settings.load().window["adapters"] == "shown"


def test_it_is_remembered_and_can_be_left_again(make):
    window = make()
    window.want_adapters(True)
    window.remember()
    again = make()
    assert again.views.currentWidget() is again.adapters
    action(again, "Adapters tab").trigger()
    assert again.views.currentWidget() is again.ask
    assert not shown_in_sidebar(again)
    again.remember()
    last = make()
    assert last.views.currentWidget() is last.ask


def test_the_guide_is_in_the_help_menu(window):
    action(window, "Do I need an adapter?").trigger()
    assert window.adapters.advice.isVisible()


# --- drops ------------------------------------------------------------------------------------


def test_dropped_on_its_view_a_gguf_is_an_adapter(qtbot, wanted, adapters, library, tmp_path):
    file = tmp_path / "terse.gguf"
    file.write_bytes(b"GGUF")
    assert drop(wanted, [file]) == "Drop to add the adapter"
    qtbot.waitUntil(lambda: adapters.asked == [file])
    folder = tmp_path / "terse-lora"
    folder.mkdir()
    drop(wanted, [folder])
    qtbot.waitUntil(lambda: adapters.asked[-1] == folder)
    assert library.followed == []


def test_dropped_elsewhere_it_is_a_model_as_before(wanted, tmp_path):
    wanted.show_view("ask")
    file = tmp_path / "terse.gguf"
    file.write_bytes(b"GGUF")
    assert drop(wanted, [file]) == "Drop to add the model"
    assert wanted.views.currentWidget() is wanted.models


def test_examples_dropped_on_its_view_are_trained_on(qtbot, wanted, tmp_path):
    file = tmp_path / "examples.jsonl"
    file.write_text("{}")
    assert drop(wanted, [file]) == "Drop to train on these examples"
    qtbot.waitUntil(lambda: wanted.adapters.make.isVisible())


def test_esc_stops_a_comparison(qtbot, wanted, library):
    library.step.clear()
    wanted.adapters.show_part("compare")
    page = wanted.adapters.compare.one
    qtbot.waitUntil(lambda: bool(page.choosing.adapters))
    page.question.setText("When does the lease end?")
    page.compare()
    qtbot.waitUntil(lambda: page.running)
    press(qtbot, wanted, Qt.Key.Key_Escape, NONE)
    qtbot.waitUntil(lambda: not page.running)
    assert page._state.text().startswith("Stopped.")


# --- in Ask -----------------------------------------------------------------------------------


def test_what_is_applied_is_asked_with_and_shown_beside_the_answer(qtbot, wanted, library):
    wanted.show_view("ask")
    wanted.applying.switch(SAMPLE.place, True)
    wanted.applying.set_scale(SAMPLE.place, 0.8)
    chip = wanted.ask.adapters
    assert chip.accessibleName() == "Adapter: Numbered findings ×0.8"
    wanted.ask.ask("When does the lease end?")
    applied = AppliedAdapter(SAMPLE.place, 0.8, "Numbered findings")
    qtbot.waitUntil(lambda: library.shaped == [(applied,)])
    turn = wanted.ask._transcript.turns[-1]
    qtbot.waitUntil(lambda: not turn.running)
    shaped = turn._written.foot._shaped
    assert shaped.isVisible()
    assert shaped.accessibleName() == "Written with Numbered findings ×0.8"
    assert ("Adapter", "Numbered findings ×0.8") in measures.details(turn.answer)
    qtbot.waitUntil(lambda: library.for_conversation == {9: (applied,)})
    shaped.click()
    assert wanted.views.currentWidget() is wanted.adapters


def test_asked_again_it_is_what_is_applied_now(qtbot, wanted, library):
    wanted.show_view("ask")
    wanted.ask.ask("When does the lease end?")
    qtbot.waitUntil(lambda: library.shaped == [()])
    turn = wanted.ask._transcript.turns[-1]
    qtbot.waitUntil(lambda: not turn.running)
    assert not turn._written.foot._shaped.isVisible()
    wanted.applying.switch(SAMPLE.place, True)
    turn._ask_again()
    qtbot.waitUntil(lambda: len(library.shaped) == 2)
    assert [one.name for one in library.shaped[1]] == ["Numbered findings"]


def test_the_chip_switches_them_and_opens_the_view(window):
    window.applying.switch(SAMPLE.place, True)
    chip = window.ask.adapters
    assert chip.isVisible()  # one is applied, though the view is not wanted
    house = next(e for e in window.applying.entries if e.name == "House style")
    chip._fill()
    actions = {a.text(): a for a in chip._choices.actions()}
    assert actions["Numbered findings   ×1"].isChecked()
    assert not actions["Legal drafting"].isEnabled()
    assert "24 layers of width 896" in actions["Legal drafting"].toolTip()
    actions["House style"].trigger()
    assert window.applying.scale(house.place) == 1.0
    assert chip.accessibleName() == "Adapter: 2 adapters"
    actions["Adapters…"].trigger()
    assert window.views.currentWidget() is window.adapters


def test_without_a_model_there_is_no_chip_and_nothing_is_applied(qtbot, wanted, library):
    library.model = lambda: None
    wanted.show_view("ask")
    wanted.applying.switch(SAMPLE.place, True)
    wanted.ask.refresh()
    qtbot.waitUntil(lambda: not wanted.ask.adapters.isVisible())
    wanted.ask.ask("When does the lease end?")
    qtbot.waitUntil(lambda: library.shaped == [()])


def test_another_model_switches_off_what_does_not_fit_it(qtbot, wanted, adapters):
    wanted.applying.switch(SAMPLE.place, True)
    why = ("It was made for SmolLM2-135M-Instruct, which has 30 layers.",)
    adapters.list = [replace(SAMPLE, match=AdapterMatch("Qwen3-4B", why)), QWEN]
    wanted.models.generator_chosen.emit()
    qtbot.waitUntil(lambda: wanted.applying.applied == ())
    assert said(wanted.notices) == [f"“Numbered findings” was switched off. {why[0]}"]


def test_another_conversation_has_its_own(qtbot, wanted, library):
    library.for_conversation[3] = (AppliedAdapter(SAMPLE.place, 0.5, "Numbered findings"),)
    library.talks = [Conversation(3, "Older", 0, 1)]
    wanted._open_conversation(3)
    chip = wanted.ask.adapters
    qtbot.waitUntil(lambda: chip.accessibleName() == "Adapter: Numbered findings ×0.5")
    wanted.new_conversation()
    assert chip.accessibleName() == "Adapter: No adapter"


def test_a_comparison_and_a_table_are_saved_where_the_person_says(qtbot, wanted, library, tmp_path):
    from PySide6.QtWidgets import QFileDialog

    comparison = library.compare("When?", (), cancel=type("T", (), {"cancelled": False}))
    wanted.taking_away.export_comparison(comparison, "html")
    dialog = wanted.findChild(QFileDialog)
    assert dialog.defaultSuffix() == "html"
    file = tmp_path / "When.html"
    dialog.fileSelected.emit(str(file))
    qtbot.waitUntil(lambda: library.taken is not None)
    assert library.taken[:2] == (comparison, file)
    dialog.close()
    qtbot.waitUntil(lambda: "Saved as “When.html”." in said(wanted.notices))


def test_nothing_is_cut_off_in_a_small_window(qtbot, wanted):
    wanted.resize(1024, 640)
    for part in ("list", "compare", "make", "advice"):
        wanted.adapters.show_part(part)
        qtbot.wait(20)
        assert wanted.width() == 1024
        assert wanted.adapters.parts.geometry().right() <= wanted.adapters.width()
        for tool in wanted.adapters.findChildren(QToolButton):
            if tool.isVisible():
                right = tool.mapTo(wanted.adapters, tool.rect().topRight()).x()
                assert right <= wanted.adapters.width()
