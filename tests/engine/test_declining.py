"""A model that says it found no answer claims nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from engine.answering.answerer import Answerer
from engine.answering.declining import declines
from engine.answering.grounding import Grounding
from engine.answers import Answer, Support
from engine.exporting.content import content
from engine.models.messages import ChatMessage, Generate, Generated, ModelFacts, TokenText
from engine.retrieval import Retriever
from engine.store import Store
from engine.workers import CancelToken
from tests.engine.making import FakeEmbedder, document, embed_all, put
from tests.engine.test_grounding import source

MODEL = Path("/models/writer.gguf")
QUESTION = "When was the harbour of Emsworth dredged?"
HARBOUR = "The harbour of Emsworth was dredged in the spring of 1998 by two barges."


@pytest.mark.parametrize(
    "sentence",
    [
        "The quotes do not say.",
        "“The quotes don’t say.”",
        "The quotes do not hold the answer.",
        "The documents don't mention a deposit.",
        "The provided context does not specify the year.",
        "The text does not explicitly state when it was built.",
        "Unfortunately, the provided quotes do not contain the answer to this question.",
        "I'm sorry, but the quotes do not say.",
        "I cannot find an answer in the quotes.",
        "I could not find any information about Berlin.",
        "I don't know.",
        "I am unable to answer this question from the quotes.",
        "There is no information about that in the quotes.",
        "There is no mention of Berlin in the provided text.",
        "Based on the provided quotes, there is no information about who won.",
        "The answer is not in the quotes.",
        "It is not stated in the quotes who built it.",
        "The name of the king is not mentioned in the quotes.",
        "The exact date cannot be determined from the quotes.",
        "Based on the quotes, it is not possible to say who won.",
        "None of the quotes mention this.",
        "The quotes say nothing about rent.",
        "Not mentioned in the quotes.",
    ],
)
def test_saying_that_there_is_no_answer(sentence: str) -> None:
    assert declines(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The quotes do not say it, but Kublai died in 1300.",
        "The quotes do not say when; however, it was built by Ada.",
        "The contract does not mention a deposit.",
        "The harbour was not dredged in 1962.",
        "The tenant cannot find a buyer.",
        "No answer was received from the tenant.",
        "There is no evidence that the drug works.",
        "There is no reference price in the contract.",
        "The text of the treaty was not changed.",
        "The sources do not agree on the date.",
        "The source of the river is unknown, and nobody looks for it any more.",
        "The documents were signed in 1990.",
    ],
)
def test_what_states_something_is_a_claim(sentence: str) -> None:
    assert not declines(sentence)


def test_it_is_not_checked_like_a_claim() -> None:
    grounding = Grounding(QUESTION, [source(HARBOUR)])
    first, second = grounding.check(f"The quotes do not say. {HARBOUR}")
    assert (first.support, first.declines, first.sources) == (Support.UNCHECKED, True, ())
    assert (second.support, second.declines) == (Support.SUPPORTED, False)


def test_what_a_source_says_itself_is_its_claim() -> None:
    said = "The text does not mention the king."
    (checked,) = Grounding("Does the poem name him?", [source(said)]).check(said)
    assert (checked.support, checked.declines) == (Support.SUPPORTED, False)


class ScriptedGenerator:
    """Writes ``text``, whatever it is asked."""

    def __init__(self, text: str) -> None:
        self.text = text

    def facts(self, model: Path, cancel: CancelToken | None = None) -> ModelFacts:
        return ModelFacts("writer", "llama", 2048, True, 7_000_000_000)

    def count(
        self, model: Path, conversations: Sequence[Sequence[ChatMessage]], cancel: CancelToken
    ) -> tuple[int, ...]:
        return tuple(sum(len(m.content) // 4 for m in each) for each in conversations)

    def reading_speed(self, model: Path) -> float | None:
        return None

    def generate(
        self, request: Generate, cancel: CancelToken, on_read: Callable[[int, int], None]
    ) -> Iterator[TokenText | Generated]:
        yield TokenText(self.text)
        yield Generated("stop", 100, 0, 20, 0.1, 0.5)


def answered(store: Store, text: str) -> Answer:
    put(store, "harbour.txt", document(HARBOUR))
    embed_all(store)
    embedder = FakeEmbedder()
    retriever = Retriever(store, embedder)  # type: ignore[arg-type]
    answerer = Answerer(
        store,
        embedder,  # type: ignore[arg-type]
        ScriptedGenerator(text),  # type: ignore[arg-type]
        retriever,
        lambda: 2.0,
    )
    try:
        return answerer.ask(QUESTION, model=MODEL)
    finally:
        retriever.close()


def test_an_answer_that_declines_is_doubtful_and_keeps_its_quotes(store: Store) -> None:
    answer = answered(store, "The quotes do not say.")
    assert "the model found no answer in these quotes" in answer.doubt
    assert [claim.support for claim in answer.claims] == [Support.UNCHECKED]
    assert answer.quotes
    assert not answer.refused
    (turn,) = content([answer]).turns
    assert not any("Written without documents" in note for note in turn.notes)


def test_a_part_that_is_not_said_leaves_the_rest_as_it_is(store: Store) -> None:
    answer = answered(store, f"{HARBOUR} The quotes do not say what it cost.")
    assert "the model found no answer" not in answer.doubt
    assert [c.support for c in answer.claims] == [Support.SUPPORTED, Support.UNCHECKED]
