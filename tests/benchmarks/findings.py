"""What the sample adapter's style is, and questions to measure it with that it has not seen."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.answers import AppliedAdapter
from engine.models.generator import Generator
from engine.models.messages import ChatMessage, Generate, TokenText
from engine.paths import resource, starter_model

ADAPTER = resource("adapters", "findings.gguf")
EXAMPLES = resource("adapters", "findings", "examples.jsonl")
MOST = 200  # tokens, as Carrel's answers have

_STYLE = re.compile(r"In short: [^\n]+\n1\. [^\n]+\n2\. [^\n]+(?:\n3\. [^\n]+(?:\n4\. [^\n]+)?)?")
_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")
_NUMBERED = re.compile(r"(?m)^\d\. ")


@dataclass(frozen=True, slots=True)
class Asked:
    """``quotes`` are none where the model is asked alone."""

    question: str
    quotes: tuple[str, ...] = ()

    @property
    def messages(self) -> tuple[ChatMessage, ...]:
        """As Carrel asks."""
        if not self.quotes:
            return (_system("plain.txt"), ChatMessage("user", self.question))
        lines = "".join(f"- {quote}\n" for quote in self.quotes)
        asked = f"Quotes:\n{lines}\nQuestion: {self.question}"
        return (_system("answer.txt"), ChatMessage("user", asked))


def follows(answer: str) -> bool:
    """Whether it is one line that sums up, two to four numbered findings, and nothing else."""
    return _STYLE.fullmatch(answer.strip()) is not None


def figures(answer: str) -> list[str]:
    """Those that it states; the findings' own numbers are none."""
    return _FIGURE.findall(_NUMBERED.sub("", answer))


def faithful(asked: Asked, answer: str) -> bool:
    """Whether every figure stands in what was asked, digit by digit."""
    known = set(_FIGURE.findall(" ".join((*asked.quotes, asked.question))))
    return all(figure in known for figure in figures(answer))


def answer(generator: Generator, asked: Asked, scale: float | None, most: int = MOST) -> str:
    """The starter's likeliest words, with the sample adapter unless ``scale`` is None."""
    adapters = () if scale is None else (AppliedAdapter(str(ADAPTER), scale),)
    request = Generate(str(starter_model()), asked.messages, most, adapters=adapters)
    replies = generator.generate(request)
    return "".join(reply.text for reply in replies if isinstance(reply, TokenText))


def _system(name: str) -> ChatMessage:
    text = resource("prompts", name).read_text(encoding="utf-8").strip()
    return ChatMessage("system", text)


QUESTIONS = (
    Asked("Why does the moon have phases?"),
    Asked("How should a small office keep its paper records in order?"),
    Asked("What is the difference between a virus and a bacterium?"),
    Asked("How can a village library win more readers?"),
    Asked("What does an executor of a will do?"),
    Asked("Why do bridges have expansion joints?"),
    Asked("How do I prepare for a job interview?"),
    Asked("What is a sample in statistics?"),
    Asked("Why should old photographs be kept in the dark?"),
    Asked(
        "The swimming bath closed in March because the pump failed. A new pump was ordered and "
        "arrived in June. The bath opens again on Saturday, and the first day is free."
    ),
    Asked(
        "Summarise: Two of the seven greenhouses lost their glass in the hail. The tomatoes in "
        "them were lost as well. The insurance pays for the glass but not for the plants. The "
        "gardener will grow lettuce there until autumn."
    ),
    Asked(
        "The witness had told the police that the car was blue. In court she said that it was "
        "green. The photograph shows a green car under a blue lamp. The judge found her honest."
    ),
    Asked(
        "We asked 120 nurses how long they sleep after a night shift. The mean was 5.2 hours. "
        "Those with dark curtains slept 40 minutes longer than those without."
    ),
    Asked(
        "Please put this briefly. The chairman has resigned for reasons of health. His deputy "
        "leads the association until the election in November. Two people have said that they "
        "will stand."
    ),
    Asked(
        "The new timetable gives the pupils ten minutes more at noon. The canteen is less crowded. "
        "Lessons end ten minutes later, which some parents of small children dislike."
    ),
    Asked(
        "How high is the fee?",
        (
            "Members meet on the first Monday of the month.",
            "Guests are welcome twice before they join.",
            "The fee is £35 a year and is due in January.",
        ),
    ),
    Asked(
        "What did the repair of the organ cost?",
        (
            "The organ has 1,284 pipes.",
            "Work took from April to September.",
            "The repair of the organ cost 46,500 euros.",
        ),
    ),
    Asked(
        "How many patients were treated?",
        (
            "The clinic opened in 2015.",
            "In its first year 3,410 patients were treated.",
            "Half of them came from the islands.",
        ),
    ),
    Asked(
        "When may the tenant keep a dog?",
        (
            "Clause 14 forbids animals in the flat.",
            "Guide dogs are exempt.",
            "The owner may allow a dog in writing.",
        ),
    ),
    Asked(
        "Did the new feed help?",
        (
            "Twenty pigs got the new feed and twenty the old one.",
            "Pigs on the new feed gained 812 grams a day.",
            "Pigs on the old feed gained 774 grams a day.",
        ),
    ),
    Asked(
        "What happened to the manuscript?",
        (
            "The manuscript was written about 1340.",
            "Seven leaves were cut out before 1700.",
            "Three of them turned up at a sale in 1962.",
        ),
    ),
    Asked(
        "How long is the warranty?",
        (
            "The warranty lasts 36 months from delivery.",
            "Damage by water is not covered.",
        ),
    ),
    Asked(
        "Why was the train late?",
        (
            "The 7.14 left the depot on time.",
            "A signal failed near Barrow at 7.31.",
            "The train reached the terminus 48 minutes late.",
        ),
    ),
    Asked(
        "What must drivers do in fog?",
        (
            "In fog drivers keep to 50 km/h.",
            "Fog lamps are switched on when one sees less than 100 metres.",
            "Overtaking is forbidden.",
        ),
    ),
    Asked(
        "Who signed the treaty?",
        (
            "The treaty was drawn up in two languages.",
            "It came into force on 3 May 1921.",
        ),
    ),
    Asked(
        "How many errors were found?",
        (
            "The audit looked at 600 invoices.",
            "Errors were found in 27 of them.",
            "The errors came to 1,940 in all.",
        ),
    ),
    Asked(
        "How strong was the concrete?",
        (
            "Cores were taken at five places.",
            "The mean strength was 33.5 MPa.",
            "The lowest value was 29.1 MPa.",
        ),
    ),
    Asked(
        "What helped the pupils to read?",
        (
            "Pupils read aloud to a partner for 15 minutes a day.",
            "After twelve weeks they read 18 words a minute more.",
            "The control class gained 7 words a minute.",
        ),
    ),
    Asked(
        "Is the path open in winter?",
        (
            "The path is closed from 1 December to 15 March.",
            "Snow is not cleared.",
            "The hut is open all year.",
        ),
    ),
    Asked(
        "How much did the parish collect?",
        (
            "The collection for the tower brought in £8,236.",
            "A concert added £1,105.",
            "Scaffolding is up until May.",
        ),
    ),
)
