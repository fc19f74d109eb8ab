"""The exporter child: handles what is made from the text of documents by native code."""

from __future__ import annotations

from typing import Any

from engine.exporting import layout
from engine.exporting.messages import ExporterRequest, MakePdf, Pdf
from engine.workers.child import Exchange


class ExporterService:
    """Serves ``MakePdf``, one at a time."""

    request_type: Any = ExporterRequest

    def handle(self, request: MakePdf, exchange: Exchange) -> None:
        exchange.reply(Pdf(layout.make(request)))


def create() -> ExporterService:
    return ExporterService()
