from __future__ import annotations

import pytest

from desktop.ask.matches import matched_words, snippet, without_headings
from engine.exporting.wording import model_name, place


def words(text: str, query: str) -> list[str]:
    return [text[a:b] for a, b in matched_words(text, query)]


def test_words_match_by_their_stem_and_the_last_by_its_beginning() -> None:
    text = "The lease ends; ending a lease early, leasing, re-lease. Lend! Endless leaseholders"
    stems = ["lease", "ends", "ending", "lease", "leasing", "lease"]
    assert words(text, "when does the lease end") == [*stems, "Endless"]
    assert words(text, "when does the lease end?") == stems
    assert words(text, "le") == ["lease", "lease", "leasing", "lease", "Lend", "leaseholders"]
    assert words("car carpet", "car ") == ["car", "carpet"]
    assert words("car carpet", "car?") == ["car"]


def test_common_words_that_share_a_stem_do_not_match() -> None:
    assert words("on the first day of one year", "in one year?") == ["one", "year"]
    assert words("on and on", "on") == ["on", "on"]


def test_case_and_accents_do_not_matter() -> None:
    assert words("Das CAFÉ, die Straße", "cafe strasse.") == ["CAFÉ", "Straße"]
    assert words("résumé resume", "RESUME") == ["résumé", "resume"]


def test_a_phrase_matches_as_a_whole() -> None:
    text = "thirty days' notice; thirty long days"
    assert words(text, '"thirty days"') == ["thirty", "days"]
    assert words(text, '"thirty days" long') == ["thirty", "days", "long"]
    assert words("契約の期間は一年。契約は期間", "“期間は”") == ["期間は"]


def test_scripts_without_spaces_match_by_their_characters() -> None:
    assert words("賃貸契約の期間は二年とする。", "契約期間") == ["契約", "期間"]
    assert words("本合同的租金每年上涨。", "租金上涨") == ["租金", "上涨"]
    assert words("大学と大", "大") == ["大", "大"]
    assert "เช่า" in words("ค่าเช่าเพิ่มขึ้น", "เช่า")[0]


def test_part_of_a_compound_matches_where_the_word_is_not_alone() -> None:
    assert words("Die Kündigungsfrist beträgt", "frist?") == ["frist"]
    assert words("Die Kündigungsfrist, eine Frist", "frist?") == ["Frist"]
    assert words("the restate", "state?") == ["state"]
    assert words("a rat in a crate", "rat?") == ["rat"]


def test_common_words_count_only_alone() -> None:
    assert words("to be or not to be", "to be") == ["to", "be", "to", "be"]
    assert words("not to be owed", "to be owed") == ["owed"]


def test_snippet_begins_near_the_first_match() -> None:
    text = "filler words here " * 40 + "the 🦉 owl hoots " + "and then more " * 40
    found = snippet(text, "owl")
    assert [found.text[a:b] for a, b in found.matches] == ["owl"]
    assert found.text.startswith("… ")
    assert found.text.endswith(" …")
    assert len(found.text) <= 226


def test_snippet_of_a_script_without_spaces_holds_its_match() -> None:
    found = snippet("長" * 400 + "契約" + "短" * 400, "契約")
    assert [found.text[a:b] for a, b in found.matches] == ["契約"]


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
