"""Settings: kept, changed one at a time, and never thrown away."""

from __future__ import annotations

import subprocess
import sys
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


MANY_AT_ONCE = """
import sys, threading
from dataclasses import make_dataclass
import msgspec
sys.setswitchinterval(1e-6)
for kind in range(100):
    form = int
    for depth in range(6):
        form = make_dataclass(f"K{kind}{depth}", [(f"f{field}", form) for field in range(4)])
    barrier = threading.Barrier(4)

    def decode(form=form, barrier=barrier):
        barrier.wait()
        try:
            msgspec.json.decode(b"{}", type=form)
        except msgspec.ValidationError:
            pass

    threads = [threading.Thread(target=decode) for _ in range(4)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
"""


def test_threads_may_decode_a_record_for_the_first_time_together():
    """The window's threads read the settings at once when it starts; msgspec 0.22 then crashed the
    program now and then."""
    ended = subprocess.run([sys.executable, "-c", MANY_AT_ONCE], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
