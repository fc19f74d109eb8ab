"""What is made of what a person types."""

from __future__ import annotations

import pytest

from engine.query import Query


@pytest.mark.parametrize(
    ("text", "terms", "phrases"),
    [
        ("What were the net sales in 2022?", ("net", "sales", "2022"), ()),
        ("the of and", ("the", "of", "and"), ()),
        ('notice "thirty days" please', ("notice", "thirty", "days"), ("thirty days",)),
        ("“curly quotes” too", ("curly", "quotes"), ("curly quotes",)),
        ('"unfinished', ("unfinished",), ()),
        ('"" "  " "!!"', (), ()),
        ("O'Brien's R&D non-GAAP 3.5", ("o'brien's", "r&d", "non-gaap", "3.5"), ()),
        ("same SAME Same", ("same",), ()),
        ("naïve ключ 文字", ("naïve", "ключ", "文字"), ()),
        ("🗝 ?! ()", (), ()),
        ("", (), ()),
    ],
)
def test_terms_and_phrases(text: str, terms: tuple[str, ...], phrases: tuple[str, ...]) -> None:
    parsed = Query.parse(text)
    assert (parsed.terms, parsed.phrases) == (terms, phrases)


def test_a_phrase_must_be_there_and_words_may() -> None:
    assert Query.parse("red apple").match() == '"red" OR "apple"'
    assert Query.parse('"red apple"').match().startswith('("red apple") AND (')
    assert Query.parse('"a red one" "blue sea"').match().count(" AND ") == 2
    assert Query.parse("!").match() == ""


def test_the_last_word_may_be_unfinished() -> None:
    assert Query.parse("red app").prefix_match() == '"red" OR "app" *'
    assert Query.parse("red apple ").prefix_match() == '"red" OR "apple" *'
    assert Query.parse("red apple?").prefix_match() == '"red" OR "apple"'
    assert Query.parse("wh").prefix_match() == '"wh" *'
    assert Query.parse("what is th").prefix_match() == '"th" *'


def test_half_a_character_is_no_reason_to_fail() -> None:
    assert Query.parse('"abc \udcff" def').match() == '("abc ?") AND ("abc" OR "def")'
