"""What is made of what a person types."""

from __future__ import annotations

import pytest

from engine.lexical import expressions
from engine.query import Operator, Query, period


def match(text: str) -> str:
    query = Query.parse(text)
    return query.matching([each for term in query.terms for each in expressions(term)])


def unfinished(text: str) -> str:
    query = Query.parse(text)
    begun = query.unfinished()
    return query.matching(begun) if begun else match(text)


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
        ("1,577 apples, 3 pears", ("1,577", "apples", "3", "pears"), ()),
        ("किताब น้ำ", ("किताब", "น้ำ"), ()),
        ("naïve ключ 文字", ("naïve", "ключ", "文字"), ()),
        ("🗝 ?! ()", (), ()),
        (
            "„die Frist“ und «le délai»",
            ("die", "frist", "und", "le", "délai"),
            ("die Frist", "le délai"),
        ),
        ("", (), ()),
    ],
)
def test_terms_and_phrases(text: str, terms: tuple[str, ...], phrases: tuple[str, ...]) -> None:
    parsed = Query.parse(text)
    assert (parsed.terms, parsed.phrases) == (terms, phrases)


def test_a_phrase_must_be_there_and_words_may() -> None:
    assert match("red apple") == '"red" OR "apple"'
    assert match('"red apple"') == '("red apple") AND (("red apple") OR "red" OR "apple")'
    assert Query.parse('"a red one" "blue sea"').required() == '"a red one" AND "blue sea"'
    assert match("!") == ""


def test_the_last_word_may_be_unfinished() -> None:
    assert unfinished("red app") == '"red" OR "app" *'
    assert unfinished("red apple ") == '"red" OR "apple" *'
    assert unfinished("red apple?") == '"red" OR "apple"'
    assert unfinished("what is then") == '"what" OR "is" OR "then"'
    assert unfinished("what is thei") == '"thei" *'
    assert unfinished("租") == '"租" *'


def test_a_beginning_that_says_nothing_is_no_prefix() -> None:
    assert unfinished("wh") == '"wh"'
    assert unfinished("red ap") == '"red" OR "ap"'
    assert unfinished("section 5") == '"section" OR "5"'
    assert unfinished("red the") == '"red"'


def test_half_a_character_is_no_reason_to_fail() -> None:
    assert match('"abc \udcff" def') == '("abc ?") AND (("abc ?") OR "abc" OR "def")'


@pytest.mark.parametrize(
    ("text", "left", "excluded"),
    [
        ("rent -draft", "rent", ("draft",)),
        ('rent -"first draft" rise', "rent rise", ("first draft",)),
        ("rent -“first draft”", "rent", ("first draft",)),
        ("-draft", "", ("draft",)),
        ("rent -5 % of 2019-2020", "rent -5 % of 2019-2020", ()),
        ("a - b -- c --flag well-known Vor- und", "a - b -- c --flag well-known Vor- und", ()),
        ('"this -is one"  phrase', '"this -is one"  phrase', ()),
        ("gift -文書", "gift", ("文書",)),
    ],
)
def test_excluded_words(text: str, left: str, excluded: tuple[str, ...]) -> None:
    parsed = Query.parse(text)
    assert (parsed.text, parsed.excluded) == (left, excluded)


def test_what_is_excluded_must_not_be_there() -> None:
    assert match('red -sea -"a boat"') == '("red") NOT ("sea" OR "a boat")'
    assert unfinished("red app -sea") == '("red" OR "app" *) NOT ("sea")'
    assert Query.parse('"red one" -sea').unwanted() == '"sea"'
    assert match("-sea") == ""


@pytest.mark.parametrize(
    ("text", "left", "operators"),
    [
        ("rent file:*.pdf", "rent", [("file", "*.pdf", False)]),
        ('file:"two words.pdf" rent', "rent", [("file", "two words.pdf", False)]),
        ("FOLDER:“My letters” rent", "rent", [("folder", "My letters", False)]),
        ("rent type:pdf, before:2022", "rent", [("type", "pdf", False), ("before", "2022", False)]),
        ("rent -folder:old", "rent", [("folder", "old", True)]),
        ("a after:2021-05-31 b", "a b", [("after", "2021-05-31", False)]),
    ],
)
def test_operators(text: str, left: str, operators: list[tuple[str, str, bool]]) -> None:
    parsed = Query.parse(text)
    assert parsed.text == left
    assert [(o.name, o.value, o.negated) for o in parsed.operators] == operators


@pytest.mark.parametrize(
    "text",
    [
        "http://example.org/type:pdf",
        "file:///etc/hosts",
        "at 10:30 note: this",
        "type: pdf",
        "type:",
        "prototype:pdf",
        'file:""',
        '"type:pdf"',
        "site:example",
    ],
)
def test_what_is_no_operator(text: str) -> None:
    parsed = Query.parse(text)
    assert parsed.operators == ()
    assert parsed.text == text


def test_operators_that_mean_nothing_are_words() -> None:
    text = "rent before:soon type:pdf"
    parsed = Query.parse(text, [Operator("before", "soon", "before:soon")])
    assert parsed.text == "rent before:soon"
    assert parsed.terms == ("rent", "soon")
    assert [operator.name for operator in parsed.operators] == ["type"]


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2022", "2022-01-01", "2023-01-01"),
        ("2022-05", "2022-05-01", "2022-06-01"),
        ("2022/12", "2022-12-01", "2023-01-01"),
        ("2024-02-29", "2024-02-29", "2024-03-01"),
    ],
)
def test_periods(text: str, first: str, after: str) -> None:
    assert [day.isoformat() for day in period(text)] == [first, after]


@pytest.mark.parametrize(
    "text", ["soon", "", "0000", "2022-13", "2023-02-29", "9999", "22", "5.2022"]
)
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match="2022-05-31"):
        period(text)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("What is the rent file:lease.pdf?", "lease.pdf"),
        ("What was the rent after:2019?", "2019"),
        ("What is the rent file:lease??", "lease??"),
        ("rent file:lease.pd?", "lease.pd?"),
        ("What is the rent file:lease.pd? now", "lease.pd?"),
    ],
)
def test_the_mark_that_ends_a_question_is_not_the_operator_s(typed: str, value: str) -> None:
    (operator,) = Query.parse(typed).operators
    assert operator.value == value
