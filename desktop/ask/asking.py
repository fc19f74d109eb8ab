"""Questions on their way: each turn with the run that answers it, over all conversations."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal

from desktop.ask.transcript import Transcript
from desktop.ask.turn import TurnState, TurnView
from desktop.bridge import AnswerRun, Bridge
from desktop.plain import one_line
from engine.answers import Answer, Conversation

_TITLE_LENGTH = 60


class Asking(QObject):
    """Starts and stops runs. A conversation is made with its first question; questions that come
    while it is being made wait for it."""

    settled = Signal()  # a turn has begun or ended
    conversation_made = Signal(object)  # Transcript
    answered = Signal(int)  # a turn of this conversation was kept

    def __init__(self, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._runs: dict[TurnView, AnswerRun] = {}
        self._unasked: list[TurnView] = []

    def begin(self, turn: TurnView, transcript: Transcript) -> None:
        """Ask what a turn of ``transcript`` wishes to know."""
        turn.stop_wanted.connect(partial(self.stop, turn))
        if transcript.conversation_id is not None:
            self._start(turn, transcript.conversation_id)
            return
        being_made = any(waiting in transcript.turns for waiting in self._unasked)
        self._unasked.append(turn)
        if not being_made:
            title, library = _shortened(turn.question), self._bridge.library
            adapters = turn.wish.adapters

            def make() -> Conversation:
                made = library.new_conversation(title)
                if adapters:
                    library.apply_adapters(made.id, adapters)
                return made

            self._bridge.run(
                transcript,
                make,
                lambda made: self._made(transcript, made),
                lambda error: self._not_made(transcript, error),
            )

    def stop(self, turn: TurnView) -> None:
        turn.stopping()
        run = self._runs.get(turn)
        if run is not None:
            run.stop()

    def _made(self, transcript: Transcript, conversation: Conversation) -> None:
        transcript.conversation_id = conversation.id
        self.conversation_made.emit(transcript)
        for turn in [turn for turn in self._unasked if turn in transcript.turns]:
            self._unasked.remove(turn)
            if turn.running:
                self._start(turn, conversation.id)

    def _not_made(self, transcript: Transcript, error: Exception) -> None:
        for turn in [turn for turn in self._unasked if turn in transcript.turns]:
            self._unasked.remove(turn)
            turn.fail(error)
        self.settled.emit()

    def _start(self, turn: TurnView, conversation_id: int) -> None:
        run = self._runs[turn] = self._bridge.ask(turn.wish, conversation_id)
        run.quotes_found.connect(turn.show_found)
        run.prompt_read.connect(turn.prompt_read)
        run.progressed.connect(turn.progressed)
        run.text_streamed.connect(turn.append)
        run.finished.connect(partial(self._finished, turn, conversation_id))
        run.failed.connect(partial(self._failed, turn))
        if turn.state is TurnState.STOPPING:
            run.stop()
        self.settled.emit()

    def _finished(self, turn: TurnView, conversation_id: int, answer: Answer) -> None:
        self._runs.pop(turn, None)
        turn.finish(answer)
        turn.announce()
        self.answered.emit(conversation_id)
        self.settled.emit()

    def _failed(self, turn: TurnView, error: Exception) -> None:
        self._runs.pop(turn, None)
        turn.fail(error)
        self.settled.emit()


def _shortened(question: str) -> str:
    """A conversation's title: the question on one line, cut at a word."""
    line = one_line(question)
    if len(line) <= _TITLE_LENGTH:
        return line
    return line[:_TITLE_LENGTH].rsplit(maxsplit=1)[0].rstrip(".,;:") + "…"
