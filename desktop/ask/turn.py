"""A question and what came of it: quotes at once, then the answer, then its claims.

It shows; it starts nothing. The view connects a run to it and acts on its wishes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.activity import time_left
from desktop.ask import measures, tab_order
from desktop.ask.citing import by_number
from desktop.ask.intending import unsourced
from desktop.ask.labels import Label
from desktop.ask.notice import Notice
from desktop.ask.quote_card import QuoteCard
from desktop.ask.quote_list import QuoteList
from desktop.ask.refusal import Refusal, Ways
from desktop.ask.searched_line import SearchedLine
from desktop.ask.written import Written
from desktop.bridge import Wish
from engine.answers import (
    Answer,
    AnswerKind,
    Citation,
    MapProgress,
    PromptRead,
    QuotesFound,
    TextStreamed,
)
from engine.errors import CancelledError, CarrelError
from engine.exporting import markdown

COALESCE_MS = 40  # streamed pieces are put on screen together
_BEGINNING = {
    AnswerKind.ANSWER: "Looking in your documents…",
    AnswerKind.SUMMARY: "Opening the document…",
    AnswerKind.SURVEY: "Going through the documents…",
}
_UNITS = {AnswerKind.SUMMARY: "Section", AnswerKind.SURVEY: "Document"}


class TurnState(Enum):
    WAITING = "waiting"
    STREAMING = "streaming"
    STOPPING = "stopping"
    DONE = "done"
    FAILED = "failed"


class TurnView(QWidget):
    """One turn of a conversation. There is one design for strong models and weak ones: quotes and
    text, of which the one that can be relied on comes first."""

    citation_opened = Signal(object)  # Citation
    stop_wanted = Signal()
    asked_again = Signal(object)  # Wish
    words_wanted = Signal(str)  # search for these
    unread_wanted = Signal()
    adapters_wanted = Signal()
    export_wanted = Signal(object, str)  # Answer, a format's name

    def __init__(
        self, wish: Wish, model: str = "", ways: Ways | None = None, parent: QWidget | None = None
    ) -> None:
        """``model`` is the file that will write, empty for quotes only; ``ways`` are what to
        offer where the documents hold no answer."""
        super().__init__(parent)
        self.wish = wish
        self.answer: Answer | None = None
        self.state = TurnState.WAITING
        self._model = model
        self._ways = ways or Ways()
        self._leads = False
        self._doing = ""  # what the run says that it is at, and its share of that
        self._share: float | None = None
        self._pieces: list[TextStreamed] = []  # not yet on screen
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(COALESCE_MS)
        self._timer.timeout.connect(self._flush)

        self._heading = Label(wish.question, size=1.35, bold=True, wrap=True, selectable=True)
        self._heading.setAccessibleName(f"Question: {wish.question}")
        self._searched = SearchedLine()
        self._notice = Notice()
        self._refusal = Refusal()
        self._quotes = QuoteList()
        self._written = Written()
        self._written.name_author(model, documents=wish.use_documents)
        self._written.text.headed = wish.kind is not AnswerKind.ANSWER
        self._body = QVBoxLayout()
        self._body.setSpacing(16)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self._heading, self._searched, self._notice, self._refusal):
            column.addWidget(widget)
        column.addSpacing(4)
        column.addLayout(self._body)
        if not model:
            self._quotes.open_up()
        self._order()
        self._join()
        if wish.kind is not AnswerKind.ANSWER or not wish.use_documents:
            self._lead(room=wish.use_documents)
        self._show_state()

    def _join(self) -> None:
        self._searched.asked.connect(self._ask_for)
        self._quotes.opened.connect(self.citation_opened)
        self._quotes.changed.connect(self._order_focus)
        self._written.text.citation_activated.connect(self._open_number)
        foot = self._written.foot
        foot.progress.stop_wanted.connect(self.stop_wanted)
        foot.copy_wanted.connect(self.copy)
        foot.again_wanted.connect(self._ask_again)
        foot.export_wanted.connect(self._export)
        foot.unread_wanted.connect(self.unread_wanted)
        foot.adapters_wanted.connect(self.adapters_wanted)
        refusal = self._refusal
        refusal.wider_wanted.connect(lambda: self.asked_again.emit(Wish(self.question)))
        refusal.words_wanted.connect(lambda: self.words_wanted.emit(self.question))
        refusal.model_wanted.connect(
            lambda: self.asked_again.emit(Wish(self.question, use_documents=False))
        )
        refusal.unread_wanted.connect(self.unread_wanted)

    # --- what happens -----------------------------------------------------------------------

    @property
    def question(self) -> str:
        return self.wish.question

    @property
    def running(self) -> bool:
        return self.state in (TurnState.WAITING, TurnState.STREAMING, TurnState.STOPPING)

    @property
    def citations(self) -> dict[int, Citation]:
        """By number: those of the answer, or the quotes that are there so far."""
        return by_number(self.answer.citations if self.answer else self._quotes.quotes)

    def show_found(self, found: QuotesFound) -> None:
        """The sources, before the model has said a word."""
        if not self.running:
            return
        if found.text_leads and self._model:
            self._lead()
        self._searched.show_searched(found.searched)
        self.show_quotes(found.quotes)

    def show_quotes(self, quotes: Sequence[Citation]) -> None:
        if not self.running:
            return
        self._quotes.set_caption("Sources" if self._leads else "Best quotes")
        self._quotes.show_quotes(quotes)
        if self.state is TurnState.WAITING:
            self.state = TurnState.STREAMING
        self._show_state()

    def prompt_read(self, read: PromptRead) -> None:
        share = read.done / read.total if read.total > 0 else None
        self._do(measures.reading(read), share)

    def progressed(self, progress: MapProgress) -> None:
        """A section or a document of many is next."""
        unit = _UNITS.get(self.wish.kind, "Part")
        left = time_left(progress.seconds_left)
        share = progress.done / progress.total if progress.total else None
        self._do(measures.mapping(progress, unit, left), share)

    def append(self, piece: TextStreamed) -> None:
        if not self.running:
            return
        self._pieces.append(piece)
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
        told = bool(answer.text) and not answer.refused
        alone = unsourced(answer)
        if told and (answer.text_leads or alone or answer.kind is not AnswerKind.ANSWER):
            self._lead(room=False)
        if not self._leads or alone:
            self._written.name_author(answer.model, documents=not alone)
        elif answer.kind is AnswerKind.SUMMARY and not answer.model:
            self._written.name_documents()
        if not answer.text:
            self._quotes.open_up()
        self._searched.show_searched(answer.searched)
        known = by_number(answer.citations)
        self._quotes.set_faint(answer.refused)
        self._quotes.set_caption(self._caption(answer))
        whole = answer.kind is not AnswerKind.ANSWER and not answer.quotes
        shown = tuple(known) if whole else answer.quotes
        self._quotes.show_quotes([known[n] for n in shown if n in known])
        self._written.show_answer(answer)
        told_above = answer.refused and self._ways.unread
        self._written.foot.say_coverage("" if alone or told_above else self._ways.coverage)
        self._say(answer)
        self._order_focus()

    def announce(self) -> None:
        """Tell those who cannot see it that the answer is there."""
        refused = self.answer is not None and self.answer.refused
        news: QWidget = self._refusal if refused else self._written.text
        QAccessible.updateAccessibility(QAccessibleEvent(news, QAccessible.Event.Alert))

    def fail(self, error: Exception) -> None:
        self._flush()
        self.state = TurnState.FAILED
        self._written.give_up()
        if isinstance(error, CancelledError):
            self._notice.say("Stopped.", "muted", "Ask again", self._try_again)
            return
        reason = (
            str(error)
            if isinstance(error, CarrelError) and str(error)
            else "Something went wrong while answering. The log has the details; try again."
        )
        self._notice.say(reason, "danger", "Try again", self._try_again)

    def _say(self, answer: Answer) -> None:
        """The one thing to know before reading on, if there is one."""
        remark = answer.notice
        if answer.doubt:
            remark = f"This may not answer the question: {answer.doubt}. {remark}".strip()
        self._notice.hide()
        self._refusal.hide()
        if answer.refused:
            reason = answer.reason or "Your documents do not seem to answer this."
            self._refusal.say(reason, self._ways)
        if remark:
            self._notice.say(remark, "warning")
        elif answer.reason and not answer.refused:
            self._notice.say(answer.reason, "muted")
        elif not (answer.refused or answer.stopped or self._quotes.quotes or answer.text):
            self._notice.say("Nothing was found in your documents.", "muted")

    # --- looks ------------------------------------------------------------------------------

    def _lead(self, *, room: bool = True) -> None:
        """Let the text come before the quotes, with ``room`` kept for its first lines."""
        if not self._leads:
            self._leads = True
            self._order()
        if room and not self._written.words:
            self._written.lead()
        elif self.wish.use_documents:
            self._written.heading.setText("")

    def _order(self) -> None:
        parts: list[QWidget] = [self._quotes, self._written]
        for part in reversed(parts) if self._leads else parts:
            self._body.removeWidget(part)
            self._body.addWidget(part)

    def reached(self) -> list[QWidget]:
        """By the tab key, in the order of reading, from the question on."""
        head = [
            part
            for top in (self._searched, self._notice, self._refusal)
            for part in tab_order.focusable(top)
        ]
        quotes, written = self._quotes.reached(), tab_order.focusable(self._written)
        rest = [*written, *quotes] if self._leads else [*quotes, *written]
        return [self._heading, *head, *rest]

    def _order_focus(self) -> None:
        tab_order.chain(self.reached())

    def _caption(self, answer: Answer) -> str:
        if answer.refused:
            return "Closest passages, though they do not answer this"
        if self._leads:
            return "Sources"
        return "Best quotes" if answer.text else "Quotes from your documents"

    def _show_state(self) -> None:
        foot = self._written.foot
        foot.show_running()
        foot.progress.allow_stop(self.state is not TurnState.STOPPING)
        words = self._progress()
        foot.progress.say(words, self._share if words == self._doing else None)

    def _do(self, words: str, share: float | None) -> None:
        if self.state in (TurnState.WAITING, TurnState.STREAMING):
            self._doing, self._share = words, share
            self._written.foot.progress.say(words, share)

    def _progress(self) -> str:
        if self.state is TurnState.STOPPING:
            return "Stopping…"
        if self.state is TurnState.WAITING:
            return _BEGINNING[self.wish.kind] if self.wish.use_documents else "Thinking…"
        if not self._model:
            return "Looking for better quotes…"
        if self._doing and self.wish.kind is not AnswerKind.ANSWER:
            return self._doing
        return "Writing…" if self._written.words else self._doing or "Reading the sources…"

    def cards(self) -> list[QuoteCard]:
        return self._quotes.cards()

    def parts(self) -> list[QWidget]:
        """What can be at the top of the view while someone reads, from the top."""
        quotes: list[QWidget] = [*self.cards()]
        words: list[QWidget] = [self._written.text, self._written.doubts, self._written.foot]
        rest = [*words, *quotes] if self._leads else [*quotes, *words]
        head: list[QWidget] = [self._heading, self._searched, self._notice, self._refusal]
        return [part for part in (*head, *rest) if part.isVisibleTo(self)]

    def _flush(self) -> None:
        self._timer.stop()
        if not self._pieces:
            return
        first = not self._written.words
        text = "".join(piece.text for piece in self._pieces)
        claims = [claim for piece in self._pieces for claim in piece.claims]
        self._written.append(text, claims, self._quotes.quotes)
        self._pieces.clear()
        if self.state is TurnState.WAITING:
            self.state = TurnState.STREAMING
        if first:
            self._show_state()

    # --- wishes -----------------------------------------------------------------------------

    def _open_number(self, n: int) -> None:
        citation = self.citations.get(n)
        if citation is not None:
            self.citation_opened.emit(citation)

    def _try_again(self) -> None:
        self.asked_again.emit(self.wish)

    def _ask_again(self) -> None:
        """The same once more; another seed lets the model find other words."""
        self.asked_again.emit(replace(self.wish, seed=self.wish.seed + 1))

    def _ask_for(self, question: str) -> None:
        self.asked_again.emit(Wish(question, self.wish.scope))

    def _export(self, form: str) -> None:
        if self.answer is not None:
            self.export_wanted.emit(self.answer, form)

    def copy(self) -> None:
        """The finished answer to the clipboard, as Markdown with its sources."""
        if self.answer is not None:
            QGuiApplication.clipboard().setText(markdown([self.answer]))
            self._written.foot.copied()
