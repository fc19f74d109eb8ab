"""Children: every way in which one can end, and that the next request meets a sound one."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.errors import (
    CancelledError,
    ChildCrashedError,
    ChildFailedError,
    ChildTimedOutError,
)
from engine.workers import (
    CancelToken,
    ChildProcess,
    EitherToken,
    Lane,
    Limits,
    PauseToken,
    Precedence,
    process,
)
from engine.workers.frames import HEADER, MAX_PAYLOAD, Kind, read_frame, write_frame

Child = ChildProcess[Any]
Start = Callable[..., Child]
SCRIPT = Path(__file__).with_name("scripted_child.py")


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Makes children whose service is ``scripted_service``."""
    real = process.command_for
    monkeypatch.setattr(
        process,
        "command_for",
        lambda kind, limits: [sys.executable, str(SCRIPT), *real(kind, limits)[3:]],
    )
    children: list[Child] = []

    def make(reply_type: Any = Any, limits: Limits | None = None) -> Child:
        children.append(ChildProcess("scripted", reply_type, limits=limits))
        return children[-1]

    yield make
    for child in children:
        child.close()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    with contextlib.suppress(OSError):
        return state.read_text().rpartition(")")[2].split()[0] != "Z"
    return True


def gone_within(pid: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not alive(pid):
            return True
        time.sleep(0.02)
    return False


def test_replies_come_in_order_and_one_child_serves_all(start: Start) -> None:
    child = start()
    assert list(child.request(["echo", 1, "two", [3]])) == [1, "two", [3]]
    assert list(child.request(["echo"])) == []
    assert child.ask(["pid"]) == child.ask(["pid"])
    with pytest.raises(ChildFailedError, match="2 replies instead of one"):
        child.ask(["echo", 1, 2])


def test_printing_does_not_reach_the_wire(start: Start) -> None:
    child = start()
    assert child.ask(["print", "hello"]) == "printed"
    assert child.ask(["echo", 1]) == 1


def test_a_failure_keeps_the_child(start: Start) -> None:
    child = start()
    pid = child.ask(["pid"])
    with pytest.raises(ChildFailedError, match="the very reason"):
        child.ask(["fail", "the very reason"])
    with pytest.raises(ChildFailedError, match="RuntimeError"):
        child.ask(["fail", ""])
    with pytest.raises(ChildFailedError, match="Expected `array`"):
        child.ask({"not": "a list"})
    assert child.ask(["pid"]) == pid


def test_a_crash_fails_one_request(start: Start) -> None:
    child = start()
    first = child.ask(["pid"])
    with pytest.raises(ChildCrashedError, match="SIGABRT"):
        child.ask(["crash"])
    with pytest.raises(ChildCrashedError, match="exit status 9"):
        child.ask(["leave", 9])
    second = child.ask(["pid"])
    assert second != first
    os.kill(second, signal.SIGKILL)
    time.sleep(0.1)
    assert child.ask(["pid"]) not in (first, second)


def test_a_kill_from_outside_is_told_as_one(start: Start) -> None:
    child = start()
    replies = child.request(["drip", 0.01])
    next(replies)
    assert child._process is not None
    child._process.send_signal(signal.SIGKILL)
    with pytest.raises(ChildCrashedError, match="operating system stopped it"):
        list(replies)


def test_silence_and_length_are_bounded(start: Start) -> None:
    child = start()
    pid = child.ask(["pid"])
    started = time.monotonic()
    with pytest.raises(ChildTimedOutError, match="no answer for"):
        child.ask(["sleep", 30], silence=0.3)
    with pytest.raises(ChildTimedOutError, match="took too long"):
        list(child.request(["drip", 0.01], total=0.3))
    assert time.monotonic() - started < 5
    assert gone_within(pid, 1)
    assert child.ask(["echo", 1]) == 1


def test_a_paused_child_does_nothing_and_is_not_blamed(start: Start) -> None:
    child, pause, cancel = start(), PauseToken(), CancelToken()
    pid = child.ask(["pid"])
    replies = child.request(["drip", 0.01], silence=1.0, total=4.0, cancel=cancel, pause=pause)
    assert next(replies) == 0
    pause.pause()
    lane = Lane("waiting")
    following = lane.submit(lambda: [next(replies) for _ in range(100)][-1])
    state = Path(f"/proc/{pid}/stat")
    until = time.monotonic() + 5
    while state.read_text().rpartition(")")[2].split()[0] != "T" and time.monotonic() < until:
        time.sleep(0.02)
    assert state.read_text().rpartition(")")[2].split()[0] == "T"
    time.sleep(1.5)
    assert not following.done()
    pause.resume()
    assert following.result(20) == 100
    pause.pause()
    following = lane.submit(next, replies)
    time.sleep(0.3)
    cancel.cancel()
    with pytest.raises(CancelledError):
        following.result(10)
    pause.resume()
    assert child.ask(["pid"]) == pid
    lane.close()


def test_a_polite_stop_keeps_the_child(start: Start) -> None:
    child, token = start(), CancelToken()
    pid = child.ask(["pid"])
    replies = child.request(["drip", 0.01], cancel=token)
    assert [next(replies), next(replies)] == [0, 1]
    token.cancel()
    with pytest.raises(CancelledError):
        list(replies)
    assert child.ask(["pid"]) == pid


def test_leaving_early_is_a_polite_stop_too(start: Start) -> None:
    child = start()
    pid = child.ask(["pid"])
    for number in child.request(["drip", 0.01]):
        if number == 3:
            break
    assert child.ask(["pid"]) == pid


def test_who_does_not_listen_is_killed(start: Start) -> None:
    child, token = start(), CancelToken()
    pid = child.ask(["pid"])
    replies = child.request(["deaf"], cancel=token, patience=0.2)
    next(replies)
    token.cancel()
    started = time.monotonic()
    with pytest.raises(CancelledError):
        list(replies)
    assert time.monotonic() - started < 1.5
    assert gone_within(pid, 1)
    assert child.ask(["echo", 1]) == 1


def test_an_answer_in_a_wrong_form_ends_the_child(start: Start) -> None:
    child = start(reply_type=int)
    pid = child.ask(["pid"])
    with pytest.raises(ChildFailedError, match="wrong form"):
        child.ask(["echo", "text"])
    assert gone_within(pid, 1)
    assert child.ask(["echo", 5]) == 5


@pytest.mark.parametrize(
    "data", [HEADER.pack(MAX_PAYLOAD + 1, Kind.REPLY, 1), HEADER.pack(0, 99, 1)]
)
def test_frames_that_cannot_be_are_refused(start: Start, data: bytes) -> None:
    child = start()
    pid = child.ask(["pid"])
    with pytest.raises(ChildCrashedError):
        child.ask(["raw", data], silence=3)
    assert gone_within(pid, 2)
    assert child.ask(["echo", 1]) == 1


def test_memory_is_bounded(start: Start) -> None:
    child = start(limits=Limits(memory=512 << 20))
    assert child.ask(["fill", 1 << 20]) == 1 << 20
    with pytest.raises(ChildCrashedError, match="more memory than one file may have"):
        child.ask(["fill", 2 << 30])
    assert child.ask(["echo", 1]) == 1


def test_files_are_bounded(start: Start, tmp_path: Path) -> None:
    child = start(limits=Limits(file_size=1 << 20))
    with pytest.raises((ChildFailedError, ChildCrashedError)):
        child.ask(["write", str(tmp_path / "large"), 4 << 20])
    assert (tmp_path / "large").stat().st_size <= 1 << 20


def test_a_child_that_cannot_start_says_why(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    child = start()
    with monkeypatch.context() as patch:
        patch.setenv("CARREL_TEST_BAD_START", "1")
        with pytest.raises(ChildFailedError, match="could not start: no model here"):
            child.warm()
    assert child.ask(["echo", 1]) == 1


def test_rest_gives_the_process_back(start: Start) -> None:
    child = start()
    pid = child.ask(["pid"])
    child.rest()
    assert gone_within(pid, 1)
    assert child.ask(["pid"]) != pid


@pytest.mark.parametrize("request_", [["sleep", 30], ["deaf"], ["hang", 30]])
def test_closing_in_the_middle_is_quick(start: Start, request_: list[Any]) -> None:
    child = start()
    pid = child.ask(["pid"])
    errors: list[BaseException] = []

    def wait() -> None:
        try:
            list(child.request(request_))
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    time.sleep(0.2)
    started = time.monotonic()
    child.close()
    thread.join(5)
    assert time.monotonic() - started < 2
    assert not thread.is_alive()
    assert gone_within(pid, 1)
    assert [type(error) for error in errors] == [CancelledError]
    with pytest.raises(CancelledError, match="closing"):
        child.ask(["echo", 1])


def test_closing_while_it_starts_leaves_no_process(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARREL_TEST_SLOW_START", "20")
    child = start()
    real = subprocess.Popen
    opened: list[int] = []
    closing = threading.Event()

    def popen(*args: Any, **how: Any) -> Any:
        closing.set()
        time.sleep(0.3)  # the close arrives between the look at it and the start
        made = real(*args, **how)
        opened.append(made.pid)
        return made

    monkeypatch.setattr(subprocess, "Popen", popen)
    errors: list[BaseException] = []

    def warm() -> None:
        try:
            child.warm()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=warm, daemon=True)
    thread.start()
    assert closing.wait(5)
    child.close()
    thread.join(5)
    assert not thread.is_alive()
    assert [type(error) for error in errors] == [CancelledError]
    assert gone_within(opened[0], 1)


PARENT = """
import sys, time
from engine.workers import ChildProcess, process
real = process.command_for
process.command_for = lambda kind, limits: [sys.executable, {script!r}, *real(kind, limits)[3:]]
child = ChildProcess("scripted", object)
original = process.subprocess.Popen
def popen(*args, **how):
    made = original(*args, **how)
    print(made.pid, flush=True)
    return made
process.subprocess.Popen = popen
{then}
"""


@pytest.mark.parametrize(
    ("then", "slow"),
    [
        ("child.warm(); time.sleep(60)", ""),
        ("list(child.request(['sleep', 60]))", ""),
        ("list(child.request(['deaf']))", ""),
        ("child.warm()", "60"),
    ],
)
def test_no_child_outlives_its_parent(then: str, slow: str) -> None:
    environment = os.environ | {"CARREL_TEST_SLOW_START": slow or "0"}
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT.format(script=str(SCRIPT), then=then)],
        stdout=subprocess.PIPE,
        env=environment,
    )
    assert parent.stdout is not None
    with parent.stdout:
        pid = int(parent.stdout.readline())
        time.sleep(0.7)
        assert alive(pid)
        parent.kill()
        parent.wait()
        assert gone_within(pid, 2)


