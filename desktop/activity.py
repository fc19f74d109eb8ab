"""What Carrel is busy with, at the foot of the sidebar: what, how far, how long; and how to let
it rest, go on or end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.bridge import Bridge
from desktop.documents.wording import is_problem
from desktop.plain import ElidedLabel, tooltip
from desktop.theme import SPACE
from engine.records import IndexProgress, IndexReport, LibraryStatus, Stage

LEARNING = "Embedding"
_LEARNING_TIP = "Search by words works already. Search by meaning covers more with every passage."


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of a moment: a headline, two lines below it (the second may be empty), and
    the share done in thousandths (None: not known yet)."""

    headline: str
    detail: str
    more: str = ""
    share: int | None = None


def plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def time_left(seconds: float | None) -> str:
    """In words, no more exact than is honest; empty where it is not known."""
    if seconds is None:
        return ""
    if seconds < 10:
        return "a few seconds left"
    if seconds < 50:
        return "less than a minute left"
    if seconds < 90:
        return "about a minute left"
    minutes = round(seconds / 60)
    if minutes < 55:
        return f"about {minutes} minutes left"
    if minutes < 90:
        return "about an hour left"
    return f"about {round(minutes / 60)} hours left"


def pace(rate: float, noun: str) -> str:
    """A rate per second, in whichever unit gives a whole number worth reading."""
    if rate <= 0:
        return ""
    number, unit = (rate, "s") if rate >= 1 else (max(1, rate * 60), "min")
    return f"{plural(round(number), noun)}/{unit}" if noun else f"{number:,.0f}/{unit}"


def busy(progress: IndexProgress, *, pictures: bool = False) -> Words:
    """The words for work going on; ``pictures`` are what is read last, and slowly."""
    if progress.stage is Stage.SCANNING:
        found = plural(progress.files_total, "file") if progress.files_total else ""
        return Words("Looking for changes", found)
    if progress.stage is Stage.READING:
        count = f"{progress.files_done:,} of {progress.files_total:,}"
        if pictures:
            share = _share(progress.files_done, progress.files_total)
            return Words("Reading pictures", _left(progress), f"{count} files", share)
        return Words(
            f"Reading {count}",
            _left(progress),
            _joined(
                plural(progress.pages_done, "page") if progress.pages_done else "",
                pace(progress.rate, "page"),
            ),
            _share(progress.files_done, progress.files_total),
        )
    if progress.stage is Stage.EMBEDDING:
        total = progress.passages_to_embed
        return Words(
            "Waiting" if progress.current else LEARNING,
            progress.current or _left(progress),
            _joined(
                f"{progress.passages_embedded:,} of {plural(total, 'passage')}",
                pace(progress.rate, ""),
            ),
            _share(progress.passages_embedded, total),
        )
    return Words("Finishing", "", share=1000)


def resting(progress: IndexProgress, *, pictures: bool = False) -> Words:
    """The words for work that the person has paused."""
    now = busy(replace(progress, rate=0.0), pictures=pictures)
    return Words("Paused", now.headline, now.more, now.share or 0)


def idle(status: LibraryStatus, folders: int, *, stopped: bool) -> Words:
    """The words for rest."""
    waiting = status.passages - status.embedded
    if not folders and not status.documents:
        return Words("No documents yet", "Add a folder to begin")
    if stopped:
        left = f"{plural(waiting, 'passage')} to go" if waiting > 0 else ""
        return Words("Stopped", _joined(plural(status.documents, "document"), left))
    return Words("Up to date", plural(status.documents, "document"))


def _left(progress: IndexProgress) -> str:
    return time_left(progress.seconds_left) or "working out how long it takes"


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _share(done: int, total: int) -> int | None:
    return round(1000 * min(1.0, done / total)) if total else None


