"""What the window remembers, and what happens where it cannot."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray

from desktop.remembered import Remembered
from engine.settings import SettingsFile


def test_states_words_theme_and_libraries_come_back(tmp_path):
    first = Remembered(SettingsFile(tmp_path / "settings.json"))
    first.keep(geometry=QByteArray(b"\x00\xff\x01"), view="documents")
    first.theme = "dark"
    first.used(Path("/papers/One.carrel"))
    first.used(Path("/papers/Zwölf.carrel"))
    first.used(Path("/papers/One.carrel"))
    second = Remembered(SettingsFile(tmp_path / "settings.json"))
    assert bytes(second.state("geometry").data()) == b"\x00\xff\x01"
    assert second.word("view") == "documents"
    assert second.theme == "dark"
    assert second.recent == [Path("/papers/One.carrel"), Path("/papers/Zwölf.carrel")]
    assert second.last_library == Path("/papers/One.carrel")


def test_nothing_remembered_is_no_error(tmp_path):
    empty = Remembered(SettingsFile(tmp_path / "settings.json"))
    assert empty.state("geometry").isEmpty()
    assert empty.recent == []
    assert empty.last_library is None


def test_settings_that_cannot_be_written_cost_only_the_memory(tmp_path):
    blocked = tmp_path / "a file"
    blocked.write_text("in the way")
    remembered = Remembered(SettingsFile(blocked / "settings.json"))
    remembered.theme = "dark"
    assert remembered.theme == "dark"


def test_damaged_settings_are_kept_aside(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text('{"theme": "dark", ')
    Remembered(SettingsFile(path)).theme = "light"
    assert (tmp_path / "settings.damaged.json").read_text() == '{"theme": "dark", '
