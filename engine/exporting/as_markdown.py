"""Markdown (CommonMark). Nothing that a document or a model says is markup in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.exporting.content import Content, Paragraph, Run, Source, Turn

# Every character that begins markup inside a line. The slash and the dot are for bare addresses,
# which many readers turn into links; old readers know no backslash before an angle bracket.
_INLINE = re.compile(r"[\\`*_\[\]|#~$^]|!(?=\[)|(?<=:)/(?=/)|(?<=www)\.", re.IGNORECASE)
_ENTITY = re.compile(r"&(?=#?\w+;)")
_LINE_START = re.compile(r"(\s*)([-+=:>]|\d{1,9}(?=[.)]))")


def write(content: Content) -> str:
    return "\n\n".join(_parts(content)) + "\n"


def escaped(text: str) -> str:
    """One line of text as it reads, whatever is in it."""
    return _begun(inside(text))


def inside(text: str) -> str:
    """As :func:`escaped`, for what stands inside a line."""
    text = _ENTITY.sub("&amp;", text)
    return _INLINE.sub(lambda found: "\\" + found[0], text).replace("<", "&lt;")


def _begun(line: str) -> str:
    start = _LINE_START.match(line)
    if start is None:
        return line
    # a digit cannot be escaped, what follows it can
    at = start.end() if start[2].isdigit() else start.start(2)
    return line[:at] + "\\" + line[at:]


def _parts(content: Content) -> Iterator[str]:
    single = len(content.turns) == 1
    if not single:
        yield f"# {escaped(content.title)}"
    for turn in content.turns:
        yield f"**{escaped(turn.question)}**" if single else f"## {escaped(turn.question)}"
        yield from _turn(content, turn)
    if content.sources:
        yield f"**{content.sources_heading}**" if single else f"## {content.sources_heading}"
        yield "\n".join(_source(source) for source in content.sources)
    yield from (f"*{escaped(line)}*" for line in content.about)


def _turn(content: Content, turn: Turn) -> Iterator[str]:
    if turn.refusal:
        yield escaped(turn.refusal)
    written = [_paragraph(paragraph) for paragraph in turn.paragraphs]
    if turn.text_leads:
        yield from written
    if content.quotes_inside and turn.quotes:
        yield f"{turn.quotes_heading}:"
        yield "\n>\n".join(_quote(content.source(number)) for number in turn.quotes)
    elif turn.quotes and turn.paragraphs:
        yield f"{turn.quotes_heading}: {_numbers(turn.quotes)}"
    if not turn.text_leads:
        yield from written
    yield "  \n".join(f"*{escaped(note)}*" for note in turn.notes)


def _paragraph(paragraph: Paragraph) -> str:
    if paragraph.heading:
        return f"**{inside(paragraph.text.strip())}**"
    return _begun("".join(_run(run) for run in paragraph.runs).strip())


def _run(run: Run) -> str:
    text = inside(run.text)
    if run.sources:
        text += f" {_numbers(run.sources)}"
    if run.mark:
        text += f" (**{inside(run.mark)}**)"
    return text


def _quote(source: Source) -> str:
    return f"> {_numbers((source.number,))} “{inside(source.quote)}” {_reference(source)}"


def _source(source: Source) -> str:
    number = f"{source.number}. "
    return f"{number}{_reference(source)}\n{' ' * len(number)}> {escaped(source.quote)}"


def _reference(source: Source) -> str:
    return f"{escaped(source.title)} ({inside(source.document)}), {inside(source.where)}"


def _numbers(numbers: tuple[int, ...]) -> str:
    return "".join(f"\\[{number}\\]" for number in numbers)
