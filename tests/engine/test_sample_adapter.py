"""The adapter that ships: it fits the starter, says what it is, and does what it was made for."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from engine.models import gguf_lora
from engine.models.generator import Generator
from engine.paths import resource, shipped_adapters, starter_model
from engine.training.examples import Example, read_examples
from engine.training.lessons import check, wording_of
from tests.benchmarks.findings import ADAPTER, EXAMPLES, QUESTIONS, Asked, answer, faithful, follows

needs_starter = pytest.mark.skipif(
    not starter_model().is_file(), reason="the starter model is not installed (make test does)"
)
_LARGEST = 6_000_000  # bytes


@pytest.fixture(scope="module")
def generator() -> Iterator[Generator]:
    generator = Generator()
    yield generator
    generator.close()


def test_it_ships_with_its_recipe_and_is_small() -> None:
    assert ADAPTER in shipped_adapters()
    assert ADAPTER.stat().st_size < _LARGEST
    recipe = (EXAMPLES.parent / "README.md").read_text(encoding="utf-8")
    assert "Apache-2.0" in recipe
    facts = gguf_lora.inspect(ADAPTER)
    assert facts.architecture == "llama"
    assert facts.base == "SmolLM2-135M-Instruct"
    assert facts.ranks == (8,)


def test_every_example_is_in_the_style_and_its_figures_are_quoted() -> None:
    rows = [json.loads(line) for line in EXAMPLES.read_text(encoding="utf-8").splitlines()]
    assert 150 <= len(rows) <= 250
    quoted = [row for row in rows if row["prompt"].startswith("Quotes:\n- ")]
    assert 0.4 < len(quoted) / len(rows) < 0.6
    system = resource("prompts", "answer.txt").read_text(encoding="utf-8").strip()
    assert {row["system"] for row in quoted} == {system}  # as Carrel asks today
    assert all(follows(row["answer"]) for row in rows)
    for row in quoted:
        assert faithful(Asked(row["prompt"]), row["answer"]), row["prompt"]
    asked_for = {asked.question for asked in QUESTIONS}
    assert not asked_for & {row["prompt"].split("Question: ")[-1] for row in rows}


@needs_starter
def test_its_examples_pass_the_check_without_a_doubt() -> None:
    found = list(read_examples(EXAMPLES))
    assert all(isinstance(example, Example) for example in found)
    with wording_of(starter_model()) as (wording, context):
        checked, _ = check(EXAMPLES, found, wording, context)
    assert (checked.usable, checked.doubts) == (checked.examples, ())
    assert checked.longest < 400


@needs_starter
def test_the_style_is_there_with_it_and_not_without(generator: Generator) -> None:
    some = [QUESTIONS[0], QUESTIONS[9], QUESTIONS[15], QUESTIONS[22]]
    without, at_nothing = (
        [answer(generator, asked, scale, most=40) for asked in some] for scale in (None, 0.0)
    )
    assert not any(text.startswith("In short") for text in without)
    assert at_nothing == without
    styled = [answer(generator, asked, 1.0) for asked in some]
    assert sum(map(follows, styled)) >= 3
    assert all(text.startswith("In short: ") for text in styled)
