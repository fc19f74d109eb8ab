"""PDF, laid out from the same HTML by a child process."""

from __future__ import annotations

from engine.errors import CarrelError, ChildError
from engine.exporting.as_html import body
from engine.exporting.content import Content
from engine.exporting.messages import ExporterReply, MakePdf, Pdf
from engine.paths import resource
from engine.workers import CancelToken, ChildProcess, Limits

LIMITS = Limits(memory=4 << 30, cpu=300, confined=True)
_SILENCE = 300.0


def write(
    content: Content, exporter: ChildProcess[ExporterReply], cancel: CancelToken | None = None
) -> bytes:
    """Raises ``CarrelError`` where it cannot be laid out."""
    style = resource("styles", "export-pdf.css").read_text(encoding="utf-8")
    outline = [(f"turn-{turn.number}", turn.question) for turn in content.turns]
    # MuPDF replaces what looks like an entity twice
    inside = body(content).replace("&amp;", "&amp;amp;")
    request = MakePdf(content.title, inside, style, tuple(outline))
    try:
        reply = exporter.ask(request, silence=_SILENCE, cancel=cancel)
    except ChildError as error:
        raise CarrelError(
            f"The PDF could not be made: {error} Export it as HTML instead, and print that."
        ) from error
    assert isinstance(reply, Pdf)
    return reply.data
