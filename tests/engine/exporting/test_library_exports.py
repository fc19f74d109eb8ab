"""The whole way: indexed, asked, exported from an open library, checked and asked again."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.answers import Provenance, Turn
from engine.exporting.checking import AgainState, FileState
from engine.library import Library

QUESTION = "How much was the rent?"
LEASE = "The rent was 1,850 euros in 2019. The deposit was three months' rent.\n"


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "lease.txt").write_text(LEASE, encoding="utf-8")
    (folder / "note.html").write_text(
        "<title>Note on boats</title><meta name=author content='Ada Lovelace'>"
        "<p>The boat was green in 1843.</p>",
        encoding="utf-8",
    )
    return folder


@pytest.fixture
def library(library_path: Path, papers: Path) -> Iterator[Library]:
    library = Library.open(library_path)
    library.add_folder(papers)
    library.index(embed=False)
    yield library
    library.close()


def _asked(library: Library, question: str = QUESTION) -> Turn:
    """An answer of quotes with all that is needed to give it again."""
    answer = library.ask(question, quotes_only=True)
    (number,) = {citation.document_id for citation in answer.citations}
    digest = hashlib.sha256(LEASE.encode()).hexdigest()
    made = Provenance(version="0", searched=question, documents=((number, digest),))
    return Turn(1, time.time(), replace(answer, provenance=made))


def test_a_record_holds_and_its_question_gives_the_same_again(
    library: Library, tmp_path: Path
) -> None:
    file = tmp_path / "record.json"
    library.export([_asked(library)], file)
    report = library.check_record(file, again=True)
    assert report.holds, report.problems()
    assert report.reproducible
    assert [again.state for again in report.again] == [AgainState.SAME]


def test_after_a_document_changed_the_record_no_longer_holds(
    library: Library, papers: Path, tmp_path: Path
) -> None:
    file = tmp_path / "record.json"
    library.export([_asked(library)], file)
    changed = LEASE.replace("1,850", "1,950")
    (papers / "lease.txt").write_text(changed, encoding="utf-8")
    library.index(embed=False)
    report = library.check_record(file, again=True)
    assert [found.state for found in report.documents] == [FileState.CHANGED]
    assert [again.state for again in report.again] == [AgainState.DIFFERENT]
    assert len(report.problems()) == 3


def test_a_conversation_is_exported_with_its_times(library: Library, tmp_path: Path) -> None:
    talk = library.new_conversation()
    for question in (QUESTION, "What colour was the boat?"):
        library.ask(question, quotes_only=True, conversation_id=talk.id)
    history = library.history(talk.id)
    library.export(history, tmp_path / "talk.json", title="Talk")
    told = json.loads((tmp_path / "talk.json").read_bytes())
    assert [one["question"] for one in told["answers"]] == [t.answer.question for t in history]
    assert all(one["asked"].endswith("Z") for one in told["answers"])
    library.export(history, tmp_path / "talk.md", title="Talk")
    assert "## What colour was the boat?" in (tmp_path / "talk.md").read_text(encoding="utf-8")


def test_authors_come_from_the_files(library: Library, tmp_path: Path) -> None:
    answer = library.ask("What colour was the boat?", quotes_only=True)
    library.export([Turn(1, 0.0, answer)], tmp_path / "boats.bib")
    text = (tmp_path / "boats.bib").read_text(encoding="utf-8")
    assert "author = {Ada Lovelace}" in text
    assert "title = {{Note on boats}}" in text
