"""The exporter child: native code on the text of documents, and on the documents themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.exporting import describing, layout
from engine.exporting.messages import ExporterRequest, MakePdf, Pdf
from engine.workers.child import Exchange


class ExporterService:
    """Serves ``MakePdf`` and ``DescribeFile``, one at a time."""

    request_type: Any = ExporterRequest

    def handle(self, request: ExporterRequest, exchange: Exchange) -> None:
        if isinstance(request, MakePdf):
            exchange.reply(Pdf(layout.make(request)))
        else:
            exchange.reply(describing.describe(Path(request.path), request.kind))


def create() -> ExporterService:
    return ExporterService()
