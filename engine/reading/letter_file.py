"""A letter as a file: what a message inside a message of Outlook's is kept as in the library."""

from __future__ import annotations

from email.header import Header
from email.mime.application import MIMEApplication
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.parser import BytesParser

from engine.reading.document import clean
from engine.reading.letter import Letter


def as_eml(letter: Letter) -> bytes:
    """The letter as an EML file, with all that came with it."""
    message = MIMEMultipart()
    for name, value in (("Subject", letter.subject), *letter.headers):
        if value:
            message[_field(name)] = Header(" ".join(clean(value).split()), "utf-8").encode()
    for forms in letter.bodies:
        choice = MIMEMultipart("alternative")
        for form in reversed(forms):  # the best comes last in a file
            kind = "html" if form.markup else "plain"
            choice.attach(MIMEText(clean(form.text()), kind, "utf-8"))
        message.attach(choice)
    for each in letter.enclosures:
        content = each.content()
        part: MIMEMessage | MIMEApplication
        if each.kind == "message/rfc822":
            part = MIMEMessage(BytesParser().parsebytes(content))
        else:
            part = MIMEApplication(content)
        part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", each.name))
        message.attach(part)
    return message.as_bytes()


def _field(name: str) -> str:
    return "-".join(name.split())
