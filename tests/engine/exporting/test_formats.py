"""HTML, PDF and Word documents, read again by their own parsers."""

from __future__ import annotations

import base64
import hashlib
import io
import random
import re
import time
import zipfile
from collections.abc import Iterator
from typing import Any, cast

import docx
import pymupdf
import pytest
from lxml import etree, html

from engine.answers import Answer, AnswerKind, Support
from engine.errors import CarrelError, ChildCrashedError
from engine.exporting import as_docx, as_html, as_pdf
from engine.exporting.content import Content, content
from engine.exporting.messages import ExporterReply
from engine.exporting.wording import one_line
from engine.workers import ChildProcess
from tests.engine.exporting.answers import HOSTILE, answer, citation, hostile, mixed, refusal

NOW = 1_800_000_000.0
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module")
def exporter() -> Iterator[ChildProcess[ExporterReply]]:
    child = ChildProcess[ExporterReply]("exporter", ExporterReply, limits=as_pdf.LIMITS)
    yield child
    child.close()


def _content(*answers: Answer, title: str = "") -> Content:
    return content(answers, title=title, asked=[NOW] * len(answers), exported=NOW)


def _foreign() -> Answer:
    return answer(
        "ما هو الدخل في عام 2019؟",
        text="بلغ الدخل 15.77 مليار. Die Größe stimmt. 收入为十五亿元。",
        claims=[
            ("بلغ الدخل 15.77 مليار.", Support.SUPPORTED, (1,)),
            ("Die Größe stimmt.", Support.PARTLY, (1,)),
            ("收入为十五亿元。", Support.UNSUPPORTED, ()),
        ],
        citations=[citation(1, "بلغ الدخل 15.77 مليار", title="التقرير", document="تقرير.pdf")],
    )


def _long() -> list[Answer]:
    claims = [("Revenue was 15.77 billion.", Support.SUPPORTED, (1, 2))] * 5
    return [
        answer(
            f"Question number {number}?",
            text="Revenue was 15.77 billion. " * 5,
            claims=claims,
            citations=[
                citation(n, f"Quote {n} of turn {number}. " * 8, start=number) for n in (1, 2, 3)
            ],
        )
        for number in range(200)
    ]


# --- HTML ---------------------------------------------------------------------------------------


def _page(made: Content) -> html.HtmlElement:
    return html.document_fromstring(as_html.write(made).encode())


def test_html_asks_for_nothing_and_runs_nothing() -> None:
    for made in (_content(*hostile()), *(_content(one) for one in hostile())):
        page = _page(made)
        tags = {element.tag for element in page.iter() if isinstance(element.tag, str)}
        assert not tags & {"script", "img", "link", "iframe", "object", "form", "svg", "base"}
        assert not any(name in element.attrib for element in page.iter() for name in _ACTIVE)
        ids = set(page.xpath("//@id"))
        for target in page.xpath("//@href"):
            assert target.startswith("#")
            assert target[1:] in ids


_ACTIVE = ("src", "srcset", "style", "onerror", "onload", "onclick", "action", "background")


def test_the_policy_allows_the_file_its_own_style_alone() -> None:
    page = _page(_content(mixed()))
    (policy,) = page.xpath('//meta[@http-equiv="Content-Security-Policy"]/@content')
    style = page.xpath("//style")[0].text
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
    assert "url(" not in style
    assert "@import" not in style


def test_html_shows_hostile_text_as_it_is() -> None:
    for one, text in zip(hostile(), HOSTILE, strict=True):
        shown = " ".join(_page(_content(one)).text_content().split())
        assert shown.count(one_line(text)) >= 4  # question, quote, title, notice


def test_html_marks_what_its_sources_do_not_say() -> None:
    page = _page(_content(mixed()))
    assert page.xpath('//span[@class="partly"]')[0].text == "It grew fast."
    assert page.xpath('//span[@class="unsupported"]')[0].text == "The moon is cheese."
    assert [mark.text for mark in page.xpath('//b[@class="mark"]')] == [
        "(only partly in the documents)",
        "(not in the documents)",
    ]
    text = page.text_content()
    assert "Annual report (reports/annual.pdf), p. 2" in text
    assert "Exported from Carrel on 2027-01-1" in text
    assert "Asked on 2027-01-1" in text


def test_html_refusals_call_their_quotes_the_closest() -> None:
    page = _page(_content(refusal()))
    assert page.xpath('//p[@class="refusal"]')[0].text.startswith("Not found in the 412")
    assert [heading.text for heading in page.xpath("//h2")] == ["Closest passages"]


