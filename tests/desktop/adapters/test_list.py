"""The list of adapters: what is said of each, switching, strength, adding and removing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hands import act, button, names, row, said
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QFont, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QInputDialog,
    QLabel,
    QMessageBox,
    QPushButton,
)
from scripted import SAMPLE, adapter

from desktop.adapters.row import AdapterRow
from desktop.adapters.view import ADVICE
from engine.errors import ModelError

LEFT = Qt.MouseButton.LeftButton


def words(widget):
    return " ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


# --- what is said -----------------------------------------------------------------------------


def test_each_says_whether_it_fits_and_why_not(view):
    assert names(view) == ["Numbered findings", "House style", "Legal drafting", "Clinical letters"]
    assert "Comes with Carrel" in words(row(view, "Numbered findings"))
    assert "Fits" in words(row(view, "House style"))
    assert "24 layers of width 896" in words(row(view, "Legal drafting"))
    gone = row(view, "Clinical letters")
    assert "Its file is not there" in words(gone)
    assert button(gone, "Locate Clinical letters").isVisible()


def test_a_row_is_a_check_box_to_assistive_programs(view):
    told = QAccessible.queryAccessibleInterface(row(view, "House style"))
    assert told.role() is QAccessible.Role.CheckBox
    assert not told.state().checked
    assert "rank 8" in told.text(QAccessible.Text.Description)


def test_the_details_hold_the_facts_and_they_can_be_copied(view):
    row(view, "House style").setFocus()
    button(view.listing.details, "Copy facts").click()
    copied = QApplication.clipboard().text()
    assert "Made for: HuggingFaceTB/SmolLM2-135M-Instruct" in copied
    assert "Layers: 30 layers of width 576" in copied
    assert "attention (query)" in copied
    assert "SHA-256: abab" in copied


def test_a_converted_one_says_so(qtbot, view, adapters, applying):
    adapters.list[1] = replace(adapters.list[1], origin="/downloads/house", copied=True)
    applying.refresh()
    row(view, "House style").setFocus()
    qtbot.waitUntil(lambda: "PEFT, converted by Carrel" in words(view.listing.details))
    assert "Carrel’s own copy" in words(view.listing.details)


def test_names_are_never_markup(qtbot, view, adapters, applying):
    hostile = '<b>bold</b> & <img src="http://example.org/x.png">'
    adapters.list[1] = replace(adapters.list[1], name=hostile)
    applying.refresh()
    qtbot.waitUntil(lambda: names(view)[1] == hostile)
    view.listing.rows[1].setFocus()
    for label in view.findChildren(QLabel):
        if hostile in label.text():
            assert label.textFormat() is Qt.TextFormat.PlainText


def test_a_list_that_cannot_be_read_says_so_and_comes_back(qtbot, view, adapters, applying):
    adapters.unreadable = ModelError("The settings file is locked by another program.")
    applying.refresh()
    qtbot.waitUntil(view.listing._trouble.isVisible)
    assert "locked by another program" in view.listing._trouble.text()
    adapters.unreadable = None
    applying.refresh()
    qtbot.waitUntil(lambda: not view.listing._trouble.isVisible())


# --- none yet ---------------------------------------------------------------------------------


def test_whoever_has_none_is_told_what_one_is_and_offered_the_sample(
    qtbot, view, adapters, applying
):
    assert not view.listing.introduction.isVisible()
    adapters.list = [SAMPLE]
    applying.refresh()
    qtbot.waitUntil(view.listing.introduction.isVisible)
    assert "Add facts that can be relied on" in words(view.listing.introduction)
    assert names(view) == ["Numbered findings"]
    button(view.listing.introduction, "Do I need one?").click()
    assert view.part == ADVICE


# --- switching --------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return])
def test_a_key_switches_it_on_and_off(qtbot, view, applying, key):
    one = row(view, "House style")
    one.setFocus()
    qtbot.keyClick(one, key)
    assert one.isChecked()
    assert one.strength.isVisible()
    assert [a.path for a in applying.applied] == [one.entry.place]
    qtbot.keyClick(one, key)
    assert not one.isChecked()
    assert applying.applied == ()


def test_its_switch_and_a_double_click_switch_it(qtbot, view):
    one = row(view, "House style")
    qtbot.mouseClick(one, LEFT, pos=QPoint(one.width() // 2, 8))
    assert not one.isChecked()
    qtbot.mouseClick(one, LEFT, pos=one.mark().center().toPoint())
    assert one.isChecked()
    qtbot.mouseDClick(one, LEFT, pos=QPoint(one.width() // 2, 8))
    assert not one.isChecked()


def test_one_that_does_not_fit_cannot_be_switched_on(qtbot, view, applying):
    for name in ("Legal drafting", "Clinical letters"):
        one = row(view, name)
        one.setFocus()
        qtbot.keyClick(one, Qt.Key.Key_Space)
        assert not one.isChecked()
    assert applying.applied == ()


def test_several_are_applied_together(view, applying):
    applying.switch(row(view, "House style").entry.place, True)
    applying.switch(row(view, "Numbered findings").entry.place, True)
    assert [one.isChecked() for one in view.listing.rows] == [True, True, False, False]
    assert [a.name for a in applying.applied] == ["House style", "Numbered findings"]


def test_the_arrow_keys_go_from_row_to_row(qtbot, view):
    view.listing.rows[0].setFocus()
    qtbot.keyClick(view.listing.rows[0], Qt.Key.Key_Down)
    assert view.listing.rows[1].hasFocus()
    qtbot.keyClick(view.listing.rows[1], Qt.Key.Key_End)
    assert view.listing.rows[3].hasFocus()
    assert view.listing.current.name == "Clinical letters"


# --- strength ---------------------------------------------------------------------------------


@pytest.fixture
def slider(view, applying):
    one = row(view, "House style")
    applying.switch(one.entry.place, True)
    one.strength.slider.setFocus()
    return one.strength.slider


def scale(applying):
    return applying.applied[0].scale


def test_the_slider_has_keys(qtbot, slider, applying):
    assert slider.accessibleName() == "Strength of House style"
    qtbot.keyClick(slider, Qt.Key.Key_Left)
    assert scale(applying) == 0.95
    qtbot.keyClick(slider, Qt.Key.Key_PageUp)
    assert scale(applying) == 1.2
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert scale(applying) == 2.0
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert scale(applying) == 0.0
    assert row_words(slider) == "×0.00"
    qtbot.keyClicks(slider, "r")
    assert scale(applying) == 1.0


def row_words(slider):
    return slider.parentWidget()._figure.text()


def test_a_double_click_sets_it_as_trained(qtbot, slider, applying):
    qtbot.mouseClick(slider, LEFT, pos=QPoint(slider.width() // 4, slider.height() // 2))
    assert scale(applying) == pytest.approx(0.5, abs=0.1)
    qtbot.mouseDClick(slider, LEFT, pos=QPoint(slider.width() // 4, slider.height() // 2))
    assert scale(applying) == 1.0


def test_dragging_near_one_stays_at_one(qtbot, slider, applying):
    left, width = slider._track()
    qtbot.mousePress(slider, LEFT, pos=QPoint(round(left), 8))
    qtbot.mouseMove(slider, QPoint(round(left + width * 0.51), 8))
    qtbot.mouseRelease(slider, LEFT, pos=QPoint(round(left + width * 0.51), 8))
    assert scale(applying) == 1.0


def test_the_wheel_scrolls_and_changes_nothing(slider, applying):
    none = Qt.MouseButton.NoButton
    wheel = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, 120), none,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(slider, wheel)
    assert scale(applying) == 1.0


# --- adding -----------------------------------------------------------------------------------


def test_one_that_is_added_is_selected_and_offered(qtbot, view, notices, applying, tmp_path):
    view.take([tmp_path / "terse.gguf"])
    qtbot.waitUntil(lambda: "terse" in names(view))
    qtbot.waitUntil(lambda: view.listing.current.name == "terse")
    assert said(notices) == ["“terse” was added."]
    act(notices, "Switch it on")
    assert [a.path for a in applying.applied] == [str(tmp_path / "terse.gguf")]


def test_a_peft_folder_is_known_by_a_file_of_it_and_converted(qtbot, view, notices, adapters):
    folder = Path("/downloads/terse-lora")
    view.take([folder / "adapter_config.json", folder / "adapter_model.safetensors"])
    qtbot.waitUntil(lambda: "terse-lora" in names(view))
    assert adapters.asked == [folder]
    assert said(notices) == ["“terse-lora” was converted from PEFT and added."]


def test_adding_tells_what_it_does_and_can_be_cancelled(qtbot, view, adapters):
    adapters.go.clear()
    view.take([Path("/downloads/terse.zip")])
    pending = view.listing.adding.pending()[0]
    qtbot.waitUntil(lambda: "converting it from PEFT" in pending.text())
    button(pending, "Cancel").click()
    qtbot.waitUntil(lambda: not view.listing.adding.pending())
    assert adapters.cancelled == 1
    assert "terse" not in names(view)


def test_a_refusal_is_a_sentence_that_stays_until_dismissed(qtbot, view, adapters):
    adapters.broken = ModelError("“x.zip” holds pickled weights, which could run code.")
    view.take([Path("/downloads/x.zip")])
    qtbot.waitUntil(lambda: view.listing.adding.pending()[0].failed)
    assert "pickled weights" in view.listing.adding.pending()[0].text()
    button(view.listing, "Dismiss").click()
    assert not view.listing.adding.pending()


# --- renaming, locating, removing -------------------------------------------------------------


def test_f2_renames(qtbot, view):
    one = row(view, "House style")
    one.setFocus()
    qtbot.keyClick(one, Qt.Key.Key_F2)
    dialog = view.findChild(QInputDialog)
    dialog.setTextValue("Our style")
    dialog.accept()
    qtbot.waitUntil(lambda: "Our style" in names(view))


def test_removing_leaves_the_file_and_can_be_undone(qtbot, view, notices, applying):
    one = row(view, "House style")
    place = one.entry.place
    applying.switch(place, True)
    applying.set_scale(place, 0.6)
    one.setFocus()
    qtbot.keyClick(one, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: "House style" not in names(view))
    assert applying.applied == ()
    qtbot.waitUntil(lambda: "Its file stays where it is." in said(notices)[-1])
    act(notices, "Undo")
    qtbot.waitUntil(lambda: "House style" in names(view))
    qtbot.waitUntil(lambda: applying.scale(place) == 0.6)


def test_carrels_own_copy_is_deleted_only_once_confirmed(qtbot, view, adapters, applying, notices):
    adapters.list[1] = replace(adapters.list[1], copied=True, origin="/downloads/house")
    applying.refresh()
    one = row(view, "House style")
    qtbot.waitUntil(lambda: one.entry.copied)
    one.setFocus()
    qtbot.keyClick(one, Qt.Key.Key_Delete)
    box = view.findChild(QMessageBox)
    assert "What it was converted from stays" in box.informativeText()
    box.reject()
    assert "House style" in names(view)
    view.listing.acting.remove(one.entry)
    box = next(b for b in view.findChildren(QMessageBox) if b.isVisible())
    next(b for b in box.buttons() if "Delete" in b.text()).click()
    qtbot.waitUntil(lambda: "House style" not in names(view))
    assert said(notices)[-1] == "“House style” was deleted."


def test_the_one_that_ships_cannot_be_removed_or_renamed(qtbot, view):
    one = row(view, "Numbered findings")
    one.setFocus()
    qtbot.keyClick(one, Qt.Key.Key_Delete)
    qtbot.keyClick(one, Qt.Key.Key_F2)
    assert "Numbered findings" in names(view)
    assert not view.findChildren(QInputDialog)
    assert not [b for b in view.listing.details.findChildren(QPushButton)
                if b.text() == "Remove…" and b.isVisible()]  # fmt: skip


def test_one_that_went_is_found_again(qtbot, view, adapters):
    gone = row(view, "Clinical letters").entry
    view.listing.acting._moved(gone, Path("/elsewhere/clinical.gguf"))
    qtbot.waitUntil(lambda: [e.place for e in adapters.list if e.name == "Clinical letters"]
                    == ["/elsewhere/clinical.gguf"])  # fmt: skip
    qtbot.waitUntil(lambda: not row(view, "Clinical letters").entry.problem)


# --- room and reach ---------------------------------------------------------------------------


def test_every_control_has_a_name(view, applying):
    applying.switch(row(view, "House style").entry.place, True)
    for part in ("list", "compare", "make", "advice"):
        view.show_part(part)
        for control in view.findChildren(QAbstractButton):
            if control.isVisible():
                assert control.text() or control.accessibleName(), control


@pytest.mark.parametrize(("width", "points"), [(820, 9), (700, 16)])
def test_nothing_is_cut_off_where_there_is_little_room(qtbot, view, applying, width, points):
    font = QFont(QApplication.font())
    before = QFont(font)
    font.setPointSize(points)
    QApplication.setFont(font)
    try:
        view.resize(width, 560)
        applying.switch(row(view, "House style").entry.place, True)
        qtbot.wait(30)
        for one in view.findChildren(AdapterRow):
            assert one.width() <= view.listing._halves.area.viewport().width()
            assert one.strength.slider.width() >= 60 or not one.strength.isVisible()
        assert view.parts.geometry().right() <= view._add.geometry().left()
    finally:
        QApplication.setFont(before)


def test_the_tab_key_goes_from_the_row_to_its_strength(qtbot, view, applying):
    one = row(view, "House style")
    applying.switch(one.entry.place, True)
    one.setFocus()
    qtbot.keyClick(one, Qt.Key.Key_Tab)
    assert one.strength.slider.hasFocus()


def test_adapter_without_facts_is_listed_all_the_same(qtbot, view, adapters, applying):
    from scripted import facts

    bare = facts(name="", base="", architecture="", layers=0, width=0, ranks=(), alpha=0.0,
                 targets=(), pairs=0, parameters=0, size=0, licence="")  # fmt: skip
    adapters.list.append(adapter("Bare", facts=bare, digest=""))
    applying.refresh()
    qtbot.waitUntil(lambda: "Bare" in names(view))
    row(view, "Bare").setFocus()
    assert "Not stated" in words(view.listing.details)
