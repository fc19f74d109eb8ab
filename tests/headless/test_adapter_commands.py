"""``carrel adapters``: what fits and what does not, converting, and the list."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine import tiny_adapters, tiny_gguf
from tests.headless.conftest import Carrel

pytestmark = pytest.mark.model


def test_an_adapter_is_checked_converted_added_and_removed(carrel: Carrel, tmp_path: Path) -> None:
    model = str(tiny_gguf.model(tmp_path / "tiny.gguf"))
    folder = tiny_adapters.peft(tmp_path / "Terse")
    checked = carrel("adapters", "check", str(folder), "--model", model, "--json")
    assert checked.status == 0, checked.err
    row = checked.json["adapter"]
    assert (row["form"], row["architecture"], row["ranks"]) == ("peft", "llama", [2])
    assert checked.json["match"]["fits"]

    converted = carrel("adapters", "convert", str(folder), "--model", model)
    assert converted.status == 0, converted.err
    made = tmp_path / "Terse.gguf"
    assert str(made) in converted.out

    added = carrel("adapters", "add", str(made), "--model", model, "--name", "Short", "--json")
    assert added.status == 0, added.err
    assert (added.json["name"], added.json["file"]) == ("Short", str(made))
    assert "called Shorter now" in carrel("adapters", "rename", "Short", "Shorter").out
    assert "Shorter  (" in carrel("adapters").out
    assert "stays where it is" in carrel("adapters", "remove", "Shorter").out
    rows = carrel("adapters", "--json").json["adapters"]
    assert all(row["shipped"] for row in rows)
    assert made.is_file()


def test_what_does_not_fit_or_is_none_fails_with_one_line(carrel: Carrel, tmp_path: Path) -> None:
    model = str(tiny_gguf.model(tmp_path / "tiny.gguf"))
    wide = tiny_adapters.lora(tmp_path / "wide.gguf", width=48)
    checked = carrel("adapters", "check", str(wide), "--model", model, "--json")
    assert checked.status != 0
    assert checked.json["adapter"]["width"] == 48
    assert not checked.json["match"]["fits"]
    assert "2 layers of width 48; Tiny has 2 of width 32." in checked.err
    assert checked.err.count("\n") == 1

    broken = tiny_adapters.peft(tmp_path / "It", {"use_dora": True})
    assert "DoRA" in carrel.fails("adapters", "convert", str(broken), "--model", model)
    assert "no adapter “Nobody”" in carrel.fails("adapters", "remove", "Nobody")
    assert "is a model" in carrel.fails("adapters", "add", model)
