"""Pages that are shown as text: each kind of block in its own look, each offset in its place."""

from __future__ import annotations

from typing import Any

import pytest
from paging import page, span
from PySide6.QtGui import QTextCharFormat, QTextCursor, QTextTable

from desktop import theme
from desktop.source.cells import cells, is_number
from desktop.source.inert import inert
from desktop.source.mail_head import mail_head
from desktop.source.styles import tint
from desktop.source.text_view import TextView
from engine.records import Block, BlockKind, Page, PageState

K = BlockKind

ARTICLE = page(
    (K.MARGINAL, "Journal of Owls"),
    (K.HEADING, "On owls", 1),
    (K.PARAGRAPH, "An owl 🦉 hunts."),
    (K.LIST_ITEM, "by night"),
    (K.PARAGRAPH, "> It hears\n> the mouse."),
    (K.CAPTION, "Table 1. Strikes"),
    (K.TABLE_HEAD, "Light | Hits"),
    (K.TABLE_ROW, "Dusk | 91.6%"),
    (K.TABLE_ROW, "Darkness |"),
    (K.CODE, "def owl():"),
    (K.CODE, "    return 1"),
    (K.FOOTNOTE, "1 See Payne."),
    (K.PARAGRAPH, "The end."),
)


@pytest.fixture
def view(qtbot: Any) -> TextView:
    view = TextView()
    qtbot.addWidget(view)
    view.resize(600, 800)
    view.show()
    return view


def style_of(view: TextView, shown: Page, words: str) -> QTextCharFormat:
    cursor = QTextCursor(view.document())
    cursor.setPosition(view.ranges(*span(shown, words))[0][0] + 1)
    return cursor.charFormat()


def test_every_block_is_lit_in_its_place(view: TextView) -> None:
    for block in ARTICLE.blocks:
        view.show_page(ARTICLE, (block.start, block.end))
        words = ARTICLE.text[block.start : block.end]
        cut = [words[a:b] for a, b in cells(words, 0, len(words))]
        expected = [cell for cell in cut if cell] if block.kind.startswith("table") else [words]
        assert view.lit_text() == [part.replace("\n", "\u2028") for part in expected]


def test_a_span_over_everything_is_lit_but_for_what_joins_cells(view: TextView) -> None:
    view.show_page(ARTICLE, (0, len(ARTICLE.text)))
    lit = view.lit_text()
    assert len(lit) == len(ARTICLE.blocks) + 2  # two rows have a second cell that holds something
    assert "Darkness" in lit
    assert "91.6%" in lit


def test_kinds_of_blocks_look_different(view: TextView) -> None:
    view.show_page(ARTICLE)
    tones = theme.colours()
    size = {
        words: style_of(view, ARTICLE, words).font().pointSizeF()
        for words in ("On owls", "hunts", "Strikes", "See Payne", "Journal")
    }
    assert size["On owls"] > size["hunts"] > size["Strikes"] > size["See Payne"] > size["Journal"]
    for words in ("Journal", "Table 1", "See Payne", "It hears"):
        assert style_of(view, ARTICLE, words).foreground().color() == tones.muted
    assert style_of(view, ARTICLE, "hunts").foreground().color() == tones.text
    assert style_of(view, ARTICLE, "def owl").fontFixedPitch()
    frames = view.document().rootFrame().childFrames()
    assert [(f.rows(), f.columns()) for f in frames if isinstance(f, QTextTable)] == [
        (1, 1),  # the quote
        (3, 2),
        (1, 1),  # the code
    ]


def test_empty_lines_between_pieces_of_code_are_kept(view: TextView) -> None:
    text = "import owl\n\n\ndef hunt():\n    pass\ndef rest():\n    pass"
    parts = ("import owl", "def hunt():\n    pass", "def rest():\n    pass")
    blocks = tuple(Block(text.index(part), text.index(part) + len(part), K.CODE) for part in parts)
    shown = Page(1, "", text, PageState.TEXT, blocks)
    view.show_page(shown, span(shown, "rest"))
    assert view.toPlainText().strip() == text
    assert view.lit_text() == ["rest"]


def test_a_cited_row_is_tinted(view: TextView) -> None:
    view.show_page(ARTICLE, span(ARTICLE, "91.6%"))
    table = next(
        frame
        for frame in view.document().rootFrame().childFrames()
        if isinstance(frame, QTextTable) and frame.columns() == 2
    )
    fills = [table.cellAt(row, 0).format().background().color() for row in range(3)]
    tones = theme.colours()
    assert fills[:2] == [tones.surface, tint(tones.base)]
    assert fills[2] != fills[1]


def test_words_of_a_document_are_never_markup(view: TextView) -> None:
    words = "<b>bold</b> &amp; <img src='http://example.org/x.png'>"
    shown = page((K.HEADING, words, 1), (K.TABLE_ROW, f"{words} | x"), (K.CODE, words))
    view.show_page(shown)
    assert view.toPlainText().count(words) == 3
    assert [block.kind for block in shown.blocks] == [K.HEADING, K.TABLE_ROW, K.CODE]


