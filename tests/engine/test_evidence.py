"""Whether what was found answers the question, and when that is not known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import pytest

from engine.answering.chance import Chance, ChanceOf, nearness
from engine.answering.evidence import Standing, weigh
from engine.answering.quotes import Sentence
from engine.answering.sought import Kind, Sought
from engine.errors import CancelledError
from engine.records import Hit
from engine.store.remembered import Remembered
from engine.unrelated import QUESTIONS
from engine.workers import CancelToken

Rank = Callable[[str], Sequence[Sentence]]
Size = Callable[[], tuple[int, int]]
CHANCE = Chance(usual=0.3, spread=0.1)
NEAR = "The harbour was dredged in 1962 by the Meyer company."


def found(
    text: str,
    meaning: float | None = 0.8,
    words: float = 0.8,
    around: str = "",
    name: str = "a.txt",
) -> Sentence:
    hit = Hit(1, 1, 1, name, "Harbour", 1, "1", 0, len(text), f"{text} {around}", "", 1.0, ())
    return Sentence(hit, 0, len(text), text, words, meaning, 1.0)


def test_near_sentences_that_agree_are_good_evidence() -> None:
    assert weigh("When was the harbour dredged?", [found(NEAR)], CHANCE).standing is Standing.GOOD


@pytest.mark.parametrize("sentences", [[], [found("The cat sat on the mat.", 0.35, 0.0)]])
def test_nothing_near_is_nothing(sentences: list[Sentence]) -> None:
    evidence = weigh("Who won the cup?", sentences, CHANCE)
    assert evidence.standing is Standing.NOTHING
    assert evidence.why == ""


def test_the_same_nearness_is_worth_less_where_chance_comes_as_near() -> None:
    sentences = [found(NEAR, 0.6, 0.5)]
    question = "When was the harbour dredged?"
    assert weigh(question, sentences, CHANCE).standing is not Standing.NOTHING
    assert weigh(question, sentences, Chance(0.55, 0.1)).standing is Standing.NOTHING


@pytest.mark.parametrize(
    ("question", "text", "word"),
    [
        ("When was the harbour not dredged?", NEAR, "dredged"),
        ("Which rents decreased last year?", "All rents increased last year.", "increased"),
    ],
)
def test_what_says_the_opposite_makes_doubtful(question: str, text: str, word: str) -> None:
    evidence = weigh(question, [found(text)], CHANCE)
    assert evidence.standing is Standing.DOUBTFUL
    assert word in evidence.why


def test_a_name_that_is_nowhere_near_makes_doubtful() -> None:
    question = "When was the harbour dredged by Jansen?"
    evidence = weigh(question, [found(NEAR)], CHANCE)
    assert evidence.standing is Standing.DOUBTFUL
    assert "Jansen" in evidence.why
    beside = found(NEAR, around="Jansen was paid for it.")
    assert weigh(question, [beside], CHANCE).standing is Standing.GOOD
    named = found(NEAR, name="Jansen & sons.txt")
    assert weigh(question, [named], CHANCE).standing is Standing.GOOD


def test_a_name_that_is_nowhere_refuses_what_is_only_rather_near() -> None:
    evidence = weigh("Where did Jansen live?", [found(NEAR, 0.5, 0.0)], CHANCE)
    assert evidence.standing is Standing.NOTHING


def test_a_name_may_be_spelled_out() -> None:
    question = "Who controlled the UK's harbours?"
    best = found("The harbours of the United Kingdom were controlled by two companies.")
    assert weigh(question, [best], CHANCE).standing is Standing.GOOD
    other = found("The harbours of the united counties were controlled by two companies.")
    assert "UK" in weigh(question, [other], CHANCE).why


def test_what_is_denied_in_other_words_is_denied() -> None:
    question = "Which problems are intractable if one class is not equal to the other?"
    best = found("If one class is not the same as the other, complete problems are intractable.")
    assert weigh(question, [best], CHANCE).standing is Standing.GOOD
    other = found("One class and the other are the same, and problems are intractable.")
    assert "equal" in weigh(question, [other], CHANCE).why


@pytest.mark.parametrize(
    ("words", "standing"),
    [(0.9, Standing.GOOD), (0.4, Standing.DOUBTFUL), (0.1, Standing.NOTHING)],
)
def test_without_an_embedder_the_words_speak(words: float, standing: Standing) -> None:
    evidence = weigh("When was it dredged?", [found(NEAR, None, words)], None)
    assert evidence.standing is standing


def test_unable_is_not_able() -> None:
    best = found("The bank was unable to pay because its assets were frozen.")
    assert weigh("Why was the bank not able to pay?", [best], CHANCE).standing is Standing.GOOD


class Kept:
    """What a library remembers."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def get(self, key: str) -> str:
        return self.values.get(key, "")

    def put(self, key: str, value: str) -> None:
        self.values[key] = value


