"""Markdown, read again by a Markdown parser that knows tables, links and raw HTML."""

from __future__ import annotations

from html import unescape
from re import sub

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from engine.answers import Answer, AnswerKind, Support
from engine.exporting import markdown
from engine.exporting.as_markdown import escaped
from engine.exporting.wording import one_line
from tests.engine.exporting.answers import HOSTILE, answer, citation, hostile, mixed, refusal

_READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_OURS = {"paragraph", "inline", "text", "softbreak", "hardbreak", "strong", "em", "heading"} | {
    "blockquote",
    "ordered_list",
    "list_item",
}


def _kinds(tokens: list[Token]) -> set[str]:
    found = set()
    for token in tokens:
        found.add(token.type.removesuffix("_open").removesuffix("_close"))
        found |= _kinds(token.children or [])
    return found


def _text(source: str) -> str:
    """What a reader of the rendered page reads."""
    without_ends = sub(r"</?(?:strong|em)>", "", _READER.render(source))
    return " ".join(unescape(sub(r"<[^>]*>", " ", without_ends)).split())


@pytest.mark.parametrize("text", HOSTILE)
def test_text_reads_as_it_was_and_is_no_markup(text: str) -> None:
    line = one_line(text)
    source = escaped(line)
    assert _kinds(_READER.parse(source)) <= {"paragraph", "inline", "text"}
    assert _text(source) == line


def test_hostile_answers_bring_no_markup_of_their_own() -> None:
    for made in (hostile(), *([one] for one in hostile())):
        assert _kinds(_READER.parse(markdown(made))) <= _OURS


def test_addresses_are_no_links_even_for_readers_that_look_for_them() -> None:
    source = escaped("see http://evil.example/a and www.evil.example")
    assert "http://" not in source
    assert "www." not in source


def test_claims_carry_numbers_and_what_they_lack() -> None:
    source = markdown([mixed()])
    text = _text(source)
    assert "Revenue was 15.77 billion. [1]" in text
    assert "It grew fast. [2] (only partly in the documents)" in text
    assert "The moon is cheese. (not in the documents)" in text
    assert "Annual report (reports/annual.pdf), p. 2" in text
    assert "Revenue reached 15.77 billion in 2019." in text
    assert "Written by SmolLM2-135M-Instruct." in text


def test_a_refusal_says_so_and_calls_its_quotes_the_closest() -> None:
    text = _text(markdown([refusal()]))
    assert "Not found in the 412 documents" in text
    assert text.index("Closest passages") < text.index("The mission to Mars was planned.")
    assert "Sources" not in text


def test_quotes_alone_say_that_no_model_wrote() -> None:
    text = _text(markdown([answer(citations=[citation(1, "Revenue reached 15.77 billion.")])]))
    assert "No model wrote this" in text
    assert text.count("Revenue reached 15.77 billion.") == 1


def test_sources_are_numbered_through_a_conversation() -> None:
    other = answer("And in 2020?", citations=[citation(1, "Revenue fell in 2020.", page=7)])
    text = _text(markdown([mixed(), other, mixed()], title="Revenue", asked=[0.0, 1.0, 2.0]))
    assert text.startswith("Revenue ")
    assert "[3] “Revenue fell in 2020.”" in text
    assert "[4]" not in text
    assert text.count("Asked on 1970-01-01") + text.count("Asked on 1969-12-31") == 3


def test_long_lists_of_sources_stay_one_list() -> None:
    cited = [citation(n, f"Quote number {n}.") for n in range(1, 121)]
    tokens = _READER.parse(markdown([answer(citations=cited)]))
    assert sum(token.type == "ordered_list_open" for token in tokens) == 1
    assert sum(token.type == "list_item_open" for token in tokens) == 120


def summary() -> Answer:
    return answer(
        "Summarise the annual report",
        text="Results\nRevenue rose. Costs fell.\n\nOutlook\nGrowth is expected.",
        claims=[
            ("Revenue rose.", Support.SUPPORTED, (1,)),
            ("Costs fell.", Support.UNSUPPORTED, (2,)),
            ("Growth is expected.", Support.SUPPORTED, (3,)),
        ],
        citations=[citation(1, "Revenue rose."), citation(2, "No."), citation(3, "We grow.")],
        quotes=(),
        kind=AnswerKind.SUMMARY,
    )


def test_a_summary_has_headings() -> None:
    source = markdown([summary()])
    assert "\n\n**Results**\n\n" in source
    assert "\n\n**Outlook**\n\n" in source
    assert "Summary written by" in source


def test_what_does_not_bear_a_claim_out_is_no_source_of_it() -> None:
    text = _text(markdown([summary()]))
    assert "Costs fell. (not in the documents)" in text
    assert "Growth is expected. [2]" in text
    assert "“No.”" not in text
