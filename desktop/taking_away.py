"""Answers, conversations and comparisons as files: asks where to, writes, and says where it is."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.bridge import Bridge, Job
from desktop.notices import Action, Notices
from desktop.plain import one_line
from desktop.remembered import Remembered
from engine.answers import Answer, Turn
from engine.comparisons import Comparison, ComparisonTable
from engine.errors import CancelledError

KINDS = {
    "md": "Markdown",
    "html": "Web page",
    "pdf": "PDF",
    "docx": "Word document",
    "bib": "BibTeX",
    "ris": "RIS",
    "record": "Carrel record",
}
"""What each form is called; the keys are those of ``engine.exporting.exporter.ExportFormat``."""

_TABLE = "Table (CSV)"  # which only comparisons have
_FOLDER = "export_folder"  # remembered under this name
_LONGEST_NAME = 60
_FORBIDDEN = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)$")


class TakingAway(QObject):
    """Exports for a window. Everything that fails says so in a notice."""

    def __init__(
        self, bridge: Bridge, notices: Notices, remembered: Remembered, window: QWidget
    ) -> None:
        super().__init__(window)
        self._bridge, self._notices = bridge, notices
        self._remembered, self._window = remembered, window

    def export_answer(self, answer: Answer, form: str, conversation_id: int | None) -> None:
        """One answer; the conversation that keeps it knows when it was given."""
        self._choose(
            form, answer.question, partial(self._save_answer, answer, form, conversation_id)
        )

    def export_conversation(self, conversation_id: int, form: str, title: str) -> None:
        self._choose(form, title, partial(self._save_whole, conversation_id, form, title))

    def export_comparison(self, comparison: Comparison, form: str) -> None:
        """One question with its four answers."""
        library = self._bridge.library

        def write(file: Path, job: Job) -> None:
            from engine.exporting.exporter import ExportFormat  # loaded with the library

            library.export_comparison(
                comparison, file, format=ExportFormat(form), overwrite=True, cancel=job.token
            )

        self._choose(form, comparison.question, partial(self._write, write))

    def export_table(self, table: ComparisonTable, form: str) -> None:
        """What the four ways came to over many questions."""
        library = self._bridge.library

        def write(file: Path, _job: Job) -> None:
            library.export_table(table, file, overwrite=True)

        self._choose(form, "Comparison", partial(self._write, write))

    # --- where to ---------------------------------------------------------------------------

    def _choose(self, form: str, title: str, chosen: Callable[[Path], None]) -> None:
        suffix, kind = suffix_of(form), KINDS.get(form, _TABLE)
        place = self._folder() / f"{file_name(title)}{suffix}"
        dialog = QFileDialog(self._window, f"Export as {kind}", str(place.parent))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(f"{kind} (*{suffix})")
        dialog.setDefaultSuffix(suffix[1:])
        dialog.selectFile(place.name)
        dialog.finished.connect(dialog.deleteLater)
        dialog.fileSelected.connect(lambda name: chosen(Path(name)))
        dialog.open()

    def _folder(self) -> Path:
        kept = Path(self._remembered.word(_FOLDER))
        if kept.is_absolute() and kept.is_dir():
            return kept
        documents = QStandardPaths.StandardLocation.DocumentsLocation
        home = Path(QStandardPaths.writableLocation(documents) or Path.home())
        return home if home.is_dir() else Path.home()

    # --- writing ----------------------------------------------------------------------------

    def _save_answer(
        self, answer: Answer, form: str, conversation_id: int | None, file: Path
    ) -> None:
        library = self._bridge.library

        def turns() -> list[Turn]:
            kept = library.history(conversation_id) if conversation_id is not None else []
            same = [turn for turn in kept if turn.answer == answer]
            return same[-1:] or [Turn(0, time.time(), answer)]

        self._save(turns, file, form, answer.question)

    def _save_whole(self, conversation_id: int, form: str, title: str, file: Path) -> None:
        library = self._bridge.library
        self._save(lambda: library.history(conversation_id), file, form, title)

    def _save(self, turns: Callable[[], list[Turn]], file: Path, form: str, title: str) -> None:
        library = self._bridge.library

        def write(file: Path, job: Job) -> None:
            from engine.exporting.exporter import ExportFormat  # loaded with the library

            library.export(
                turns(),
                file,
                format=ExportFormat(form),
                title=title,
                overwrite=True,  # the dialog has asked
                cancel=job.token,
            )

        self._write(write, file)

    def _write(self, write: Callable[[Path, Job], None], file: Path) -> None:
        # A record takes the hash of a model: gigabytes, that closing must not wait for.
        job = self._bridge.start(partial(write, file), lane="read")
        job.finished.connect(partial(self._saved, file))
        job.failed.connect(self._failed)

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, CancelledError):
            self._bridge.failed.emit(error)

    def _saved(self, file: Path, _nothing: object) -> None:
        self._remembered.keep(**{_FOLDER: str(file.parent)})
        url = QUrl.fromLocalFile(str(file.parent))
        self._notices.info(
            f"Saved as “{one_line(file.name)}”.",
            Action("Show in folder", lambda: QDesktopServices.openUrl(url)),
        )


def suffix_of(form: str) -> str:
    return ".json" if form == "record" else f".{form}"


def file_name(title: str) -> str:
    """A name that every system takes, from a question or a title; never empty."""
    name = _FORBIDDEN.sub(" ", one_line(title))
    name = " ".join(name.split())[:_LONGEST_NAME].strip(" .")
    return f"{name} -" if _DEVICES.match(name) else name or "Answer"
