"""Making one: examples are checked, training is followed, paused, stopped and gone on with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hands import button, said
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMessageBox
from scripted import FOUND, RESULT, progress

from desktop.adapters.making.curve import LossCurve, _ticks
from desktop.adapters.making.result import _verdict
from desktop.adapters.making.training import State
from desktop.adapters.view import COMPARE, LIST, MAKE
from engine.errors import CarrelError, ModelError
from engine.training_facts import TrainingWish

EXAMPLES = Path("/home/ada/terse_findings.jsonl")
WISH = TrainingWish(str(EXAMPLES), "/models/Starter.gguf", "Findings")


@pytest.fixture
def page(qtbot, view):
    view.show_part(MAKE)
    qtbot.waitUntil(lambda: view.make.form.base.count() == 2)
    return view.make


@pytest.fixture
def checked(qtbot, view, page):
    view.take([EXAMPLES])
    qtbot.waitUntil(lambda: "can be used" in page.form.found.words)
    return page


@pytest.fixture
def training(qtbot, checked):
    button(checked, "Start training").click()
    qtbot.waitUntil(lambda: len(checked.training.losses) == 31)
    return checked


def words(widget):
    return " ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


# --- what to train ----------------------------------------------------------------------------


def test_the_examples_are_checked_and_doubts_listed_by_line(checked):
    found = checked.form.found
    assert "206 of 212 examples can be used" in found.words
    assert "41,300 tokens; the longest has 498 of the 2,048" in found.words
    assert "looks as if it held a secret" in found.words
    lines = found.lines()
    assert lines[0].startswith("Line 131: Looks like a key")
    assert "Kept" in lines[0]
    assert lines[1] == "Line 17: The answer is empty. Left out."
    assert len(lines) == 6


def test_the_smallest_model_is_offered_and_the_name_taken_from_the_file(checked, trainer):
    form = checked.form
    assert form.base.currentData() == "/models/Starter.gguf"
    assert [form.base.itemText(n) for n in range(2)] == [
        "Larger (4.0B, 2.8 GB)", "Starter (135M, 94 MB)",
    ]  # fmt: skip
    assert form.name.text() == "Terse findings"


def test_another_base_checks_again(qtbot, checked):
    checked.form.base.setCurrentIndex(0)
    assert "Checking the examples" in checked.form.found.words
    assert not checked.form.begin.isEnabled()
    qtbot.waitUntil(lambda: "can be used" in checked.form.found.words)
    assert checked.form.begin.isEnabled()


def test_what_cannot_be_read_says_so(qtbot, view, page, trainer):
    trainer.found = CarrelError("“x.jsonl” is no JSON lines file.")
    view.take([Path("/home/ada/x.jsonl")])
    qtbot.waitUntil(lambda: "no JSON lines" in page.form.found.words)
    assert not page.form.begin.isEnabled()


def test_doubts_beyond_those_listed_are_counted(qtbot, view, page, trainer):
    trainer.found = replace(FOUND, more=1200)
    view.take([EXAMPLES])
    qtbot.waitUntil(lambda: page.form.found.lines()[-1:] == ["and 1,200 more"])


def test_few_examples_are_advised_against(qtbot, view, page, trainer):
    trainer.found = replace(FOUND, examples=12, usable=12, doubts=())
    view.take([EXAMPLES])
    qtbot.waitUntil(lambda: "learnt by heart" in page.form.found.words)
    assert page.form.begin.isEnabled()


def test_nothing_starts_without_a_name(qtbot, checked):
    checked.form.name.clear()
    qtbot.keyClicks(checked.form.name, " ")
    assert not checked.form.begin.isEnabled()


def test_the_wish_holds_what_was_chosen(qtbot, checked, trainer):
    form = checked.form
    button(form, "More").click()
    assert form.parameters.isVisible()
    form.parameters.epochs.setCurrentText("5")
    form.parameters.rank.setCurrentText("16")
    form.parameters.rate.setCurrentText("1e-4")
    form.parameters.held_out.setCurrentText("20 %")
    form.parameters.seed.setText("7")
    form.begin.click()
    qtbot.waitUntil(lambda: bool(trainer.wishes))
    wish = trainer.wishes[0]
    assert (wish.examples, wish.base, wish.name) == (
        str(EXAMPLES), "/models/Starter.gguf", "Terse findings",
    )  # fmt: skip
    assert (wish.epochs, wish.rank, wish.alpha, wish.seed) == (5, 16, 16, 7)
    assert (wish.learning_rate, wish.held_out) == (1e-4, 0.2)


def test_the_defaults_are_those_of_the_engine(checked, trainer, qtbot):
    checked.form.begin.click()
    qtbot.waitUntil(lambda: bool(trainer.wishes))
    plain = TrainingWish(str(EXAMPLES), "/models/Starter.gguf", "Terse findings")
    assert trainer.wishes[0] == plain


def test_without_the_extra_it_says_how_to_get_it(qtbot, view, trainer):
    trainer.absent = "Making adapters needs peft. Install it with: pip install “carrel[train]”."
    view.show_part(MAKE)
    qtbot.waitUntil(lambda: "carrel[train]" in view.make.missing.text)
    assert not view.make.form.isVisible()


# --- training ---------------------------------------------------------------------------------


def test_progress_is_followed(training):
    assert training.running.words.splitlines()[:2] == [
        "Training “Terse findings”",
        "Step 30 of 60 · 242 tokens/s · about 4 minutes left",
    ]
    assert [step for step, _ in training.training.held_out] == [0, 15, 30]
    described = training.running.curve.accessibleDescription()
    assert described.startswith("loss 1.")
    assert "held out 3.20 at first" in described


def test_a_step_that_is_told_of_twice_is_one_point_and_none_before_the_first(qtbot, view, trainer):
    view.show_part(MAKE)
    first = replace(progress(0), loss=0.0, held_out=3.0)
    trainer.steps = [first, progress(1), replace(progress(1), loss=2.5), progress(2)]
    view.make.training.start(WISH)
    qtbot.waitUntil(lambda: len(view.make.training.losses) == 2)
    assert view.make.training.losses[0] == (1, 2.5)
    assert view.make.training.held_out == [(0, 3.0)]


def test_what_goes_on_besides_learning_is_said(qtbot, view, trainer):
    view.show_part(MAKE)
    trainer.steps = [replace(progress(0), steps=0, loss=0.0, doing="Loading the base’s weights")]
    view.make.training.start(WISH)
    qtbot.waitUntil(lambda: "Loading the base’s weights…" in view.make.running.words)


def test_pause_and_go_on(qtbot, training, trainer):
    button(training, "Pause").click()
    assert trainer.pause.paused
    assert "paused" in training.running.words
    button(training, "Go on").click()
    assert not trainer.pause.paused
    assert training.training.state is State.RUNNING


def test_cancelling_is_asked_and_can_be_gone_on_with(qtbot, training, trainer):
    button(training, "Cancel…").click()
    box = training.findChild(QMessageBox)
    assert "checkpoint is kept" in box.informativeText()
    next(b for b in box.buttons() if b.text() == "Go on training").click()
    assert training.training.state is State.RUNNING
    button(training, "Cancel…").click()
    box = [b for b in training.findChildren(QMessageBox) if b.isVisible()][-1]
    next(b for b in box.buttons() if b.text() == "Stop training").click()
    qtbot.waitUntil(lambda: training.training.state is State.IDLE)
    qtbot.waitUntil(training.left_over.isVisible)
    assert "“Terse findings” from “terse_findings.jsonl” was stopped" in words(training.left_over)


def test_a_paused_training_can_be_cancelled(qtbot, training):
    training.training.pause(True)
    training.training.stop()
    qtbot.waitUntil(lambda: training.training.state is State.IDLE)


def test_after_a_restart_it_can_go_on(qtbot, view, trainer):
    trainer.left = WISH
    view.show_part(MAKE)
    qtbot.waitUntil(view.make.left_over.isVisible)
    button(view.make.left_over, "Go on").click()
    qtbot.waitUntil(lambda: trainer.wishes == [WISH])
    assert "Training “Findings”" in view.make.running.words


def test_or_be_discarded(qtbot, view, trainer):
    trainer.left = WISH
    view.show_part(MAKE)
    qtbot.waitUntil(view.make.left_over.isVisible)
    button(view.make.left_over, "Discard").click()
    qtbot.waitUntil(lambda: not view.make.left_over.isVisible())
    assert trainer.discarded == 1


def test_a_failure_is_said_over_the_form(qtbot, training, trainer):
    trainer.error = ModelError("There is not enough memory to train on this model.")
    trainer.go.set()
    qtbot.waitUntil(lambda: "not enough memory" in training.failure.text)
    assert training.form.isVisible()


def test_only_one_is_trained_at_a_time(view, training, notices):
    view.take([Path("/home/ada/other.jsonl")])
    assert "trained already" in said(notices)[0]
    assert training.running.isVisible()


# --- what came of it --------------------------------------------------------------------------


@pytest.fixture
def done(qtbot, training, trainer):
    trainer.go.set()
    qtbot.waitUntil(training.result.isVisible)
    return training


def test_the_result_says_whether_it_helped(done):
    assert "“Terse findings” was added to your adapters" in done.result.words
    assert "fallen by 54 %" in done.result.words
    assert done.result.losses.accessibleName().endswith("3.21 before, 1.48 after")
    assert "8 min 32 s" in words(done.result)


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [(2.0, 2.4, "learnt the others by heart"), (2.0, 1.99, "no better"), (0.0, 0.0, "kept aside")],
)
def test_what_did_not_help_is_said_as_well(before, after, sentence):
    assert sentence in _verdict(replace(RESULT, before=before, after=after))


def test_it_is_switched_on_from_there(qtbot, view, done, applying, adapters):
    from scripted import adapter

    adapters.list.append(adapter("Terse findings", place=RESULT.adapter, copied=True))
    button(done, "Switch it on").click()
    assert view.part == LIST
    assert [one.path for one in applying.applied] == [RESULT.adapter]
    qtbot.waitUntil(lambda: view.listing.current.name == "Terse findings")


def test_or_compared(view, done):
    button(done, "Compare…").click()
    assert view.part == COMPARE


def test_another_can_be_made(done):
    button(done, "Make another").click()
    assert done.form.isVisible()


def test_whoever_is_elsewhere_is_told(qtbot, view, training, trainer, notices):
    view.show_part(LIST)
    trainer.go.set()
    qtbot.waitUntil(lambda: bool(notices.shown()))
    assert said(notices) == ["“Terse findings” is trained, and is among your adapters."]


# --- the curve --------------------------------------------------------------------------------


@pytest.mark.parametrize("values", [[], [2.0], [1.2, 3.4], [0.01, 0.02], [0.0, 1000.0]])
def test_the_axis_holds_all_values_at_round_figures(values):
    ticks = _ticks(values)
    assert 3 <= len(ticks) <= 8
    if values:
        assert ticks[0] <= min(values)
        assert ticks[-1] >= max(values)


def test_points_are_drawn_where_they_belong(qtbot):
    """Held-out points go down to the right, as the loss does."""
    curve = LossCurve()
    qtbot.addWidget(curve)
    curve.resize(600, 300)
    steps = [progress(step) for step in range(61)]
    curve.show_points(
        [(one.step, one.loss) for one in steps],
        [(one.step, one.held_out) for one in steps if one.held_out is not None],
        60,
    )
    from desktop import theme

    image = curve.grab().toImage()
    ink = theme.colours().warning.rgb()
    found = [
        (x, y)
        for x in range(image.width())
        for y in range(40, image.height())
        if image.pixel(x, y) == ink
    ]
    left = [y for x, y in found if x < image.width() / 4]
    right = [y for x, y in found if x > image.width() * 3 / 4]
    assert max(left) < min(right)


def test_the_page_needs_no_mouse(qtbot, checked):
    checked.focus()
    seen = set()
    for _ in range(12):
        focused = checked.window().focusWidget()
        seen.add(focused)
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    assert {checked.form.base, checked.form.name, checked.form.begin} <= seen


def test_closing_ends_the_training(training, bridge, trainer):
    bridge.close()  # waits for the lanes
    assert trainer.left is not None
    assert trainer.go.is_set() is False
