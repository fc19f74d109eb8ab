"""``carrel conversations``: listing, finding, showing, renaming, deleting and bringing back."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.answers import Answer, Citation
from engine.store import Store
from tests.headless.conftest import Carrel, Outcome

CITED = Citation(1, 3, "leases/Nord.pdf", "Lease", 2, "ii", 0, 21, "The tenant pays Acme.")


class Conversations:
    """The command on a library with two conversations."""

    def __init__(self, carrel: Carrel, library: Path) -> None:
        self.carrel, self.library = carrel, library
        store = Store(library)
        for question, text in (("Who pays the rent?", "Acme does."), ("公司收入?", "五百万。")):
            talk = store.conversations.create()
            answer = Answer(question, (1,), text, (), (CITED,), model="small")
            store.conversations.add_turn(talk.id, answer)
        store.close()

    def __call__(self, *words: str) -> Outcome:
        return self.carrel("conversations", *words, "--library", str(self.library))


@pytest.fixture
def conversations(carrel: Carrel, tmp_path: Path) -> Conversations:
    return Conversations(carrel, tmp_path / "Matter.carrel")


def test_listing_and_finding(conversations: Conversations) -> None:
    listed = conversations("--json").json["conversations"]
    assert [(talk["id"], talk["title"]) for talk in listed] == [
        (2, "公司收入?"),
        (1, "Who pays the rent?"),
    ]
    (found,) = conversations("rent", "acm", "--json").json["conversations"]
    assert (found["id"], found["found"]) == (1, "Who pays the rent?")
    assert "Who pays the rent?" in conversations("nord rent").out
    assert conversations("zebra").out == "No conversation holds these words.\n"


def test_showing(conversations: Conversations) -> None:
    shown = conversations("show", "1", "--json").json
    assert shown["title"] == "Who pays the rent?"
    (turn,) = shown["turns"]
    assert (turn["question"], turn["written"]) == ("Who pays the rent?", "Acme does.")
    assert turn["citations"][0]["document"] == "leases/Nord.pdf"
    out = conversations("show", "1").out
    assert "> Who pays the rent?" in out
    assert "[1] leases/Nord.pdf, p. ii" in out


def test_renaming_deleting_and_bringing_back(conversations: Conversations) -> None:
    assert conversations("rename", "1", "Nord,", "rent").status == 0
    assert conversations("show", "1", "--json").json["title"] == "Nord, rent"
    assert "carrel conversations restore 1" in conversations("delete", "1").out
    assert [talk["id"] for talk in conversations("--json").json["conversations"]] == [2]
    gone = conversations("show", "1")
    assert (gone.status, gone.err) == (1, "carrel: This conversation was deleted.\n")
    assert conversations("restore", "1", "--json").json["title"] == "Nord, rent"
    assert len(conversations("--json").json["conversations"]) == 2
    wrong = conversations("delete", "1", "2")
    assert wrong.status == 1
    assert len(conversations("--json").json["conversations"]) == 2
