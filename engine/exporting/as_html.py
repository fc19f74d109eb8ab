"""One HTML file that holds everything and asks for nothing.

Its only links go from a number to the source further down; its policy forbids scripts and
everything from outside.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from html import escape

from engine.answers import Support
from engine.exporting.content import Content, Paragraph, Run, Source, Turn
from engine.exporting.wording import has_letters_from_right, reads_from_right
from engine.paths import resource

_MARKED = {
    Support.PARTLY: "partly",
    Support.UNSUPPORTED: "unsupported",
    Support.UNCHECKED: "unchecked",
}
_LTR = "&lrm;"


def write(content: Content) -> str:
    return page(content.title, body(content))


def page(title: str, inside: str) -> str:
    """A whole file around what stands between its body tags."""
    style = resource("styles", "export.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return (
        "<!DOCTYPE html>\n"
        '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n"
        f"<style>{style}</style>\n</head>\n"
        f"<body>\n{inside}\n</body>\n</html>\n"
    )


def body(content: Content) -> str:
    """What stands between the body tags. Sources have the ids ``source-1`` and on."""
    return "\n".join(_parts(content))


def _parts(content: Content) -> Iterator[str]:
    yield f"<h1{_direction(content.title)}>{escape(content.title)}</h1>"
    for turn in content.turns:
        yield f'<section class="turn" id="turn-{turn.number}">'
        if len(content.turns) > 1 or turn.question != content.title:
            yield f"<h2{_direction(turn.question)}>{escape(turn.question)}</h2>"
        yield from _turn(content, turn)
        yield "</section>"
    if content.sources:
        yield f'<section class="sources">\n<h2>{escape(content.sources_heading)}</h2>'
        yield from (_source(source) for source in content.sources)
        yield "</section>"
    for line in content.about:
        yield f'<p class="note">{escape(line)}</p>'


def _turn(content: Content, turn: Turn) -> Iterator[str]:
    if turn.refusal:
        yield f'<p class="refusal"{_direction(turn.refusal)}>{escape(turn.refusal)}</p>'
    written = [_paragraph(paragraph) for paragraph in turn.paragraphs]
    if turn.text_leads:
        yield from written
    if content.quotes_inside and turn.quotes:
        yield f'<p class="heading">{escape(turn.quotes_heading)}</p>'
        yield from (_quote(content.source(number)) for number in turn.quotes)
    elif turn.quotes and turn.paragraphs:
        yield f'<p class="heading">{escape(turn.quotes_heading)} {_numbers(turn.quotes)}</p>'
    if not turn.text_leads:
        yield from written
    for note in turn.notes:
        yield f'<p class="note"{_direction(note)}>{escape(note)}</p>'


def _paragraph(paragraph: Paragraph) -> str:
    text = paragraph.text
    if paragraph.heading:
        return f"<h3{_direction(text)}>{escape(text.strip())}</h3>"
    turned = reads_from_right(text)
    inside = "".join(_run(run, turned=turned) for run in paragraph.runs)
    return f"<p{_direction(text)}>{inside.strip()}</p>"


def _run(run: Run, *, turned: bool) -> str:
    text = escape(run.text)
    kind = _MARKED.get(run.support) if run.support is not None else None
    if kind is not None and run.text.strip():
        text = f'<span class="{kind}">{text}</span>'
    if run.sources:
        text += f"<sup>{_numbers(run.sources)}</sup>"
    if run.mark:
        mark = f"({escape(run.mark)})"
        text += (
            f' <b class="mark">{_LTR}{mark}{_LTR}</b>' if turned else f' <b class="mark">{mark}</b>'
        )
    return text


def _quote(source: Source) -> str:
    return (
        f"<blockquote><p{_direction(source.quote)}>{_numbers((source.number,))} "
        f"“{escape(source.quote)}”</p>\n"
        f'<p class="where">{_reference(source)}</p></blockquote>'
    )


def _source(source: Source) -> str:
    return (
        f'<p class="source" id="source-{source.number}"><b>{source.number}.</b> '
        f"{_reference(source)}</p>\n"
        f"<blockquote><p{_direction(source.quote)}>“{escape(source.quote)}”</p></blockquote>"
    )


def _reference(source: Source) -> str:
    return (
        f'{_apart(source.title)} <span class="document">({_apart(source.document)})</span>, '
        f"{_apart(source.where)}"
    )


def _apart(name: str) -> str:
    """The name, so that it does not turn the direction of what follows; the mark is for MuPDF,
    which knows no ``bdi``."""
    return f"<bdi>{escape(name)}</bdi>{_LTR if has_letters_from_right(name) else ''}"


def _numbers(numbers: tuple[int, ...]) -> str:
    return "".join(f'<a href="#source-{number}">[{number}]</a>' for number in numbers)


def _direction(text: str) -> str:
    return ' dir="rtl"' if reads_from_right(text) else ' dir="ltr"'
