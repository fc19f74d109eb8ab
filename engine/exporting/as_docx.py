"""Word documents: headings, numbers that lead to their sources, and a list of these."""

from __future__ import annotations

import datetime
import io
from typing import Any

import docx
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Mm, Pt, RGBColor

from engine.answers import Support
from engine.exporting.content import Content, Paragraph, Run, Source, Turn
from engine.exporting.wording import reads_from_right

_QUIET = RGBColor(0x5C, 0x5F, 0x66)
_LINK = RGBColor(0x1F, 0x5A, 0xA8)
_COLOURS = {
    Support.PARTLY: RGBColor(0x8A, 0x5A, 0x00),
    Support.UNSUPPORTED: RGBColor(0xA3, 0x21, 0x1A),
}
_SMALL = Pt(9)
_INDENT = Pt(18)
_LONGEST_PROPERTY = 255


def write(content: Content) -> bytes:
    document = docx.Document()
    properties = document.core_properties
    properties.title = content.title[:_LONGEST_PROPERTY]
    properties.author = properties.last_modified_by = "Carrel"
    properties.comments = ""
    properties.created = properties.modified = datetime.datetime.now(datetime.UTC)
    document.sections[0].page_width, document.sections[0].page_height = Mm(210), Mm(297)
    _Writer(document, content).write()
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


class _Writer:
    def __init__(self, document: Any, content: Content) -> None:
        self._document = document
        self._content = content

    def write(self) -> None:
        content = self._content
        self._heading(content.title, 0)
        for turn in content.turns:
            if len(content.turns) > 1 or turn.question != content.title:
                self._heading(turn.question, 1)
            self._turn(turn)
        if content.sources:
            self._heading(content.sources_heading, 1)
        for source in content.sources:
            self._source(source)
        for line in content.about:
            self._note(line)

    def _turn(self, turn: Turn) -> None:
        if turn.refusal:
            self._paragraph(turn.refusal).runs[0].bold = True
        if turn.text_leads:
            self._written(turn)
        if turn.quotes and (self._content.quotes_inside or turn.paragraphs):
            heading = self._paragraph(turn.quotes_heading)
            heading.runs[0].bold = True
            heading.paragraph_format.keep_with_next = True
            if self._content.quotes_inside:
                for number in turn.quotes:
                    self._quote(self._content.source(number))
            else:
                _numbers(heading, turn.quotes)
        if not turn.text_leads:
            self._written(turn)
        for note in turn.notes:
            self._note(note)

    def _written(self, turn: Turn) -> None:
        for paragraph in turn.paragraphs:
            if paragraph.heading:
                self._heading(paragraph.text.strip(), 2)
            else:
                self._claims(paragraph)

    def _claims(self, paragraph: Paragraph) -> None:
        made = self._paragraph("", like=paragraph.text)
        for run in paragraph.runs:
            _claim(made, run)

    def _quote(self, source: Source) -> None:
        made = self._paragraph("", like=source.quote)
        made.paragraph_format.left_indent = made.paragraph_format.right_indent = _INDENT
        _numbers(made, (source.number,), raised=False)
        _text(made, f" “{source.quote}”")
        where = self._note(_reference(source))
        where.paragraph_format.left_indent = _INDENT

    def _source(self, source: Source) -> None:
        made = self._paragraph("")
        _bookmark(made, source.number)
        made.add_run(f"{source.number}. ").bold = True
        _text(made, _reference(source))
        made.paragraph_format.keep_with_next = True
        quote = self._paragraph(f"“{source.quote}”", like=source.quote)
        quote.paragraph_format.left_indent = quote.paragraph_format.right_indent = _INDENT

    def _heading(self, text: str, level: int) -> None:
        _turned(self._document.add_heading(text, level), text)

    def _note(self, text: str) -> Any:
        made = self._paragraph(text)
        for run in made.runs:
            run.font.size = _SMALL
            run.font.color.rgb = _QUIET
        return made

    def _paragraph(self, text: str, *, like: str = "") -> Any:
        """``like`` is what the direction goes by, where the text itself comes later."""
        made = self._document.add_paragraph()
        if text:
            _text(made, text)
        return _turned(made, like or text)


def _claim(paragraph: Any, run: Run) -> None:
    colour = None if run.support is None else _COLOURS.get(run.support)
    if run.text:
        made = _text(paragraph, run.text)
        if colour is not None and run.text.strip():
            made.font.color.rgb = colour
            made.underline = run.support is Support.UNSUPPORTED or None
    _numbers(paragraph, run.sources)
    if run.mark:
        made = paragraph.add_run(f" ({run.mark})")
        made.bold = True
        made.font.size = _SMALL
        if colour is not None:
            made.font.color.rgb = colour


def _numbers(paragraph: Any, numbers: tuple[int, ...], *, raised: bool = True) -> None:
    """Links to bookmarks in the same document; they lead nowhere else."""
    for number in numbers:
        link = OxmlElement("w:hyperlink")
        link.set(qn("w:anchor"), _bookmark_name(number))
        link.set(qn("w:history"), "1")
        run = paragraph.add_run(f"[{number}]")
        run.font.superscript = raised or None
        run.font.color.rgb = _LINK
        paragraph._p.append(link)
        link.append(run._r)


def _bookmark(paragraph: Any, number: int) -> None:
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for element in (start, end):
        element.set(qn("w:id"), str(number))
        paragraph._p.append(element)
    start.set(qn("w:name"), _bookmark_name(number))


def _bookmark_name(number: int) -> str:
    return f"source_{number}"


def _text(paragraph: Any, text: str) -> Any:
    run = paragraph.add_run(text)
    if reads_from_right(text):
        run.font.rtl = True
    return run


def _turned(paragraph: Any, text: str) -> Any:
    if reads_from_right(text):
        paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))
    return paragraph


def _reference(source: Source) -> str:
    return f"{source.title} ({source.document}), {source.where}"
