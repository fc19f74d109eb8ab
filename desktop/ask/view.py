"""The Ask view: conversations over one question box."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from desktop.applying import Applying
from desktop.ask.adapter_chip import AdapterChip
from desktop.ask.asking import Asking
from desktop.ask.choices import Choices
from desktop.ask.intending import Intentions, wish_of
from desktop.ask.labels import Label
from desktop.ask.live_results import LiveResults
from desktop.ask.live_search import LiveSearch
from desktop.ask.question_box import QuestionBox
from desktop.ask.refusal import Ways
from desktop.ask.scope import Chip, ScopeChip
from desktop.ask.transcript import Column, Transcript
from desktop.ask.turn import TurnView
from desktop.ask.ways import Way
from desktop.ask.welcome import EmptyLibrary, Greeting, Hints
from desktop.bridge import Bridge, Wish
from engine.answers import Answer, AnswerKind
from engine.exporting.wording import model_name
from engine.records import Hit, IndexProgress, Stage

_READING = "Still reading: answers cover what has been read so far"


class AskView(QWidget):
    """Asks, and shows what comes back. One conversation is on screen; answers of another go on
    being written and are there when it is opened again."""

    citation_opened = Signal(object)  # Citation
    passage_opened = Signal(object)  # Hit
    sample_requested = Signal()
    folder_requested = Signal()
    models_requested = Signal()
    adapters_requested = Signal()
    results_shown = Signal(str)  # the passages for this query are listed
    unread_requested = Signal()  # the documents that could not be read
    conversation_changed = Signal(int)  # a question has begun this conversation
    conversation_answered = Signal(int)  # it has one more answer
    export_wanted = Signal(object, str)  # Answer, a format's name

    def __init__(self, bridge: Bridge, applying: Applying, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._applying = bridge, applying
        self._asking = Asking(bridge, self)
        self._busy: dict[int, Transcript] = {}  # conversations off screen, still being answered
        self._opening = 0  # the latest request to open a conversation
        self._model = ""
        self._choices = Choices()
        self._empty = False

        self._scope = ScopeChip()
        self.intentions = Intentions(self._scope, self)
        self.intentions.wished.connect(self.wish)
        self.intentions.question_wanted.connect(self.focus_question)
        self._model_chip = Chip("pencil-outline", "Model")
        self._model_chip.clicked.connect(self.models_requested)
        self.adapters = AdapterChip(applying)
        self.adapters.view_wanted.connect(self.adapters_requested)
        self._box = QuestionBox([self._scope, self._scope.tokens, self._model_chip, self.adapters])
        self._results = LiveResults(self)
        self._live = LiveSearch(bridge, self._box, self._results, self._scope, self)
        self._reading = Label(_READING, size=0.9, ink="muted", wrap=True)
        self._reading.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._reading.hide()
        self._welcome = EmptyLibrary()
        self._greeting = Greeting()
        hints = Hints()
        keeping = hints.sizePolicy()
        keeping.setRetainSizeWhenHidden(True)
        hints.setSizePolicy(keeping)
        self._hint_lines, self._hints = hints, Column(hints)
        self._transcript = Transcript()
        self._above = QStackedWidget()
        self._welcome_page = Column(self._welcome, share=0.72)
        self._greeting_page = Column(self._greeting)
        for page in (self._welcome_page, self._greeting_page, self._transcript):
            self._above.addWidget(page)
        self._box_column = Column(self._box)
        self._arrange()
        self._join()
        self._show_page()
        self._show_model(None)

    def _arrange(self) -> None:
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 14)
        self._rows.setSpacing(8)
        self._rows.addWidget(self._above, 10)
        self._rows.addWidget(self._box_column)
        self._rows.addWidget(self._reading)
        self._rows.addWidget(self._hints, 12)
        self.setTabOrder(self._box.edit, self._scope)
        self.setTabOrder(self._scope, self._scope.tokens)

    def _join(self) -> None:
        self._welcome.folder_requested.connect(self.folder_requested)
        self._welcome.sample_requested.connect(self.sample_requested)
        self._box.submitted.connect(self._submitted)
        self._box.other_way.connect(self._ask_otherwise)
        self._box.focused.connect(lambda: self._bridge.warm(self._applying.applied))
        self._box.resized.connect(self._place_results)
        self._box_column.installEventFilter(self)
        self._box.stop_wanted.connect(self.stop)
        self._results.opened.connect(self._open_hit)
        self._results.unread_requested.connect(self.unread_requested)
        self._live.changed.connect(self._list_changed)
        self._live.shown.connect(self.results_shown)
        self._asking.settled.connect(self._settle)
        self._asking.conversation_made.connect(self._made)
        self._asking.answered.connect(self.conversation_answered)
        self._bridge.library_changed.connect(self.refresh)

    # --- for the window ---------------------------------------------------------------------

    def focus_question(self) -> None:
        self._box.focus_edit()

    def set_indexing(self, progress: IndexProgress | None) -> None:
        """What indexing is busy with; None when it is not. Embedding does not count: what is
        read can be found by its words."""
        reading = progress is not None and progress.stage in (Stage.SCANNING, Stage.READING)
        self._reading.setVisible(reading and not self._empty)

    def set_library_empty(self, empty: bool) -> None:
        self._empty = empty
        self._show_page()

    def refresh(self) -> None:
        """Ask the library anew for its folders, its documents and its model."""
        library = self._bridge.library
        self._bridge.run(
            self,
            lambda: (Choices.of(library.folders(), library.ledger()), library.model()),
            self._refreshed,
        )

    def open_conversation(self, conversation_id: int | None) -> None:
        """Show a conversation of the library, or with None a fresh page."""
        self._opening += 1
        if conversation_id is not None and conversation_id == self._transcript.conversation_id:
            return
        if conversation_id is None:
            self._replace(Transcript())
        elif conversation_id in self._busy:
            self._replace(self._busy.pop(conversation_id))
        else:
            request, library = self._opening, self._bridge.library
            self._bridge.run(
                self,
                lambda: library.turns(conversation_id),
                lambda answers: self._opened(request, conversation_id, answers),
            )

    def open_citation(self, n: int) -> None:
        """Open the n-th citation of the latest answer, if it has one."""
        for turn in reversed(self._transcript.turns):
            if turn.citations:
                citation = turn.citations.get(n)
                if citation is not None:
                    self.citation_opened.emit(citation)
                return

    def show_beside(self, document_id: int | None) -> None:
        """The document in the source pane: "this document", where a question says so."""
        self.intentions.document_beside = document_id

    def stop(self) -> bool:
        """Stop what is being answered on screen; whether there was anything."""
        stopped = False
        for turn in list(self._transcript.running):
            stopped = True
            self._asking.stop(turn)
        return stopped

    def copy_answer(self) -> bool:
        """The latest finished answer to the clipboard, as Markdown with its sources."""
        for turn in reversed(self._transcript.turns):
            if turn.answer is not None:
                turn.copy()
                return True
        return False

    @property
    def conversation_id(self) -> int | None:
        """The one on screen, once its first question has been asked."""
        return self._transcript.conversation_id

    # --- asking -----------------------------------------------------------------------------

    def _submitted(self, question: str) -> None:
        chosen = self._results.selected
        if chosen is not None:
            self._results.choose(chosen)
        elif question and not self._empty:
            self._box.clear()
            self.ask(question)

    def ask(self, question: str) -> None:
        """Put a question into the conversation on screen, as what it is meant to be."""
        self.intentions.ask(question)

    def _ask_otherwise(self, question: str, way: Way) -> None:
        if not self._empty:
            self._box.clear()
            self.intentions.ask_otherwise(question, way)

    def wish(self, wish: Wish) -> None:
        """Put what is wished for into the conversation on screen."""
        self._live.close()
        shaped = wish.kind is AnswerKind.ANSWER and bool(self._model)
        turn = self._new_turn(replace(wish, adapters=self._applying.applied if shaped else ()))
        self._transcript.add(turn)
        self._show_page()
        self._asking.begin(turn, self._transcript)

    def _new_turn(self, wish: Wish) -> TurnView:
        question = wish.kind is not AnswerKind.SUMMARY
        ways = Ways(
            words=question,
            wider=bool(wish.scope) and question,
            model=bool(self._model) and question,
            unread=self._choices.unread,
            read=self._choices.answering,
            partly=self._choices.partly,
        )
        turn = TurnView(wish, self._model, ways)
        turn.citation_opened.connect(self.citation_opened)
        turn.asked_again.connect(self.wish)
        turn.words_wanted.connect(self._search_for)
        turn.unread_wanted.connect(self.unread_requested)
        turn.adapters_wanted.connect(self.adapters_requested)
        turn.export_wanted.connect(self.export_wanted)
        return turn

    def _search_for(self, words: str) -> None:
        """Put the words into the box: the passages that hold them appear as if they were typed."""
        self._box.set_text(words)
        self._box.focus_edit(select=False)
        self._live.look(wanted=True)

    def _made(self, transcript: Transcript) -> None:
        number = transcript.conversation_id
        assert number is not None
        if transcript is self._transcript:
            self.conversation_changed.emit(number)
        elif transcript.busy:
            self._busy[number] = transcript

    def _settle(self) -> None:
        """After a turn has begun or ended."""
        self._box.set_answering(self._transcript.busy)
        for conversation_id, transcript in list(self._busy.items()):
            if not transcript.busy:
                del self._busy[conversation_id]
                self._drop(transcript)

    # --- conversations ----------------------------------------------------------------------

    def _opened(self, request: int, conversation_id: int, answers: list[Answer]) -> None:
        if request != self._opening:
            return
        transcript = Transcript(conversation_id)
        transcript.fill([partial(self._kept_turn, answer) for answer in answers])
        self._replace(transcript)

    def _kept_turn(self, answer: Answer) -> TurnView:
        turn = self._new_turn(wish_of(answer))
        turn.finish(answer)
        return turn

    def _replace(self, transcript: Transcript) -> None:
        old, self._transcript = self._transcript, transcript
        if self._above.indexOf(transcript) < 0:
            self._above.addWidget(transcript)
        if not old.busy:
            self._drop(old)
        elif old.conversation_id is not None:
            self._busy[old.conversation_id] = old
        self._live.close()
        self._show_page()
        self._settle()

    def _drop(self, transcript: Transcript) -> None:
        self._above.removeWidget(transcript)
        transcript.deleteLater()

    # --- live results -----------------------------------------------------------------------

    def _open_hit(self, hit: Hit) -> None:
        self.passage_opened.emit(hit)

    def _list_changed(self) -> None:
        self._hint_lines.setVisible(not self._results.is_list)
        self._place_results()

    def _place_results(self) -> None:
        """Under the box where that has room, over it otherwise."""
        if self._results.isHidden():
            return
        corner = self._box.mapTo(self, self._box.rect().topLeft())
        box = QRect(corner, self._box.size())
        below, above = self.height() - box.bottom() - 12, box.top() - 12
        if self._transcript.turns:
            height = self._results.fitting_height(box.width(), above)
            top = box.top() - height - 4
        else:
            height = self._results.fitting_height(box.width(), below)
            top = box.bottom() + (5 if self._results.is_list else 1)
        self._results.setGeometry(box.left(), top, box.width(), height)
        self._results.raise_()

    # --- looks ------------------------------------------------------------------------------

    def _refreshed(self, found: tuple[Choices, Path | None]) -> None:
        choices, model = found
        self._scope.offer(choices)
        self._greeting.count(choices.answering)
        self._choices = choices
        self._show_model(str(model) if model is not None else None)

    def _show_model(self, model: str | None) -> None:
        self._model = model or ""
        self._box.offer_model(bool(model))
        self.adapters.offer_model(bool(model))
        if model:
            self._model_chip.show_choice(model_name(model), f"Answers are written by {model}")
        else:
            self._model_chip.show_choice(
                "Quotes only", "No model is chosen: answers are quotes from your documents"
            )

    @property
    def _asked(self) -> bool:
        """Whether a conversation is on screen, rather than the greeting."""
        return bool(self._transcript.turns) or self._transcript.conversation_id is not None

    def _show_page(self) -> None:
        asked = self._asked
        page: QWidget = self._greeting_page
        if asked:
            page = self._transcript
        elif self._empty:
            page = self._welcome_page
        self._above.setCurrentWidget(page)
        self._box_column.setVisible(asked or not self._empty)
        self._hints.setVisible(page is self._greeting_page)
        self._box.set_placeholder("Ask a follow-up" if asked else "Ask your documents")
        self._box.set_roomy(page is self._greeting_page)
        self._live.suit(greeting=page is self._greeting_page, empty=self._empty)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Move:
            self._place_results()
        return super().eventFilter(watched, event)

    def _leave_room(self) -> None:
        """For the operators' names, between the box and what is below it."""
        self._hints.setContentsMargins(0, self._results.line_height, 0, 0)
        self._place_results()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_results()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._leave_room()
        self.refresh()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._leave_room()
