"""Settings: kept, changed one at a time, and never thrown away."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.settings import Settings, SettingsFile


@pytest.fixture
def file(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path / "carrel" / "settings.json")


def test_without_a_file_there_are_defaults(file: SettingsFile) -> None:
    assert file.load() == Settings()
    assert not file.path.exists()


def test_changes_are_kept(file: SettingsFile) -> None:
    file.update(theme="dark", window={"geometry": "AAECAw=="})
    file.update(last_library="/somewhere/Ünïcode 🗝.carrel")
    again = SettingsFile(file.path).load()
    assert (again.theme, again.window) == ("dark", {"geometry": "AAECAw=="})
    assert again.last_library.endswith("🗝.carrel")
    assert [entry.name for entry in file.path.parent.iterdir()] == ["settings.json"]


def test_fields_of_a_newer_carrel_do_no_harm(file: SettingsFile) -> None:
    file.path.parent.mkdir(parents=True)
    file.path.write_text('{"theme": "dark", "from_the_future": [1, 2]}')
    assert file.load().theme == "dark"


@pytest.mark.parametrize("damage", [b"", b"{", b'{"theme": 7}', b"[]", b"\xff\xfe\x00", b"null"])
def test_a_damaged_file_is_set_aside(file: SettingsFile, damage: bytes) -> None:
    file.path.parent.mkdir(parents=True)
    file.path.write_bytes(damage)
    assert file.load() == Settings()
    file.update(theme="light")
    assert file.path.with_suffix(".damaged.json").read_bytes() == damage
    assert file.load().theme == "light"


def test_a_failing_write_keeps_the_old_file(
    file: SettingsFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.update(theme="dark")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", fail)
        with pytest.raises(OSError, match="No space"):
            file.update(theme="light")
    assert file.load().theme == "dark"
    assert [entry.name for entry in file.path.parent.iterdir()] == ["settings.json"]
