"""Messages as Outlook keeps them (MSG): properties in an OLE container, made a letter like any
other. A message inside a message becomes a mail of its own.

Numbers and types of properties are those of [MS-OXPROPS], the container is [MS-OXMSG].
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import olefile

from engine.reading import mail
from engine.reading.document import NotReadError, Reading, Source
from engine.reading.enclosures import titled
from engine.reading.encoding import first_bytes
from engine.reading.letter import Body, Enclosure, Letter
from engine.reading.letter_file import as_eml
from engine.reading.mime import decoded_text, parsed
from engine.reading.rich_text import plain_text
from engine.records import DocumentState

_MOST_ATTACHED = 2000
_DEEPEST = 8
_LARGEST = 256_000_000
_LONGEST = 65_536
"""Bytes of what stands on one line."""

_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_FAULTS = (
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    RecursionError,
    struct.error,
)

_UNREAD_TEXT = "The text of the message is kept in a way that Carrel cannot read."
_FIXED = "__properties_version1.0"
_SUBJECT, _BODY, _HTML, _RTF, _CLASS = "0037", "1000", "1013", "1009", "001A"
_SENT, _DELIVERED, _RECIPIENT_TYPE, _METHOD = 0x0039, 0x0E06, 0x0C15, 0x3705
_CODE_PAGES = (0x3FDE, 0x3FFD)
_FROM_NAMES, _FROM_ADDRESSES = ("0C1A", "0042"), ("5D01", "5D02", "0C1F", "0065")
_NAME, _ADDRESSES = "3001", ("39FE", "3003")
_SHOWN = {"To": "0E04", "Cc": "0E03", "Bcc": "0E02"}
_KINDS = {1: "To", 2: "Cc", 3: "Bcc"}
_CONTENT, _INNER = "3701", "__substg1.0_3701000D"
_FILE_NAMES, _FILE_TYPE, _IN_THE_TEXT = ("3707", "3704", _NAME), "370E", ("3712", "3713")
_MEETINGS = ("IPM.APPOINTMENT", "IPM.SCHEDULE.MEETING")
_BEGINS, _ENDS, _PLACE = 0x820D, 0x820E, 0x8208
_BY_REFERENCE = (2, 3, 4, 7)
_PERSON = {
    "Name": _NAME, "Company": "3A16", "Title": "3A17", "Department": "3A18",
    "Business phone": "3A08", "Mobile": "3A1C", "Home phone": "3A09", "Address": "3A15",
}  # fmt: skip


def read(source: Source) -> Reading:
    """Raises ``NotReadError`` where the file is damaged or the message encrypted."""
    try:
        data, omitted = first_bytes(source.path, _LARGEST)
        message = _Storage(olefile.OleFileIO(io.BytesIO(data)), (), 32).letter(0)
    except _FAULTS as error:
        raise NotReadError(
            DocumentState.FAILED, "The file is damaged: it cannot be opened as a message."
        ) from error
    if message.sealed or message.is_armoured():
        raise NotReadError(DocumentState.LOCKED, message.sealed or mail.ENCRYPTED)
    return mail.reading(message, omitted)


@dataclass(frozen=True, slots=True)
class _Storage:
    """A folder of the container that has properties; ``header`` bytes stand before the fixed
    ones: 32 in the message, 24 in one inside it, 8 in a recipient or an attachment."""

    container: Any
    path: tuple[str, ...]
    header: int

    def letter(self, depth: int) -> Letter:
        kind = self.text(_CLASS).upper()
        enclosures, hidden = self._enclosures(depth)
        if kind.startswith("IPM.NOTE.SMIME"):
            # the message that it wraps is the one attachment
            if hidden is not None and kind.endswith("MULTIPARTSIGNED"):
                return mail.letter(parsed(hidden()))
            return Letter(self.text(_SUBJECT), self._lines(), (), sealed=mail.ENCRYPTED)
        lines = self._lines()
        if kind == "IPM.CONTACT":
            named = ((name, self.text(number)) for name, number in _PERSON.items())
            lines = tuple((name, value) for name, value in named if value)
        forms = tuple(self._forms())
        bare = not forms and self._stream(f"__substg1.0_{_RTF}0102") is not None
        return Letter(
            self.text(_SUBJECT),
            lines,
            (forms,) if forms else (),
            tuple(enclosures),
            omitted=_UNREAD_TEXT if bare else "",
        )

    def text(self, number: str) -> str:
        """A property of text, on one line."""
        return " ".join(self._text(number, _LONGEST).replace("\0", " ").split())

    def whole(self, number: int) -> int | None:
        """A property of fixed size, as its eight bytes make a number."""
        fixed = self._stream(_FIXED) or b""
        for at in range(self.header, len(fixed) - 15, 16):
            if int.from_bytes(fixed[at + 2 : at + 4], "little") == number:
                return int.from_bytes(fixed[at + 8 : at + 16], "little")
        return None

    def _text(self, number: str, most: int = _LARGEST) -> str:
        wide = self._stream(f"__substg1.0_{number}001F", most)
        if wide is not None:
            return wide.decode("utf-16-le", "replace")
        narrow = self._stream(f"__substg1.0_{number}001E", most)
        return "" if narrow is None else decoded_text(narrow, self._charset())

    def _charset(self) -> str:
        for number in _CODE_PAGES:
            page = (_Storage(self.container, (), 32).whole(number) or 0) & 0xFFFFFFFF
            if page:
                return {65001: "utf-8", 20127: "ascii", 28591: "latin-1"}.get(page, f"cp{page}")
        return "cp1252"

    def _forms(self) -> Iterator[Body]:
        """The text in its forms, the one that Outlook shows first."""
        markup = self._stream(f"__substg1.0_{_HTML}0102")
        text = decoded_text(markup, self._charset()) if markup else self._text(_HTML)
        if text.strip():
            yield _body(text, markup=True)
        if plain := self._text(_BODY).replace("\r\n", "\n").replace("\r", "\n"):
            yield _body(plain)
        rich = self._stream(f"__substg1.0_{_RTF}0102")
        if not plain.strip() and rich and (found := plain_text(rich, self._charset())):
            yield _body(found)

    def _lines(self) -> tuple[tuple[str, str], ...]:
        found = {"From": _person(self._first(_FROM_NAMES), self._first(_FROM_ADDRESSES))}
        people: dict[str, list[str]] = {}
        for each in self._inside("__recip_version1.0_", 8):
            kind = _KINDS.get((each.whole(_RECIPIENT_TYPE) or 0) & 0xFF)
            if kind and (person := _person(each.text(_NAME), each._first(_ADDRESSES))):
                people.setdefault(kind, []).append(person)
        for name, number in _SHOWN.items():
            found[name] = "; ".join(people.get(name, ())) or self.text(number)
        when = self.whole(_SENT) or self.whole(_DELIVERED)
        found["Date"] = _date(when or 0)
        if self.text(_CLASS).upper().startswith(_MEETINGS):
            found["Begins"] = _date(self.whole(self._known_as(_BEGINS)) or 0)
            found["Ends"] = _date(self.whole(self._known_as(_ENDS)) or 0)
            found["Place"] = self.text(f"{self._known_as(_PLACE):04X}")
        return tuple((name, value) for name, value in found.items() if value)

    def _known_as(self, name: int) -> int:
        """The number that a property has in this file whose own number is a name; 0 for none."""
        names = _Storage(self.container, ("__nameid_version1.0",), 0)
        table = names._stream("__substg1.0_00030102", _LONGEST) or b""
        for at in range(0, len(table) - 7, 8):
            number, kind, index = struct.unpack_from("<IHH", table, at)
            if number == name and not kind & 1:
                return 0x8000 + int(index)
        return 0

    def _enclosures(self, depth: int) -> tuple[list[Enclosure], Callable[[], bytes] | None]:
        """The files, and the content of the first of them, hidden ones included."""
        found: list[Enclosure] = []
        first: Callable[[], bytes] | None = None
        for each in self._inside("__attach_version1.0_", 8):
            if self.container.exists([*each.path, _INNER]):
                if depth < _DEEPEST:
                    inner = _Storage(self.container, (*each.path, _INNER), 24)
                    named = titled(inner.text(_SUBJECT))
                    found.append(Enclosure(named, "message/rfc822", _posted(inner, depth + 1)))
                continue
            if (each.whole(_METHOD) or 1) & 0xFFFFFFFF in _BY_REFERENCE:
                continue
            size = each._size(f"__substg1.0_{_CONTENT}0102") or 0
            first = first or each._content
            kind = each.text(_FILE_TYPE).lower()
            name = each._first(_FILE_NAMES)
            small = size < mail.DECORATION and bool(each._first(_IN_THE_TEXT))
            pictured = kind.startswith("image/") or name.lower().endswith((".png", ".gif", ".jpg"))
            if size and not (small and pictured):
                found.append(Enclosure(name, kind or "application/octet-stream", each._content))
        return found, first

    def _content(self) -> bytes:
        return self._stream(f"__substg1.0_{_CONTENT}0102") or b""

    def _first(self, numbers: tuple[str, ...]) -> str:
        """The first that is there; an address in Exchange's own form (/O=...) is none."""
        texts = (self.text(number) for number in numbers)
        return next((text for text in texts if text and not text.upper().startswith("/O=")), "")

    def _inside(self, prefix: str, header: int) -> Iterator[_Storage]:
        depth = len(self.path)
        names = {
            path[depth]
            for path in self.container.listdir(streams=False, storages=True)
            if len(path) > depth
            and tuple(path[:depth]) == self.path
            and path[depth].startswith(prefix)
        }
        for name in sorted(names)[:_MOST_ATTACHED]:
            yield _Storage(self.container, (*self.path, name), header)

    def _size(self, name: str) -> int | None:
        try:
            return int(self.container.get_size([*self.path, name]))
        except _FAULTS:
            return None

    def _stream(self, name: str, most: int = _LARGEST) -> bytes | None:
        """A stream; None where there is none, or where it is larger than ``most`` bytes or than
        its file, as a chain of sectors that runs in circles is."""
        path = [*self.path, name]
        size = self._size(name)
        if size is None or size > min(most, self.container.fp.getbuffer().nbytes):
            return None
        try:
            return bytes(self.container.openstream(path).getvalue())
        except _FAULTS:
            return None


def _posted(inner: _Storage, depth: int) -> Callable[[], bytes]:
    return lambda: as_eml(inner.letter(depth))


def _body(text: str, *, markup: bool = False) -> Body:
    return Body(lambda: text, markup=markup)


def _person(name: str, address: str) -> str:
    if not address or name == address:
        return name
    return f"{name} <{address}>" if name else address


def _date(when: int) -> str:
    """A count of tenths of microseconds since 1601, as mail writes it; empty for none."""
    try:
        if not when:
            return ""
        return format_datetime(_EPOCH + timedelta(microseconds=when // 10))
    except (OverflowError, ValueError):
        return ""
