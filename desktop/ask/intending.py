"""What is meant by a question: an answer, a survey of all documents, or a summary of one."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.ask.choices import Choices
from desktop.ask.document_picker import DocumentPicker
from desktop.ask.scope import ScopeChip
from desktop.ask.ways import Way
from desktop.bridge import Wish
from engine.answers import Answer, AnswerKind, Support
from engine.records import Scope


class Intentions(QObject):
    """Turns what is typed and chosen into wishes, asking which document where that is open."""

    wished = Signal(object)  # Wish
    question_wanted = Signal()  # there is none yet

    def __init__(self, scope: ScopeChip, parent: QWidget) -> None:
        super().__init__(parent)
        self._scope, self._window = scope, parent
        self.document_beside: int | None = None  # the one in the source pane

    def ask(self, question: str) -> None:
        """As the question itself says."""
        wish = _intended(question, self._scope.scope)
        if wish.kind is AnswerKind.SUMMARY:
            self._summarise(wish)
        else:
            self.wished.emit(wish)

    def ask_otherwise(self, question: str, way: Way) -> None:
        """As was chosen for it."""
        if way is Way.SUMMARY:
            self._pick()
        elif not question:
            self.question_wanted.emit()
        elif way is Way.EVERY_DOCUMENT:
            self.wished.emit(Wish(question, self._scope.scope, AnswerKind.SURVEY))
        else:
            self.wished.emit(Wish(question, use_documents=False))

    def summarise(self, document_id: int, title: str) -> None:
        kind = AnswerKind.SUMMARY
        self.wished.emit(Wish(f"Summarise “{title}”", kind=kind, document_id=document_id))

    def _summarise(self, wish: Wish) -> None:
        choices, beside = self._scope.choices, self.document_beside
        document = _meant(wish.question, wish.scope, choices, beside)
        if document is None:
            self._pick()
        else:
            self.wished.emit(replace(wish, document_id=document))

    def _pick(self) -> None:
        picker = DocumentPicker("Summarise which document?", self._scope.choices, self._window)
        picker.picked.connect(self.summarise)
        picker.open()


def _intended(question: str, scope: Scope) -> Wish:
    # The library, open by now, has loaded this; at the start it would keep the window waiting.
    from engine.answering.asked_for import wanted_kind

    return Wish(question, scope, wanted_kind(question))


def _meant(question: str, scope: Scope, choices: Choices, beside: int | None) -> int | None:
    """The document that a wish for a summary is about: the one it names, the only one in scope
    or in the library, or the one ``beside`` the question. None where that is open."""
    named = choices.named_in(question)
    if len(named) == 1:
        return named[0]
    if len(scope.document_ids) == 1:
        return scope.document_ids[0]
    if len(choices.documents) == 1:
        return next(iter(choices.documents.values()))
    return beside


def wish_of(answer: Answer) -> Wish:
    """What a kept answer was given to, as far as it still says."""
    document = None
    if answer.kind is AnswerKind.SUMMARY and answer.citations:
        document = answer.citations[0].document_id
    return Wish(
        answer.question,
        kind=answer.kind,
        document_id=document,
        use_documents=not unsourced(answer),
        seed=answer.provenance.seed if answer.provenance is not None else 0,
    )


def unsourced(answer: Answer) -> bool:
    """Whether the model answered from what it has learnt, without documents."""
    unchecked = all(claim.support is Support.UNCHECKED for claim in answer.claims)
    return bool(answer.text) and not answer.citations and unchecked
