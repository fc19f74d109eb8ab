"""Results come back on the UI thread, to those who still want them."""

from __future__ import annotations

import threading
import time

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject

from desktop.bridge import Wish
from engine.answers import Answer, AnswerKind, AppliedAdapter, QuotesFound, TextStreamed
from engine.errors import CarrelError
from engine.records import IndexProgress, Scope, SearchMode, SearchResult, Stage


def test_results_arrive_on_the_ui_thread(qtbot, bridge):
    worker, arrived = [], []
    bridge.run(
        bridge,
        lambda: worker.append(threading.current_thread()) or 42,
        lambda value: arrived.append((value, threading.current_thread())),
    )
    qtbot.waitUntil(lambda: bool(arrived))
    assert arrived == [(42, threading.main_thread())]
    assert worker[0] is not threading.main_thread()


def test_a_failure_goes_to_its_caller(qtbot, bridge):
    taken, untaken = [], []
    bridge.failed.connect(untaken.append)

    def fail():
        raise CarrelError("The disk is full.")

    bridge.run(bridge, fail, pytest.fail, taken.append)
    qtbot.waitUntil(lambda: bool(taken))
    assert str(taken[0]) == "The disk is full."
    assert untaken == []


def test_a_failure_nobody_takes_is_reported(qtbot, bridge):
    def fail():
        raise ValueError("bug")

    with qtbot.waitSignal(bridge.failed) as caught:
        bridge.run(bridge, fail, pytest.fail)
    assert isinstance(caught.args[0], ValueError)


def test_nothing_is_delivered_to_a_destroyed_owner(qtbot, bridge):
    owner, gate, arrived = QObject(), threading.Event(), []
    bridge.run(owner, lambda: gate.wait(5), arrived.append)
    owner.deleteLater()
    QCoreApplication.sendPostedEvents(owner, QEvent.Type.DeferredDelete)
    gate.set()
    after = []
    bridge.run(bridge, lambda: time.sleep(0.05), lambda _: after.append(True))
    qtbot.waitUntil(lambda: bool(after))
    assert arrived == []


def test_callbacks_are_released_on_the_ui_thread(qtbot, bridge):
    released = []

    class Witness:
        def __del__(self):
            released.append(threading.current_thread())

        def __call__(self, _value):
            pass

    for _ in range(50):
        bridge.run(bridge, lambda: None, Witness())
    qtbot.waitUntil(lambda: len(released) == 50)
    assert set(released) == {threading.main_thread()}


def test_indexing_asked_for_twice_runs_once_more_after(qtbot, bridge, library):
    library.pause.clear()
    bridge.start_indexing()
    bridge.start_indexing()
    bridge.start_indexing()
    library.pause.set()
    qtbot.waitUntil(lambda: not bridge.indexing)
    assert library.calls.count("index") == 2


def test_indexing_stops_when_asked(qtbot, bridge, library):
    library.pause.clear()
    with qtbot.waitSignal(bridge.progressed):
        bridge.start_indexing()
    with qtbot.waitSignal(bridge.index_failed, timeout=1000):
        bridge.stop_indexing()
    assert not bridge.indexing


def test_a_restart_gives_way_without_telling_of_an_end(qtbot, bridge, library):
    library.pause.clear()
    with qtbot.waitSignal(bridge.progressed):
        bridge.start_indexing()
    ends = []
    bridge.index_failed.connect(ends.append)
    bridge.index_finished.connect(ends.append)
    with qtbot.waitSignal(bridge.index_started, timeout=1000):
        bridge.restart_indexing()
    assert ends == []
    library.pause.set()
    qtbot.waitUntil(lambda: len(ends) == 1)
    assert library.calls.count("index") == 2


