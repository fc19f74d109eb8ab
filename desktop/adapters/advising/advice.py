"""Three questions about what a person wants, and what follows from the answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Aim(StrEnum):
    """What should get better."""

    FACTS = "facts"
    FORM = "form"
    BOTH = "both"


class Ground(StrEnum):
    """What the facts are like that answers rest on."""

    OWN = "own"
    KNOWN = "known"
    NONE = "none"


class Examples(StrEnum):
    """What there is to learn a form from."""

    MANY = "many"
    READY = "ready"
    FEW = "few"


@dataclass(frozen=True, slots=True)
class Question:
    """``choices`` are the words of each answer, by its key."""

    words: str
    choices: tuple[tuple[StrEnum, str], ...]


QUESTIONS = (
    Question(
        "What should get better?",
        (
            (Aim.FACTS, "What answers say: they should rest on my documents"),
            (Aim.FORM, "How answers are written: their tone, form or terms"),
            (Aim.BOTH, "Both"),
        ),
    ),
    Question(
        "What are the facts like that answers need?",
        (
            (
                Ground.OWN,
                "They are in my documents: they change, are confidential, or need a source",
            ),
            (Ground.KNOWN, "Widely known and stable"),
            (Ground.NONE, "None: texts are rewritten, sorted or put into a form"),
        ),
    ),
    Question(
        "Do you have examples of answers as you want them?",
        (
            (Examples.MANY, "Yes, a hundred or more"),
            (Examples.READY, "No, but an adapter for it exists that I could download"),
            (Examples.FEW, "A few, or none"),
        ),
    ),
)


class Way(StrEnum):
    """What is advised."""

    DOCUMENTS = "documents"
    ADAPTER = "adapter"
    BOTH = "both"
    INSTRUCTIONS = "instructions"


class Step(StrEnum):
    """What to do next, for the view to offer."""

    ASK = "ask"
    ADD = "add"
    MAKE = "make"
    COMPARE = "compare"


@dataclass(frozen=True, slots=True)
class Advice:
    """``reasons`` are sentences, the most telling first."""

    way: Way
    headline: str
    reasons: tuple[str, ...]
    steps: tuple[Step, ...]


_HEADLINES = {
    Way.DOCUMENTS: "Your documents are enough",
    Way.ADAPTER: "An adapter is what you need",
    Way.BOTH: "Use both: documents for the facts, an adapter for the form",
    Way.INSTRUCTIONS: "First say in the question how you want it written",
}

CANNOT = (
    "Add facts that can be relied on. It picks up phrases from its examples, and mixes them up.",
    "Cite. Only what was found in a document can be opened at its page.",
    "Keep up. What changes after it was trained, it does not know.",
    "Keep a secret. What was in its examples can come out in an answer, word for word.",
    "Serve another model. It fits the one that it was trained on, and no other.",
)
"""What an adapter cannot do, whoever made it."""


def advise(aim: Aim, ground: Ground, examples: Examples) -> Advice:
    """What suits these answers."""
    facts = aim is not Aim.FORM or ground is Ground.OWN
    form = aim is not Aim.FACTS
    reasons = []
    if facts and ground is not Ground.KNOWN:
        reasons.append(
            "Your facts are in your documents. Retrieval reads them when you ask: what changed "
            "this morning is in the answer, every claim opens at its page, and nothing was "
            "trained into a model that could repeat it elsewhere."
        )
    elif facts:
        reasons.append(
            "Facts that are widely known a large model may know, and a small one will make up. "
            "Put a good reference work among your documents, and answers have a source."
        )
    if form and examples is Examples.MANY:
        reasons.append(
            "You have enough examples. From a hundred on, a model learns a tone, a form or the "
            "words of a field, and follows it without being told in every question."
        )
    elif form and examples is Examples.READY:
        reasons.append(
            "An adapter that exists costs you nothing to try. It has to be made for the model "
            "that answers here; Carrel checks that before it is used."
        )
    elif form:
        reasons.append(
            "A few examples are too few to train on. Put one into the question, or say how you "
            "want it (“in three numbered sentences”). Models of four billion parameters and more "
            "follow that well."
        )
    if form and not facts and ground is Ground.KNOWN:
        reasons.append(
            "Facts that are widely known stay as sure, or as unsure, as the model is of them: an "
            "adapter does not change that."
        )
    elif form and not facts:
        reasons.append("No facts have to be looked up, so retrieval would add little.")
    if not form:
        reasons.append(
            "How answers are written is fine as it is, and an adapter would change only that."
        )
    way = _way(facts, form, examples)
    return Advice(way, _HEADLINES[way], tuple(reasons), _steps(way, examples))


def _way(facts: bool, form: bool, examples: Examples) -> Way:
    if not form:
        return Way.DOCUMENTS
    if examples is Examples.FEW:
        return Way.DOCUMENTS if facts else Way.INSTRUCTIONS
    return Way.BOTH if facts else Way.ADAPTER


def _steps(way: Way, examples: Examples) -> tuple[Step, ...]:
    if way in (Way.DOCUMENTS, Way.INSTRUCTIONS):
        return (Step.ASK,)
    first = Step.MAKE if examples is Examples.MANY else Step.ADD
    return (first, Step.COMPARE)
