"""The menu bar and the shortcuts that have no menu entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu

from desktop.ask.export_menu import ExportMenu
from desktop.plain import menu_text
from desktop.settings_dialog import THEMES
from desktop.theme import Theme

if TYPE_CHECKING:
    from desktop.main_window import MainWindow


def build(window: MainWindow, recent: Callable[[], Sequence[Path]], theme: str) -> None:
    """Fill ``window``'s menu bar. ``recent`` is asked whenever its menu opens."""
    bar = window.menuBar()

    file = bar.addMenu("&File")
    _add(file, "New &conversation", window.new_conversation, "Ctrl+N")
    file.addSeparator()
    _add(file, "&New library…", window.new_library_requested.emit)
    _add(file, "O&pen library…", window.open_library_requested.emit)
    lately = file.addMenu("Open &recent")
    lately.aboutToShow.connect(lambda: _fill_recent(lately, window, recent()))
    file.addSeparator()
    _add(file, "&Add folder…", window.following.choose, "Ctrl+O")
    _add(file, "Chec&k for changes", window.check_for_changes, "F5")
    file.addSeparator()
    settings = _add(file, "&Settings…", window.show_settings, "Ctrl+,")
    settings.setMenuRole(QAction.MenuRole.PreferencesRole)
    file.addSeparator()
    export = ExportMenu(file, "&Export conversation")
    export.chosen.connect(window.export_shown)
    export.menuAction().setEnabled(False)
    file.aboutToShow.connect(
        lambda: export.menuAction().setEnabled(window.ask.conversation_id is not None)
    )
    file.addMenu(export)
    file.addSeparator()
    quitting = _add(file, "&Quit", window.close, "Ctrl+Q")
    quitting.setMenuRole(QAction.MenuRole.QuitRole)

    edit = bar.addMenu("&Edit")
    _add(edit, "&Question", window.focus_question, "Ctrl+K")
    _add(edit, "&Find", window.find_text, "Ctrl+F")
    _add(edit, "&Search conversations", window.sidebar.history.focus_search, "Ctrl+Shift+F")
    _add(edit, "&Copy answer with citations", window.ask.copy_answer, "Ctrl+Shift+C")

    view = bar.addMenu("&View")
    _add(view, "&Ask", lambda: window.show_view("ask"), "Ctrl+1")
    _add(view, "&Documents", lambda: window.show_view("documents"), "Ctrl+2")
    _add(view, "&Models", lambda: window.show_view("models"), "Ctrl+3")
    adapters = _add(view, "Ada&pters", lambda: window.show_view("adapters"), "Ctrl+4")
    view.addSeparator()
    wanted = _add(view, "Adapters ta&b", lambda: window.want_adapters(wanted.isChecked()))
    wanted.setCheckable(True)

    def follow(shown: bool) -> None:
        adapters.setVisible(shown)
        adapters.setEnabled(shown)  # or its keys would still be heard
        wanted.setChecked(shown)

    window.adapters_wanted.connect(follow)
    follow(window.wants_adapters)
    view.addSeparator()
    # Esc reaches the window as a key that nobody else wanted, so here it is only shown.
    _add(view, "&Stop, or close the source\tEsc", window.stop_or_close)
    view.addSeparator()
    _themes(view.addMenu("&Theme"), window, theme)

    helping = bar.addMenu("&Help")
    _add(helping, "&How Carrel works", window.show_help, "F1")
    _add(helping, "&Which model should I get?", window.show_model_guide)
    _add(helping, "&Do I need an adapter?", window.show_adapter_guide)
    about = _add(helping, "&About Carrel", window.show_about)
    about.setMenuRole(QAction.MenuRole.AboutRole)

    for n in range(1, 10):
        shortcut = QShortcut(QKeySequence(f"Alt+{n}"), window)
        shortcut.activated.connect(partial(window.ask.open_citation, n))


def _add(menu: QMenu, words: str, act: Callable[[], object], keys: str = "") -> QAction:
    action = QAction(words, menu)
    action.triggered.connect(lambda _checked=False: act())
    if keys:
        action.setShortcut(QKeySequence(keys))
    menu.addAction(action)
    return action


def _fill_recent(menu: QMenu, window: MainWindow, paths: Sequence[Path]) -> None:
    menu.clear()
    others = [path for path in paths if path != window.library_path]
    for path in others:
        action = _add(menu, menu_text(path.stem), partial(window.library_chosen.emit, path))
        action.setToolTip(menu_text(str(path)))
    if not others:
        menu.addAction("No other library yet").setEnabled(False)


def _themes(menu: QMenu, window: MainWindow, current: str) -> None:
    group = QActionGroup(menu)
    actions = {}
    for choice in Theme.CHOICES:
        action = _add(menu, THEMES[choice], partial(window.theme_chosen.emit, choice))
        action.setCheckable(True)
        action.setChecked(choice == current)
        group.addAction(action)
        actions[choice] = action
    window.theme_chosen.connect(lambda choice: actions[choice].setChecked(True))
