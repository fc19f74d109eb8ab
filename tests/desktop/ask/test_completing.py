"""What is offered to follow in the question box."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from desktop.ask.choices import Choices, kind_name
from desktop.ask.completing import hint, suggestions
from desktop.ask.filters import RECENT, Period
from engine.records import DocumentState, Folder, LedgerEntry


def entry(
    number: int, path: str, kind: str, year: int, state: DocumentState = DocumentState.INDEXED
) -> LedgerEntry:
    changed = datetime(year, 6, 1).timestamp()
    return LedgerEntry(
        number, 1, path, path, kind, state, "", 9, changed, 1, 1, 0, 0, 1, 1
    )  # fmt: skip


@pytest.fixture
def choices() -> Choices:
    return Choices.of(
        [Folder(1, "/home/someone/My matters")],
        [
            entry(1, "leases/Lease 14.pdf", "pdf", 2021),
            entry(2, "leases/old/lease.pdf", "pdf", 2022),
            entry(3, "minutes.docx", "word", 2022),
            entry(4, 'say "no".txt', "text", 2022),
            entry(5, "broken.xyz", "xyz", 2023, DocumentState.UNSUPPORTED),
        ],
    )


@pytest.mark.parametrize(
    ("before", "written"),
    [
        ("rent type:", ["type:pdf ", "type:word ", "type:text "]),
        ("rent type:P", ["type:pdf ", "type:text "]),
        ("rent -TYPE:wo", ["-type:word "]),
        ("type:pdf", []),
        ("rent folder:", ['folder:"My matters" ', "folder:leases ", "folder:old "]),
        ("folder:le", ["folder:leases "]),
        ('folder:"my m', ['folder:"My matters" ']),
        ("file:lease", ["file:lease.pdf ", 'file:"Lease 14.pdf" ']),
        ("file:old/", ["file:leases/old/lease.pdf "]),
        ("file:say", ['file:"say ?no?.txt" ']),
        ("before:", ["before:2022 ", "before:2021 "]),
        ("after:2021", []),
        ("rent type:pdf ", []),
        ("prototype:", []),
        ("rent", []),
        ("", []),
    ],
)
def test_values_of_operators(choices: Choices, before: str, written: list[str]) -> None:
    found = suggestions(before, choices)
    assert sorted(one.written for one in found) == sorted(written)
    for one in found:
        start = before[: len(before) - one.replaces]
        assert (start + one.written).startswith(start)
        assert before[len(start) :].lstrip("-")[:4].lower() in ("type", "fold", "file", "befo")


def test_a_suggestion_says_what_it_leads_to(choices: Choices) -> None:
    first = suggestions("type:", choices)[0]
    assert (first.shown, first.note) == ("PDF", "2 documents")
    years = [(s.shown, s.note) for s in suggestions("after:", choices)]
    assert years[0] == ("2022", "3 documents changed in 2022")


@pytest.mark.parametrize(
    ("before", "kind"),
    [
        ("rent bef", "operators"),
        ("type:", "operators"),
        ("fol", "operators"),
        ("to be", ""),
        ("rent ", ""),
        ('rent "thirty d', "quotation"),
        ('"thirty days" ', ""),
        ("O'Brien 5\"", ""),
        ("rent -", "excluding"),
        ("rent - ", ""),
        ("", ""),
    ],
)
def test_hints(before: str, kind: str) -> None:
    assert hint(before) == kind


def test_choices_count_what_can_be_found(choices: Choices) -> None:
    assert choices.answering == 4
    assert choices.kinds == {"pdf": 2, "word": 1, "text": 1}
    assert list(choices.years.items()) == [(2022, 3), (2021, 1)]
    assert choices.inner == {"My matters": 4, "leases": 2, "old": 1}
    assert [kind_name(kind) for kind in ("pdf", "html", "epub", "spreadsheet")] == [
        "PDF",
        "Web page",
        "EPUB book",
        "Spreadsheet",
    ]


def test_periods() -> None:
    today = date(2024, 3, 31)
    assert RECENT[0].bounds(today) == (date(2024, 3, 1), None)
    for text, name, bounds in (
        ("2021 – 2022-05", "2021 – 2022-05", (date(2021, 1, 1), date(2022, 6, 1))),
        ("2021-02-03..2021-02", "2021-02-03 – 2021-02", (date(2021, 2, 3), date(2021, 3, 1))),
        ("2021 - 2022", "2021 – 2022", (date(2021, 1, 1), date(2023, 1, 1))),
        (" 2021-05 ", "2021-05", (date(2021, 5, 1), date(2021, 6, 1))),
        ("2021 –", "Since 2021", (date(2021, 1, 1), None)),
        ("2021-05-", "Since 2021-05", (date(2021, 5, 1), None)),
        ("– 2021", "Until 2021", (None, date(2022, 1, 1))),
    ):
        found = Period.parse(text)
        assert found is not None
        assert (found.name, found.bounds(today)) == (name, bounds)
    assert Period.parse("  ") is None
    for text in ("soon", "2022 – 2021", "–", "2021 – soon"):
        with pytest.raises(ValueError, match=r"date|period"):
            Period.parse(text)
