"""A question and what came of it: quotes at once, then the answer, then its claims.

It shows; it starts nothing. The view connects a run to it and acts on its wishes.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.ask.answer_text import AnswerText
from desktop.ask.citing import answer_markdown, by_number, model_name, timing_line
from desktop.ask.labels import Label, TextButton
from desktop.ask.notice import Notice
from desktop.ask.quote_card import QuoteCard
from engine.answers import Answer, Citation
from engine.errors import CancelledError, CarrelError

COALESCE_MS = 40  # streamed pieces are put on screen together
_FEW = 3  # quotes shown before "more"


class TurnState(Enum):
    WAITING = "waiting"
    STREAMING = "streaming"
    STOPPING = "stopping"
    DONE = "done"
    FAILED = "failed"


class TurnView(QWidget):
    """One turn of a conversation."""

    citation_opened = Signal(object)  # Citation
    stop_wanted = Signal()
    asked_again = Signal(str)

    def __init__(self, question: str, model: str = "", parent: QWidget | None = None) -> None:
        """``model`` is the file that will write, empty for quotes only."""
        super().__init__(parent)
        self.question = question
        self.answer: Answer | None = None
        self.state = TurnState.WAITING
        self._model = model
        self._quotes: tuple[Citation, ...] = ()
        self._all_shown = False
        self._waiting_text: list[str] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(COALESCE_MS)
        self._timer.timeout.connect(self._flush)

        self._heading = Label(question, size=1.35, bold=True, wrap=True, selectable=True)
        self._heading.setAccessibleName(f"Question: {question}")
        self._notice = Notice()
        self._status = Label("Looking in your documents…", ink="muted")
        self._caption = Label(size=0.9, bold=True, ink="muted")
        self._cards = QVBoxLayout()
        self._cards.setContentsMargins(0, 0, 0, 0)
        self._cards.setSpacing(8)
        self._more = TextButton("", "chevron-down", link=True)
        self._more.hide()
        self._more.clicked.connect(self._show_all)
        self._author = Label(size=0.9, bold=True, ink="muted")
        self._text = AnswerText()
        self._text.citation_activated.connect(self._open_number)
        self._stop = TextButton("Stop", "stop")
        self._stop.setAccessibleName("Stop this answer")
        self._stop.clicked.connect(self.stop_wanted)
        self._writing = Label("Writing…", ink="muted")
        self._timings = Label(size=0.9, ink="muted", wrap=True)
        self._timings.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._copy = TextButton("Copy", "content-copy")
        self._copy.setToolTip("Copy the answer with its sources")
        self._copy.clicked.connect(self._copied)
        self._again = TextButton("Ask again", "refresh")
        self._again.clicked.connect(lambda: self.asked_again.emit(self.question))
        self._arrange()
        self._show_state()

    def _arrange(self) -> None:
        running = QHBoxLayout()
        running.setSpacing(12)
        running.addWidget(self._stop)
        running.addWidget(self._writing)
        running.addStretch(1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self._copy)
        foot.addWidget(self._again)
        foot.addWidget(self._timings, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._heading)
        column.addSpacing(4)
        column.addWidget(self._notice)
        column.addWidget(self._status)
        column.addWidget(self._caption)
        column.addLayout(self._cards)
        column.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        column.addSpacing(8)
        column.addWidget(self._author)
        column.addWidget(self._text)
        column.addLayout(running)
        column.addLayout(foot)

    # --- what happens -----------------------------------------------------------------------

    @property
    def running(self) -> bool:
        return self.state in (TurnState.WAITING, TurnState.STREAMING, TurnState.STOPPING)

    @property
    def citations(self) -> dict[int, Citation]:
        """By number: those of the answer, or the quotes that are there so far."""
        return by_number(self.answer.citations if self.answer else self._quotes)

    def show_quotes(self, quotes: Sequence[Citation]) -> None:
        """The sources, before the model has said a word."""
        if not self.running:
            return
        self._set_quotes(quotes)
        self._caption.setText("Best quotes" if quotes else "")
        if self.state is TurnState.WAITING:
            self.state = TurnState.STREAMING
        self._show_state()

    def append_text(self, text: str) -> None:
        if not self.running:
            return
        self._waiting_text.append(text)
        if not self._timer.isActive():
            self._timer.start()

    def stopping(self) -> None:
        """The person has asked to stop; the engine has not yet answered."""
        if self.running:
            self.state = TurnState.STOPPING
            self._show_state()

    def finish(self, answer: Answer) -> None:
        self._flush()
        self.answer = answer
        self.state = TurnState.DONE
        self._model = answer.model
        known = by_number(answer.citations)
        self._set_quotes([known[n] for n in answer.quotes if n in known])
        if answer.refused:
            self._caption.setText("Closest passages" if self._quotes else "")
        elif answer.text:
            self._caption.setText("Best quotes" if self._quotes else "")
        else:
            self._caption.setText("Quotes from your documents" if self._quotes else "")
        if answer.text and not answer.refused:
            self._text.show_answer(answer)
        self._say(answer)
        self._timings.setText(timing_line(answer))
        self._show_state()

    def fail(self, error: Exception) -> None:
        self._flush()
        self.state = TurnState.FAILED
        if isinstance(error, CancelledError):
            self._notice.say("Stopped.", "muted", "Ask again", self._try_again)
            self._show_state()
            return
        reason = (
            str(error)
            if isinstance(error, CarrelError) and str(error)
            else "Something went wrong while answering. The log has the details; try again."
        )
        self._notice.say(reason, "danger", "Try again", self._try_again)
        self._show_state()

    def _say(self, answer: Answer) -> None:
        """The one thing to know before reading on, if there is one."""
        remark = answer.notice
        if answer.refused:
            reason = answer.reason or "Your documents do not seem to answer this."
            self._notice.say(f"{reason}\n{remark}" if remark else reason, "muted")
        elif answer.stopped:
            self._notice.say(f"Stopped. {remark}".strip(), "muted")
        elif remark:
            self._notice.say(remark, "warning")
        elif not self._quotes and not answer.text:
            self._notice.say("Nothing was found in your documents.", "muted")
        else:
            self._notice.hide()

    def _try_again(self) -> None:
        self.asked_again.emit(self.question)

    # --- looks ------------------------------------------------------------------------------

    def _show_state(self) -> None:
        done = self.state is TurnState.DONE
        written = bool(self._text.toPlainText())
        self._status.setVisible(self.state is TurnState.WAITING)
        self._caption.setVisible(bool(self._caption.text()))
        self._author.setText(self._byline())
        self._author.setVisible(written and bool(self._author.text()))
        self._text.setVisible(written)
        self._stop.setVisible(self.running)
        self._stop.setEnabled(self.state is not TurnState.STOPPING)
        self._writing.setText(self._progress())
        self._writing.setVisible(self.running and bool(self._writing.text()))
        self._timings.setVisible(done and bool(self._timings.text()))
        self._copy.setVisible(done)
        self._again.setVisible(done)

    def _progress(self) -> str:
        if self.state is TurnState.STOPPING:
            return "Stopping…"
        if self.state is not TurnState.STREAMING:
            return ""
        if not self._model:
            return "Looking for better quotes…"
        return "Writing…" if self._text.toPlainText() else "Reading the quotes…"

    def _byline(self) -> str:
        if self._model:
            return f"Written by {model_name(self._model)} from these quotes"
        return "From your documents"

    def _set_quotes(self, quotes: Sequence[Citation]) -> None:
        """Cards stay where they are and take the new quotes in, so that a better list that comes
        second (see ``QuotesFound``) is no new picture, and the focus stays too."""
        self._quotes = tuple(quotes)
        cards = self.cards()
        for card, citation in zip(cards, quotes, strict=False):
            if card.citation != citation:
                card.show_citation(citation)
        for citation in quotes[len(cards) :]:
            card = QuoteCard(citation)
            card.opened.connect(self.citation_opened)
            self._cards.addWidget(card)
        for card in cards[len(quotes) :]:
            self._cards.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._show_cards()

    def _show_cards(self) -> None:
        shown = _FEW if self._model and not self._all_shown else len(self._quotes)
        for position, card in enumerate(self.cards()):
            card.setVisible(position < shown)
        hidden = len(self._quotes) - shown
        self._more.setText(f"Show {hidden} more" if hidden > 0 else "")
        self._more.setVisible(hidden > 0)

    def _show_all(self) -> None:
        self._all_shown = True
        self._show_cards()

    def cards(self) -> list[QuoteCard]:
        items = (self._cards.itemAt(i) for i in range(self._cards.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [widget for widget in widgets if isinstance(widget, QuoteCard)]

    def _flush(self) -> None:
        self._timer.stop()
        if not self._waiting_text:
            return
        first = not self._text.toPlainText()
        self._text.append_text("".join(self._waiting_text))
        self._waiting_text.clear()
        if self.state is TurnState.WAITING:
            self.state = TurnState.STREAMING
        if first:
            self._show_state()

    # --- wishes -----------------------------------------------------------------------------

    def _open_number(self, n: int) -> None:
        citation = self.citations.get(n)
        if citation is not None:
            self.citation_opened.emit(citation)

    def _copied(self) -> None:
        if self.answer is None:
            return
        QGuiApplication.clipboard().setText(answer_markdown(self.answer))
        self._copy.setText("Copied")
        QTimer.singleShot(1500, self._copy, lambda: self._copy.setText("Copy"))
