"""Claims in other words, in another order, and what an embedder's nearness is worth."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.answering.grounding import CheckedClaim, Grounding
from engine.answering.meaning import nearness
from engine.answering.turning import active, bare
from engine.answers import Support
from engine.errors import ChildFailedError
from tests.engine.test_grounding import source

LAW = "The party's grip on the government strengthened the wish for a parliament in Edinburgh."
OTHERS = (
    "The tenant must give notice in writing.",
    "Net sales rose to $34,229 million in 2022.",
    "The harbour was not dredged before 1998.",
    "Oysters have returned to four sites.",
)
REWORDED = "The party's hold on the government fuelled the wish for a parliament in Edinburgh."


def directions(*near: str, base: float = 0.0) -> Callable[[Sequence[str]], NDArray[np.float32]]:
    """Texts in ``near`` are one direction, each other its own; all share ``base``."""

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), len(texts) + 2), np.float32)
        for n, (row, text) in enumerate(zip(rows, texts, strict=True)):
            row[0] = np.sqrt(base)
            row[1 if text in near else n + 2] = np.sqrt(1.0 - base)
        return rows

    return embed


def checked(claim: str, text: str, base: float = 0.0, question: str = "Why?") -> CheckedClaim:
    sources = [source(each) for each in (text, *OTHERS)]
    (found,) = Grounding(question, sources, directions(claim, text, base=base)).check(claim)
    return found


@pytest.mark.parametrize("base", [0.0, 0.8])
def test_what_is_said_in_other_words_is_supported(base: float) -> None:
    """However near to each other an embedder puts any two sentences."""
    by_words = Grounding("Why?", [source(LAW), *map(source, OTHERS)]).check(REWORDED)
    assert [claim.support for claim in by_words] == [Support.PARTLY]
    found = checked(REWORDED, LAW, base)
    assert found.support is Support.SUPPORTED
    assert [sentence.text for sentence in found.sources] == [LAW]
    assert found.why == ""


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        (REWORDED.replace("Edinburgh", "Glasgow"), LAW),
        (REWORDED.replace("fuelled", "did not fuel"), LAW),
        (REWORDED, LAW.replace("strengthened", "never strengthened")),
        (REWORDED.replace("fuelled", "weakened"), LAW),
        ("Net sales climbed to $34,292 million in 2022.", OTHERS[1]),
        ("Net sales fell to $34,229 million in 2022.", OTHERS[1]),
        ("Most oysters came back to four sites.", OTHERS[3]),
    ],
)
def test_nearness_excuses_no_name_figure_amount_opposite_or_negation(claim: str, text: str) -> None:
    assert checked(claim, text).support is not Support.SUPPORTED


def test_without_nearness_it_stays_as_the_words_say() -> None:
    sources = [source(each) for each in (LAW, *OTHERS)]
    (found,) = Grounding("Why?", sources, directions()).check(REWORDED)
    assert found.support is Support.PARTLY


def test_too_few_sources_tell_nothing_of_what_is_usual() -> None:
    (found,) = Grounding("Why?", [source(LAW)], directions(REWORDED, LAW)).check(REWORDED)
    assert found.support is Support.PARTLY
    assert not nearness([REWORDED], [LAW], directions(REWORDED, LAW)).any()


def test_what_shares_few_words_but_the_meaning_is_partly_supported() -> None:
    claim = "Mussels have settled again along the coast."
    assert checked(claim, OTHERS[3]).support is Support.PARTLY


def test_an_embedder_that_fails_leaves_the_words_to_judge() -> None:
    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        raise ChildFailedError("gone")

    sources = [source(each) for each in (LAW, *OTHERS)]
    found = Grounding("Why?", sources, embed).check(f"{LAW} {REWORDED}")
    assert [claim.support for claim in found] == [Support.SUPPORTED, Support.PARTLY]


def test_the_embedder_is_asked_once_and_only_where_words_lack() -> None:
    asked: list[int] = []

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        asked.append(len(texts))
        return directions()(texts)

    sources = [source(each) for each in (LAW, *OTHERS)]
    Grounding("Why?", sources, embed).check(LAW)
    assert asked == []
    Grounding("Why?", sources, embed).check(f"{REWORDED} {LAW} Bananas are yellow.")
    assert asked == [2 + len(sources)]


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        (
            "The chair of the panel is Hoesung Lee.",
            "Korean economist Hoesung Lee is the chair of the panel since October 2015.",
        ),
        (
            "The Imperial Library was created in 1273.",
            "In 1273, the Imperial Library was created at the court.",
        ),
        ("The treaty was signed by Marta Kovač.", "Marta Kovač signed the treaty in Ljubljana."),
        ("Marta Kovač signed the treaty.", "The treaty was signed by Marta Kovač in Ljubljana."),
        (
            "Irena Bajerska designed the garden.",
            "The garden, designed by Irena Bajerska, was opened in June 2002.",
        ),
        ("A force may affect other parts.", "A force might affect other parts of the object."),
        ("The quotes state that the tenant must give notice in writing.", OTHERS[0]),
        ("According to the documents, the tenant must give notice in writing.", OTHERS[0]),
    ],
)
def test_parts_may_stand_in_another_order(claim: str, text: str) -> None:
    (found,) = Grounding("Who, and when?", [source(text)]).check(claim)
    assert found.support is Support.SUPPORTED
    assert claim[found.start : found.end] == found.text == claim


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("Jones sued Smith.", "Smith sued Jones."),
        ("Smith was sued by Jones.", "Smith sued Jones."),
        ("Poland is the capital of Warsaw.", "Warsaw is the capital of Poland."),
        ("The treaty was not signed by Marta Kovač.", "Marta Kovač signed the treaty."),
        ("Jones was paid before Smith.", "Smith was paid before Jones."),
    ],
)
def test_exchanged_roles_are_another_claim(claim: str, text: str) -> None:
    (found,) = Grounding("Who?", [source(text)]).check(claim)
    assert found.support is not Support.SUPPORTED


def test_a_question_excuses_only_what_the_passage_speaks_of() -> None:
    text = "Another important library, founded in 1816, is home to two million items."
    claim = "Another important library was closed in 1816."
    (found,) = Grounding("When was the important library closed?", [source(text)]).check(claim)
    assert found.support is not Support.SUPPORTED


def test_voices() -> None:
    assert active("B was seen by A.") == "A seen B"
    assert active("B, seen by A, was old.") == ""  # a form that is not told from others
    assert active("B, painted by A, was old.") == "A painted B"
    assert active("B was seen in May.") == ""
    assert bare("The quotes say that it rained.") == len("The quotes say that ")
    assert bare("It rained.") == 0