def test_text_from_right_to_left_is_set_so() -> None:
    page = _page(_content(_foreign(), mixed()))
    assert page.xpath('//h2[@dir="rtl"]')[0].text == "ما هو الدخل في عام 2019؟"
    assert page.xpath('//h2[@dir="ltr"]')[0].text == "What was the revenue?"


def test_html_has_the_headings_of_a_summary() -> None:
    one = answer(
        text="Results\nRevenue rose.",
        claims=[("Revenue rose.", Support.SUPPORTED, (1,))],
        citations=[citation(1, "Revenue rose.")],
        kind=AnswerKind.SUMMARY,
    )
    assert [heading.text for heading in _page(_content(one)).xpath("//h3")] == ["Results"]
    styles = {p.text: p.style.name for p in _word(_content(one)).paragraphs}
    assert styles["Results"] == "Heading 2"


# --- PDF ----------------------------------------------------------------------------------------


def _pdf(made: Content, exporter: ChildProcess[ExporterReply]) -> pymupdf.Document:
    return pymupdf.open("pdf", as_pdf.write(made, exporter))


def _pdf_text(document: pymupdf.Document) -> str:
    flags = pymupdf.TEXTFLAGS_TEXT & ~pymupdf.TEXT_PRESERVE_LIGATURES
    return " ".join(" ".join(page.get_text(flags=flags) for page in document).split())


def test_pdf_has_the_text_its_numbers_and_an_outline(exporter: ChildProcess[ExporterReply]) -> None:
    document = _pdf(_content(mixed(), refusal(), title="Revenue & more"), exporter)
    text = _pdf_text(document)
    assert "It grew fast.[2] (only partly in the documents)" in text
    assert "The moon is cheese. (not in the documents)" in text
    assert "Not found in the 412 documents" in text
    assert "Closest passages" in text
    assert "1 / 1" in text
    assert document.metadata["title"] == "Revenue & more"
    assert [(level, name) for level, name, _ in document.get_toc()] == [
        (1, "What was the revenue?"),
        (1, "Who walked on Mars?"),
    ]


def _chars(page: pymupdf.Page) -> list[tuple[pymupdf.Point, str]]:
    """The characters of a page by their middles."""
    found = []
    for block in page.get_text("rawdict")["blocks"]:
        for line in block.get("lines", ()):
            for span in line["spans"]:
                for char in span["chars"]:
                    x0, y0, x1, y1 = char["bbox"]
                    found.append((pymupdf.Point((x0 + x1) / 2, (y0 + y1) / 2), char["c"]))
    return found


def test_pdf_links_lead_to_the_source_they_name(exporter: ChildProcess[ExporterReply]) -> None:
    document = _pdf(_content(*_long()[:12]), exporter)
    assert document.page_count > 3
    chars = [_chars(page) for page in document]
    links = [(page.number, link) for page in document for link in page.get_links()]
    assert len(links) == 12 * (5 * 2 + 3)
    for page, link in links:
        assert link["kind"] == pymupdf.LINK_GOTO
        number = re.fullmatch(
            r"\[(\d+)\]", "".join(char for at, char in chars[page] if at in link["from"])
        )
        assert number is not None
        top = link["to"].y
        line = "".join(char for at, char in chars[link["page"]] if top - 2 < at.y < top + 16)
        assert line.strip().startswith(f"{number[1]}.")


def test_pdf_shows_other_scripts(exporter: ChildProcess[ExporterReply]) -> None:
    document = _pdf(_content(_foreign()), exporter)
    text = _pdf_text(document)
    assert "Die Größe stimmt." in text
    assert "收入为十五亿元。" in text
    assert "بلغ الدخل 15.77 مليار" in text
    fonts = {font[3] for font in document[0].get_fonts()}
    assert any("Arabic" in font for font in fonts)
    assert any("Droid Sans Fallback" in font for font in fonts)
    for page in document:  # a letter without a glyph would be a box
        for block in page.get_text("rawdict")["blocks"]:
            for line in block.get("lines", ()):
                for span in line["spans"]:
                    assert all(ord(char["c"]) not in (0, 0xFFFD) for char in span["chars"])


def test_arabic_in_a_pdf_can_be_searched_on_every_page(
    exporter: ChildProcess[ExporterReply],
) -> None:
    sentence = "لا إله إلا الله وبلغ الدخل الإجمالي مليارين لكل الملاك الآن"
    quotes = [citation(n, f"{sentence} {n}", start=n) for n in range(1, 120)]
    document = _pdf(_content(answer(citations=quotes)), exporter)
    assert document.page_count > 3
    found = " ".join(_pdf_text(document).split())
    for word in sentence.split():
        assert found.count(word) >= 119, word