def test_two_callers_take_turns(start: Start) -> None:
    child = start()
    with_lane = Lane("test", 4)
    futures = [with_lane.submit(child.ask, ["echo", number]) for number in range(40)]
    assert [future.result(20) for future in futures] == list(range(40))
    with_lane.close()


def test_a_token_wakes_who_waits() -> None:
    token = CancelToken()
    assert not token.wait(0.01)
    token.check()
    threading.Timer(0.1, token.cancel).start()
    started = time.monotonic()
    assert token.wait(10)
    assert time.monotonic() - started < 5
    with pytest.raises(CancelledError):
        token.check()


def test_frames_come_through_in_pieces() -> None:
    stream = io.BytesIO()
    write_frame(stream, Kind.REPLY, 7, b"payload")
    write_frame(stream, Kind.END, 7)
    data = stream.getvalue()

    class Dribble(io.RawIOBase):
        at = 0

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            piece = data[self.at : self.at + min(size, 3)]
            self.at += len(piece)
            return piece

    dribble: Any = Dribble()
    assert read_frame(dribble) == (Kind.REPLY, 7, b"payload")
    assert read_frame(dribble) == (Kind.END, 7, b"")
    assert read_frame(dribble) is None
    for cut in range(1, HEADER.size + 7):
        assert read_frame(io.BytesIO(data[:cut])) is None


def test_background_work_gives_way_and_can_still_be_stopped() -> None:
    precedence, cancel, passed = Precedence(), CancelToken(), threading.Event()
    precedence.give_way(cancel)

    def background() -> None:
        precedence.give_way(cancel)
        passed.set()

    with precedence.taken():
        thread = threading.Thread(target=background)
        thread.start()
        assert not passed.wait(0.2)
    assert passed.wait(2)
    thread.join()
    with precedence.taken():
        cancel.cancel()
        with pytest.raises(CancelledError):
            precedence.give_way(cancel)


def test_either_token_hears_the_others_and_itself() -> None:
    other, pause = CancelToken(), PauseToken()
    token = EitherToken(lambda: other.cancelled, lambda: pause.paused)
    token.check()
    assert not token.wait(0)
    pause.pause()
    with pytest.raises(CancelledError):
        token.check()
    pause.resume()
    token.check()
    threading.Timer(0.05, other.cancel).start()
    assert token.wait(30)
    own = EitherToken()
    own.cancel()
    assert own.cancelled
