"""A set of questions, each answered in four ways, and what that comes to in sum."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.activity import plural, time_left
from desktop.adapters.comparing.choosing import Choosing
from desktop.adapters.comparing.question_table import QuestionTable
from desktop.adapters.comparing.sums import Sums
from desktop.adapters.comparing.wording import applied
from desktop.applying import Applying
from desktop.ask.export_menu import TABLE_FORMS, ExportMenu
from desktop.ask.labels import Label, QuietButton, TextButton
from desktop.bridge import Bridge, Job
from desktop.notices import Notices
from desktop.plain import ElidedLabel
from desktop.theme import SPACE
from engine.comparing.questions import questions, read_questions
from engine.comparisons import ComparingProgress, ComparisonTable
from engine.errors import CancelledError, CarrelError

_FILTERS = ["Questions (*.txt *.csv *.tsv *.jsonl)", "All files (*)"]


class ManyPage(QWidget):
    """Asks for the questions, tells how far it is, shows the table."""

    back_requested = Signal()
    comparison_opened = Signal(object)  # Comparison
    export_requested = Signal(object, str)  # ComparisonTable, a format's name

    def __init__(
        self, bridge: Bridge, applying: Applying, notices: Notices, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._bridge, self._notices = bridge, notices
        self._job: Job | None = None
        self.table: ComparisonTable | None = None
        self._back = QuietButton("One question", "arrow-left", "Back to comparing one question")
        self._title = Label("A set of questions", size=1.15, bold=True)
        self.edit = QPlainTextEdit(self)
        self.edit.setPlaceholderText("One question on each line")
        self.edit.setAccessibleName("Questions, one on each line")
        self.edit.setTabChangesFocus(True)
        self.edit.setProperty("look", "field")
        self._file = TextButton("Open file…")
        self._file.setAccessibleDescription("Text, CSV or JSON lines")
        self.choosing = Choosing(bridge, applying, self)
        self._begin = TextButton("Compare", primary=True)
        self._count = Label("", ink="muted", wrap=True)
        self._now = Label("", size=1.05, bold=True)
        self._question = ElidedLabel("", self)
        self._question.setProperty("look", "muted")
        self._bar = QProgressBar(self)
        self._bar.setProperty("look", "slim")
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress of the comparison")
        self._left = Label("", ink="muted")
        self._stop = TextButton("Stop", "stop")
        self._said = Label("", ink="muted", wrap=True)
        self._export = QuietButton("Export", "tray-arrow-down", "Save the table as a file")
        self._again = QuietButton("Other questions", "pencil-outline", "Change the questions")
        self.sums = Sums(self)
        self.questions = QuestionTable(self)
        self._arrange()
        self._connect()
        self._describe()

    def refresh(self) -> None:
        self.choosing.refresh()

    def focus(self) -> None:
        part: QWidget = self.edit if self.table is None else self.questions
        part.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def running(self) -> bool:
        return self._job is not None

    def stop(self) -> bool:
        """Whether there was anything to stop."""
        if self._job is None:
            return False
        self._job.stop()
        self._stop.setEnabled(False)
        self._left.setText("Stopping after this answer…")
        return True

    def take(self, path: Path) -> None:
        """A file of questions that was dropped or chosen."""

        def found(read: tuple[str, ...]) -> None:
            self.edit.setPlainText("\n".join(read))
            self._stack.setCurrentWidget(self._editing)

        self._bridge.run(self, lambda: read_questions(path), found, self._notices.failure)

    # --- comparing ----------------------------------------------------------------------------

    def begin(self) -> None:
        adapters = self.choosing.adapters
        if self.running or not self._begin.isEnabled():
            return
        asked = questions(self.edit.toPlainText())
        library, scope = self._bridge.library, self.choosing.scope

        def work(job: Job) -> ComparisonTable:
            return library.compare_all(
                asked, adapters, scope=scope, on_progress=job.tell, cancel=job.token
            )

        job = self._job = self._bridge.start(work, lane="answer")
        job.progressed.connect(self._progressed)
        job.finished.connect(self._finished)
        job.failed.connect(self._failed)
        self._now.setText("Waiting for the model…")
        self._question.set_text("")
        self._left.setText("")
        self._bar.setRange(0, 0)
        self._stop.setEnabled(True)
        self._stack.setCurrentWidget(self._running)
        self._stop.setFocus(Qt.FocusReason.OtherFocusReason)

    def _progressed(self, progress: ComparingProgress) -> None:
        if self._job is None or self._job.token.cancelled:
            return
        number = min(progress.done + 1, progress.total)
        self._now.setText(f"Answer {number:,} of {progress.total:,}")
        self._question.set_text(progress.question)
        self._bar.setRange(0, progress.total)
        self._bar.setValue(progress.done)
        left = time_left(progress.seconds_left) or "working out how long it takes"
        self._left.setText(left[0].upper() + left[1:])

    def _finished(self, table: ComparisonTable) -> None:
        self._job = None
        if not table.comparisons:
            self._stack.setCurrentWidget(self._editing)
            return
        self.table = table
        first = table.comparisons[0]
        what = f"{plural(len(table.comparisons), 'question')} with {applied(first.adapters)}"
        said = f"Stopped after {what}." if table.stopped else f"{what}."
        if table.failures:
            question, why = table.failures[0]
            left_out = plural(len(table.failures), "question")
            said += f" {left_out} could not be asked, such as “{question}”: {why}"
        self._said.setText(said)
        self.sums.show_table(table)
        self.questions.show_comparisons(table.comparisons)
        self._stack.setCurrentWidget(self._results)
        if self.isVisible():
            self.focus()

    def _failed(self, error: Exception) -> None:
        self._job = None
        self._stack.setCurrentWidget(self._editing)
        if not isinstance(error, CancelledError):
            self._notices.failure(error)

    # --- steps --------------------------------------------------------------------------------

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, "Open a file of questions")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(_FILTERS)
        dialog.fileSelected.connect(lambda name: self.take(Path(name)))
        dialog.open()

    def _other(self) -> None:
        self.table = None
        self._stack.setCurrentWidget(self._editing)
        self.focus()

    def _offer_forms(self) -> None:
        menu = ExportMenu(self, forms=TABLE_FORMS)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.chosen.connect(partial(self.export_requested.emit, self.table))
        corner = self._export.rect().bottomLeft() + QPoint(0, 2)
        menu.popup(self._export.mapToGlobal(corner))

    def _describe(self) -> None:
        text, fits = self.edit.toPlainText(), bool(self.choosing.adapters)
        words, fine = "Each is answered in four ways, and every claim is checked.", False
        if not fits:
            words = "No adapter fits the model that answers now."
        elif text.strip():
            try:
                count = len(questions(text))
                words = f"{plural(count, 'question')}, {plural(4 * count, 'answer')}"
                fine = True
            except CarrelError as error:
                words = str(error)
        self._begin.setEnabled(fine)
        self._count.setText(words)

    # --- making it ----------------------------------------------------------------------------

    def _connect(self) -> None:
        self._back.clicked.connect(self.back_requested)
        self._file.clicked.connect(self._choose_file)
        self._begin.clicked.connect(self.begin)
        self._stop.clicked.connect(self.stop)
        self._again.clicked.connect(self._other)
        self._export.clicked.connect(self._offer_forms)
        self.edit.textChanged.connect(self._describe)
        self.choosing.changed.connect(self._describe)
        self.questions.opened.connect(self.comparison_opened)

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(SPACE * 2)
        top.addWidget(self._back)
        top.addWidget(self._title)
        top.addStretch(1)
        self._stack = QStackedWidget(self)
        self._editing = self._make_editing()
        self._running = self._make_running()
        self._results = self._make_results()
        for part in (self._editing, self._running, self._results):
            self._stack.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE * 2, SPACE * 2, SPACE * 2, SPACE * 2)
        column.setSpacing(SPACE)
        column.addLayout(top)
        column.addWidget(self._stack, 1)

    def _make_editing(self) -> QWidget:
        part = QWidget(self)
        foot = QHBoxLayout()
        foot.setSpacing(SPACE)
        foot.addWidget(self._file)
        foot.addWidget(self._count, 1)
        foot.addWidget(self._begin)
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addWidget(self.choosing)
        column.addWidget(self.edit, 1)
        column.addLayout(foot)
        return part

    def _make_running(self) -> QWidget:
        part = QWidget(self)
        foot = QHBoxLayout()
        foot.addWidget(self._left, 1)
        foot.addWidget(self._stop)
        column = QVBoxLayout(part)
        column.setContentsMargins(0, SPACE * 2, 0, 0)
        column.setSpacing(SPACE)
        column.addWidget(self._now)
        column.addWidget(self._question)
        column.addWidget(self._bar)
        column.addLayout(foot)
        column.addStretch(1)
        return part

    def _make_results(self) -> QWidget:
        part = QWidget(self)
        actions = QHBoxLayout()
        actions.setSpacing(SPACE * 3 // 2)
        actions.addWidget(self._said, 1)
        actions.addWidget(self._again)
        actions.addWidget(self._export)
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addLayout(actions)
        column.addWidget(self.sums)
        column.addSpacing(SPACE * 2)
        column.addWidget(self.questions, 1)
        return part
