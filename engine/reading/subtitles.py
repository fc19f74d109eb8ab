"""Subtitles (SRT, WebVTT): what is said, and when.

Lines are put together to paragraphs, each with the time at which it begins; a page is called by
the time that it spans.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.reading.chapters import Chapters
from engine.reading.document import Reading, Source
from engine.reading.encoding import decode, first_bytes
from engine.reading.flow import PAGE_CHARACTERS, Flow, unmarked
from engine.reading.text import paged
from engine.records import DocumentFacts

_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
_CUE = re.compile(rf"^[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}[^\n]*$", re.MULTILINE)
_SPEAKER = re.compile(r"<v(?:\.[\w.]+)?[ \t]+([^<>]{1,80})>")
_TAG = re.compile(r"</?[a-zA-Z0-9.:]{1,40}(?:[ \t][^<>]{0,100})?>|\{\\?[a-zA-Z][^{}]{0,40}\}")
_SPOKEN = re.compile(r"[A-ZÀ-Þ][\w .'-]{0,40}: ")
_ENDS = re.compile(r"[.!?…。！？][\"'”’»)]*$")
_LONG = 250
_LONGEST = 600
_PAUSE = 4.0


@dataclass(slots=True)
class _Said:
    """Some lines that belong together; times in seconds."""

    start: float
    end: float
    text: str


def read(source: Source) -> Reading:
    data, omitted = first_bytes(source.path)
    text = decode(data, whole=not omitted).replace("\r\n", "\n").replace("\r", "\n")
    paragraphs = list(_paragraphs(unmarked(text)))
    if not paragraphs:
        return paged(text, "subtitles", "", omitted)
    chapters = Chapters()
    page: list[_Said] = []
    size = 0
    for said in paragraphs:
        if page and size + len(said.text) > PAGE_CHARACTERS:
            _add(page, chapters)
            page, size = [], 0
        page.append(said)
        size += len(said.text)
    _add(page, chapters)
    pages = chapters.pages()
    return Reading(DocumentFacts("subtitles", "", len(pages)), iter(pages), omitted)


def _add(page: list[_Said], chapters: Chapters) -> None:
    flow = Flow(chapter_level=0)
    for said in page:
        flow.add(f"[{_clock(said.start)}] {said.text}")
    name = f"{_clock(page[0].start)}–{_clock(max(said.end for said in page))}"
    chapters.add([flow.page(1, name)], name)


def _paragraphs(text: str) -> Iterator[_Said]:
    """Cues put together until a sentence ends, somebody pauses, or another one speaks."""
    current: _Said | None = None
    for start, end, said in _cues(text):
        if not said:
            continue
        if current is not None:
            other = said.startswith(("-", "–", ">>")) or _SPOKEN.match(said)
            full = len(current.text) > _LONG and _ENDS.search(current.text)
            if (
                other
                or full
                or start - current.end > _PAUSE
                or start < current.start
                or len(current.text) + len(said) > _LONGEST
            ):
                yield current
                current = None
        if current is None:
            current = _Said(start, end, said)
        elif not current.text.endswith(said):  # captions that roll say everything twice
            current.text += f" {said}"
        if current is not None:
            current.end = max(current.end, end)
    if current is not None:
        yield current


def _cues(text: str) -> Iterator[tuple[float, float, str]]:
    marks = list(_CUE.finditer(text))
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    for mark, until in zip(marks, ends, strict=False):
        # a blank line ends a cue; the number or name of the next one may follow it
        lines = text[mark.end() : until].lstrip("\n").partition("\n\n")[0]
        times = [int(part or 0) for part in mark.groups()]
        said = _SPEAKER.sub(r"\1: ", lines)
        said = html.unescape(_TAG.sub("", said))
        yield _seconds(times[:4]), _seconds(times[4:]), " ".join(said.split())


def _seconds(parts: list[int]) -> float:
    hours, minutes, seconds, thousandths = parts
    return 3600 * hours + 60 * minutes + seconds + thousandths / 1000


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
