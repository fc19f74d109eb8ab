"""Takes answers away in any format, with what the library knows of their documents."""

from __future__ import annotations

import time
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from engine.answers import Turn
from engine.comparisons import Comparison
from engine.errors import CarrelError, ChildError
from engine.exporting import (
    as_bibtex,
    as_html,
    as_markdown,
    as_pdf,
    as_ris,
    bibliography,
    record,
)
from engine.exporting.compared import compared
from engine.exporting.content import Content, cited, content
from engine.exporting.messages import DescribeFile, ExporterReply, FileFacts
from engine.exporting.writing import refuse_existing, save
from engine.store import Store
from engine.store.cited import CitedDocument
from engine.workers import CancelToken, ChildProcess

_DESCRIBE_TIME = 20.0  # seconds for one file


class ExportFormat(StrEnum):
    """The value is what the command line calls it."""

    MARKDOWN = "md"
    HTML = "html"
    PDF = "pdf"
    WORD = "docx"
    BIBTEX = "bib"
    RIS = "ris"
    RECORD = "record"

    @property
    def suffix(self) -> str:
        return ".json" if self is ExportFormat.RECORD else f".{self.value}"

    @classmethod
    def of(cls, file: Path) -> ExportFormat:
        """By the file's suffix. Raises ``CarrelError`` where that says nothing."""
        suffix = file.suffix.lower()
        suffix = {".htm": ".html", ".markdown": ".md"}.get(suffix, suffix)
        for known in cls:
            if known.suffix == suffix:
                return known
        suffixes = ", ".join(known.suffix for known in cls)
        raise CarrelError(
            f"The name {file.name} does not say in which format to export. End it with one of: "
            f"{suffixes}."
        )


class Exporter:
    """Exports from one store. Safe to use from several threads; the child serves one at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._child = ChildProcess[ExporterReply]("exporter", ExporterReply, limits=as_pdf.LIMITS)

    def export(
        self,
        turns: Sequence[Turn],
        file: Path,
        *,
        format: ExportFormat | None = None,
        title: str = "",
        overwrite: bool = False,
        cancel: CancelToken | None = None,
    ) -> None:
        """Write the answers to ``file``, in the format of its name unless told. Raises
        ``CarrelError`` where that is not possible; there is then no new file."""
        chosen = format or ExportFormat.of(file)
        if not turns:
            raise CarrelError("There is nothing to export: the conversation holds no answer.")
        if not overwrite:
            refuse_existing(file)  # before the work is done
        try:
            data = self.made(turns, chosen, title=title, cancel=cancel)
        finally:
            self._child.rest()  # exports are rare; its memory is better used
        save(data, file, overwrite=overwrite)

    def export_comparison(
        self,
        comparison: Comparison,
        file: Path,
        *,
        format: ExportFormat | None = None,
        overwrite: bool = False,
        cancel: CancelToken | None = None,
    ) -> None:
        """Write the four answers to ``file`` with their sources, as :meth:`export` does."""
        chosen = format or ExportFormat.of(file)
        if not comparison.answers:
            raise CarrelError("There is nothing to export: the comparison holds no answer.")
        if not overwrite:
            refuse_existing(file)
        now = time.time()
        turns = [Turn(0, comparison.made, answer) for answer in comparison.answers]
        try:
            if chosen is ExportFormat.RECORD:
                made = record.record(
                    turns,
                    self._documents(turns),
                    title=comparison.question,
                    exported=now,
                    variants=comparison.variants,
                    cancel=cancel,
                )
                data = record.write(made)
            elif chosen in (ExportFormat.BIBTEX, ExportFormat.RIS):
                data = self._references(turns, chosen, cancel)
            else:
                data = self._written(compared(comparison, exported=now), chosen, cancel)
        finally:
            self._child.rest()
        save(data, file, overwrite=overwrite)

    def made(
        self,
        turns: Sequence[Turn],
        format: ExportFormat,
        *,
        title: str = "",
        cancel: CancelToken | None = None,
    ) -> bytes:
        """What :meth:`export` writes. Text is UTF-8."""
        now = time.time()
        answers = [turn.answer for turn in turns]
        if format is ExportFormat.RECORD:
            documents = self._documents(turns)
            made = record.record(turns, documents, title=title, exported=now, cancel=cancel)
            return record.write(made)
        if format in (ExportFormat.BIBTEX, ExportFormat.RIS):
            return self._references(turns, format, cancel)
        whole = content(answers, title=title, asked=[turn.asked for turn in turns], exported=now)
        return self._written(whole, format, cancel)

    def _references(
        self, turns: Sequence[Turn], format: ExportFormat, cancel: CancelToken | None
    ) -> bytes:
        entries = bibliography.references(
            [turn.answer for turn in turns],
            self._documents(turns),
            lambda document: self._facts(document, cancel),
        )
        bibtex = format is ExportFormat.BIBTEX
        return (as_bibtex.write(entries) if bibtex else as_ris.write(entries)).encode("utf-8")

    def _written(self, whole: Content, format: ExportFormat, cancel: CancelToken | None) -> bytes:
        if format is ExportFormat.PDF:
            return as_pdf.write(whole, self._child, cancel)
        if format is ExportFormat.WORD:
            from engine.exporting import as_docx  # its library takes a tenth of a second to load

            return as_docx.write(whole)
        text = as_html.write(whole) if format is ExportFormat.HTML else as_markdown.write(whole)
        return text.encode("utf-8")

    def close(self) -> None:
        self._child.close()

    def _documents(self, turns: Sequence[Turn]) -> dict[int, CitedDocument]:
        return self._store.cited.numbered(
            {citation.document_id for turn in turns for citation in cited(turn.answer)}
        )

    def _facts(self, document: CitedDocument, cancel: CancelToken | None) -> FileFacts | None:
        try:
            reply = self._child.ask(
                DescribeFile(str(document.file), document.format),
                silence=_DESCRIBE_TIME,
                cancel=cancel,
            )
        except ChildError:  # a file that breaks its reader has no metadata
            return None
        assert isinstance(reply, FileFacts)
        return reply
