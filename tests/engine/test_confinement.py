"""What a child that handles hostile files can do once it is taken over: next to nothing."""

from __future__ import annotations

import errno
import os
import platform
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.errors import ChildCrashedError
from engine.workers import ChildProcess, Limits, landlock, own_folder, process, seccomp
from engine.workers.confinement import Confined
from tests.engine.test_workers import SCRIPT, gone_within

Child = ChildProcess[Any]

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux lets a process confine itself"
)
REFUSED = -errno.EPERM


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the children's folders are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.fixture
def child(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Child]:
    real = process.command_for
    monkeypatch.setattr(
        process,
        "command_for",
        lambda kind, limits: [sys.executable, str(SCRIPT), *real(kind, limits)[3:]],
    )
    child: Child = ChildProcess("confined", Any, limits=Limits(confined=True))
    yield child
    child.close()
    assert not list(temporary.iterdir()), "the child left something behind"


def needs(child: Child, *held: Confined) -> None:
    child.warm()
    if missing := set(held) - child.held:
        pytest.skip(f"this kernel cannot confine {', '.join(missing)}")


def test_this_kernel_holds_all_of_it(child: Child) -> None:
    needs(child, Confined.FILES, Confined.NETWORK)
    assert child.held == frozenset(Confined)


def test_a_child_has_an_empty_folder_that_goes_with_it(child: Child, temporary: Path) -> None:
    name, content = child.ask(["folder"])
    assert content == []
    folder = Path(name)
    assert folder.is_relative_to(temporary)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert child.ask(["write", str(folder / "own.txt")]) == "done"
    child.rest()
    assert not folder.exists()
    other, content = child.ask(["folder"])
    assert (other != name, content) == (True, [])


def test_only_its_own_folder_is_written(child: Child, tmp_path: Path) -> None:
    needs(child, Confined.FILES)
    document, below = tmp_path / "document.txt", tmp_path / "below"
    document.write_text("as it was")
    below.mkdir()
    own = Path(child.ask(["folder"])[0])
    inside = str(own / "inside.txt")
    assert child.ask(["write", inside]) == "done"
    (own / "link.txt").symlink_to(document)
    for outside in (document, tmp_path / "new.txt", own / ".." / "lock", own / "link.txt"):
        assert child.ask(["write", str(outside)]) == "PermissionError"
    assert child.ask(["write_in_thread", str(document)]) == "PermissionError"
    for how, *paths in (
        ("unlink", document),
        ("mkdir", tmp_path / "made"),
        ("rmdir", below),
        ("mkfifo", tmp_path / "pipe"),
        ("rename", inside, tmp_path / "moved.txt"),
        ("rename", document, own / "taken.txt"),
        ("link", inside, tmp_path / "linked.txt"),
        ("symlink", "/etc", tmp_path / "to-etc"),
    ):
        answer = child.ask(["change", how, *map(str, paths)])
        assert answer in ("PermissionError", "OSError"), how
    assert child.ask(["cut_short", str(document)]) == "PermissionError"
    assert child.ask(["run_writing", str(document)]) != 0
    assert child.ask(["run_writing", str(own / "by-program.txt")]) == 0
    assert child.ask(["write", "/dev/null"]) == "done"
    assert child.ask(["read", str(document)]) == "as it was"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "below",
        "document.txt",
        "temporary",
    ]


def test_one_more_folder_is_written_where_its_work_stays(
    child: Child, temporary: Path, tmp_path: Path
) -> None:
    needs(child, Confined.FILES)
    lasting = tmp_path / "lasting"
    lasting.mkdir()
    limits = Limits(confined=True, folder=str(lasting))
    other: Child = ChildProcess("confined", Any, limits=limits)
    try:
        assert other.ask(["write", str(lasting / "state")]) == "done"
        assert other.ask(["write", str(tmp_path / "beside")]) == "PermissionError"
        assert other.ask(["write", str(Path(other.ask(["folder"])[0]) / "own")]) == "done"
    finally:
        other.close()
    assert (lasting / "state").read_text() == "written"
    assert child.ask(["write", str(lasting / "state")]) == "PermissionError"


def test_no_socket_leads_out(child: Child, tmp_path: Path) -> None:
    needs(child, Confined.NETWORK)
    for family in (socket.AF_INET, socket.AF_INET6, 16, 17, 38, 40):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
            assert child.ask(["socket", int(family), int(kind)]) == REFUSED
    # to send a datagram needs no connection
    assert child.ask(["socket", int(socket.AF_UNIX), int(socket.SOCK_DGRAM)]) == REFUSED
    assert child.ask(["pair"]) == "done"
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        assert child.ask(["connect", path]) == REFUSED
    assert child.ask(["listen", str(tmp_path / "mine")]) == "done", "LibreOffice asks no more"
    assert not (tmp_path / "mine").exists()


