"""``carrel adapters train``: examples are looked through, and an adapter is made and listed."""

from __future__ import annotations

import json
from pathlib import Path

import gguf
import pytest

from tests.engine import tiny_gguf
from tests.headless.conftest import Carrel

pytestmark = pytest.mark.model


@pytest.fixture
def base(tmp_path: Path) -> str:
    def vocabulary(writer: gguf.GGUFWriter) -> None:
        writer.add_vocab_size(len(tiny_gguf._words()))

    return str(tiny_gguf.model(tmp_path / "tiny.gguf", more=vocabulary))


def _examples(path: Path, *more: str) -> str:
    rows = [json.dumps({"prompt": f"What is {n}?", "answer": f"It is {n}."}) for n in range(6)]
    path.write_text("\n".join([*rows, *more]) + "\n")
    return str(path)


def test_examples_are_looked_through(carrel: Carrel, base: str, tmp_path: Path) -> None:
    secret = json.dumps({"prompt": "Key?", "answer": "It is AKIA" + "IOSFODNN7EXAMPLE"})
    file = _examples(tmp_path / "examples.jsonl", "{nonsense", secret)
    found = carrel("adapters", "train", file, "--check", "--model", base)
    assert found.status == 0, found.err
    assert "7 of 8 examples can be used" in found.out
    assert "line 7: This is not JSON. (left out)" in found.out
    assert "line 8: The answer holds what looks like an AWS access key." in found.out
    assert "IOSFODNN7" not in found.out
    as_json = carrel("adapters", "train", file, "--check", "--model", base, "--json").json
    assert (as_json["usable"], len(as_json["doubts"])) == (7, 2)


def test_what_cannot_be_is_one_line(carrel: Carrel, base: str, tmp_path: Path) -> None:
    file = _examples(tmp_path / "examples.jsonl")
    assert "--name NAME" in carrel.fails("adapters", "train", file, "--model", base)
    none = str(tmp_path / "none.jsonl")
    assert "There is no file" in carrel.fails("adapters", "train", none, "--check", "--model", base)
    rank = carrel.fails("adapters", "train", file, "--name", "A", "--model", base, "--rank", "0")
    assert "The rank has to be between" in rank


def test_an_adapter_is_made_and_listed(carrel: Carrel, base: str, tmp_path: Path) -> None:
    file = _examples(tmp_path / "examples.jsonl")
    arguments = ("--name", "Numbers", "--model", base, "--epochs", "1", "--rank", "2", "--json")
    made = carrel("adapters", "train", file, *arguments, timeout=600)
    assert made.status == 0, made.err
    assert "Training" in made.err
    result = made.json
    assert (result["examples"], len(result["losses"])) == (6, 1)
    assert Path(result["adapter"]).is_file()
    rows = carrel("adapters", "--json").json["adapters"]
    (row,) = (row for row in rows if row["name"] == "Numbers")
    assert row["file"] == result["adapter"]
    assert row["facts"]["ranks"] == [2]
    assert row["copied"]
