"""What a question looks for, apart from how it wants its answer."""

from __future__ import annotations

import pytest

from engine.query import Query
from engine.question import Question, sought


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("What is the rent?", "What is the rent?"),
        ("What is the rent? Answer in one word.", "What is the rent?"),
        (
            "Is it a large firm? If size means nothing here, then state that and explain why.",
            "Is it a large firm?",
        ),
        (
            "What was the margin? Margin is profit by revenue. Round to one decimal.",
            "What was the margin? Margin is profit by revenue.",
        ),
        ("Please answer. What is due?", "What is due?"),
        ("Answer in one word.", "Answer in one word."),
        ("The tenant pays. The landlord mends.", "The tenant pays. The landlord mends."),
        ("Is the base rent due? Rents are listed in Annex B.", None),
    ],
)
def test_what_is_sought(text: str, left: str | None) -> None:
    assert sought(text) == (text if left is None else left)


def test_dates_are_looked_for_as_documents_write_them() -> None:
    terms = Question.of(Query.parse("What was capex in FY2018 and FY19, or in Q2 of 2020?")).terms
    assert {"capex", "fy2018", "2018", "2019", "q2", "2020"} <= set(terms)
    assert {"2023", "q4"} <= set(Question.of(Query.parse("Sales in FY2023 Q4")).terms)


def test_names_are_neighbours_written_as_one() -> None:
    names = Question.of(Query.parse("Does Foot Locker's board agree?")).names
    assert "footlocker" in names
    assert Question.of(Query.parse("Nike’s board, Foot Locker's rent")).terms == (
        *("nike", "board", "foot", "locker", "rent"),
    )
    assert all(" " not in name for name in names)


def test_a_day_names_its_quarter() -> None:
    names = Question.of(
        Query.parse("What was the debt at June 30, 2022 and at May 1st, 2021?")
    ).names
    assert {"2022q2", "2021q2"} <= set(names)
    assert "2022q2" not in Question.of(Query.parse("What was the debt at June 30, 2022?")).terms
