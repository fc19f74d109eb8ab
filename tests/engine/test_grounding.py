"""Figures as values, and claims against their sources."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.answering.grounding import Grounding
from engine.answering.quotes import Sentence
from engine.answering.words import figures
from engine.answers import Support
from engine.records import Hit


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1,577 and 1577 and 1577.0", {"1577"}),
        ("15.77", {"15.77"}),
        ("3,5 %", {"3.5"}),
        ("1,234,567.50", {"1234567.5"}),
        ("in 2022 and 2023", {"2022", "2023"}),
        ("$34,229 million", {"34229"}),
        ("007", {"7"}),
        ("0.0", {"0"}),
        ("no figures", set()),
    ],
)
def test_figures_are_values(text: str, found: set[str]) -> None:
    assert figures(text) == found


def test_figures_that_differ_stay_apart() -> None:
    values = ["1577", "15.77", "157.7", "15770", "1.577", "2022", "202.2"]
    assert len(set().union(*(figures(value) for value in values))) == len(values)


def source(text: str, title: str = "") -> Sentence:
    values: dict[str, Any] = dict.fromkeys(Hit.__dataclass_fields__, 0)
    hit = Hit(**(values | {"title": title, "text": text, "document": "a", "found_by": ()}))
    return Sentence(hit, 0, len(text), text)


SALES = "Net sales of Acme rose to $34,229 million in 2022 from $35,355 million in 2021."
NOTICE = "The tenant must give notice in writing thirty days before the end of the term."
TREATY = "Marta Kovač signed the treaty in Ljubljana after the council had met."


def support(claim: str, *sources: str, question: str = "What happened?") -> Support:
    (checked,) = Grounding(question, [source(text) for text in sources]).check(claim)
    return checked.support


@pytest.mark.parametrize("text", [SALES, NOTICE, TREATY])
def test_a_sentence_supports_itself(text: str) -> None:
    grounding = Grounding("What happened?", [source(NOTICE), source(TREATY), source(SALES)])
    (checked,) = grounding.check(text)
    assert checked.support is Support.SUPPORTED
    assert checked.sources[0].text == text
    assert text[checked.start : checked.end] == checked.text


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("Net sales of Acme rose to $34,292 million in 2022.", SALES),
        ("Net sales of Acme rose to $34,229 million in 2023.", SALES),
        ("Net sales of Acme fell to $34,229 million in 2022.", SALES),
        ("Net sales of Acme did not rise to $34,229 million in 2022.", SALES),
        ("Net sales of Globex rose to $34,229 million in 2022.", SALES),
        ("The tenant must not give notice in writing thirty days before the end.", NOTICE),
        ("The tenant must give notice in writing thirty days after the end of the term.", NOTICE),
        ("The treaty was signed in Zagreb by Marta Kovač.", TREATY),
        ("The treaty was signed by Petra Kovač in Ljubljana.", TREATY),
        ("Bananas are yellow because of their carotenoids.", TREATY),
    ],
)
def test_what_the_source_does_not_say_is_not_supported(claim: str, text: str) -> None:
    assert support(claim, text) is Support.UNSUPPORTED


def test_two_sources_together() -> None:
    first = "The treaty was signed in Ljubljana."
    second = "The treaty entered into force in March 1994."
    claim = "The treaty was signed in Ljubljana and entered into force in March 1994."
    (checked,) = Grounding("When?", [source(first), source(second), source(SALES)]).check(claim)
    assert checked.support is Support.PARTLY  # the two may be about two things
    assert {sentence.text for sentence in checked.sources} == {first, second}


def test_a_claim_without_content_is_not_checked() -> None:
    assert support("So it is.", SALES) is Support.UNCHECKED
    assert Grounding("Q", [source(SALES)]).check("") == []


def test_every_sentence_is_a_claim_of_its_own() -> None:
    answer = f"{NOTICE} Net sales of Acme rose to $99 million in 2022."
    checked = Grounding("What?", [source(NOTICE), source(SALES)]).check(answer)
    assert [claim.support for claim in checked] == [Support.SUPPORTED, Support.UNSUPPORTED]
    assert [answer[c.start : c.end] for c in checked] == [c.text for c in checked]


def test_without_sources_nothing_is_supported() -> None:
    assert support("Acme sold a great deal.") is Support.UNSUPPORTED


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        (
            "The bank paid 3 billion francs to the city.",
            "The bank paid 3 million francs to the city.",
        ),
        (
            "The bank paid 3 million dollars to the city.",
            "The bank paid 3 million francs to the city.",
        ),
        (
            "Patients were given 50 kg of it every day.",
            "Patients were given 50 mg of it every day.",
        ),
        ("Forty tonnes of lead were sold.", "Forty tonnes of zinc were sold."),
        ("The court found the manager innocent.", "The court found the manager liable."),
        ("Tesla acquired SolarCity in 2016.", "Musk acquired SolarCity in 2016."),
        (
            "In 2019 revenue was $7 million.",
            "In 2019 revenue was $5 million and in 2020 revenue was $7 million.",
        ),
        ("Smith paid the fine.", "Smith sued Jones and Brown paid the fine."),
        (
            "Smith was chairman from 1995 to 2001.",
            "Smith was chairman from 1990 to 1995 and Jones from 1995 to 2001.",
        ),
        (
            "The tenant paid the rent in March.",
            "The landlord denied that the tenant paid the rent in March.",
        ),
        (
            "The tenant paid the rent in March.",
            "It is false that the tenant paid the rent in March.",
        ),
        ("He was able to pay the court fine.", "He was unable to pay the court fine."),
        ("Jones signed the contract.", "Neither Smith nor Jones signed the contract."),
        ("Total revenue was $1,577.", "Total revenue was $1,577 million."),
        ("The drug did reduce mortality.", "The drug failed to reduce mortality."),
        ("The bonus was paid.", "The bonus may be paid."),
        (
            "The landlord may enter the flat.",
            "The landlord may enter the flat only if the tenant agrees.",
        ),
        ("Growth was 3.5%.", "Growth was -3.5%."),
        ("The result was 5.2 million.", "The result was (5.2) million."),
        ("It sold 3 units in Germany.", "It sold 3.000 units in Germany."),
        ("The firm has 20 employees.", "The firm has no fewer than 20 employees."),
        ("The firm has 300 employees.", "The firm has between 200 and 300 employees."),
    ],
)
def test_what_only_looks_like_the_source_is_not_supported(claim: str, text: str) -> None:
    assert support(claim, text) is not Support.SUPPORTED


def test_the_first_of_two_equal_words_is_the_claim_s() -> None:
    text = (
        "It lies 260 kilometres (160 mi) from the sea and 300 kilometres (190 mi) from the hills."
    )
    assert support("It lies 260 kilometres from the sea.", text) is Support.SUPPORTED


def test_a_figure_of_one_column_does_not_bear_out_another_years() -> None:
    row = replace(
        source("Capital expenditures 1,577 1,373"),
        context="in millions · 2018 2017",
        readings=(
            "Capital expenditures · 2018 · 1,577 · in millions",
            "Capital expenditures · 2017 · 1,373 · in millions",
        ),
    )

    def support(claim: str) -> Support:
        (checked,) = Grounding("What were capital expenditures?", [row]).check(claim)
        return checked.support

    assert support("Capital expenditures in 2018 were 1,577.") is Support.SUPPORTED
    assert support("Capital expenditures in 2017 were 1,577.") is Support.UNSUPPORTED
    assert support(row.said) is Support.SUPPORTED


def test_what_the_model_was_told_word_for_word_is_found_among_many_rows() -> None:
    rows = [
        replace(
            source(f"Item {n} (1,{n:03}) (2,{n:03})"),
            context="in millions · 2018 2017",
            readings=(f"Item {n} · 2018 · (1,{n:03})", f"Item {n} · 2017 · (2,{n:03})"),
        )
        for n in range(20)
    ]
    (checked,) = Grounding("What of item 7?", rows).check(rows[7].said)
    assert (checked.support, checked.sources) == (Support.SUPPORTED, (rows[7],))