def test_pdf_shows_hostile_text_as_it_is(exporter: ChildProcess[ExporterReply]) -> None:
    document = _pdf(_content(*hostile()), exporter)
    text = _pdf_text(document)
    for hard in HOSTILE[:5] + HOSTILE[7:11] + HOSTILE[13:14]:
        assert one_line(hard) in text
    for page in document:
        assert all(link["kind"] == pymupdf.LINK_GOTO for link in page.get_links())
        assert not page.get_images()


def test_a_child_that_dies_is_a_sentence_with_a_way_on() -> None:
    class Dead:
        def ask(self, *_: object, **__: object) -> object:
            raise ChildCrashedError("It crashed (SIGSEGV).")

    with pytest.raises(CarrelError, match=r"could not be made: It crashed.*as HTML instead"):
        as_pdf.write(_content(mixed()), cast(Any, Dead()))


# --- Word ---------------------------------------------------------------------------------------


def _word(made: Content) -> docx.document.Document:
    return docx.Document(io.BytesIO(as_docx.write(made)))


def _word_text(document: docx.document.Document) -> str:
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def test_word_has_headings_marks_and_numbers_that_lead_to_sources() -> None:
    document = _word(_content(mixed(), refusal(), title="Revenue"))
    headings = [(p.style.name, p.text) for p in document.paragraphs if p.style.name != "Normal"]
    assert headings == [
        ("Title", "Revenue"),
        ("Heading 1", "What was the revenue?"),
        ("Heading 1", "Who walked on Mars?"),
        ("Heading 1", "Sources"),
    ]
    text = _word_text(document)
    assert "It grew fast.[2] (only partly in the documents)" in text
    assert "The moon is cheese. (not in the documents)" in text
    assert "1. Annual report (reports/annual.pdf), p. 2\n“Revenue reached 15.77" in text
    marks = {m.get(f"{_W}name") for m in document.element.iter(f"{_W}bookmarkStart")}
    links = [link.get(f"{_W}anchor") for link in document.element.iter(f"{_W}hyperlink")]
    assert marks == {"source_1", "source_2", "source_3"}
    assert set(links) == marks
    raised = [
        run.text
        for paragraph in document.paragraphs
        for link in paragraph.hyperlinks
        for run in link.runs
        if run.font.superscript
    ]
    assert raised == ["[1]", "[2]"]


def test_word_shows_hostile_text_as_it_is_and_links_nowhere() -> None:
    data = as_docx.write(_content(*hostile()))
    text = _word_text(docx.Document(io.BytesIO(data)))
    for hard in HOSTILE:
        assert text.count(one_line(hard)) >= 4
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.endswith(".rels"):
                assert b"External" not in archive.read(name)
            if name.endswith((".xml", ".rels")):
                etree.fromstring(archive.read(name))


def test_word_turns_paragraphs_that_are_read_from_the_right() -> None:
    document = _word(_content(_foreign(), mixed()))
    turned = [p.text for p in document.paragraphs if p._p.find(f"{_W}pPr/{_W}bidi") is not None]
    assert "ما هو الدخل في عام 2019؟" in turned
    assert "What was the revenue?" not in turned


# --- all ----------------------------------------------------------------------------------------


def test_a_very_long_quote_is_whole_in_every_format(exporter: ChildProcess[ExporterReply]) -> None:
    quote = " ".join(f"word{number}" for number in range(20_000))
    made = _content(answer(citations=[citation(1, quote, title="T" * 5_000)]))
    assert quote in _page(made).text_content()
    assert quote in _word_text(_word(made))
    text = re.sub(r" \d+ / \d+(?= |$)", "", _pdf_text(_pdf(made, exporter)))
    assert quote in text
    assert text.count("T") >= 5_000


def test_pdf_loses_no_word_at_the_end_of_a_page(exporter: ChildProcess[ExporterReply]) -> None:
    draw = random.Random(7)
    for longest in (10, 60, 300, 900):
        quotes, count = [], 0
        while count < 5_000:
            length = draw.randint(1, longest)
            quotes.append(" ".join(f"term{n}" for n in range(count, count + length)))
            count += length
        made = _content(answer(citations=[citation(n, q) for n, q in enumerate(quotes, 1)]))
        document = _pdf(made, exporter)
        words = [
            word[4]
            for page in document
            for word in page.get_text("words", clip=page.rect)
            if word[4].strip("“”").startswith("term")
        ]
        assert len(words) == count


def test_two_hundred_turns_take_seconds(exporter: ChildProcess[ExporterReply]) -> None:
    started = time.monotonic()
    made = _content(*_long())
    assert len(made.sources) == 600
    as_html.write(made)
    as_docx.write(made)
    assert _pdf(made, exporter).page_count > 50
    assert time.monotonic() - started < 60
