"""Making an adapter: the form, the training on its way, or what came of it."""

from __future__ import annotations

from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from desktop import theme
from desktop.adapters.making.form import Form
from desktop.adapters.making.result import Result
from desktop.adapters.making.running import Running
from desktop.adapters.making.training import State, Training
from desktop.ask.labels import Label, TextButton
from desktop.ask.notice import Notice
from desktop.bridge import Bridge
from desktop.notices import Notices
from desktop.plain import one_line
from desktop.theme import SPACE
from engine.errors import CancelledError, CarrelError
from engine.models.catalogue import Catalogue
from engine.models.entries import ModelEntry, ModelKind
from engine.training_facts import ExamplesFound, TrainingResult, TrainingWish

if TYPE_CHECKING:
    from engine.training.trainer import Trainer

_WIDEST = 100  # average characters


class MakePage(QWidget):
    """Joins the form, the training and the result."""

    made = Signal(str)  # the place of a new adapter
    switch_requested = Signal(str)  # a place
    compare_requested = Signal(str)  # a place

    def __init__(
        self,
        bridge: Bridge,
        trainer: Trainer,
        catalogue: Catalogue,
        notices: Notices,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Make one")
        self._bridge, self._catalogue, self._notices = bridge, catalogue, notices
        self.training = Training(bridge, trainer, self)
        self._unfinished: TrainingWish | None = None
        self._title = Label("Make an adapter from examples", size=1.2, bold=True, wrap=True)
        self._story = Label(
            "From examples of answers as you want them, the model learns their form: how long, in "
            "which order, in which words. It does not learn facts from them that it could be "
            "trusted with.",
            ink="muted",
            wrap=True,
        )
        self.missing = Notice()
        self.left_over = _LeftOver(self)
        self.failure = Notice()
        self.form = Form(self)
        self._shown: Form | Running | Result = self.form
        self._arrange()
        self._connect()

    # --- made when they are first wanted ------------------------------------------------------

    @cached_property
    def running(self) -> Running:
        return Running(self.training, self)

    @cached_property
    def result(self) -> Result:
        result = Result(self)
        result.switch_requested.connect(self.switch_requested)
        result.compare_requested.connect(self.compare_requested)
        result.another_requested.connect(partial(self._show, self.form))
        return result

    # --- for the view -------------------------------------------------------------------------

    def refresh(self) -> None:
        """Look again at what can be trained, and on what."""
        self.training.look()
        catalogue = self._catalogue
        self._bridge.run(self, catalogue.entries, self._offer)

    def take(self, path: Path) -> None:
        """A file of examples that was dropped."""
        if self.training.state is not State.IDLE:
            self._notices.warning(
                "Something is being trained already. Wait for it, or cancel it first."
            )
            return
        self._show(self.form)
        self.form.take(path)

    def focus(self) -> None:
        self._shown.focus()

    # --- steps --------------------------------------------------------------------------------

    def _offer(self, entries: tuple[ModelEntry, ...]) -> None:
        self.form.offer_bases(
            [e for e in entries if e.kind is ModelKind.GENERATOR and not e.problem]
        )

    def _known(self, missing: str, unfinished: TrainingWish | None) -> None:
        if missing:
            self.missing.say(missing, "warning")
        else:
            self.missing.hide()
        self.form.setVisible(not missing)
        self._unfinished = unfinished
        self.left_over.show_wish(unfinished if not missing else None)

    def _check(self, examples: Path, base: Path) -> None:
        job = self.training.check(examples, base)

        def found(found: ExamplesFound) -> None:
            if not job.token.cancelled:
                self.form.show_found(found)

        def failed(error: Exception) -> None:
            if isinstance(error, CancelledError) or job.token.cancelled:
                return
            if isinstance(error, CarrelError):
                self.form.show_failure(str(error))
                return
            self.form.show_failure("The examples could not be checked.")
            self._bridge.failed.emit(error)

        job.finished.connect(found)
        job.failed.connect(failed)

    def _start(self, wish: TrainingWish) -> None:
        self.failure.hide()
        self._show(self.running)
        self.training.start(wish)
        if self.isVisible():
            self.running.focus()

    def _go_on(self) -> None:
        if self._unfinished is not None:
            self._start(self._unfinished)

    def _finished(self, result: TrainingResult) -> None:
        training, wish = self.training, self.training.wish
        assert wish is not None
        self.result.show_result(wish, result, training.losses, training.held_out)
        self._show(self.result)
        self.made.emit(result.adapter)
        if self.isVisible():
            self.result.focus()
        else:
            self._notices.info(f"“{one_line(wish.name)}” is trained, and is among your adapters.")

    def _stopped(self) -> None:
        self._show(self.form)

    def _failed(self, error: Exception) -> None:
        self._show(self.form)
        if isinstance(error, CarrelError):
            self.failure.say(str(error), "danger")
        else:
            self.failure.say("The training ended with an error that was not expected.", "danger")
            self._bridge.failed.emit(error)

    def _show(self, part: Form | Running | Result) -> None:
        self._shown = part
        if part not in self._pages:
            self._pages[part] = _scrolled(part, self)
            self._stack.addWidget(self._pages[part])
            self._limit()
        self._stack.setCurrentWidget(self._pages[part])

    # --- making it ----------------------------------------------------------------------------

    def _connect(self) -> None:
        training, form = self.training, self.form
        training.known.connect(self._known)
        training.finished.connect(self._finished)
        training.stopped.connect(self._stopped)
        training.failed.connect(self._failed)
        form.check_requested.connect(self._check)
        form.start_requested.connect(self._start)
        self.left_over.go_on.connect(self._go_on)
        self.left_over.discard.connect(training.discard)

    def _arrange(self) -> None:
        making = QWidget(self)
        column = QVBoxLayout(making)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE * 3 // 2)
        for part in (
            self._title, self._story, self.missing, self.failure, self.left_over, self.form,
        ):  # fmt: skip
            column.addWidget(part)
        column.addStretch(1)
        self._stack = QStackedWidget(self)
        self._pages: dict[QWidget, QScrollArea] = {self.form: _scrolled(making, self)}
        self._stack.addWidget(self._pages[self.form])
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        self._limit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_stack"):
            self._limit()

    def _limit(self) -> None:
        for scroll in self._pages.values():
            page = scroll.widget()
            if page is not None:
                page.setMaximumWidth(theme.ems(self, _WIDEST))


class _LeftOver(QFrame):
    """A run that was stopped and can go on."""

    go_on = Signal()
    discard = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "notice")
        self.setProperty("rank", "info")
        self._words = Label("", wrap=True)
        going = TextButton("Go on")
        going.clicked.connect(self.go_on)
        away = TextButton("Discard", link=True)
        away.clicked.connect(self.discard)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE * 2, SPACE, SPACE, SPACE)
        row.setSpacing(SPACE)
        row.addWidget(self._words, 1)
        row.addWidget(going)
        row.addWidget(away)
        self.hide()

    def show_wish(self, wish: TrainingWish | None) -> None:
        self.setVisible(wish is not None)
        if wish is not None:
            name = Path(wish.examples).name
            self._words.setText(
                f"The training of “{one_line(wish.name)}” from “{one_line(name)}” was stopped. It "
                "can go on from its last checkpoint."
            )


def _scrolled(inner: QWidget, parent: QWidget) -> QScrollArea:
    page = QWidget(parent)
    column = QVBoxLayout(page)
    column.setContentsMargins(SPACE * 2, SPACE * 2, SPACE * 2, SPACE * 3)
    column.addWidget(inner)
    scroll = QScrollArea(parent)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setWidgetResizable(True)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setWidget(page)
    return scroll
