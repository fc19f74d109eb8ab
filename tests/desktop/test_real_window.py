"""The application as a person meets it: a process of its own, on a real X server."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.window,
    pytest.mark.skipif(shutil.which("xdotool") is None, reason="needs xdotool"),
]


class Desk:
    """A running Carrel, and hands to use it with."""

    def __init__(self, environment, library):
        self.environment = environment
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "desktop", "--library", str(library)], env=environment
        )

    def do(self, *command):
        return subprocess.run(
            ["xdotool", *command], env=self.environment, capture_output=True, text=True
        )

    def window(self, name, seconds=20.0):
        """Wait for a visible window whose title matches ``name``; its X id."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = self.do("search", "--onlyvisible", "--name", name).stdout.split()
            if found:
                return found[0]
            assert self.process.poll() is None, "Carrel ended"
            time.sleep(0.02)
        raise AssertionError(f"no window {name}")

    def gone(self, name, seconds=5.0):
        until = time.monotonic() + seconds
        while self.do("search", "--onlyvisible", "--name", name).stdout.split():
            assert time.monotonic() < until, f"{name} is still there"
            time.sleep(0.02)

    def key(self, window, keys):
        self.do("windowactivate", "--sync", window)
        self.do("key", "--clearmodifiers", keys)


@pytest.fixture
def desk(x_server, home, tmp_path):
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    environment = home | x_server.environment | {"XDG_RUNTIME_DIR": str(runtime)}
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        environment[name] = home[name]
    desk = Desk(environment, tmp_path / "Matter.carrel")
    yield desk
    if desk.process.poll() is None:
        desk.process.kill()
    desk.process.wait(5)


def test_the_window_comes_and_goes_with_ctrl_q(desk, tmp_path):
    window = desk.window("Matter — Carrel")
    assert time.monotonic() - desk.began < 10  # 1.5 s on a machine that does nothing else
    desk.key(window, "F1")
    desk.window("How Carrel works")
    desk.key(desk.window("How Carrel works"), "Escape")
    desk.gone("How Carrel works")
    pressed = time.monotonic()
    desk.key(window, "ctrl+q")
    assert desk.process.wait(5) == 0
    assert time.monotonic() - pressed < 3
    assert (tmp_path / "Matter.carrel").exists()
    assert (tmp_path / "config" / "carrel" / "settings.json").exists()


def test_ctrl_c_in_the_terminal_closes_cleanly(desk):
    desk.window("Matter — Carrel")
    desk.process.send_signal(signal.SIGINT)
    assert desk.process.wait(5) == 0


def test_a_second_start_on_the_same_library_leaves_it_to_the_first(desk, tmp_path):
    desk.window("Matter — Carrel")
    second = Desk(desk.environment, tmp_path / "Matter.carrel")
    try:
        assert second.process.wait(60) == 0
        assert desk.process.poll() is None
    finally:
        if second.process.poll() is None:
            second.process.kill()
            second.process.wait(5)


def test_a_file_that_is_no_library_is_left_alone(desk, tmp_path):
    desk.window("Matter — Carrel")
    other = tmp_path / "Notes.carrel"
    other.write_bytes(b"These are not a database." * 400)
    second = Desk(desk.environment, other)
    try:
        second.key(second.window("Encrypted library"), "Escape")  # as well it might be
        second.key(second.window("^Carrel$"), "Escape")
        assert second.process.wait(5) == 0
        assert other.read_bytes() == b"These are not a database." * 400
    finally:
        if second.process.poll() is None:
            second.process.kill()
            second.process.wait(5)


def status(desk, library):
    command = [sys.executable, "-m", "desktop", "status", "--json", "--library", str(library)]
    said = subprocess.run(command, env=desk.environment, capture_output=True, text=True)
    return json.loads(said.stdout) if said.returncode == 0 else {"documents": 0}


def test_a_folder_dragged_from_another_program_is_followed(desk, tmp_path):
    papers = tmp_path / "Papers & letters"
    papers.mkdir()
    (papers / "letter.txt").write_text("The rent rises in April.")
    window = desk.window("Matter — Carrel")
    desk.do("windowmove", "--sync", window, "0", "0")
    desk.do("windowsize", "--sync", window, "1000", "700")
    source = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("drag_source.py")), str(papers)],
        env=desk.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        desk.window("Drag source")
        desk.do("mousemove", "1540", "940")
        desk.do("mousedown", "1")
        for step in range(1, 11):  # as a hand does it; a jump is not taken for a drag
            desk.do("mousemove", str(1540 - step * 100), str(940 - step * 55))
            time.sleep(0.05)
        time.sleep(0.2)
        desk.do("mouseup", "1")
        assert source.stdout.readline() == "dropped\n"
        until = time.monotonic() + 30
        while status(desk, tmp_path / "Matter.carrel")["documents"] != 1:
            assert time.monotonic() < until, "the folder was not read"
            time.sleep(0.2)
    finally:  # not sooner: Carrel asks the source what was dropped
        source.kill()
        source.communicate()
    desk.key(window, "ctrl+q")
    assert desk.process.wait(8) == 0
