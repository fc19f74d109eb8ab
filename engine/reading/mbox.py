"""Mailboxes (MBOX): each message is a page. The file is mapped and read message by message, for
an archive of years is larger than memory."""

from __future__ import annotations

import mmap
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from engine.reading.chapters import label
from engine.reading.document import Attachment, NotReadError, Reading, Source
from engine.reading.enclosures import Names
from engine.reading.flow import Flow
from engine.reading.letter import Letter
from engine.reading.mail import beginning, letter
from engine.reading.mime import parsed
from engine.records import DocumentFacts, DocumentState, Page

_MOST_BYTES = 1_500_000_000
_MOST_MESSAGES = 100_000
_LARGEST = 64_000_000

_MOST_SEARCHED = 20_000
"""Messages in which files are looked for."""

# A line of "From ", an address and a date; what only begins with the word is text.
_SEPARATOR = re.compile(rb"From (?=[^\r\n]{0,300}\d{2}:\d{2})[^\r\n]{0,400}\r?\n")
# A message without any of these has no files with it, and is not encrypted.
_SIGNS = (b"name=", b"name*", b"attachment", b"message/", b"application/", b"encrypted")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_SEALED = "This message is encrypted; only its headers can be read."


def read(source: Source) -> Reading:
    """Raises ``NotReadError`` where the file holds no message."""
    box = _Box.opened(source)
    if not box.spans:
        raise NotReadError(DocumentState.FAILED, "The file holds no message: it is no mailbox.")
    names = Names()
    attachments: list[Attachment] = []
    sealed = partly = searched = last = 0
    count = len(box.spans)
    omitted = [box.omitted] if box.omitted else []
    for number in range(1, count + 1):
        if source.cancelled():
            break
        if not box.may_hold_more(number):
            continue
        if searched == _MOST_SEARCHED:
            omitted.append(f"Files that came with messages after number {last:,} were not read.")
            break
        searched, last = searched + 1, number
        message = box.letter(number)
        sealed += bool(message.sealed)
        partly += bool(message.omitted)
        attachments.extend(box.attachments(number, message, names))
    if sealed:
        omitted.append(f"{sealed:,} of {count:,} messages are encrypted; their text is not read.")
    if partly:
        omitted.append(f"{partly:,} of {count:,} messages have parts that were left out.")
    facts = DocumentFacts("mail", "", count)
    return Reading(facts, _pages(box, source), " ".join(omitted), tuple(attachments))


@dataclass(frozen=True, slots=True)
class _Box:
    """A mapped mailbox, and where its messages are in it."""

    data: bytes | mmap.mmap
    spans: tuple[tuple[int, int], ...]
    omitted: str

    @classmethod
    def opened(cls, source: Source) -> _Box:
        size = source.path.stat().st_size
        with source.path.open("rb") as file:
            data = mmap.mmap(file.fileno(), min(size, _MOST_BYTES), access=mmap.ACCESS_READ)
        starts: list[int] = []
        full = False
        at = 0
        while at >= 0:
            if _SEPARATOR.match(data, at):
                if full := len(starts) == _MOST_MESSAGES:
                    break
                starts.append(at)
            at = data.find(b"\nFrom ", at) + 1 or -1
        ends = [*starts, at if full else len(data)]
        omitted = ""
        if full:
            omitted = f"Only the first {_MOST_MESSAGES:,} messages were read."
        elif size > _MOST_BYTES:
            omitted = (
                f"The file is {size / 1e6:,.0f} MB; only its first {_MOST_BYTES / 1e6:,.0f} MB "
                "were read."
            )
        spans = [(a, min(b, a + _LARGEST)) for a, b in pairwise(ends)]
        return cls(data, tuple(spans), omitted)

    def may_hold_more(self, number: int) -> bool:
        """Whether a message may be more than its text; costs little."""
        start, end = self.spans[number - 1]
        message = self.data[start:end].lower()
        return any(sign in message for sign in _SIGNS)

    def letter(self, number: int) -> Letter:
        """A message; its number is that of its page."""
        start, end = self.spans[number - 1]
        message = self.data[start:end]
        if b"\n>From " in message or b"\n>>" in message:
            message = _QUOTED.sub(rb"\1", message)
        return letter(parsed(message, beginning(message)))

    def attachments(self, number: int, message: Letter, names: Names) -> tuple[Attachment, ...]:
        """What came with a message. It holds on to the place, not to the bytes."""
        found = message.attachments(names, f"message {number} – ")
        return tuple(
            replace(each, content=_content(self, number, index)) for index, each in enumerate(found)
        )


def _content(box: _Box, number: int, index: int) -> Callable[[], bytes]:
    return lambda: box.letter(number).enclosures[index].content()


def _pages(box: _Box, source: Source) -> Iterator[Page]:
    for number in range(1, len(box.spans) + 1):
        if source.cancelled():
            return
        message = box.letter(number)
        flow = Flow(chapter_level=0)
        message.add_to(flow)
        page = flow.page(number, label(message.label) or str(number))
        yield replace(page, note=_SEALED) if message.sealed else page
