"""``carrel models``: adding a folder, letting a library use it, and refusing what is none."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.models.catalogue import SHIPPED_NAME, STARTER_NAME
from engine.paths import sample_documents
from tests.engine import tiny_gguf, tiny_models
from tests.headless.conftest import Carrel

pytestmark = pytest.mark.model


def test_an_added_embedder_takes_over(carrel: Carrel, tmp_path: Path) -> None:
    folder = tiny_models.embedder(tmp_path / "Tiny")
    library = ("--library", str(tmp_path / "Matter.carrel"))
    documents = tmp_path / "documents"
    documents.mkdir()
    shutil.copy(next(sample_documents().glob("*.pdf")), documents)
    assert carrel("index", str(documents), *library).status == 0

    added = carrel("models", "add", str(folder), "--json", *library)
    assert added.status == 0, added.err
    wanted = {"name": "Tiny", "kind": "embedder", "folder": str(folder), "dimension": 32}
    assert wanted.items() <= added.json.items()
    shown = carrel("models", "--json", *library).json
    passages = shown["passages"]
    embedders = [m for m in shown["models"] if m["kind"] == "embedder"]
    states = {m["name"]: (m["serves"], m["wanted"], m["embedded"]) for m in embedders}
    assert states == {SHIPPED_NAME: (True, True, passages), "Tiny": (False, False, 0)}

    used = carrel("models", "use", "Tiny", *library)
    assert "carrel index" in used.out
    states = {m["name"]: m for m in carrel("models", "--json", *library).json["models"]}
    assert (states["Tiny"]["serves"], states["Tiny"]["wanted"]) == (False, True)
    assert states[SHIPPED_NAME]["serves"]
    found = carrel("search", "manuscripts", "--mode", "semantic", "--json", *library).json
    assert found["hits"]  # by the one before

    again = carrel("index", str(documents), "--json", *library)
    assert (again.status, again.json["embedded"]) == (0, passages)
    states = {m["name"]: m for m in carrel("models", "--json", *library).json["models"]}
    assert states["Tiny"]["serves"]
    assert not states[SHIPPED_NAME]["serves"]
    found = carrel("search", "manuscripts", "--mode", "semantic", "--json", *library).json
    assert found["hits"]

    folder.rename(tmp_path / "Moved")
    assert "not there" in carrel.fails("search", "x", "--mode", "semantic", *library)
    assert "Its folder is not there" in carrel("models", *library).out


def test_what_is_no_model_is_refused(carrel: Carrel, tmp_path: Path) -> None:
    library = ("--library", str(tmp_path / "Matter.carrel"))
    gguf = tmp_path / "chat.gguf"
    gguf.write_bytes(b"GGUF")
    assert "damaged or incomplete" in carrel.fails("models", "add", str(gguf), *library)
    assert "modules.json" in carrel.fails("models", "add", str(tmp_path), *library)
    assert "There is no model" in carrel.fails("models", "use", "Nobody", *library)
    names = [model["name"] for model in carrel("models", "--json", *library).json["models"]]
    assert set(names) <= {STARTER_NAME, SHIPPED_NAME}


def test_a_generator_is_added_chosen_measured_and_removed(carrel: Carrel, tmp_path: Path) -> None:
    library = ("--library", str(tmp_path / "Matter.carrel"))
    file = tiny_gguf.model(tmp_path / "tiny.gguf", name="Tiny Talker")
    added = carrel("models", "add", str(file), "--copy", "--json", *library)
    assert added.status == 0, added.err
    row = added.json
    assert (row["name"], row["kind"], row["copied"]) == ("Tiny Talker", "generator", True)
    assert Path(row["folder"]).is_relative_to(carrel.home)
    file.unlink()

    assert "answers from now on" in carrel("models", "use", "Tiny Talker", *library).out
    chosen = {m["name"]: m["serves"] for m in carrel("models", "--json", *library).json["models"]}
    assert chosen["Tiny Talker"]
    assert not chosen.get(STARTER_NAME, False)
    measured = carrel("models", "measure", "Tiny Talker", "--json", *library).json
    assert measured["speed"]["prefill"] > 0 < measured["speed"]["decode"]
    assert "tokens a second" in carrel("models", *library).out

    assert "copy was deleted" in carrel("models", "remove", "Tiny Talker", *library).out
    assert not Path(row["folder"]).exists()
    assert "There is no model" in carrel.fails("models", "remove", "Tiny Talker", *library)
    carrel("models", "use", "none", *library)
    states = carrel("models", "--json", *library).json["models"]
    assert not any(m["serves"] for m in states if m["kind"] == "generator")
    assert "cannot be removed" in carrel.fails("models", "remove", SHIPPED_NAME, *library)
