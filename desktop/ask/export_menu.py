"""The forms that answers, conversations and comparisons can be taken away in."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

OFFERED: tuple[tuple[tuple[str, str], ...], ...] = (
    (
        ("md", "Markdown…"),
        ("html", "Web page (HTML)…"),
        ("pdf", "PDF…"),
        ("docx", "Word document (DOCX)…"),
    ),
    (
        ("bib", "Cited documents as BibTeX…"),
        ("ris", "Cited documents as RIS…"),
    ),
    (("record", "Record to check later (JSON)…"),),
)
"""(format, words) in groups; the formats are called as in ``engine.exporting.exporter``."""

TABLE_FORMS = ((("csv", "Table (CSV)…"), ("md", "Markdown…"), ("html", "Web page (HTML)…")),)


class ExportMenu(QMenu):
    """Says which was chosen."""

    chosen = Signal(str)  # a format's name

    def __init__(
        self,
        parent: QWidget,
        title: str = "",
        forms: tuple[tuple[tuple[str, str], ...], ...] = OFFERED,
    ) -> None:
        super().__init__(title, parent)
        for group in forms:
            if self.actions():
                self.addSeparator()
            for form, words in group:
                self.addAction(words).triggered.connect(partial(self._choose, form))

    def _choose(self, form: str, _checked: bool = False) -> None:
        self.chosen.emit(form)