def chance_of(rank: Rank, size: Size, kept: Kept | None = None) -> ChanceOf:
    return ChanceOf(rank, size, cast(Remembered, kept or Kept()))


def test_chance_is_remembered_until_the_library_has_grown_or_another_embedder_serves() -> None:
    size, asked, kept = [(1, 100)], list[str](), Kept()

    def rank(question: str) -> Sequence[Sentence]:
        asked.append(question)
        return [found("x", 0.2 + 0.02 * (len(asked) % 5), 0.0)]

    chance = chance_of(rank, lambda: size[0], kept)
    assert chance.known() is None
    first = chance.measure()
    assert len(asked) == len(QUESTIONS)
    assert 0.2 <= first.usual <= 0.28
    size[0] = (1, 140)
    assert chance.measure() == first == chance.known()
    assert chance_of(rank, lambda: size[0], kept).known() == first
    size[0] = (1, 160)
    assert chance.known() == first
    chance.measure()
    assert len(asked) == 2 * len(QUESTIONS)
    size[0] = (2, 160)
    assert chance.known() is None
    chance.measure()
    assert len(asked) == 3 * len(QUESTIONS)


def test_measuring_can_be_stopped() -> None:
    cancel = CancelToken()

    def rank(question: str) -> Sequence[Sentence]:
        cancel.cancel()
        return [found("x", 0.3, 0.0)]

    chance = chance_of(rank, lambda: (1, 1))
    with pytest.raises(CancelledError):
        chance.measure(cancel)
    assert chance.known() is None


def test_a_damaged_memory_is_measured_anew() -> None:
    kept = Kept()
    kept.values["chance"] = "{"
    chance = chance_of(lambda q: [found("x", 0.3, 0.0)], lambda: (1, 1), kept)
    assert chance.known() is None
    assert chance.measure().usual == pytest.approx(0.3)


def test_a_few_questions_that_the_library_answers_do_not_matter() -> None:
    near = set(QUESTIONS[:4])
    measured = chance_of(lambda q: [found("x", 0.9 if q in near else 0.3, 0.0)], lambda: (1, 1))
    assert measured.measure().usual == pytest.approx(0.3)
    assert nearness([]) == 0.0


@pytest.mark.parametrize(
    ("question", "kind", "holds", "lacks"),
    [
        ("When was it built?", Kind.TIME, "It was built in 1931.", "It was built by Ada."),
        ("How many pages has it?", Kind.NUMBER, "It has 40 pages.", "It has pages."),
        ("Who built it?", Kind.NAME, "It was built by Ada Moore.", "It was built of brick."),
    ],
)
def test_what_a_question_asks_for(question: str, kind: Kind, holds: str, lacks: str) -> None:
    sought = Sought.of(question)
    assert sought.kind is kind
    assert sought.found_in(holds) > 0 > sought.found_in(lacks)


def test_what_the_question_names_itself_is_no_answer() -> None:
    assert Sought.of("What happened when, in 1931, it burned?").found_in("It burned in 1931.") < 0