def test_views_hear_when_all_is_read_though_meanings_take_longer(qtbot, bridge, library):
    changes = []
    bridge.library_changed.connect(lambda: changes.append(True))
    for stage in (Stage.SCANNING, Stage.READING, Stage.READING, Stage.EMBEDDING, Stage.EMBEDDING):
        bridge.progressed.emit(IndexProgress(stage))
    assert changes == [True]


def test_a_newer_search_voids_the_older(qtbot, bridge, library, monkeypatch):
    gate, found = threading.Event(), []

    def search(query, **how):
        if query == "old":
            gate.wait(5)
        return SearchResult(query, SearchMode.HYBRID, (), 0.0)

    monkeypatch.setattr(library, "search", search)
    bridge.search(bridge, "old", Scope(), found.append)
    time.sleep(0.05)
    bridge.search(bridge, "new", Scope(), found.append)
    gate.set()
    qtbot.waitUntil(lambda: bool(found))
    assert [result.query for result in found] == ["new"]


def test_an_answer_streams_and_finishes(qtbot, bridge, library):
    run = bridge.ask(Wish("Who?"))
    with qtbot.waitSignal(run.finished) as finished:
        pass
    assert finished.args[0].question == "Who?"


def test_closing_is_quick_and_delivers_nothing_more(qtbot, bridge, library):
    library.pause.clear()
    with qtbot.waitSignal(bridge.progressed):
        bridge.start_indexing()
    late = []
    bridge.run(bridge, lambda: 1, late.append)
    bridge.index_finished.connect(late.append)
    began = time.monotonic()
    bridge.close()
    assert time.monotonic() - began < 1
    assert library.closed
    qtbot.wait(50)
    assert late == []


def test_events_of_an_answer_wait_for_whoever_connects_late(qtbot, bridge, library):
    told = threading.Event()

    def ask(question, *, on_event, **_):
        on_event(QuotesFound((), ()))
        on_event(TextStreamed("Fourteen days."))
        told.set()
        return Answer(question, (), "Fourteen days.", (), ())

    library.ask = ask
    run = bridge.ask(Wish("How long?"))
    assert told.wait(5)  # the engine has said everything before anyone listens
    heard = []
    run.quotes_found.connect(lambda event: heard.append("quotes"))
    run.text_streamed.connect(lambda piece: heard.append(piece.text))
    run.finished.connect(lambda answer: heard.append(answer.text))
    qtbot.waitUntil(lambda: len(heard) == 3)
    assert heard == ["quotes", "Fourteen days.", "Fourteen days."]


def test_each_wish_goes_to_what_fulfils_it(qtbot, bridge, library):
    called = []

    def answering(name):
        def answer(subject, **how):
            how.pop("on_event")
            how.pop("cancel")
            called.append((name, subject, how))
            return Answer(str(subject), (), "", (), ())

        return answer

    for name in ("ask", "survey", "summarise"):
        setattr(library, name, answering(name))
    scope, terse = Scope(document="*lease*"), AppliedAdapter("terse.gguf", 0.5)
    for wish in (
        Wish("Who?", scope, use_documents=False, seed=3, adapters=(terse,)),
        Wish("Who?", scope, AnswerKind.SURVEY),
        Wish("Sum up", scope, AnswerKind.SUMMARY, document_id=8),
    ):
        with qtbot.waitSignal(bridge.ask(wish, 5).finished):
            pass
    how = {"scope": scope, "conversation_id": 5}
    assert called == [
        ("ask", "Who?", how | {"use_documents": False, "seed": 3, "adapters": (terse,)}),
        ("survey", "Who?", how),
        ("summarise", 8, {"conversation_id": 5}),
    ]


def test_warming_is_off_the_ui_thread_and_rare(qtbot, bridge, library, monkeypatch):
    threads = []
    monkeypatch.setattr(
        library, "warm", lambda _adapters: threads.append(threading.current_thread())
    )
    for _ in range(5):
        bridge.warm()
    qtbot.waitUntil(lambda: bool(threads))
    qtbot.wait(20)
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()