def test_lines_of_prose_are_no_longer_than_can_be_read(view: TextView, qtbot: Any) -> None:
    prose = page((K.PARAGRAPH, "An owl hunts by night. " * 40))
    view.show_page(prose)
    narrow = view.document().rootFrame().frameFormat().leftMargin()
    view.resize(1600, 800)
    wide = view.document().rootFrame().frameFormat().leftMargin()
    assert narrow == 24 < wide
    view.show_page(page((K.PARAGRAPH, "Owls"), (K.TABLE_ROW, "a | b"), (K.TABLE_ROW, "c | d")))
    assert view.document().rootFrame().frameFormat().leftMargin() == 24  # tables need the room


# --- mails ----------------------------------------------------------------------------------

MAIL = page(
    (K.HEADING, "Minutes", 1),
    (K.PARAGRAPH, "From: Anna <anna@example.org>"),
    (K.PARAGRAPH, "To: The board\nCc: Jo"),
    (K.PARAGRAPH, "Date: 14 March 2024"),
    (K.PARAGRAPH, "Dear all, from: now on we meet at ten."),
)


def test_a_mail_has_its_head_set_apart(view: TextView) -> None:
    view.show_page(MAIL)
    (table,) = view.document().rootFrame().childFrames()
    assert isinstance(table, QTextTable)
    shown = [
        tuple(
            QTextCursor(table.cellAt(row, column).firstCursorPosition()).block().text()
            for column in range(2)
        )
        for row in range(table.rows())
    ]
    assert shown == [
        ("From", "Anna <anna@example.org>"),
        ("To", "The board"),
        ("Cc", "Jo"),
        ("Date", "14 March 2024"),
    ]
    for words in ("Anna <anna@example.org>", "Jo", "Dear all", "Minutes"):
        view.show_page(MAIL, span(MAIL, words))
        assert view.lit_text() == [words]


@pytest.mark.parametrize(
    "lines",
    [
        ("From: here to there",),
        ("To: the reader", "Date: today"),
        ("Dear all", "I write.", "I go on.", "And on.", "From: Anna", "To: Jo"),
        ("From: Anna\nwho else", "To: Jo"),
    ],
)
def test_lines_that_are_no_mails_head_stay_text(lines: tuple[str, ...]) -> None:
    shown = page(*((K.PARAGRAPH, line) for line in lines))
    assert mail_head(shown.text, shown.blocks) is None


# --- cells ----------------------------------------------------------------------------------


@pytest.mark.parametrize("row", [["a", "b"], ["", "b"], ["a", ""], ["a", "", "c"], ["", "", "c"]])
def test_cells_are_found_as_they_were_joined(row: list[str]) -> None:
    text = "x\n" + " | ".join(row).strip() + "\ny"
    start, end = 2, len(text) - 2
    assert [text[a:b] for a, b in cells(text, start, end)] == row
    assert all(start <= a <= b <= end for a, b in cells(text, start, end))


@pytest.mark.parametrize(
    "cell", ["1", "1,577", "(1.0)", "-3", "−3.5", "12 %", "$ 4.50", "1.2e-9", "—", "EUR 3", "2 EUR"]
)
def test_figures_are_told(cell: str) -> None:
    assert is_number(cell)


@pytest.mark.parametrize("cell", ["", "a", "1 May", "2024-01-01", "3 of 4", "R2D2", "1" * 60])
def test_words_are_no_figures(cell: str) -> None:
    assert not is_number(cell)


# --- hidden ---------------------------------------------------------------------------------


def test_hidden_words_are_marked_and_nothing_moves(view: TextView) -> None:
    text = "Seen. Unseen 🦉 words. Seen again."
    start = text.index("Unseen")
    hidden = ((start, text.index(" Seen again")),)
    shown = Page(1, "", text, PageState.TEXT, (Block(0, len(text)),), hidden=hidden)
    view.show_page(shown, span(shown, "Seen again"))
    assert view.lit_text() == ["Seen again"]
    marked = style_of(view, shown, "Unseen")
    assert marked.underlineStyle() == QTextCharFormat.UnderlineStyle.DashUnderline
    assert "answers leave it out" in marked.toolTip()
    plain = style_of(view, shown, "Seen again")
    assert plain.underlineStyle() == QTextCharFormat.UnderlineStyle.NoUnderline


def test_what_is_never_drawn_is_given_a_shape() -> None:
    tags = "".join(chr(0xE0000 + ord(letter)) for letter in "obey me")
    text = f"Owls{tags}\u200b\u200b\u200b\u200b hunt."
    hidden = ((4, 4 + len(tags) + 4),)
    assert inert(text, hidden) == "Owlsobey me···· hunt."
    assert len(inert(text, hidden)) == len(text)
    assert inert(text) == text  # only what is known to be hidden


def test_offsets_hold_where_wide_characters_become_narrow(view: TextView) -> None:
    tags = "".join(chr(0xE0000 + ord(letter)) for letter in "obey")
    text = f"🦉{tags} hunt"
    shown = Page(1, "", text, PageState.TEXT, (Block(0, len(text)),), hidden=((1, 5),))
    view.show_page(shown, (text.index("hunt"), len(text)))
    assert view.lit_text() == ["hunt"]
    assert view.toPlainText() == "🦉obey hunt"
