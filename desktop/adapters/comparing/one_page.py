"""One question, answered in four ways; below it, before that, the comparisons that were kept."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.adapters.comparing.choosing import Choosing
from desktop.adapters.comparing.four import FourAnswers
from desktop.adapters.comparing.keeping import Keeping
from desktop.adapters.comparing.kept import KeptList
from desktop.adapters.comparing.run import ComparisonRun
from desktop.adapters.comparing.wording import WORDS, applied
from desktop.applying import Applying
from desktop.ask.export_menu import ExportMenu
from desktop.ask.labels import Label, QuietButton, TextButton
from desktop.bridge import Bridge
from desktop.notices import Notices
from desktop.plain import plain_label
from desktop.theme import SPACE
from engine.answers import Answer
from engine.comparisons import Comparison, Variant
from engine.errors import CancelledError, CarrelError

_ROOMY = 96  # average characters, from which what can be done stands beside what is said
_STORY = (
    "Ask one question, and see four answers to it side by side: the model alone, with the "
    "adapter, with your documents, and with both. All four use the same seed, and every claim is "
    "checked against your library, so what is made up shows."
)
_NONE_FITS = (
    "No adapter fits the model that answers now. Add one that was made for it, or choose another "
    "model; then its answers can be compared."
)


class OnePage(QWidget):
    """Asks, shows and keeps."""

    citation_opened = Signal(object)  # Citation
    many_requested = Signal()
    export_requested = Signal(object, str)  # Comparison, a format's name
    closed = Signal()  # what was shown is shown no longer

    def __init__(
        self, bridge: Bridge, applying: Applying, notices: Notices, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._bridge, self._notices = bridge, notices
        self._run: ComparisonRun | None = None
        self._stopping = False
        self._begun_so_far = 0
        self.comparison: Comparison | None = None
        self.keeping = Keeping(bridge, notices, self)
        self.question = QLineEdit(self)
        self.question.setProperty("look", "field")
        self.question.setPlaceholderText("A question to compare answers to")
        self.question.setAccessibleName("Question to compare")
        self.choosing = Choosing(bridge, applying, self)
        self._compare = TextButton("Compare", primary=True)
        self._stop = TextButton("Stop", "stop")
        self._many = QuietButton(
            "A set of questions…", "table", "Compare the answers to many questions"
        )
        self.four = FourAnswers(self)
        self.kept = KeptList(self)
        self._state = plain_label("", self, wrap=True)
        self._state.setProperty("look", "muted")
        self._differences = QuietButton(
            "Mark differences", "marker", "Light up the words that the model alone did not use"
        )
        self._differences.setCheckable(True)
        self._keep = QuietButton("Keep", "bookmark-outline", "Keep it in the library")
        self._delete = QuietButton("Delete", "delete-outline", "Take it out of the library")
        self._export = QuietButton("Export", "tray-arrow-down", "Save the comparison as a file")
        self._close = QuietButton("Close", "close", "Back to the kept comparisons")
        self._arrange()
        self._connect()
        self._show_actions()

    # --- for the view -------------------------------------------------------------------------

    def refresh(self) -> None:
        self.choosing.refresh()
        self.keeping.refresh()

    def focus(self) -> None:
        self.question.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_comparison(self, comparison: Comparison) -> None:
        """One that is there already."""
        self.stop()
        self.comparison = comparison
        self.question.setText(comparison.question)
        self.four.show_comparison(comparison)
        self._say_made(comparison)
        self._show_results()

    @property
    def running(self) -> bool:
        return self._run is not None

    def stop(self) -> bool:
        """Whether there was anything to stop."""
        if self._run is None:
            return False
        self._stopping = True
        self._run.stop()
        self._stop.setEnabled(False)
        self._state.setText("Stopping…")
        return True

    # --- comparing ----------------------------------------------------------------------------

    def compare(self) -> None:
        question, adapters = self.question.text().strip(), self.choosing.adapters
        if self.running:
            return
        if not question:
            self.focus()
            return
        if not adapters:
            return
        self.comparison = None
        self.four.clear()
        run = self._run = ComparisonRun(self._bridge, question, adapters, self.choosing.scope, self)
        run.begun.connect(partial(self._begun, run))
        run.heard.connect(partial(self._for, run, self.four.hear))
        run.done.connect(partial(self._for, run, self.four.finish))
        run.finished.connect(partial(self._finished, run))
        run.failed.connect(partial(self._failed, run))
        self._stopping, self._begun_so_far = False, 0
        self._state.setText("Waiting for the model…")
        self._show_results()

    def _begun(self, run: ComparisonRun, variant: Variant) -> None:
        if run is self._run and not self._stopping:
            self._begun_so_far += 1
            self._state.setText(f"Answer {self._begun_so_far} of 4: {WORDS[variant].name}")
            self.four.begin(variant)

    def _for(self, run: ComparisonRun, act: object, *told: object) -> None:
        if run is self._run and callable(act):
            act(*told)

    def _finished(self, run: ComparisonRun, comparison: Comparison) -> None:
        if run is not self._run:
            return
        self._over()
        self.comparison = comparison
        for variant in Variant:
            answer: Answer | None = comparison.answer(variant)
            if answer is not None and self.four.panels[variant].answer is None:
                self.four.finish(variant, answer)
        self.four.give_up("Not answered")
        self.four.mark_differences(self._differences.isChecked())
        self._say_made(comparison)
        self._show_actions()

    def _failed(self, run: ComparisonRun, error: Exception) -> None:
        if run is not self._run:
            return
        self._over()
        self.four.give_up("Not answered")
        if isinstance(error, CancelledError):
            self._state.setText("Stopped.")
        elif isinstance(error, CarrelError):
            self._state.setText(str(error))
        else:
            self._state.setText("Something went wrong while comparing. Try again.")
            self._bridge.failed.emit(error)
        self._show_actions()

    def _over(self) -> None:
        assert self._run is not None
        self._run.deleteLater()
        self._run = None

    def _say_made(self, comparison: Comparison) -> None:
        what = f"With {applied(comparison.adapters)}, seed {comparison.seed}."
        self._state.setText(f"Stopped. {what}" if comparison.stopped else what)

    # --- showing ------------------------------------------------------------------------------

    def _show_results(self) -> None:
        self._stack.setCurrentWidget(self._results)
        self._scroll.verticalScrollBar().setValue(0)
        self._show_actions()

    def close_results(self) -> None:
        """Back to the kept ones."""
        self.stop()
        self.comparison = None
        self._stack.setCurrentWidget(self._start)
        self._show_actions()
        self.focus()
        self.closed.emit()

    def _show_actions(self) -> None:
        running, shown = self.running, self.comparison is not None
        kept = shown and self.comparison is not None and bool(self.comparison.id)
        fits = bool(self.choosing.adapters)
        self._compare.setVisible(not running)
        self._compare.setEnabled(fits)
        self._stop.setVisible(running)
        self._stop.setEnabled(running and not self._stopping)
        self._differences.setVisible(shown)
        self._keep.setVisible(shown and not kept)
        self._delete.setVisible(kept)
        self._export.setVisible(shown)
        self._close.setVisible(not running)
        self._story.setText(_STORY if fits else _NONE_FITS)

    def _kept_listed(self) -> None:
        comparisons = self.keeping.comparisons
        self.kept.show_comparisons(comparisons)
        self._kept_heading.setVisible(bool(comparisons))
        self.kept.setVisible(bool(comparisons))

    def _kept(self, comparison: Comparison) -> None:
        if self.comparison is not None and self.comparison.made == comparison.made:
            self.comparison = comparison
            self._show_actions()

    def _delete_shown(self) -> None:
        if self.comparison is not None:
            self.keeping.delete(self.comparison)
            self.close_results()

    def _offer_forms(self) -> None:
        comparison = self.comparison
        if comparison is None:
            return
        menu = ExportMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.chosen.connect(partial(self.export_requested.emit, comparison))
        corner = self._export.rect().bottomLeft() + QPoint(0, 2)
        menu.popup(self._export.mapToGlobal(corner))

    # --- making it ----------------------------------------------------------------------------

    def _connect(self) -> None:
        self.question.returnPressed.connect(self.compare)
        self._compare.clicked.connect(self.compare)
        self._stop.clicked.connect(self.stop)
        self._many.clicked.connect(self.many_requested)
        self.choosing.changed.connect(self._show_actions)
        self.four.citation_opened.connect(self.citation_opened)
        self._differences.toggled.connect(self.four.mark_differences)
        self._keep.clicked.connect(
            lambda: self.keeping.keep(self.comparison) if self.comparison else None
        )
        self._delete.clicked.connect(self._delete_shown)
        self._export.clicked.connect(self._offer_forms)
        self._close.clicked.connect(self.close_results)
        self.kept.opened.connect(self.show_comparison)
        self.kept.delete_requested.connect(self.keeping.delete)
        self.keeping.listed.connect(self._kept_listed)
        self.keeping.kept.connect(self._kept)

    def _arrange(self) -> None:
        asking = QHBoxLayout()
        asking.setSpacing(SPACE)
        asking.addWidget(self.question, 1)
        asking.addWidget(self._compare)
        asking.addWidget(self._stop)
        chips = QHBoxLayout()
        chips.setSpacing(SPACE)
        chips.addWidget(self.choosing, 1)
        chips.addWidget(self._many)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE * 2, SPACE * 2, SPACE * 2, 0)
        column.setSpacing(SPACE)
        column.addLayout(asking)
        column.addLayout(chips)
        self._stack = QStackedWidget(self)
        self._start = self._make_start()
        self._results = self._make_results()
        self._stack.addWidget(self._start)
        self._stack.addWidget(self._results)
        column.addWidget(self._stack, 1)

    def _make_start(self) -> QWidget:
        start = QWidget(self)
        self._story = Label(_STORY, ink="muted", wrap=True)
        self._kept_heading = Label("Kept comparisons", size=1.05, bold=True)
        self._kept_heading.hide()
        self.kept.hide()
        column = QVBoxLayout(start)
        column.setContentsMargins(0, SPACE, 0, SPACE * 2)
        column.setSpacing(SPACE)
        column.addWidget(self._story)
        column.addSpacing(SPACE * 2)
        column.addWidget(self._kept_heading)
        column.addWidget(self.kept)
        column.addStretch(1)
        self._limit()
        return start

    def _make_results(self) -> QWidget:
        results = QWidget(self)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE * 3 // 2)
        for button in (self._differences, self._keep, self._delete, self._export, self._close):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self._actions = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._actions.setSpacing(SPACE // 2)
        self._actions.addWidget(self._state, 1)
        self._actions.addLayout(buttons)
        page = QWidget(self)
        inner = QVBoxLayout(page)
        inner.setContentsMargins(0, 0, 0, SPACE * 2)
        inner.addWidget(self.four)
        inner.addStretch(1)
        self._scroll = QScrollArea(self)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(page)
        column = QVBoxLayout(results)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addLayout(self._actions)
        column.addWidget(self._scroll, 1)
        return results

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        directions = QBoxLayout.Direction
        roomy = self.width() >= theme.ems(self, _ROOMY)
        self._actions.setDirection(directions.LeftToRight if roomy else directions.TopToBottom)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_story"):
            self._limit()

    def _limit(self) -> None:
        """Lines that are longer are hard to read."""
        self._story.setMaximumWidth(theme.ems(self, 96))
