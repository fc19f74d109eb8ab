"""Words of PDF pages: cut ones put together, letters in one spelling, spans that stay exact."""

from __future__ import annotations

import numpy as np
import pytest

from engine.reading.pdf_lines import LINE, SPACE
from engine.reading.pdf_words import PageText, WordJoiner


def joined(lines: str, joiner: WordJoiner | None = None) -> PageText:
    words, gaps = [], []
    for line in lines.split("\n"):
        for word in line.split(" "):
            words.append(word)
            gaps.append(SPACE)
        gaps[-1] = LINE
    return (joiner or WordJoiner()).text(words, np.array(gaps[:-1], dtype=np.int64))


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ("a large invest-\nment of money", "a large investment of money"),
        ("the term is long and a long-\nterm plan", "the term is long and a long-term plan"),
        ("a self-made man, self-\nmade twice", "a self-made man, self-made twice"),
        ("from Alsace-\nLorraine on", "from Alsace-\nLorraine on"),
        ("pages 12-\n14 of it", "pages 12-\n14 of it"),
        ("a soft\u00ad\nly spoken and un\u00adcut word", "a softly spoken and uncut word"),
        ("cafe\u0301 au lait", "caf\u00e9 au lait"),
    ],
)
def test_text(lines: str, text: str) -> None:
    assert joined(lines).text == text


def test_halves_of_a_word_keep_their_own_spans() -> None:
    page = joined("an invest-\nment")
    assert [page.text[a:b] for a, b in page.spans] == ["an", "invest", "ment"]


def test_a_document_teaches_its_words() -> None:
    joiner = WordJoiner()
    joined("the short term and the short-term view", joiner)
    assert joined("a short-\nterm loan", joiner).text == "a short-term loan"
    joined("this reinvestment is one", joiner)
    assert joined("a reinvest-\nment in it", joiner).text == "a reinvestment in it"
