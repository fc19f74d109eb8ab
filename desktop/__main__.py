"""Where Carrel starts: a child process, the command line, or the window.

Which of them is decided before Qt or anything else heavy is imported.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import CarrelError
from engine.passphrase import read_passphrase
from engine.paths import LIBRARY_SUFFIX

NO_DISPLAY = (
    "carrel: there is no display to open a window on. Use a subcommand instead, such as "
    "“carrel ask QUESTION”; “carrel --help” lists them."
)


@dataclass(frozen=True, slots=True)
class WindowRequest:
    """What the window was asked to open; no library is the one used last. ``folders`` are to be
    followed, as "Open with Carrel" in a file manager wishes."""

    library: Path | None = None
    passphrase_file: Path | None = None
    folders: tuple[Path, ...] = ()


def window_request(arguments: Sequence[str]) -> WindowRequest | None:
    """Read ``[--library FILE] [--passphrase-file FILE] [FILE.carrel | FOLDER…]``; None for anything
    else, which is the command line's to run or to refuse. A folder is written with a separator
    in it, as file managers do: a single word is a subcommand."""
    found: dict[str, Path] = {}
    rest = list(arguments)
    while rest:
        name, equals, value = rest[0].partition("=")
        if name not in ("--library", "--passphrase-file"):
            break
        if not equals:
            if len(rest) < 2:
                return None
            value = rest.pop(1)
        found[name] = Path(value)
        rest.pop(0)
    library = found.get("--library")
    folders: tuple[Path, ...] = ()
    if len(rest) == 1 and rest[0].endswith(LIBRARY_SUFFIX) and not rest[0].startswith("-"):
        library = Path(rest.pop())
    elif rest and all(map(_names_folder, rest)):
        folders, rest = tuple(Path(name).absolute() for name in rest), []
    return None if rest else WindowRequest(library, found.get("--passphrase-file"), folders)


def _names_folder(word: str) -> bool:
    return Path(word).name != word and not word.startswith("-") and Path(word).is_dir()


def has_display(environment: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Whether a window can be opened, as far as the environment tells."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not platform.startswith("linux") or any(environment.get(name) for name in names)


def _window_check() -> str:
    """For the self-test: Qt and its icons load. No display is needed."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import qVersion
    from PySide6.QtWidgets import QApplication

    from desktop import theme

    app = QApplication.instance() or QApplication(["carrel"])
    if theme.icon("file-document-outline").pixmap(16).isNull():
        raise RuntimeError("the icons do not load")
    del app
    return f"Qt {qVersion()}"


def main(argv: Sequence[str] | None = None) -> int:
    """``argv`` is without the program's name. Returns the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["--carrel-child"]:
        from engine.workers import child

        child.main(arguments)
        return 0
    request = window_request(arguments)
    if request is None:
        from engine.cli import main as run_headless

        return run_headless(arguments, more_checks={"window": _window_check})
    if not has_display(os.environ):
        print(NO_DISPLAY, file=sys.stderr)
        return 1
    passphrase = None
    if request.passphrase_file is not None:
        try:
            passphrase = read_passphrase(request.passphrase_file)
        except CarrelError as error:
            print(f"carrel: {error}", file=sys.stderr)
            return 1
    from desktop.application import run

    return run(request.library, passphrase, request.folders)


if __name__ == "__main__":
    sys.exit(main())
