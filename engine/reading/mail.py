"""Mail (EML): one message a file."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.reading.chapters import Chapters
from engine.reading.document import NotReadError, Reading, Source, sensible_title
from engine.reading.enclosures import Names, titled
from engine.reading.encoding import first_bytes
from engine.reading.flow import Flow
from engine.reading.letter import LINES, Body, Enclosure, Letter
from engine.reading.mime import Part, header, parsed
from engine.records import DocumentFacts, DocumentState

ENCRYPTED = "The message is encrypted; Carrel cannot read it without the key of its recipient."

_MOST_BYTES = 256_000_000
DECORATION = 24_000
"""Bytes; a smaller picture in the text is a logo or an icon."""

_TOO_DEEP = "The message has too many parts inside each other; some were left out."
_ELSEWHERE = "A part of the message is kept elsewhere; Carrel fetches nothing."
_PARTLY = "A part of the message is encrypted; Carrel cannot read that part."
_SIGNED = "The message is wrapped in a signature (S/MIME) that Carrel cannot open."
_SIGNATURES = (
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "application/pgp-signature",
    "application/pgp-keys",
    "application/applefile",
)
_SEALED = ("application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted")
_NOT_TEXT = ("text/calendar", "text/vcard", "text/x-vcard", "text/directory", "text/csv")


def read(source: Source) -> Reading:
    """Raises ``NotReadError`` where the message is encrypted."""
    data, omitted = first_bytes(source.path, _MOST_BYTES)
    part = parsed(data, beginning(data))
    message = letter(part)
    if message.sealed or message.is_armoured():
        raise NotReadError(DocumentState.LOCKED, message.sealed or ENCRYPTED)
    return reading(message, omitted)


def reading(message: Letter, omitted: str = "") -> Reading:
    """A document of one message."""
    flow = Flow(chapter_level=0)
    message.add_to(flow)
    chapters = Chapters()
    chapters.add(flow.pages(), message.label)
    pages = chapters.pages()
    facts = DocumentFacts("mail", sensible_title(message.subject), len(pages))
    omitted = " ".join(each for each in (omitted, message.omitted) if each)
    return Reading(facts, iter(pages), omitted, message.attachments(Names()))


def beginning(data: bytes) -> int:
    """Where the headers begin: after what some programs put before them."""
    at = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    while data[at : at + 1] in (b"\r", b"\n"):
        at += 1
    if data[at : at + 5] in (b"From ", b">From"):
        at = data.find(b"\n", at) + 1 or at
    return at


def letter(part: Part) -> Letter:
    """A message from its parts."""
    sorter = _Sorter()
    sorter.sort(part, outermost=True)
    lines = tuple((name, part.header(name)) for name in LINES)
    if sorter.sealed and sorter.bodies:
        sorter.omitted.append(_PARTLY)
        sorter.sealed = ""
    return Letter(
        part.header("Subject"),
        tuple((name, value) for name, value in lines if value),
        tuple(sorter.bodies),
        tuple(sorter.enclosures),
        sorter.sealed,
        " ".join(dict.fromkeys(sorter.omitted)),
    )


@dataclass(slots=True)
class _Sorter:
    """Tells a message's text from the files that came with it."""

    bodies: list[tuple[Body, ...]] = field(default_factory=list)
    enclosures: list[Enclosure] = field(default_factory=list)
    omitted: list[str] = field(default_factory=list)
    sealed: str = ""

    def sort(self, part: Part, *, outermost: bool = False) -> None:
        kind = part.kind
        if part.cut:
            self.omitted.append(_TOO_DEEP)
        if kind == "multipart/encrypted" or kind in _SEALED:
            self._sealed(part)
        elif kind == "multipart/alternative" and part.children:
            self._alternative(part)
        elif kind == "multipart/signed" and part.children:
            self.sort(part.children[0])
        elif part.children:
            for child in part.children:
                self.sort(child)
        elif part.cut:
            return
        elif kind in ("message/partial", "message/external-body"):
            self.omitted.append(_ELSEWHERE)
        elif _is_text(part) and (outermost or not part.name):
            self.bodies.append((_body(part),))
        elif kind not in _SIGNATURES and not _is_decoration(part):
            self._enclose(part)

    def _sealed(self, part: Part) -> None:
        wrapped = part.parameter("smime-type").lower() in ("signed-data", "certs-only")
        if wrapped:
            self.omitted.append(_SIGNED)
        else:
            self.sealed = ENCRYPTED

    def _alternative(self, part: Part) -> None:
        """The forms of one text, the one that a mail program shows first; files among them stay
        files."""
        texts: list[Part] = []
        for child in part.children:
            if child.kind.startswith("text/"):
                texts.append(child)
                continue
            inner = _Sorter()
            inner.sort(child)
            leaves = [leaf for leaf in child.leaves() if leaf.kind == "text/html"]
            texts.extend(leaf for leaf in leaves if not leaf.name)
            self.enclosures.extend(inner.enclosures)
            self.omitted.extend(inner.omitted)
            self.sealed = self.sealed or inner.sealed
        shown = [each for each in texts if each.kind == "text/html"]
        rest = [each for each in texts if each.kind not in ("text/html", *_NOT_TEXT)]
        if shown or rest:
            self.bodies.append(tuple(_body(each) for each in [*shown, *rest]))

    def _enclose(self, part: Part) -> None:
        name = part.name
        if part.kind in ("message/rfc822", "message/global"):
            inner = parsed(part.content()[:65_536])
            name = name or titled(header(inner.headers, "Subject"))
        self.enclosures.append(Enclosure(name, part.kind, part.content))


def _is_text(part: Part) -> bool:
    kind = part.kind
    if part.disposition == "attachment" or kind in _NOT_TEXT:
        return False
    # a multipart without parts is the text it would be without its type
    return kind.startswith(("text/", "multipart/")) or kind == "message/delivery-status"


def _is_decoration(part: Part) -> bool:
    """Whether this is a small picture that the text shows in its place."""
    return (
        part.kind.startswith("image/")
        and part.disposition != "attachment"
        and bool(part.header("Content-ID") or part.header("Content-Location"))
        and part.size < DECORATION
    )


def _body(part: Part) -> Body:
    flowed = part.parameter("format").lower() == "flowed"
    return Body(part.text, markup=part.kind == "text/html", flowed=flowed)