class Activity(QWidget):
    """Shows the indexing of a library and lets the person pause, resume and cancel it."""

    problems_requested = Signal()  # "3 need attention" was pressed

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._stopped = False
        self._folders = 0
        self._status = LibraryStatus(0, 0, 0, {})
        self.setAccessibleName("Activity")
        self._headline = ElidedLabel("", self)
        self._detail = ElidedLabel("", self)
        self._detail.setProperty("look", "muted")
        self._more = ElidedLabel("", self)
        self._more.setProperty("look", "muted")
        self._bar = QProgressBar(self)
        self._bar.setProperty("look", "slim")
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress")
        self._progress = IndexProgress(Stage.SCANNING)
        self._pictures = False
        self._button = self._tool("pause", self._pressed)
        self._cancel = self._tool("close", self._cancelled)
        self._cancel.setAccessibleName("Cancel indexing")
        self._cancel.setToolTip("Cancel indexing; what was read stays")
        self._cancel.hide()
        self._problems = QPushButton(self)
        self._problems.setProperty("look", "quiet")
        self._problems.clicked.connect(self.problems_requested)
        self._problems.hide()

        head = QHBoxLayout()
        head.setSpacing(SPACE // 2)
        head.addWidget(self._headline, 1)
        head.addWidget(self._button)
        head.addWidget(self._cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE * 3 // 2, SPACE, SPACE, SPACE)
        column.setSpacing(SPACE // 2)
        column.addLayout(head)
        column.addWidget(self._bar)
        column.addWidget(self._detail)
        column.addWidget(self._more)
        column.addWidget(self._problems, 0, Qt.AlignmentFlag.AlignLeft)

        bridge.index_started.connect(self._started)
        bridge.progressed.connect(self._progressed)
        bridge.index_finished.connect(self._finished)
        bridge.index_failed.connect(self._failed)
        bridge.index_paused.connect(lambda _paused: self._show_progress())
        self._tint()
        self._rest()

    def _tool(self, icon: str, act: Callable[[], None]) -> QToolButton:
        button = QToolButton(self)
        button.setProperty("look", "quiet")
        button.setProperty("icon_name", icon)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(act)
        return button

    def set_status(self, status: LibraryStatus, folders: int) -> None:
        """What the library holds now."""
        self._status, self._folders = status, folders
        problems = sum(count for state, count in status.states.items() if is_problem(state))
        verb = "needs" if problems == 1 else "need"
        self._problems.setText(f"{problems:,} {verb} attention")
        self._problems.setAccessibleName(f"{plural(problems, 'document')} {verb} attention: show")
        self._problems.setVisible(problems > 0)
        self._tint()
        if not self._bridge.indexing:
            self._rest()

    def words(self) -> Words:
        """What is shown now; the share is None where no progress bar is."""
        share = self._bar.value() if self._bar.isVisibleTo(self) and self._bar.maximum() else None
        return Words(self._headline.text(), self._detail.text(), self._more.text(), share)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_problems"):
            self._tint()

    def _tint(self) -> None:
        self._problems.setIconSize(theme.icon_size(self))
        self._problems.setIcon(theme.icon("alert-outline", colour=theme.colours().warning))
        for button in (self._button, self._cancel):
            button.setIconSize(theme.icon_size(self))
            button.setIcon(theme.icon(button.property("icon_name")))

    def _started(self) -> None:
        self._stopped = self._pictures = False
        self._progressed(IndexProgress(Stage.SCANNING))

    def _progressed(self, progress: IndexProgress) -> None:
        read_before = self._progress.stage is Stage.EMBEDDING
        self._pictures |= read_before and progress.stage is Stage.READING
        self._progress = progress
        self._show_progress()

    def _show_progress(self) -> None:
        if not self._bridge.indexing or self._stopped:
            return
        if self._bridge.paused:
            self._say(resting(self._progress, pictures=self._pictures))
            self._offer("Resume indexing", "play")
        else:
            self._say(busy(self._progress, pictures=self._pictures))
            self._offer("Pause indexing", "pause")
        self._cancel.show()

    def _finished(self, report: IndexReport) -> None:
        self._stopped = report.cancelled
        self._rest()

    def _failed(self, _error: Exception) -> None:
        self._stopped = True
        self._rest()

    def _rest(self) -> None:
        self._write(idle(self._status, self._folders, stopped=self._stopped))
        self._bar.hide()
        self._cancel.hide()
        if self._stopped:
            self._offer("Resume indexing", "play")
        else:
            self._button.hide()

    def _write(self, words: Words) -> None:
        current = self._progress.current if words.headline.startswith("Reading") else ""
        tip = _LEARNING_TIP if words.headline == LEARNING else current
        self.setToolTip(tooltip(tip))
        self._headline.set_text(words.headline)
        self._detail.set_text(words.detail)
        self._more.set_text(words.more)
        self._more.setVisible(bool(words.more))

    def _say(self, words: Words) -> None:
        self._write(words)
        self._bar.setRange(0, 0 if words.share is None else 1000)
        self._bar.setValue(words.share or 0)
        self._bar.show()

    def _offer(self, words: str, icon: str) -> None:
        self._button.setAccessibleName(words)
        self._button.setToolTip(words)
        self._button.setEnabled(True)
        self._button.show()
        if self._button.property("icon_name") != icon:
            self._button.setProperty("icon_name", icon)
            self._tint()

    def _pressed(self) -> None:
        if self._bridge.indexing:
            self._bridge.pause_indexing(not self._bridge.paused)
        else:
            self._bridge.start_indexing()

    def _cancelled(self) -> None:
        self._stopped = True
        self._headline.set_text("Stopping…")
        self._button.setEnabled(False)
        self._cancel.hide()
        self._bridge.stop_indexing()
