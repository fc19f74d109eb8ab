"""``carrel export``, ``check-record`` and ``ask --export``, as scripts use them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.library import Library
from engine.paths import sample_documents
from tests.headless.conftest import Carrel, Outcome, needs
from tests.headless.ready import Ready

RENT = "How much is the rent a month?"


class Matter:
    """A library of the sample's lease with a conversation of two questions."""

    def __init__(self, carrel: Carrel, folder: Path) -> None:
        self._carrel = carrel
        self.library = folder / "Matter.carrel"
        self.documents = folder / "papers"
        self.documents.mkdir()
        for file in sample_documents().iterdir():
            (self.documents / file.name).write_bytes(file.read_bytes())
        library = Library.open(self.library)
        try:
            library.add_folder(self.documents)
            library.index(embed=False)
            self.conversation = library.new_conversation("The rent")
            for question in (RENT, "What deposit is held?"):
                library.ask(question, quotes_only=True, conversation_id=self.conversation.id)
        finally:
            library.close()

    def __call__(self, *arguments: str) -> Outcome:
        return self._carrel(*arguments, "--library", str(self.library))

    def fails(self, *arguments: str) -> str:
        return self._carrel.fails(*arguments, "--library", str(self.library))


@pytest.fixture(scope="module")
def matter(tmp_path_factory: pytest.TempPathFactory, ready: Ready | None) -> Matter:
    folder = tmp_path_factory.mktemp("matter")
    return Matter(Carrel(folder / "home", ready), folder)


def test_a_conversation_goes_into_a_file_of_each_format(matter: Matter, tmp_path: Path) -> None:
    number = str(matter.conversation.id)
    for suffix in ("md", "html", "pdf", "docx", "bib", "ris", "json"):
        file = tmp_path / f"rent.{suffix}"
        outcome = matter("export", number, "-o", str(file))
        assert (outcome.status, outcome.out) == (0, ""), outcome.err
        assert file.stat().st_size > 100
    text = (tmp_path / "rent.md").read_text(encoding="utf-8")
    assert text.startswith("# The rent\n")
    assert "The rent is 1,850 euros a month" in text
    last = tmp_path / "last.markdown"
    assert matter("export", "last", "--format", "md", "-o", str(last)).status == 0
    assert last.read_text(encoding="utf-8").startswith("# The rent\n")


def test_what_cannot_be_exported_says_why_in_one_line(matter: Matter, tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("mine", encoding="utf-8")
    assert "--force" in matter.fails("export", "last", "-o", str(file))
    assert file.read_text(encoding="utf-8") == "mine"
    assert matter("export", "last", "-o", str(file), "--force").status == 0
    assert file.read_text(encoding="utf-8").startswith("# The rent\n")
    matter.fails("export", "999", "-o", str(tmp_path / "b.md"))
    assert "last" in matter.fails("export", "the rent", "-o", str(tmp_path / "b.md"))
    assert ".docx" in matter.fails("export", "last", "-o", str(tmp_path / "b.odt"))
    assert not (tmp_path / "b.md").exists()


def test_a_record_is_checked(matter: Matter, tmp_path: Path) -> None:
    file = tmp_path / "record.json"
    assert matter("export", "last", "-o", str(file)).status == 0
    outcome = matter("check-record", str(file))
    assert outcome.status == 0, outcome.err
    assert "Everything is as the record says." in outcome.out
    report = matter("check-record", str(file), "--json").json
    needs(("holds", "reproducible", "documents", "citations", "models", "again"), report)
    assert report["holds"] is True
    assert {quote["state"] for quote in report["citations"]} == {"same"}

    record = json.loads(file.read_bytes())
    record["answers"][0]["citations"][0]["quote"] = "The rent is 2,850 euros a month."
    file.write_text(json.dumps(record), encoding="utf-8")
    outcome = matter("check-record", str(file), "--json")
    assert outcome.status == 1
    assert outcome.json["citations"][0]["state"] == "altered"
    assert len(outcome.err.splitlines()) == 1
    assert "1 of" in outcome.err
    file.write_text("nothing", encoding="utf-8")
    assert "not a record" in matter.fails("check-record", str(file))


def test_an_answer_is_exported_as_it_is_asked(matter: Matter, tmp_path: Path) -> None:
    file = tmp_path / "answer.html"
    ask = ("ask", RENT, "--model", "none", "--export", str(file))
    outcome = matter(*ask, "--json")
    assert outcome.json["question"] == RENT
    assert "1,850 euros" in file.read_text(encoding="utf-8")
    assert "already" in matter.fails(*ask)
    assert matter(*ask, "--force").status == 0
    matter.fails("ask", "--batch", "--export", str(tmp_path / "b.md"))
    assert ".pdf" in matter.fails("ask", RENT, "--export", str(tmp_path / "b.xyz"))
