"""Writing that may only say again what its source says."""

from __future__ import annotations

import numpy as np
import pytest

from engine.models.generator import Generator
from engine.models.held import HeldToSource
from engine.models.messages import ChatMessage, Generate, TokenText
from engine.paths import starter_model

SOURCE = "The tenant pays 1,850 euros; the landlord keeps the cellar, which is damp."
END = 0


def letters(text: str) -> list[int]:
    return [ord(letter) for letter in text]


def written(wish: str, source: str = SOURCE) -> str:
    """What is written where the model would always like to write the next letter of ``wish`` and
    then to end."""
    held = HeldToSource(letters, lambda token: token == END, source)
    said = ""
    while True:
        logits = np.zeros(9000, dtype=np.float32)
        wanted = wish[len(said)] if wish.startswith(said) and len(said) < len(wish) else chr(END)
        logits[ord(wanted)] = 5.0
        token = held.choose(logits)
        if token is None:
            return said
        said += chr(token)


def test_the_whole_source_may_be_said() -> None:
    assert written(SOURCE) == SOURCE


@pytest.mark.parametrize(
    "wish",
    ["The tenant pays 1,850 euros;", "The tenant pays 1,850 euros; the landlord keeps the cellar,"],
)
def test_the_end_may_be_left_out(wish: str) -> None:
    assert written(wish) == wish


@pytest.mark.parametrize("wish", ["The landlord pays 1,850 euros.", "Nothing.", "The tenant", ""])
def test_no_other_word_can_be_written(wish: str) -> None:
    assert SOURCE.startswith(written(wish))
    assert len(written(wish)) >= len("The tenant pays 1,850 euros;")


@pytest.mark.parametrize(
    "source",
    [
        "The tenant pays the rent; this does not hold in January.",
        "In 2019, revenue was $5m, which fell, but in 2020, revenue was $7m.",
        "The tenant may sublet, such as to students, provided the landlord agrees.",
    ],
)
def test_nothing_is_cut_off_that_changes_what_was_said(source: str) -> None:
    for end in range(len(source)):
        assert written(source[:end], source) == source


def test_an_empty_source_says_nothing() -> None:
    assert written("Anything", "") == ""


@pytest.mark.skipif(not starter_model().is_file(), reason="the starter model is not installed")
def test_the_starter_keeps_to_the_source() -> None:
    generator = Generator()
    try:
        request = Generate(
            str(starter_model()),
            (ChatMessage("user", "Who discovered penicillin?"),),
            max_tokens=60,
            held_to=SOURCE,
        )
        parts = [r.text for r in generator.generate(request) if isinstance(r, TokenText)]
    finally:
        generator.close()
    said = "".join(parts)
    assert said.startswith("The tenant pays")
    at = 0
    for word in said.split():
        at = SOURCE.index(word, at) + len(word)