def test_what_it_starts_is_held_to_the_same(child: Child) -> None:
    needs(child, Confined.NETWORK)
    assert child.ask(["run_connecting"]) == REFUSED


def test_other_processes_are_out_of_reach(child: Child) -> None:
    needs(child, Confined.NETWORK)
    numbers = seccomp.numbers(platform.machine())
    for name in ("ptrace", "process_vm_readv", "unshare", "io_uring_setup", "keyctl", "mount"):
        assert child.ask(["syscall", numbers[name], 0, 0, 0, 0, 0, 0]) == REFUSED, name
    new_user = 0x10000000
    assert child.ask(["syscall", numbers["clone"], new_user | 17, 0, 0, 0, 0]) == REFUSED
    assert child.ask(["syscall", numbers["clone3"], 0, 0]) == -errno.ENOSYS
    if platform.machine() == "x86_64":
        x32_getpid = 0x40000000 + 39
        assert child.ask(["syscall", x32_getpid]) == REFUSED


def test_signals_stay_inside(child: Child) -> None:
    needs(child, Confined.FILES)
    if landlock.version() < 6:
        pytest.skip("this kernel cannot keep signals in")
    assert child.ask(["kill", os.getpid()]) == "PermissionError"


@pytest.mark.parametrize("end", ["crash", "killed while idle", "rest", "close"])
def test_what_it_started_ends_with_it(child: Child, end: str) -> None:
    started = child.ask(["start", ["sleep", "60"]])
    if end == "crash":
        with pytest.raises(ChildCrashedError, match="SIGABRT"):
            child.ask(["crash"])
    elif end == "killed while idle":
        first = child.ask(["pid"])
        os.kill(first, signal.SIGKILL)
        os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)  # its threads may end after it
        assert child.ask(["pid"]) != first
    elif end == "rest":
        child.rest()
    else:
        child.close()
    assert gone_within(started, 2)


PARENT = """
import sys, tempfile, time
from pathlib import Path
from engine.workers import ChildProcess, Limits, process
tempfile.tempdir = {temporary!r}
real = process.command_for
process.command_for = lambda kind, limits: [sys.executable, {script!r}, *real(kind, limits)[3:]]
child = ChildProcess("confined", object, limits=Limits(confined=True))
folder = child.ask(["folder"])[0]
child.ask(["write", folder + "/kept.txt"])
print(child.ask(["pid"]), child.ask(["start", ["sleep", "60"]]), folder, flush=True)
time.sleep(60)
"""


def test_what_a_killed_parent_leaves_is_swept_later(temporary: Path) -> None:
    script = PARENT.format(script=str(SCRIPT), temporary=str(temporary))
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        child, started, folder = parent.stdout.readline().split()
        _make_old(temporary)
        own_folder.sweep(temporary)
        assert Path(folder, "kept.txt").exists(), "its owner lives"
        parent.kill()
        parent.wait()
    assert gone_within(int(child), 2)
    assert gone_within(int(started), 2)
    (temporary / "somebody-elses").mkdir()
    own_folder.sweep(temporary)
    assert [path.name for path in temporary.iterdir()] == ["somebody-elses"]


def test_a_sweep_leaves_what_is_young_or_a_link(temporary: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (temporary / "carrel-child-young").mkdir()
    (temporary / "carrel-child-link").symlink_to(kept)
    (temporary / "carrel-child-file").write_text("")
    own_folder.sweep(temporary)
    assert len(list(temporary.iterdir())) == 3
    _make_old(temporary)
    own_folder.sweep(temporary)
    assert {path.name for path in temporary.iterdir()} == {
        "carrel-child-link",
        "carrel-child-file",
    }
    assert kept.exists()


def _make_old(folder: Path) -> None:
    for path in folder.iterdir():
        os.utime(path, (time.time() - 3600,) * 2, follow_symlinks=False)


def test_filters_are_whole() -> None:
    for machine in seccomp._ARCHITECTURES:
        code = seccomp.program(machine)
        assert len(code) % 8 == 0
        steps = len(code) // 8
        for at in range(steps):
            operation, when, otherwise = code[8 * at], code[8 * at + 2], code[8 * at + 3]
            if operation in (0x15, 0x35, 0x45):
                assert at + 1 + max(when, otherwise) < steps, "a jump past the end"
        assert code[-8:-6] == b"\x06\x00"
