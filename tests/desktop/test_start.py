"""What is decided before Qt is imported, and that it is decided then."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from desktop.__main__ import WindowRequest, has_display, window_request


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ([], WindowRequest()),
        (["--library", "a.carrel"], WindowRequest(Path("a.carrel"))),
        (["--library=a b.carrel"], WindowRequest(Path("a b.carrel"))),
        (["a.carrel"], WindowRequest(Path("a.carrel"))),
        (["--library", "a.carrel", "b.carrel"], WindowRequest(Path("b.carrel"))),
        (
            ["--passphrase-file", "p", "--library", "a"],
            WindowRequest(Path("a"), Path("p")),
        ),
        (["--help"], None),
        (["-h"], None),
        (["--version"], None),
        (["status"], None),
        (["--library", "a.carrel", "search", "x.carrel"], None),
        (["--library=a.carrel", "status", "--json"], None),
        (["--library"], None),
        (["nonsense"], None),
        (["a.carrel", "b.carrel"], None),
    ],
)
def test_who_is_asked_to_start(arguments, wanted):
    assert window_request(arguments) == wanted


def test_folders_are_told_from_subcommands_by_their_separator(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    papers, status = tmp_path / "my papers", tmp_path / "status"
    papers.mkdir()
    status.mkdir()
    assert window_request([str(papers), "./status"]) == WindowRequest(folders=(papers, status))
    assert window_request(["--library", "a.carrel", str(papers)]) == WindowRequest(
        Path("a.carrel"), folders=(papers,)
    )
    assert window_request(["status"]) is None
    assert window_request([str(papers / "none")]) is None
    assert window_request([str(papers), "a.carrel"]) is None


def test_a_display_is_needed_on_linux_only():
    assert not has_display({}, "linux")
    assert has_display({"DISPLAY": ":0"}, "linux")
    assert has_display({"WAYLAND_DISPLAY": "wayland-0"}, "linux")
    assert has_display({"QT_QPA_PLATFORM": "offscreen"}, "linux")
    assert has_display({}, "win32")


PROBE = """
import sys
from desktop.__main__ import main
try:
    status = main(sys.argv[1:])
except SystemExit as end:
    status = end.code
heavy = {"PySide6", "torch", "llama_cpp"} & set(sys.modules)
print("heavy:", sorted(heavy), file=sys.stderr)
sys.exit(status)
"""


def test_help_imports_neither_qt_nor_models(home):
    ended = subprocess.run(
        [sys.executable, "-c", PROBE, "--help"], env=home, capture_output=True, text=True
    )
    assert ended.returncode == 0
    assert "search" in ended.stdout
    assert "heavy: []" in ended.stderr


STARTING = """
import sys
import desktop.application
import engine.library
late = ("engine.answering", "engine.comparing", "engine.watching", "desktop.source",
        "desktop.models.view", "desktop.documents.view", "desktop.adapters", "markdown_it",
        "torch", "llama_cpp", "pymupdf")
print(sorted(name for name in sys.modules if name.startswith(late)))
"""


def test_a_start_loads_only_what_the_first_question_can_be_typed_with(home):
    ended = subprocess.run(
        [sys.executable, "-c", STARTING], env=home, capture_output=True, text=True, check=True
    )
    assert ended.stdout.strip() == "[]"


def test_without_a_display_it_says_what_to_do(home):
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    bare = {name: value for name, value in home.items() if name not in names}
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux can be without")
    ended = subprocess.run([sys.executable, "-c", PROBE], env=bare, capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stderr.startswith("carrel: there is no display")
    assert "heavy: []" in ended.stderr


def test_an_unreadable_passphrase_file_is_said(home, tmp_path):
    ended = subprocess.run(
        [sys.executable, "-m", "desktop", "--passphrase-file", str(tmp_path / "none")],
        env=home | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 1
    assert "cannot be read: No such file" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
