"""What the foot of the sidebar says while Carrel works and while it rests."""

from __future__ import annotations

import pytest

from desktop.activity import Activity, Words, busy, idle, pace, time_left
from engine.errors import CarrelError
from engine.records import DocumentState, IndexProgress, LibraryStatus, Stage


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (0, "a few seconds left"),
        (30, "less than a minute left"),
        (60, "about a minute left"),
        (91, "about 2 minutes left"),
        (190, "about 3 minutes left"),
        (3500, "about an hour left"),
        (7300, "about 2 hours left"),
        (90_000, "about 25 hours left"),
    ],
)
def test_time_left_is_no_more_exact_than_honest(seconds, words):
    assert time_left(seconds) == words


def test_time_left_never_grows_as_it_shrinks():
    said = [time_left(seconds) for seconds in range(20_000, 0, -7)]
    changes = [words for words, before in zip(said[1:], said, strict=False) if words != before]
    assert len(changes) == len(set(changes))


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (0, ""),
        (212.4, "212 pages/s"),
        (1.0, "1 page/s"),
        (0.5, "30 pages/min"),
        (0.001, "1 page/min"),
    ],
)
def test_pace(rate, words):
    assert pace(rate, "page") == words


def test_reading():
    progress = IndexProgress(
        Stage.READING, files_total=412, files_done=103, pages_done=2210, rate=212, seconds_left=190
    )
    assert busy(progress) == Words(
        "Reading 103 of 412", "about 3 minutes left", "2,210 pages · 212 pages/s", 250
    )


def test_embedding():
    progress = IndexProgress(
        Stage.EMBEDDING, passages_to_embed=4000, passages_embedded=1000, rate=73
    )
    assert busy(progress) == Words(
        "Embedding",
        "working out how long it takes",
        "1,000 of 4,000 passages · 73/s",
        250,
    )


def test_waiting_for_power_is_told():
    progress = IndexProgress(
        Stage.EMBEDDING, passages_to_embed=4000, passages_embedded=1000, current="Plug in"
    )
    words = busy(progress)
    assert (words.headline, words.detail, words.share) == ("Waiting", "Plug in", 250)


def test_the_share_never_passes_the_whole():
    progress = IndexProgress(Stage.READING, files_total=3, files_done=5)
    assert busy(progress).share == 1000
    assert busy(IndexProgress(Stage.READING)).share is None


def test_rest():
    status = LibraryStatus(36, 500, 500, {})
    assert idle(status, 1, stopped=False) == Words("Up to date", "36 documents")
    assert idle(LibraryStatus(1, 9, 9, {}), 1, stopped=False).detail == "1 document"
    assert idle(LibraryStatus(0, 0, 0, {}), 0, stopped=False).headline == "No documents yet"
    stopped = idle(LibraryStatus(36, 500, 100, {}), 1, stopped=True)
    assert stopped == Words("Stopped", "36 documents · 400 passages to go")


@pytest.fixture
def activity(qtbot, bridge):
    activity = Activity(bridge)
    qtbot.addWidget(activity)
    activity.show()
    activity.set_status(LibraryStatus(36, 500, 500, {DocumentState.FAILED: 2}), 1)
    return activity


def test_cancel_and_resume(qtbot, activity, bridge, library):
    assert activity.words().headline == "Up to date"
    assert activity._button.isHidden()
    assert activity._cancel.isHidden()
    library.pause.clear()
    with qtbot.waitSignal(bridge.progressed):
        bridge.start_indexing()
    assert activity.words().headline == "Looking for changes"
    assert activity._cancel.isVisible()
    with qtbot.waitSignal(bridge.index_failed):
        activity._cancel.click()
    assert activity.words().headline == "Stopped"
    assert activity._bar.isHidden()
    assert activity._cancel.isHidden()
    library.pause.set()
    with qtbot.waitSignal(bridge.index_finished):
        activity._button.click()
    assert activity.words().headline == "Up to date"


def test_pause_and_go_on(qtbot, activity, bridge, library):
    library.pause.clear()
    with qtbot.waitSignal(bridge.progressed):
        bridge.start_indexing()
    reading = IndexProgress(Stage.READING, files_total=412, files_done=103, pages_done=9)
    bridge.progressed.emit(reading)
    assert activity._button.accessibleName() == "Pause indexing"
    activity._button.click()
    assert library.paused.paused
    assert activity.words() == Words("Paused", "Reading 103 of 412", "9 pages", 250)
    bridge.progressed.emit(reading)  # what was on its way
    assert activity.words().headline == "Paused"
    assert activity._button.accessibleName() == "Resume indexing"
    activity._button.click()
    assert not library.paused.paused
    assert activity.words().headline == "Reading 103 of 412"
    library.pause.set()
    qtbot.waitUntil(lambda: activity.words().headline == "Up to date")


def test_what_is_read_after_meanings_are_pictures(qtbot, activity, bridge, library):
    library.pause.clear()
    for _ in range(2):  # the second run begins with everything again
        with qtbot.waitSignal(bridge.progressed):
            bridge.start_indexing()
        reading = IndexProgress(Stage.READING, files_total=9, files_done=3)
        bridge.progressed.emit(reading)
        assert activity.words().headline == "Reading 3 of 9"
        bridge.progressed.emit(IndexProgress(Stage.EMBEDDING))
        bridge.progressed.emit(reading)
        assert activity.words().headline == "Reading pictures"
        assert activity.words().more == "3 of 9 files"
        bridge.stop_indexing()
        qtbot.waitUntil(lambda: not bridge.indexing)


def test_a_paused_run_can_be_cancelled_and_the_next_one_goes_on(qtbot, activity, bridge, library):
    library.pause.clear()
    with qtbot.waitSignal(bridge.progressed):
        bridge.start_indexing()
    activity._button.click()
    with qtbot.waitSignal(bridge.index_failed):
        activity._cancel.click()
    assert activity.words().headline == "Stopped"
    assert not bridge.paused
    library.pause.set()
    with qtbot.waitSignal(bridge.index_finished):
        activity._button.click()


def test_a_failed_run_offers_another_try(qtbot, activity, bridge, library):
    library.error = CarrelError("The disk is full.")
    with qtbot.waitSignal(bridge.index_failed):
        bridge.start_indexing()
    assert activity._button.accessibleName() == "Resume indexing"


def test_problems_are_counted_and_lead_to_them(qtbot, activity):
    assert activity._problems.text() == "2 need attention"
    with qtbot.waitSignal(activity.problems_requested):
        activity._problems.click()
    activity.set_status(LibraryStatus(36, 500, 500, {DocumentState.DUPLICATE: 2}), 1)
    assert activity._problems.isHidden()
