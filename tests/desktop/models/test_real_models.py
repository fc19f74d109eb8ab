"""The models view over the real catalogue, child processes included."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox

from desktop.models.view import ModelsView
from engine.models.catalogue import STARTER_NAME
from engine.paths import starter_model

pytestmark = pytest.mark.model


@pytest.fixture
def view(qtbot, bridge, catalogue, states, notices):
    if not starter_model().is_file():
        pytest.skip("the starter model is not installed")
    view = ModelsView(bridge, catalogue, notices)
    qtbot.addWidget(view)
    view.resize(1000, 700)
    view.show()
    qtbot.waitUntil(lambda: bool(view.rows()))
    return view


def row(view, name):
    return next(row for row in view.rows() if row.offer.name == name)


def test_a_broken_model_is_a_sentence_and_not_in_the_list(qtbot, view, catalogue, tmp_path):
    whole = starter_model().read_bytes()
    cut, nonsense = tmp_path / "cut.gguf", tmp_path / "nonsense.gguf"
    cut.write_bytes(whole[: len(whole) // 2])
    nonsense.write_bytes(b"not a model at all" * 100)
    for file in (cut, nonsense):
        view.adding.bring(file, file.name, copy=True)
    qtbot.waitUntil(lambda: all(p.failed for p in view.adding.pending()), timeout=30_000)
    told = {pending.name: pending.text() for pending in view.adding.pending()}
    assert "incomplete" in told["cut.gguf"]
    assert "nonsense.gguf" in told["nonsense.gguf"]
    assert [e.name for e in catalogue.entries() if not e.shipped] == []
    assert not list(tmp_path.glob("models/*"))


def test_a_copy_comes_is_chosen_and_goes_with_its_file(qtbot, view, catalogue, tmp_path):
    source = tmp_path / "mine.gguf"
    source.write_bytes(starter_model().read_bytes())
    view.adding.bring(source, source.name, copy=True)
    qtbot.waitUntil(lambda: len(view.sections["generator"].rows) == 3, timeout=30_000)
    mine = view.sections["generator"].rows[1]
    copy = Path(mine.offer.key)
    assert tmp_path / "models" in copy.parents
    view.acting.choose(mine.offer)
    qtbot.waitUntil(mine.isChecked)
    assert catalogue.chosen_generator() == copy
    view._remove(mine)
    box = view.findChild(QMessageBox)
    next(button for button in box.buttons() if button.text() == "Delete").click()
    qtbot.waitUntil(lambda: len(view.sections["generator"].rows) == 2)
    qtbot.waitUntil(lambda: row(view, STARTER_NAME).isChecked())
    assert not copy.exists()
    assert source.exists()


def test_the_starter_is_measured(qtbot, view):
    starter = row(view, STARTER_NAME)
    view.acting.measurements.start(starter.offer)
    qtbot.waitUntil(
        lambda: starter.offer.entry.speed is not None or starter._note.isVisible(), timeout=60_000
    )
    assert starter._note.text() == ""
    assert "words/s" in starter._pace.text()
