from __future__ import annotations

import pytest

from desktop.ask.citing import model_name, place
from desktop.ask.matches import matched_words, snippet, without_headings


def words(text: str, query: str) -> list[str]:
    return [text[a:b] for a, b in matched_words(text, query)]


def test_words_match_by_their_beginning() -> None:
    text = "The lease ends; ending a lease early, leasing, re-lease. Lend!"
    assert words(text, "when does the lease end") == ["lease", "ends", "ending", "lease", "lease"]


def test_common_words_count_only_alone() -> None:
    assert words("to be or not to be", "to be") == ["to", "be", "to", "be"]
    assert words("to be or not", "be not") == ["not"]


def test_snippet_begins_near_the_first_match() -> None:
    text = "filler words here " * 40 + "the 🦉 owl hoots " + "and then more " * 40
    found = snippet(text, "owl")
    assert [found.text[a:b] for a, b in found.matches] == ["owl"]
    assert found.text.startswith("… ")
    assert found.text.endswith(" …")
    assert len(found.text) <= 226


def test_snippet_of_a_short_text_is_all_of_it() -> None:
    assert snippet("one\n two", "two").text == "one two"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Lease\n Rent  and repairs\n\nThe rent is due.", "The rent is due."),
        ("The rent is due.\nLease", "The rent is due.\nLease"),
        ("Lease\nRent and repairs", "Lease\nRent and repairs"),
        ("Leases\nThe rent", "Leases\nThe rent"),
        ("", ""),
    ],
)
def test_headings_said_beside_a_passage_are_not_said_again(text: str, shown: str) -> None:
    assert without_headings(text, "Lease", "Rent and repairs") == shown


@pytest.mark.parametrize(
    ("page", "label", "shown"),
    [(12, "", "p. 12"), (4, "iv", "p. iv"), (2, "Costs 2025", "Costs 2025"), (3, "A-3", "p. A-3")],
)
def test_place(page: int, label: str, shown: str) -> None:
    assert place(page, label) == shown


def test_a_page_called_like_its_document_goes_by_its_number() -> None:
    assert place(1, "Garden notes", "Garden notes") == "p. 1"


def test_model_names() -> None:
    assert model_name("a/b/SmolLM2-135M-Instruct-Q4_1.gguf") == "SmolLM2-135M-Instruct"
    assert model_name("Mistral-7B.IQ3_XS.gguf") == "Mistral-7B"
    assert model_name("plain") == "plain"
