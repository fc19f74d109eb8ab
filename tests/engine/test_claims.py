"""Lists, labels and headings cut into claims."""

from __future__ import annotations

import pytest

from engine.answering.claims import claims, unmarked
from engine.answering.grounding import Grounding
from engine.answers import Support
from tests.engine.test_grounding import NOTICE, SALES, source


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1. The rent rose.\n2. The roof leaks.", ["The rent rose.", "The roof leaks."]),
        (
            "Findings: 1. The rent is high. 2. The deposit is due. 3. Notice: thirty days.",
            ["The rent is high.", "The deposit is due.", "Notice: thirty days."],
        ),
        (
            "Abstract. The lease runs five years.\n\nFindings:\n- Rent is 1,850 euros\n- No pets",
            ["The lease runs five years.", "Rent is 1,850 euros", "No pets"],
        ),
        ("## Rent of the house\nIt is high.\n**Summary**\nIt rose.", ["It is high.", "It rose."]),
        ("**Findings:**\n1) It rose.\n2) It fell.", ["It rose.", "It fell."]),
        ("Rent and deposit\n1. It rose.\n2. It fell.", ["It rose.", "It fell."]),
        ("(a) The tenant pays. (b) Nobody repairs.", ["The tenant pays.", "Nobody repairs."]),
        ("(1) It opens at nine; (2) it is shut.", ["It opens at nine;", "it is shut."]),
        ("Answer: 1,850 euros", ["1,850 euros"]),
        ("The answer to the question is: 1,850 euros.", ["1,850 euros."]),
        ("Finding 1: The rent rose.\nFinding 2: It fell.", ["The rent rose.", "It fell."]),
        ("The rent rose\nThe roof leaks", ["The rent rose", "The roof leaks"]),
        ("The rent is 1,850 euros\na month.", ["The rent is 1,850 euros\na month."]),
        ("The rent is 1,850 euros \n  a month.", ["The rent is 1,850 euros \n  a month."]),
        ("Here are the findings:\nIt rose.", ["It rose."]),
        ("• One is red.\n• Two is blue.", ["One is red.", "Two is blue."]),
        ("The tenant pays:\n- rent\n- heating", ["rent", "heating"]),
        ("Findings: the quotes do not say.", ["the quotes do not say."]),
        ("In short: the rent rises.\n1. It is due.", ["the rent rises.", "It is due."]),
        ("In short words it says little.", ["In short words it says little."]),
    ],
)
def test_marks_and_headings_are_no_claims(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in claims(text)] == found


@pytest.mark.parametrize(
    "text",
    [
        "20. Juli 1944 was a Thursday.",
        "3. The tenant must give notice.",
        "A. Smith signed it.",
        "Note that the rent is 5.",
        "Rent: 1,850 euros",
        "**The rent is 1,850 euros.**",
        "1,850 euros",
        "Findings of the court were published.",
    ],
)
def test_what_only_looks_like_one_stays(text: str) -> None:
    assert claims(text) == [(0, len(text))]


@pytest.mark.parametrize("text", ["", "- ", "1.", "Findings:", "## Rent", "**Findings**", "\n\n"])
def test_nothing_is_claimed(text: str) -> None:
    assert claims(text) == []


def test_items_are_checked_as_the_sentences_they_are() -> None:
    answer = f"Findings:\n1. {NOTICE}\n2. {SALES}\n3. Net sales of Acme rose in 1999."
    checked = Grounding("What?", [source(NOTICE), source(SALES)]).check(answer)
    assert [claim.support for claim in checked[:2]] == [Support.SUPPORTED] * 2
    assert checked[2].support is not Support.SUPPORTED
    assert [answer[c.start : c.end] for c in checked] == [c.text for c in checked]
    assert [c.text for c in checked[:2]] == [NOTICE, SALES]


def test_a_numbered_source_supports_what_it_says() -> None:
    clause = f"7. {NOTICE}"
    assert unmarked(clause) == NOTICE
    for answer in (clause, NOTICE, f"1. {NOTICE}"):
        (checked,) = Grounding("What?", [source(clause)]).check(answer)
        assert checked.support is Support.SUPPORTED
