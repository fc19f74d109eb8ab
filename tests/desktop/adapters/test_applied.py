"""What is applied: a draft, then each conversation's own, as long as it fits."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scripted import MODEL, QWEN, SAMPLE, adapter

from engine.adapter_facts import AdapterMatch
from engine.answers import AppliedAdapter

HOUSE = adapter("House style")


@pytest.fixture
def known(qtbot, applying, adapters):
    adapters.list = [SAMPLE, HOUSE, QWEN]
    with qtbot.waitSignal(applying.changed):
        applying.refresh()
    return applying


def places(applying):
    return [one.path for one in applying.applied]


def test_the_draft_is_there_again_on_a_new_page(qtbot, known, library):
    library.for_conversation[7] = (AppliedAdapter(HOUSE.place, 0.5),)
    known.switch(SAMPLE.place, True)
    known.open(7)
    assert known.applied == ()
    qtbot.waitUntil(lambda: places(known) == [HOUSE.place])
    assert known.scale(HOUSE.place) == 0.5
    known.open(None)
    assert places(known) == [SAMPLE.place]


def test_each_conversation_keeps_what_was_last(qtbot, known, library):
    known.open(7)
    known.switch(SAMPLE.place, True)
    for scale in (0.9, 0.6, 0.35):
        known.set_scale(SAMPLE.place, scale)
    known.open(8)
    known.switch(HOUSE.place, True)
    qtbot.waitUntil(lambda: len(library.for_conversation) == 2)
    assert [(one.path, one.scale) for one in library.for_conversation[7]] == [(SAMPLE.place, 0.35)]
    assert [one.path for one in library.for_conversation[8]] == [HOUSE.place]


def test_switched_on_again_it_is_as_strong_as_before(known):
    known.switch(SAMPLE.place, True)
    known.set_scale(SAMPLE.place, 0.4)
    known.switch(SAMPLE.place, False)
    assert known.applied == ()
    known.switch(SAMPLE.place, True)
    assert known.scale(SAMPLE.place) == 0.4
    assert known.applied[0].name == "Numbered findings"


def test_what_changes_after_the_question_reaches_the_conversation_it_began(qtbot, known, library):
    known.switch(SAMPLE.place, True)
    known.begun(9)
    known.set_scale(SAMPLE.place, 1.5)
    qtbot.waitUntil(lambda: 9 in library.for_conversation)
    assert library.for_conversation[9][0].scale == 1.5


def test_an_adapter_that_fits_no_longer_is_switched_off_with_the_reason(qtbot, known, adapters):
    known.switch(SAMPLE.place, True)
    known.switch(HOUSE.place, True)
    why = ("It was made for SmolLM2.",)
    adapters.list[1] = replace(HOUSE, match=AdapterMatch("Qwen3-4B", why))
    with qtbot.waitSignal(known.switched_off) as told:
        known.refresh()
    assert (told.args[0].name, told.args[0].why) == ("House style", why[0])
    assert places(known) == [SAMPLE.place]


def test_a_file_that_goes_and_one_that_leaves_the_list_are_switched_off(qtbot, known, adapters):
    told = []
    known.switched_off.connect(told.append)
    known.switch(SAMPLE.place, True)
    known.switch(HOUSE.place, True)
    adapters.list = [replace(SAMPLE, problem="Its file is not there.")]
    known.refresh()
    qtbot.waitUntil(lambda: len(told) == 2)
    assert {one.why for one in told} == {"Its file is not there.", "It is no longer in the list."}
    assert known.applied == ()


def test_a_conversation_opened_with_another_model_drops_what_does_not_fit(qtbot, known, library):
    library.for_conversation[7] = (AppliedAdapter(QWEN.place, 1.0, "Legal drafting"),)
    with qtbot.waitSignal(known.switched_off) as told:
        known.open(7)
    assert "24 layers of width 896" in told.args[0].why
    qtbot.waitUntil(lambda: library.for_conversation[7] == ())


def test_without_a_model_nothing_is_switched_off_but_nothing_can_be_switched_on(
    qtbot, known, adapters
):
    known.switch(SAMPLE.place, True)
    adapters.list = [replace(entry, match=None) for entry in adapters.list]
    with qtbot.waitSignal(known.changed):
        known.refresh()
    assert places(known) == [SAMPLE.place]
    assert known.usable() == ()


def test_the_model_gets_ready_for_what_the_next_question_will_be_asked_with(qtbot, known, library):
    known.switch(SAMPLE.place, True)
    qtbot.waitUntil(
        lambda: [[one.path for one in all] for all in library.expected] == [[SAMPLE.place]]
    )
    library.for_conversation[7] = (AppliedAdapter(HOUSE.place, 0.5),)
    known.open(7)
    qtbot.waitUntil(lambda: [one.path for one in library.expected[-1]] == [HOUSE.place])


def test_a_list_that_cannot_be_read_leaves_all_as_it_was(qtbot, known, adapters):
    known.switch(SAMPLE.place, True)
    adapters.unreadable = OSError("locked")
    with qtbot.waitSignal(known.unreadable):
        known.refresh()
    assert places(known) == [SAMPLE.place]
    assert known.entries[0].match == AdapterMatch(MODEL)
