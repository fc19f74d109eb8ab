"""What is said of a model, and that it is true and short."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from scripted_catalogue import SPEED, embedder, facts, generator

from desktop.models import wording
from engine.models.entries import Fit, Speed


@pytest.mark.parametrize(
    ("count", "long", "short"),
    [
        (0, "", ""),
        (293_000, "293 thousand", "293k"),
        (134_515_008, "135 million", "135M"),
        (999_000_000, "1.0 billion", "1.0B"),
        (4_020_000_000, "4.0 billion", "4.0B"),
    ],
)
def test_parameters_in_words(count, long, short):
    assert wording.parameters(count) == long
    assert wording.parameters(count, short=True) == short


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (1_600_000, "2 MB"),
        (98_000_000, "98 MB"),
        (2_500_000_000, "2.5 GB"),
        (120_400_000_000, "120 GB"),
    ],
)
def test_sizes_have_no_digit_too_many(size, words):
    assert wording.file_size(size) == words


def test_languages_by_name_and_the_rest_counted():
    assert wording.languages(("en", "fr")) == "English, French"
    assert wording.languages(("en", "de", "fr", "es", "it")) == (
        "English, German, French and 2 more languages"
    )
    assert wording.languages(("en", "eng", "English")) == "English"
    assert wording.languages(("multilingual",)) == "multilingual"
    assert wording.languages(()) == ""


def test_what_a_file_says_of_itself_is_one_short_line():
    hostile = "a\n\u202eb<b>" + "x" * 5000
    shown = wording.summary(generator("M", facts=facts(licence=hostile, quantisation=hostile)))
    assert "\n" not in shown
    assert "\u202e" not in shown
    assert len(shown) < 250


def test_a_summary_says_the_most_telling_first():
    assert wording.summary(generator("M")) == (
        "135M parameters · Q4_1 · 98 MB · 8k context · Apache-2.0 · English"
    )
    bare = facts(parameters=0, context=0, licence="", languages=(), has_template=False)
    assert wording.summary(generator("M", facts=bare)) == "Q4_1 · 98 MB · no chat template"
    assert wording.summary(embedder("E")) == "384 dimensions · /models/E"
    shipped = embedder("E", place="", shipped=True, dimension=0)
    assert wording.summary(shipped) == "Comes with Carrel"


def test_speed_in_words_per_second():
    assert wording.pace(SPEED) == "reads 420, writes 60 words/s"
    assert wording.pace(Speed(9, 2.4, 1, 2, 0)) == "reads 6.8, writes 1.8 words/s"


def test_a_speed_is_told_as_waiting():
    assert wording.wait(Speed(66.7, 10, 1, 2, 0)) == (
        "With 500 words of sources it begins to answer after about 10 seconds, and has written "
        "80 words after about 21 seconds."
    )
    assert "2 minutes" in wording.wait(Speed(5, 100, 1, 2, 0))


def test_the_meaning_speaks_of_size_template_memory_and_waiting():
    small = wording.meaning(generator("M"))
    assert "very small" in small
    assert "template" not in small
    rough = generator("M", facts=facts(parameters=8_000_000_000, has_template=False),
                      fit=Fit.TIGHT, speed=SPEED)  # fmt: skip
    words = wording.meaning(rough)
    assert "strong" in words
    assert "no chat template" in words
    assert wording.FITS[Fit.TIGHT].meaning in words
    assert "500 words" in words


def test_a_remark_is_said_once():
    remark = "It has no chat template: its answers will be poor."
    words = wording.meaning(generator("M", facts=facts(has_template=False), remark=remark))
    assert words.count("template") == 1


def test_numbers_behind_a_fit():
    entry = generator("M", facts=facts(memory=5_100_000_000))
    assert wording.memory(entry, 25_300_000_000) == (
        "about 5.1 GB when it runs; this computer has 25.3 GB"
    )
    assert wording.memory(embedder("E"), 25_300_000_000) == ""


def test_places_are_written_as_people_do():
    inside = generator("M", place=str(Path.home() / "dl" / "m.gguf"))
    assert wording.place(inside) == "~/dl/m.gguf"
    assert wording.place(replace(inside, shipped=True)) == "Comes with Carrel"
