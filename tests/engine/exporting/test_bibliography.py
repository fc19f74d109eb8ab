"""BibTeX and RIS, read again by parsers of others; what files say of themselves."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import bibtexparser
import docx
import pymupdf
import pytest
import rispy

from engine.answers import Answer
from engine.exporting import as_bibtex, as_ris
from engine.exporting.bibliography import Reference, references
from engine.exporting.describing import describe
from engine.exporting.messages import FileFacts
from engine.exporting.wording import one_line
from engine.store.cited import CitedDocument
from tests.engine.exporting.answers import HOSTILE, answer, citation, hostile, mixed

_IN_2019 = 1_560_000_000


def _document(number: int = 1, path: str = "reports/annual.pdf") -> CitedDocument:
    modified = _IN_2019 * 10**9
    return CitedDocument(number, "/documents", path, "Annual report", "pdf", modified, "ab" * 32, 9)


def _references(*answers: Answer, facts: FileFacts | None = None) -> list[Reference]:
    return references(answers, {1: _document()}, lambda document: facts)


def _entries(made: list[Reference]) -> list[bibtexparser.model.Entry]:
    library = bibtexparser.parse_string(as_bibtex.write(made))
    assert not library.failed_blocks
    assert not library.comments
    return library.entries


def test_a_document_without_metadata_goes_by_its_title_and_file() -> None:
    (reference,) = _references(mixed(), mixed())
    assert reference.title == "Annual report"
    assert reference.year == 2019
    assert "The year is that of the file's last change" in reference.notes
    assert "Cited: p. 2, p. 3" in reference.notes
    (entry,) = _entries([reference])
    assert entry.entry_type == "misc"
    assert entry.key == reference.key
    assert entry["year"] == "2019"
    assert entry["title"] == "{Annual report}"
    assert "reports/annual.pdf" in entry["note"]
    (record,) = rispy.loads(as_ris.write([reference]))
    assert record["title"] == "Annual report"
    assert record["year"] == "2019"
    assert f"SHA-256: {'ab' * 32}" in record["notes"]


def test_what_the_file_says_comes_first() -> None:
    said = FileFacts("The real title", ("Ada Lovelace", "Hopper, Grace", "A, B, C"), 1843)
    (reference,) = _references(mixed(), facts=said)
    assert not any("last change" in note for note in reference.notes)
    (entry,) = _entries([reference])
    assert entry["title"] == "{The real title}"
    assert entry["author"] == "Ada Lovelace and Hopper, Grace and {A, B, C}"
    (record,) = rispy.loads(as_ris.write([reference]))
    assert record["authors"] == ["Ada Lovelace", "Hopper, Grace", "A, B, C"]
    assert record["year"] == "1843"


def test_keys_are_stable_and_unique() -> None:
    twins = answer(
        citations=[citation(1, "One."), citation(2, "Two.", document_id=2, start=500)],
    )
    documents = {1: _document(1), 2: _document(2)}
    first = references([twins], documents, lambda document: None)
    again = references([mixed(), twins], documents, lambda document: None)
    assert [reference.key for reference in first] == [reference.key for reference in again]
    assert len({reference.key for reference in first}) == 2
    assert all(reference.key.isascii() for reference in first)


def test_hostile_titles_end_no_entry() -> None:
    made = references(hostile(), {}, lambda document: None)
    assert len(made) == len(HOSTILE)
    entries = _entries(made)
    assert [entry.key for entry in entries] == [reference.key for reference in made]
    assert all(set(entry.fields_dict) == {"title", "howpublished", "note"} for entry in entries)
    for entry in entries:
        for field in entry.fields:
            assert str(field.value).count("{") == str(field.value).count("}")
    records = rispy.loads(as_ris.write(made))
    assert [record["title"] for record in records] == [one_line(text) for text in HOSTILE]
    assert {record["type_of_reference"] for record in records} == {"GEN"}


def test_latex_reads_titles_as_they_are() -> None:
    said = FileFacts("R&D: 100% of $5_000 #1 {~^} \\today", ("Müller & Söhne",), 2020)
    (entry,) = _entries(_references(mixed(), facts=said))
    assert entry["author"] == r"Müller \& Söhne"
    assert entry["title"] == (
        r"{R\&D: 100\% of \$5\_000 \#1 \textbraceleft{}\textasciitilde{}\textasciicircum{}"
        r"\textbraceright{} \textbackslash{}today}"
    )


def test_documents_that_are_gone_are_named_all_the_same() -> None:
    (reference,) = references([mixed()], {}, lambda document: None)
    assert reference.year == 0
    assert "No longer in the library when this was exported" in reference.notes
    (record,) = rispy.loads(as_ris.write([reference]))
    assert "year" not in record


# --- what files say -----------------------------------------------------------------------------


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    file = tmp_path / "paper.pdf"
    with pymupdf.open() as document:
        document.new_page()
        document.set_metadata(
            {
                "title": "On tides",
                "author": "Ada Lovelace; Grace Hopper and Emmy Noether",
                "creationDate": "D:19870304120000Z",
            }
        )
        document.save(file)
    return file


def test_a_pdf_tells_authors_title_and_year(pdf: Path) -> None:
    facts = describe(pdf, "pdf")
    assert facts == FileFacts("On tides", ("Ada Lovelace", "Grace Hopper", "Emmy Noether"), 1987)


def test_a_word_document_tells_them_unless_a_program_made_them_up(tmp_path: Path) -> None:
    file = tmp_path / "lease.docx"
    document = docx.Document()
    document.save(file)
    assert describe(file, "word") == FileFacts()
    document.core_properties.author = "Grace Hopper"
    document.core_properties.title = "The lease"
    document.core_properties.modified = document.core_properties.created.replace(year=1999)
    document.save(file)
    assert describe(file, "word") == FileFacts("The lease", ("Grace Hopper",), 1999)


def test_a_page_tells_them_in_its_meta_elements(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(
        "<title>x</title><meta name=citation_title content='Tides &amp; moons'>"
        "<meta name=citation_author content='Lovelace, Ada'>"
        "<meta name=citation_author content='Hopper, Grace'>"
        "<meta name=DC.date content=2001-02-03>",
        encoding="utf-8",
    )
    facts = describe(file, "html")
    assert facts == FileFacts("Tides & moons", ("Lovelace, Ada", "Hopper, Grace"), 2001)


@pytest.mark.parametrize("kind", ["pdf", "word", "html", "text", "nonsense"])
def test_files_that_are_none_say_nothing(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "file"
    assert describe(file, kind) == FileFacts()
    file.write_bytes(os.urandom(2_000))
    assert not describe(file, kind).authors
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(
            "docProps/core.xml",
            '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a><creator>&e;</creator></a>',
        )
    assert not describe(file, kind).authors
