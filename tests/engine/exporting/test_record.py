"""Records: what they hold, and that checking finds every change."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.answers import Answer, AppliedAdapter, Provenance, Support, Turn, UsedFile
from engine.errors import CarrelError, ModelError
from engine.exporting.checking import (
    AgainState,
    CheckReport,
    FileState,
    QuoteState,
    RecordChecker,
)
from engine.exporting.record import Record, RecordedAnswer, read, record, write
from engine.records import DocumentState
from engine.store import Store
from engine.store.documents import FileRecord
from tests.engine.exporting.answers import answer, citation, mixed
from tests.engine.making import document

PAGE = "Rent is due in May. The rent was 1,850 euros in 2019. Nothing else is owed."
QUOTE = "The rent was 1,850 euros in 2019."


@dataclass
class Matter:
    """A library of one document, an answer from it, and the model that wrote it."""

    store: Store
    folder: Path
    file: Path
    model: Path
    document_id: int
    answer: Answer

    def record(self, *answers: Answer) -> Record:
        turns = [Turn(n, 1e9 + n, one) for n, one in enumerate(answers or (self.answer,), 1)]
        cited = self.store.cited.numbered([self.document_id])
        return record(turns, cited, title="Rent", exported=2e9)

    def check(
        self,
        made: Record | None = None,
        ask: Callable[[RecordedAnswer, Path | None, AppliedAdapter | None], Answer] | None = None,
    ) -> CheckReport:
        return RecordChecker(self.store, [self.model]).check(made or self.record(), ask)

    def put(self, page: str = PAGE) -> int:
        """Index the file as it is now, as if ``page`` were what is in it."""
        data = self.file.read_bytes()
        status = self.file.stat()
        folder = self.store.documents.add_folder(self.folder)
        digest = hashlib.sha256(data).hexdigest()
        found = FileRecord(folder.id, self.file.name, len(data), status.st_mtime_ns, digest)
        return self.store.documents.put(found, document(page, title="Lease"), reader=1)


@pytest.fixture
def matter(store: Store, tmp_path: Path) -> Matter:
    folder = tmp_path / "papers"
    folder.mkdir()
    file, model = folder / "lease.txt", tmp_path / "tiny.gguf"
    file.write_text(PAGE, encoding="utf-8")
    model.write_bytes(b"GGUF and more")
    made = Matter(store, folder, file, model, 0, mixed())
    made.document_id = made.put()
    start = PAGE.index(QUOTE)
    cited = citation(
        1,
        QUOTE,
        document_id=made.document_id,
        document=file.name,
        title="Lease",
        page=1,
        start=start,
        end=start + len(QUOTE),
    )
    status = model.stat()
    made.answer = answer(
        "How much was the rent?",
        text="It was 1,850 euros.",
        claims=[("It was 1,850 euros.", Support.SUPPORTED, (1,))],
        citations=[cited],
        provenance=Provenance(
            version="0.1.0",
            searched="rent",
            seed=7,
            temperature=0.3,
            prompt=(("system", "Answer."), ("user", "How much?")),
            model=UsedFile(str(model), status.st_size, status.st_mtime_ns),
            documents=((made.document_id, hashlib.sha256(PAGE.encode()).hexdigest()),),
        ),
    )
    return made


def _quotes(report: CheckReport) -> list[QuoteState]:
    return [quote.state for quote in report.quotes]


def _states(report: CheckReport) -> tuple[FileState, FileState]:
    (found,), (model,) = report.documents, report.models
    return found.state, model.state


# --- what it holds ------------------------------------------------------------------------------


def test_a_record_says_what_was_used_and_comes_back_whole(matter: Matter, tmp_path: Path) -> None:
    made = matter.record()
    file = tmp_path / "record.json"
    file.write_bytes(write(made))
    assert read(file) == made
    value = msgspec.json.decode(file.read_bytes())
    assert value["carrel_record"] == 1
    assert value["exported"] == "2033-05-18T03:33:20Z"
    (told,) = value["answers"]
    assert told["asked"] == "2001-09-09T01:46:41Z"
    assert told["making"]["seed"] == 7
    assert told["making"]["temperature"] == 0.3
    assert told["making"]["prompt"][1] == {"role": "user", "text": "How much?"}
    digest = hashlib.sha256(b"GGUF and more").hexdigest()
    assert told["making"]["model"] == {
        "name": "tiny.gguf",
        "size": 13,
        "sha256": digest,
        "state": "as used",
    }
    (cited,) = told["citations"]
    assert cited["quote_sha256"] == hashlib.sha256(QUOTE.encode()).hexdigest()
    assert value["documents"][0]["sha256"] == hashlib.sha256(PAGE.encode()).hexdigest()
    assert value["documents"][0]["known"] == "asked"


def test_a_record_names_no_folder_of_this_computer(matter: Matter, tmp_path: Path) -> None:
    assert str(tmp_path).encode() not in write(matter.record())


def test_a_model_that_changed_since_has_no_hash(matter: Matter) -> None:
    matter.model.write_bytes(b"GGUF, another one")
    made = matter.record().answers[0].making
    assert made is not None
    assert made.model is not None
    assert (made.model.state, made.model.sha256) == ("changed since", "")
    matter.model.unlink()
    made = matter.record().answers[0].making
    assert made is not None
    assert made.model is not None
    assert (made.model.state, made.model.sha256) == ("missing", "")


def test_answers_of_older_versions_are_recorded_without_their_making(matter: Matter) -> None:
    made = matter.record(replace(matter.answer, provenance=None))
    assert made.answers[0].making is None
    assert made.documents[0].known == "exported"
    report = matter.check(made)
    assert not report.reproducible
    assert report.holds


def test_a_document_that_changed_between_answers_is_there_twice(matter: Matter) -> None:
    assert matter.answer.provenance is not None
    other = replace(
        matter.answer,
        provenance=replace(matter.answer.provenance, documents=((matter.document_id, "0" * 64),)),
    )
    made = matter.record(matter.answer, other, matter.answer)
    assert [found.n for found in made.documents] == [1, 2]
    assert [one.citations[0].document for one in made.answers] == [1, 2, 1]


# --- reading ------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"[]", b"{}", b'{"carrel_record": "x"}'])
def test_what_is_no_record_is_refused_with_a_sentence(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "record.json"
    file.write_bytes(data)
    with pytest.raises(CarrelError, match="not a record"):
        read(file)


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        (b'"page": 1,', b'"page": 1' + b"0" * 27 + b","),
        (b'"page": 1,', b'"page": -1,'),
        (b'"start": 20,', b'"start": 9223372036854775808,'),
        (b'"n": 1,', b'"n": 1e30,'),
        (b'"size": 13,', b'"size": 1' + b"0" * 5000 + b","),
        (b'"seed": 7,', b'"seed": 4294967296,'),
        (b'"carrel_record": 1,', b'"carrel_record": -1,'),
        (b'"title": "Rent"', b'"title": "\xff"'),
        (b'"title": "Rent"', b'"title": "Rent", "other": ' + b"[" * 100_000 + b"]" * 100_000),
    ],
)
def test_a_record_made_by_someone_else_is_refused_with_a_sentence(
    matter: Matter, tmp_path: Path, written: bytes, instead: bytes
) -> None:
    data = write(matter.record())
    assert written in data
    file = tmp_path / "record.json"
    file.write_bytes(data.replace(written, instead))
    with pytest.raises(CarrelError, match="not a record that Carrel wrote"):
        read(file)


def test_the_largest_numbers_are_no_reason_to_fail(matter: Matter, tmp_path: Path) -> None:
    file = tmp_path / "record.json"
    file.write_bytes(
        write(matter.record())
        .replace(b'"page": 1,', b'"page": 9223372036854775807,')
        .replace(b'"size": 13,', b'"size": 9223372036854775807,')
    )
    report = matter.check(read(file))
    assert _quotes(report) == [QuoteState.GONE]
    assert report.models[0].state is FileState.CHANGED


def test_a_record_of_a_newer_carrel_is_refused(matter: Matter, tmp_path: Path) -> None:
    file = tmp_path / "record.json"
    file.write_bytes(write(msgspec.structs.replace(matter.record(), carrel_record=2)))
    with pytest.raises(CarrelError, match="newer Carrel"):
        read(file)


# --- checking -----------------------------------------------------------------------------------


def test_what_did_not_change_holds(matter: Matter) -> None:
    report = matter.check()
    assert report.holds
    assert report.reproducible
    assert _states(report) == (FileState.SAME, FileState.SAME)
    assert _quotes(report) == [QuoteState.SAME]


def test_a_changed_file_is_found_before_and_after_it_is_read_again(matter: Matter) -> None:
    made = matter.record()
    matter.file.write_text("Another text.", encoding="utf-8")
    report = matter.check(made)
    assert report.documents[0].state is FileState.CHANGED
    assert _quotes(report) == [QuoteState.SAME]  # the library still has the page
    matter.put("Another text.")
    report = matter.check(made)
    assert report.documents[0].state is FileState.CHANGED
    assert _quotes(report) == [QuoteState.CHANGED]
    assert not report.holds
    assert report.problems() == [
        "1 of 1 documents are not there as they were.",
        "1 of 1 quotes do not stand where they stood.",
    ]


def test_a_quote_that_moved_on_its_page_is_told_apart(matter: Matter) -> None:
    made = matter.record()
    matter.put("A new first line. " + PAGE)
    assert _quotes(matter.check(made)) == [QuoteState.MOVED]


def test_a_file_out_of_reach_and_a_document_that_is_gone(matter: Matter) -> None:
    made = matter.record()
    matter.file.unlink()
    report = matter.check(made)
    assert report.documents[0].state is FileState.UNREACHABLE
    assert _quotes(report) == [QuoteState.SAME]
    matter.store.documents.delete([matter.document_id])
    report = matter.check(made)
    assert report.documents[0].state is FileState.GONE
    assert _quotes(report) == [QuoteState.GONE]


def test_a_renamed_document_is_found_by_its_content(matter: Matter) -> None:
    made = matter.record()
    matter.store.documents.delete([matter.document_id])
    matter.file = matter.file.rename(matter.folder / "renamed.txt")
    matter.put()
    assert matter.check(made).holds


def test_of_two_with_one_content_the_one_with_pages_is_read(matter: Matter) -> None:
    made = matter.record()
    twin = matter.folder / "a twin.txt"
    twin.write_text(PAGE, encoding="utf-8")
    matter.file = twin
    folder = matter.store.documents.folders()[0]
    digest = hashlib.sha256(PAGE.encode()).hexdigest()
    matter.store.documents.put(
        FileRecord(folder.id, twin.name, 1, 1, digest),
        document(state=DocumentState.DUPLICATE),
        reader=1,
    )
    assert matter.check(made).holds


def _altered(made: Record, **changes: Any) -> Record:
    one = made.answers[0]
    cited = msgspec.structs.replace(one.citations[0], **changes)
    return msgspec.structs.replace(
        made, answers=(msgspec.structs.replace(one, citations=(cited,)),)
    )


def test_an_altered_record_is_found(matter: Matter) -> None:
    made = matter.record()
    forged = _altered(made, quote="The rent was 18,500 euros in 2019.")
    assert _quotes(matter.check(forged)) == [QuoteState.ALTERED]
    for changes in ({"start": 3}, {"start": -60}, {"end": 10**9}, {"start": 50, "end": 20}):
        assert _quotes(matter.check(_altered(made, **changes))) == [QuoteState.MOVED]
    assert _quotes(matter.check(_altered(made, page=99))) == [QuoteState.GONE]
    assert _quotes(matter.check(_altered(made, document=99))) == [QuoteState.GONE]


def test_models_are_known_by_their_content(matter: Matter, tmp_path: Path) -> None:
    made = matter.record()
    matter.model = matter.model.rename(tmp_path / "renamed.gguf")
    assert _states(matter.check(made))[1] is FileState.SAME
    matter.model.write_bytes(b"GGUF and MORE")
    assert _states(matter.check(made))[1] is FileState.GONE
    matter.model = matter.model.rename(tmp_path / "tiny.gguf")
    assert _states(matter.check(made))[1] is FileState.CHANGED


# --- asking again -------------------------------------------------------------------------------


def test_asking_again_uses_the_same_model_and_compares(matter: Matter) -> None:
    asked: list[tuple[str, Path | None, Sequence[AppliedAdapter]]] = []

    def ask(then: RecordedAnswer, model: Path | None, adapters: Sequence[AppliedAdapter]) -> Answer:
        asked.append((then.question, model, adapters))
        return matter.answer

    report = matter.check(ask=ask)
    assert report.holds
    assert [again.state for again in report.again] == [AgainState.SAME]
    assert asked == [("How much was the rent?", matter.model, [])]


def test_another_answer_is_told(matter: Matter) -> None:
    made = matter.record()
    other = replace(matter.answer, text="It was 1,850 dollars.")
    (again,) = matter.check(made, lambda *_: other).again
    assert again.state is AgainState.DIFFERENT
    assert "same prompt" in again.why
    (again,) = matter.check(made, lambda *_: replace(other, provenance=None)).again
    assert "another prompt" in again.why
    (again,) = matter.check(made, lambda *_: replace(matter.answer, quotes=())).again
    assert again.why == "Other quotes were found."


def test_what_cannot_be_asked_again_says_why(matter: Matter) -> None:
    def never(*_: object) -> Answer:
        raise AssertionError("asked")

    (again,) = matter.check(matter.record(replace(matter.answer, stopped=True)), never).again
    assert again.state is AgainState.IMPOSSIBLE
    (again,) = matter.check(matter.record(replace(matter.answer, provenance=None)), never).again
    assert "does not say" in again.why

    def broken(*_: object) -> Answer:
        raise ModelError("The model is broken.")

    (again,) = matter.check(ask=broken).again
    assert again.why == "It could not be asked again: The model is broken."
    made = matter.record()
    matter.model.unlink()
    (again,) = matter.check(made, never).again
    assert again.why == "The model that was used is not here."
