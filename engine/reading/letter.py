"""A message as a reader of mail sees it: subject, who to whom and when, text, files with it.

Where a message has its text in several forms, it is the one that a mail program shows: HTML, if
there is one with any text. What is quoted from earlier messages stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from engine.reading import html
from engine.reading.document import Attachment, NotReadError, clean
from engine.reading.enclosures import Names
from engine.reading.flow import Flow, unmarked
from engine.records import BlockKind

LINES = ("From", "To", "Cc", "Bcc", "Date")
"""The headers that stand above the text."""

_MOST_TEXT = 4_000_000
"""Characters of one message that are read."""

_LONGEST_LINE = 2000
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")
_ARMOUR = re.compile(r"\s*-----BEGIN PGP MESSAGE-----")


@dataclass(frozen=True, slots=True)
class Body:
    """One text of a message. ``flowed`` lines that end in a space go on in the next one."""

    text: Callable[[], str]
    markup: bool = False
    flowed: bool = False


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that came with a message, under the name that the message gives it."""

    name: str
    kind: str
    content: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Letter:
    """``headers`` are lines such as ("From", "Ann <ann@example.org>"). ``bodies`` follow each
    other; of each one's forms the first that holds text is shown. ``sealed`` is a sentence where
    the message is encrypted, ``omitted`` one about what was left out."""

    subject: str
    headers: tuple[tuple[str, str], ...]
    bodies: tuple[tuple[Body, ...], ...]
    enclosures: tuple[Enclosure, ...] = ()
    sealed: str = ""
    omitted: str = ""

    @property
    def label(self) -> str:
        """The subject and the day."""
        subject = " ".join(self.subject.split())
        if len(subject) > 45:
            subject = subject[:44].rstrip() + "…"
        return " · ".join(part for part in (subject, self._day()) if part)

    def _day(self) -> str:
        when = next((value for name, value in self.headers if name == "Date"), "")
        try:
            return parsedate_to_datetime(when).date().isoformat()
        except (ValueError, TypeError, IndexError, OverflowError):
            return when[:10] if re.match(r"\d{4}-\d\d-\d\d", when) else ""

    def add_to(self, flow: Flow) -> None:
        flow.add(unmarked(self.subject), BlockKind.HEADING, 1)
        lines = (f"{name}: {_cut(value)}" for name, value in self.headers if value)
        flow.add(unmarked("\n".join(lines)))
        for forms in self.bodies:
            _add(forms, flow)

    def is_armoured(self) -> bool:
        """Whether the text is a message in PGP's own letters."""
        return any(_ARMOUR.match(form.text()[:1000]) for forms in self.bodies for form in forms)

    def attachments(self, names: Names, before: str = "") -> tuple[Attachment, ...]:
        return tuple(
            Attachment(names.give(each.name, each.kind, before), each.content)
            for each in self.enclosures
        )


def _add(forms: tuple[Body, ...], flow: Flow) -> None:
    """Add the first of the forms that shows any text."""
    before = len(flow)
    for form in forms:
        text = form.text()[:_MOST_TEXT]
        if form.markup:
            _add_markup(text, flow)
        else:
            _add_plain(text, form.flowed, flow)
        if len(flow) > before:
            return


def _add_markup(text: str, flow: Flow) -> None:
    with suppress(NotReadError):
        root, _ = html.parse(text)
        html.add(root, flow)


def _add_plain(text: str, flowed: bool, flow: Flow) -> None:
    text = unmarked(clean(text))
    if flowed:
        text = re.sub(r"(?<=\S) \n(?![>\s])", " ", text.replace("\n-- \n", "\n--\n"))
    for paragraph in _PARAGRAPH.split(text):
        flow.add("\n".join(line.rstrip() for line in paragraph.split("\n")))


def _cut(value: str) -> str:
    """A header that names thousands of people is not a line to read."""
    value = " ".join(value.split())
    return value if len(value) <= _LONGEST_LINE else value[:_LONGEST_LINE].rstrip() + " …"
