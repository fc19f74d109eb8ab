"""The models view: what is listed, chosen, measured, added and removed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QFont, QFontMetrics
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QPushButton
from scripted_catalogue import SPEED, embedder, facts, generator

from desktop.models.add_dialog import AddDialog
from desktop.models.adding import look
from desktop.models.menu import row_menu
from desktop.models.offers import embedders
from desktop.models.view import ModelsView
from engine.errors import CarrelError, ModelError
from engine.models.entries import Fit, ModelKind
from engine.records import EmbedderState, IndexProgress, Stage


def row(view, name):
    return next(row for row in view.rows() if row.offer.name == name)


def names(view, kind):
    return [row.offer.name for row in view.sections[kind].rows]


def chosen(view):
    return {row.offer.name for row in view.rows() if row.isChecked()}


def visible(widget, words):
    return [
        button
        for button in widget.findChildren(QPushButton)
        if button.text() == words and button.isVisible()
    ]


def said(notices):
    return [notice.text for notice in notices.shown()]


# --- what is listed ---------------------------------------------------------------------------


def test_three_lists_each_with_what_is_in_use(view):
    assert names(view, ModelKind.GENERATOR) == ["Starter", "Larger", "Quotes only, no model"]
    assert names(view, ModelKind.EMBEDDER) == ["MiniLM", "Granite"]
    assert names(view, ModelKind.RERANKER) == ["None", "Cross"]
    assert chosen(view) == {"Starter", "MiniLM", "None"}
    assert row(view, "Starter").accessibleName() == "Starter, in use"
    assert "98 MB" in row(view, "Starter").accessibleDescription()


def test_until_something_is_listed_there_are_no_details(qtbot, bridge, models, notices):
    view = ModelsView(bridge, models, notices)
    qtbot.addWidget(view)
    view.show()
    assert not view.details.isVisible()
    qtbot.waitUntil(lambda: bool(view.rows()))
    qtbot.waitUntil(view.details.isVisible)


def test_without_a_model_the_view_says_what_to_do(qtbot, view, models):
    models.models = [model for model in models.models if model.kind != "generator"]
    view.refresh()
    qtbot.waitUntil(lambda: names(view, ModelKind.GENERATOR) == ["Quotes only, no model"])
    assert "Add a GGUF model" in view._hint.text()
    assert row(view, "Quotes only, no model").isChecked()


def test_a_list_that_cannot_be_read_says_so_and_comes_back(qtbot, view, models):
    models.unreadable = CarrelError("The settings file is locked by another program.")
    view.refresh()
    qtbot.waitUntil(view._trouble.isVisible)
    assert "locked by another program" in view._trouble.text()
    models.unreadable = None
    view.refresh()
    qtbot.waitUntil(lambda: not view._trouble.isVisible())


def test_whoever_has_the_starter_only_is_told_of_better_ones(qtbot, view, models):
    assert not view._hint.isVisible()
    models.models = [model for model in models.models if model.name != "Larger"]
    view.refresh()
    qtbot.waitUntil(lambda: "Which model should I get?" in view._hint.text())
    assert view._hint.isVisible()


def test_a_row_is_a_radio_button_to_assistive_programs(view):
    told = QAccessible.queryAccessibleInterface(row(view, "Starter"))
    assert told.role() is QAccessible.Role.RadioButton
    assert told.state().checked
    assert told.text(QAccessible.Text.Name) == "Starter, in use"
    assert "98 MB" in told.text(QAccessible.Text.Description)


@pytest.mark.parametrize("fit", list(Fit))
def test_a_fit_has_its_numbers_in_the_tool_tip(qtbot, view, models, fit):
    models.models[1] = generator("Larger", fit=fit, facts=facts(memory=5_100_000_000))
    view.refresh()
    fitted = row(view, "Larger")
    qtbot.waitUntil(lambda: fitted.offer.fit is fit and "5.1 GB" in fitted._fit.toolTip())
    assert fitted._fit.isVisible()


def test_a_library_that_learns_says_how_far_and_what_serves():
    entries = [embedder("MiniLM", place="", shipped=True), embedder("Granite")]
    old, new = embedders(
        entries,
        [
            EmbedderState("", True, False, 54_814),
            EmbedderState("/models/Granite", False, True, 12_400),
        ],
        54_814,
    )
    assert not old.chosen
    assert old.lit
    assert new.chosen
    assert "12,400 of 54,814 passages" in new.note
    assert "“MiniLM” goes on serving" in new.note
    assert new.share == 226


def test_the_progress_of_learning_is_followed(qtbot, view, library, bridge, entry, states):
    library.entries = [entry(1, passages=100, embedded=100)]
    library.pause.clear()
    bridge.start_indexing()
    states[0] = EmbedderState("", True, False, 100)
    states[1] = EmbedderState("/models/Granite", False, True, 40)
    bridge.progressed.emit(IndexProgress(Stage.EMBEDDING))
    view._renewing.setInterval(20)
    qtbot.waitUntil(lambda: "40 of 100" in row(view, "Granite").offer.note)
    states[1] = EmbedderState("/models/Granite", False, True, 80)
    qtbot.waitUntil(lambda: "80 of 100" in row(view, "Granite").offer.note)
    assert row(view, "Granite")._bar.isVisible()
    library.pause.set()


# --- choosing ---------------------------------------------------------------------------------


def test_enter_chooses_and_the_library_hears_of_it(qtbot, view, models, library):
    larger = row(view, "Larger")
    larger.setFocus()
    with qtbot.waitSignal(view.generator_chosen):
        qtbot.keyClick(larger, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: chosen(view) == {"Larger", "MiniLM", "None"})
    assert library.calls[-1] == "use_model"
    assert larger.hasFocus()


def test_a_click_selects_and_its_mark_chooses(qtbot, view):
    larger = row(view, "Larger")
    left = Qt.MouseButton.LeftButton
    qtbot.mouseClick(larger, left, pos=QPoint(larger.width() // 2, larger.height() // 2))
    assert view.current == larger.offer
    assert not larger.isChecked()
    qtbot.mouseClick(larger, left, pos=larger.mark().center().toPoint())
    qtbot.waitUntil(larger.isChecked)


def test_a_double_click_chooses(qtbot, view):
    larger = row(view, "Larger")
    at = QPoint(larger.width() // 2, larger.height() // 2)
    qtbot.mouseDClick(larger, Qt.MouseButton.LeftButton, pos=at)
    qtbot.waitUntil(larger.isChecked)


def test_quotes_only_is_a_choice(qtbot, view, models):
    row(view, "Quotes only, no model").setFocus()
    qtbot.keyClick(view.focusWidget(), Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: row(view, "Quotes only, no model").isChecked())
    assert not any(model.chosen for model in models.models)


def test_a_reranker_is_told_to_the_library(qtbot, view, library):
    told = []
    library.use_reranker = told.append
    view.acting.choose(row(view, "Cross").offer)
    qtbot.waitUntil(lambda: "Cross" in chosen(view))
    view.acting.choose(row(view, "None").offer)
    qtbot.waitUntil(lambda: "None" in chosen(view))
    assert told == ["/models/Cross", ""]


def test_an_embedder_begins_to_learn_the_library(qtbot, view, library):
    told = []
    library.use_embedder = told.append
    view.acting.choose(row(view, "Granite").offer)
    qtbot.waitUntil(lambda: "index" in library.calls)
    view.acting.choose(replace(row(view, "MiniLM").offer, chosen=False))
    qtbot.waitUntil(lambda: len(told) == 2)
    assert told == [Path("/models/Granite"), None]


def test_what_cannot_be_used_cannot_be_chosen(qtbot, view, models):
    models.models[1] = generator("Larger", problem="Its file is not there.")
    view.refresh()
    larger = row(view, "Larger")
    qtbot.waitUntil(lambda: bool(larger.offer.problem))
    larger.setFocus()
    qtbot.keyClick(larger, Qt.Key.Key_Return)
    qtbot.wait(30)
    assert chosen(view) == {"Starter", "MiniLM", "None"}
    assert "Its file is not there." in larger.accessibleDescription()


def test_a_chosen_model_that_has_gone_is_not_called_in_use(qtbot, view, models):
    models.models[0] = generator("Starter", chosen=True, problem="Its file is not there.")
    view.refresh()
    starter = row(view, "Starter")
    qtbot.waitUntil(lambda: starter._tag.text() == "Chosen")
    assert starter.isChecked()


def test_a_refused_choice_says_why_and_changes_nothing(qtbot, view, models, notices):
    models.refused = ModelError("Larger cannot be used: it is damaged.")
    view.acting.choose(row(view, "Larger").offer)
    qtbot.waitUntil(lambda: said(notices) == ["Larger cannot be used: it is damaged."])
    assert chosen(view) == {"Starter", "MiniLM", "None"}


# --- keys and focus ---------------------------------------------------------------------------


def test_arrows_go_through_all_lists_and_choose_nothing(qtbot, view):
    rows = view.rows()
    rows[0].setFocus()
    for expected in rows[1:]:
        qtbot.keyClick(view.focusWidget(), Qt.Key.Key_Down)
        assert expected.hasFocus()
        assert view.current == expected.offer
    qtbot.keyClick(view.focusWidget(), Qt.Key.Key_Home)
    assert rows[0].hasFocus()
    assert chosen(view) == {"Starter", "MiniLM", "None"}


def test_tab_stops_at_one_row_only(qtbot, view):
    stops = [row for row in view.rows() if row.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert stops == [row(view, "Starter")]
    row(view, "Larger").setFocus()
    stops = [row for row in view.rows() if row.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert stops == [row(view, "Larger")]


def test_tab_goes_from_top_to_bottom(qtbot, view, models, tmp_path):
    view.adding.bring(tmp_path / "x.gguf", "x.gguf", copy=False)
    row(view, "Larger").setFocus()
    view._add.setFocus()
    seen = []
    for _ in range(8):
        seen.append(view.focusWidget())
        qtbot.keyClick(view.focusWidget(), Qt.Key.Key_Tab)
    larger = row(view, "Larger")
    buttons = visible(view.details, "Use for answers")
    assert seen[0] is view._add
    assert seen[1] is view._help
    assert seen[2].accessibleName() == "Cancel adding x.gguf"
    assert seen[3] is larger
    assert seen[4] is visible(larger, "Measure speed")[0]
    assert view.details.isAncestorOf(seen[5])
    assert buttons[0] in seen[5:]


def test_the_next_row_takes_the_place_of_a_removed_one(qtbot, view, models):
    row(view, "Larger").setFocus()
    models.remove("/models/Larger.gguf")
    view.refresh()
    qtbot.waitUntil(lambda: "Larger" not in names(view, ModelKind.GENERATOR))
    assert view.current.name == "Quotes only, no model"


def test_everything_that_takes_the_focus_has_a_name(view, models):
    for button in view.findChildren(QPushButton):
        assert button.accessibleName() or button.text()
    for shown in view.rows():
        assert shown.accessibleName()


def test_focus_waits_for_the_list(qtbot, bridge, models, notices, states):
    view = ModelsView(bridge, models, notices)
    qtbot.addWidget(view)
    view.show()
    view.activateWindow()
    view.focus()
    qtbot.waitUntil(lambda: bool(view.rows()) and view.focusWidget() is row(view, "Starter"))


# --- measuring --------------------------------------------------------------------------------


def test_measuring_goes_on_aside_and_ends_with_numbers(qtbot, view, models):
    larger = row(view, "Larger")
    larger.setFocus()
    assert visible(larger, "Measure speed")
    visible(larger, "Measure speed")[0].click()
    qtbot.waitUntil(lambda: larger._pace.text() == "Measuring…")
    assert visible(larger, "Cancel")
    assert not view.details._measure.isEnabled()
    models.go.set()
    qtbot.waitUntil(lambda: larger._pace.text() == "reads 420, writes 60 words/s")
    assert ("Reads", "560 tokens/s") in view.details.facts()
    assert view.details._measure.isEnabled()


def test_measuring_can_be_cancelled(qtbot, view, models):
    larger = row(view, "Larger")
    view.acting.measurements.start(larger.offer)
    qtbot.waitUntil(models.began.is_set)
    visible(larger, "Cancel")[0].click()
    qtbot.waitUntil(lambda: bool(visible(larger, "Measure speed")))
    qtbot.waitUntil(lambda: models.cancelled == 1)
    assert larger.offer.entry.speed is None


def test_two_measurements_do_not_disturb_each_other(qtbot, view, models):
    for name in ("Starter", "Larger"):
        view.acting.measurements.start(row(view, name).offer)
    qtbot.waitUntil(lambda: row(view, "Starter")._pace.text() == "Measuring…")
    assert row(view, "Larger")._pace.text() == "Waiting…"
    models.go.set()
    qtbot.waitUntil(lambda: row(view, "Larger").offer.entry.speed == SPEED)


def test_who_waits_for_a_turn_is_let_go_at_once(qtbot, view, models, tmp_path):
    view.acting.measurements.start(row(view, "Starter").offer)
    qtbot.waitUntil(models.began.is_set)
    view.acting.measurements.start(row(view, "Larger").offer)
    view.adding.bring(tmp_path / "x.gguf", "x.gguf", copy=False)
    view.acting.measurements.stop("/models/Larger.gguf")
    qtbot.waitUntil(lambda: bool(visible(row(view, "Larger"), "Measure speed")))
    press(view.adding.pending()[0], "Cancel")
    assert view.adding.pending() == []
    models.go.set()
    qtbot.waitUntil(lambda: row(view, "Starter").offer.entry.speed == SPEED)
    qtbot.wait(50)
    assert models.added == []
    assert row(view, "Larger").offer.entry.speed is None


def test_a_measurement_that_fails_says_so_in_its_row(qtbot, view, models, refusal):
    models.broken = refusal
    models.go.set()
    larger = row(view, "Larger")
    view.acting.measurements.start(larger.offer)
    qtbot.waitUntil(lambda: larger._note.text() == str(refusal))
    assert visible(larger, "Measure speed")


def test_a_sum_is_computed_when_asked_for(qtbot, view, models):
    row(view, "Larger").setFocus()
    qtbot.waitUntil(lambda: bool(visible(view.details, "Compute")))
    visible(view.details, "Compute")[0].click()
    qtbot.waitUntil(lambda: bool(visible(view.details, "Computing…")))
    models.go.set()
    qtbot.waitUntil(lambda: bool(visible(view.details, "Copy")))
    visible(view.details, "Copy")[0].click()
    assert QApplication.clipboard().text() == "ab" * 32


# --- adding -----------------------------------------------------------------------------------


@pytest.fixture
def gguf(tmp_path):
    file = tmp_path / "new model.gguf"
    file.write_bytes(b"GGUF" + bytes(2_000_000))
    return file


def asked(qtbot, view):
    qtbot.waitUntil(lambda: any(d.isVisible() for d in view.findChildren(AddDialog)))
    return next(d for d in view.findChildren(AddDialog) if d.isVisible())


def press(dialog, words):
    next(b for b in dialog.findChildren(QPushButton) if b.text() == words).click()


@pytest.mark.parametrize("copy", [False, True])
def test_a_dropped_model_is_added_where_the_person_says(qtbot, view, models, gguf, notices, copy):
    models.steps = [(1_000_000, 2_000_004)]
    view.take([gguf])
    dialog = asked(qtbot, view)
    if copy:
        dialog.copied.click()
    press(dialog, "Add")
    qtbot.waitUntil(lambda: bool(view.adding.pending()))
    qtbot.waitUntil(lambda: view.adding.pending()[0].text() == "Copying: 1 MB of 2 MB")
    models.go.set()
    qtbot.waitUntil(lambda: "new model" in names(view, ModelKind.GENERATOR))
    assert models.added == [(gguf, copy)]
    assert view.adding.pending() == []
    qtbot.waitUntil(lambda: view.window().focusWidget() is row(view, "new model"))
    assert said(notices) == ["“new model” was added."]
    press(notices.shown()[0], "Use it for answers")
    qtbot.waitUntil(lambda: "new model" in chosen(view))


def test_adding_can_be_cancelled_and_leaves_nothing(qtbot, view, models, gguf, notices):
    view.adding.bring(gguf, gguf.name, copy=True)
    qtbot.waitUntil(models.began.is_set)
    press(view.adding.pending()[0], "Cancel")
    qtbot.waitUntil(lambda: view.adding.pending() == [])
    assert names(view, ModelKind.GENERATOR) == ["Starter", "Larger", "Quotes only, no model"]
    assert said(notices) == []


def test_files_are_looked_for_from_the_add_button(qtbot, view, models, gguf):
    view.adding.choose_file()
    dialog = next(d for d in view.findChildren(QFileDialog) if d.isVisible())
    assert dialog.fileMode() is QFileDialog.FileMode.ExistingFiles
    dialog.filesSelected.emit([str(gguf)])
    dialog.close()
    press(asked(qtbot, view), "Cancel")
    assert models.added == []


def test_a_model_that_is_refused_says_why_in_place(qtbot, view, models, gguf, refusal):
    view.resize(700, 420)
    qtbot.waitUntil(lambda: view._halves.area.verticalScrollBar().maximum() > 0)
    view._halves.area.verticalScrollBar().setValue(view._halves.area.verticalScrollBar().maximum())
    models.broken = refusal
    models.go.set()
    view.adding.bring(gguf, gguf.name, copy=False)
    pending = view.adding.pending()[0]
    qtbot.waitUntil(lambda: pending.failed)
    assert pending.text() == str(refusal)
    assert view._halves.area.verticalScrollBar().value() == 0
    assert str(refusal) in pending.accessibleName()
    press(pending, "Dismiss")
    assert view.adding.pending() == []


def test_what_is_no_model_is_told_without_asking(qtbot, view, tmp_path, models):
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Ada")
    papers = tmp_path / "papers"
    papers.mkdir()
    view.take([letter, papers])
    qtbot.waitUntil(lambda: len(view.adding.pending()) == 2)
    assert all(pending.failed for pending in view.adding.pending())
    assert "drop them onto Documents" in view.adding.pending()[1].text()
    assert not view.findChildren(AddDialog)
    assert models.added == []


def test_a_copy_without_room_is_not_offered(qtbot, tmp_path):
    dialog = AddDialog([("big.gguf", 5_000_000_000)], tmp_path, tmp_path / "m", 1_000_000_000)
    qtbot.addWidget(dialog)
    assert not dialog.copied.isEnabled()
    assert "Not enough space" in dialog.copied.accessibleDescription()
    assert dialog.in_place.isChecked()


def test_parts_of_a_split_model_are_one(tmp_path):
    for n in (1, 2):
        (tmp_path / f"big-0000{n}-of-00002.gguf").write_bytes(b"GGUF" + bytes(10))
    found = look([tmp_path / "big-00002-of-00002.gguf", tmp_path / "big-00001-of-00002.gguf"])
    assert [candidate.path.name for candidate in found.candidates] == ["big-00001-of-00002.gguf"]
    assert found.candidates[0].size == 28
    (tmp_path / "big-00001-of-00002.gguf").unlink()
    alone = look([tmp_path / "big-00002-of-00002.gguf"]).candidates[0]
    assert "one of 2 parts" in alone.problem


def test_a_folder_brings_its_models_or_is_one(tmp_path):
    (tmp_path / "a.gguf").write_bytes(b"GGUF")
    (tmp_path / "b.GGUF").write_bytes(b"GGUF")
    (tmp_path / "readme.txt").write_text("x")
    assert [c.name for c in look([tmp_path]).candidates] == ["a.gguf", "b.GGUF"]
    folder = tmp_path / "embedder"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    assert [c.path for c in look([folder]).candidates] == [folder]


# --- files that have gone, and removing -------------------------------------------------------


def test_a_moved_file_is_located_and_stays_chosen(qtbot, view, models, gguf, library):
    models.models[0] = replace(models.models[0], chosen=False)
    models.models[1] = generator("Larger", chosen=True, problem="Its file is not there.")
    models.go.set()
    view.refresh()
    larger = row(view, "Larger")
    qtbot.waitUntil(lambda: bool(visible(larger, "Locate…")))
    visible(larger, "Locate…")[0].click()
    dialog = next(d for d in view.findChildren(QFileDialog) if d.isVisible())
    dialog.fileSelected.emit(str(gguf))
    dialog.close()
    qtbot.waitUntil(lambda: "new model" in chosen(view))
    assert "Larger" not in names(view, ModelKind.GENERATOR)
    assert library.calls[-1] == "use_model"


def test_a_changed_file_is_looked_at_again(qtbot, view, models, gguf):
    models.models[1] = generator("Larger", place=str(gguf), problem="Its file has changed.")
    models.go.set()
    view.refresh()
    qtbot.waitUntil(lambda: bool(visible(row(view, "Larger"), "Check again")))
    visible(row(view, "Larger"), "Check again")[0].click()
    qtbot.waitUntil(lambda: models.added == [(gguf, False)])


def test_what_ships_cannot_be_removed(qtbot, view, models):
    starter = row(view, "Starter")
    starter.setFocus()
    qtbot.keyClick(starter, Qt.Key.Key_Delete)
    qtbot.wait(30)
    assert "Starter" in names(view, ModelKind.GENERATOR)
    assert not view.details._remove.isVisible()
    menu = row_menu(starter, view.acting, view)
    assert not next(a for a in menu.actions() if a.text() == "Remove…").isEnabled()


def test_a_model_in_place_is_removed_with_a_way_back(qtbot, view, models, notices, gguf):
    models.models[1] = generator("Larger", place=str(gguf), chosen=True)
    models.models[0] = replace(models.models[0], chosen=False)
    models.go.set()
    view.refresh()
    qtbot.waitUntil(lambda: row(view, "Larger").isChecked())
    row(view, "Larger").setFocus()
    qtbot.keyClick(row(view, "Larger"), Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: "Larger" not in names(view, ModelKind.GENERATOR))
    assert "Its files stay where they are" in said(notices)[0]
    press(notices.shown()[0], "Undo")
    qtbot.waitUntil(lambda: "new model" in chosen(view))
    assert models.added == [(gguf, False)]


def test_a_copy_is_deleted_only_when_confirmed(qtbot, view, models, gguf):
    models.models[1] = generator("Larger", place=str(gguf), copied=True)
    view.refresh()
    qtbot.waitUntil(lambda: row(view, "Larger").offer.entry.copied)
    view._remove(row(view, "Larger"))
    box = view.findChild(QMessageBox)
    assert "98 MB" in box.informativeText()
    assert "deleted from this computer" in box.informativeText()
    assert box.defaultButton().text().replace("&", "") == "Cancel"
    assert "Larger" in names(view, ModelKind.GENERATOR)
    press(box, "Delete")
    qtbot.waitUntil(lambda: "Larger" not in names(view, ModelKind.GENERATOR))


def test_an_embedder_that_serves_is_kept(qtbot, view, states, notices, models):
    states[:] = [
        EmbedderState("", False, False, 0),
        EmbedderState("/models/Granite", True, True, 9),
    ]
    view.refresh()
    qtbot.waitUntil(lambda: row(view, "Granite").isChecked())
    view._remove(row(view, "Granite"))
    assert "Choose another one first" in said(notices)[0]
    assert "Granite" in names(view, ModelKind.EMBEDDER)


# --- looks ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "height"), [(1300, 800), (780, 560), (400, 380)])
def test_it_fits_its_room(qtbot, view, models, width, height):
    models.models[0] = replace(models.models[0], speed=SPEED)
    models.models.append(generator("A model of a long name", problem="Its file is not there."))
    view.refresh()
    qtbot.waitUntil(lambda: bool(row(view, "Starter")._pace.text()))
    row(view, "Larger").setFocus()
    view.resize(width, height)
    qtbot.wait(30)
    assert (view.width(), view.height()) == (width, height)
    assert view._halves.area.horizontalScrollBar().maximum() == 0
    assert view.details.height() <= height
    assert view._halves.area.height() > height // 4
    for shown in view.rows():
        assert shown.width() <= view._halves.area.viewport().width()


def test_rows_keep_their_place_while_the_list_is_renewed(qtbot, view, models):
    before = view.rows()
    row(view, "Larger").setFocus()
    models.models.append(generator("Another"))
    view.refresh()
    qtbot.waitUntil(lambda: "Another" in names(view, ModelKind.GENERATOR))
    assert set(before) <= set(view.rows())
    assert row(view, "Larger").hasFocus()


def test_a_larger_font_moves_everything_with_it(qtbot, qapp, view):
    font = qapp.font()
    before = row(view, "Larger").height()
    larger = QFont(font)
    larger.setPointSizeF(font.pointSizeF() * 2)
    try:
        qapp.setFont(larger)
        lines = QFontMetrics(larger).height() - QFontMetrics(font).height()
        qtbot.waitUntil(lambda: row(view, "Larger").height() >= before + 2 * lines)
        shown = row(view, "Larger")
        assert shown.mark().right() < shown._name.geometry().left()
        assert view._halves.area.horizontalScrollBar().maximum() == 0
    finally:
        qapp.setFont(font)
