"""The model's own part of an answer: its words, what they lack, and what can be done with them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.ask.answer_text import AnswerText
from desktop.ask.doubts import Doubts
from desktop.ask.foot import Foot
from desktop.ask.labels import Label
from engine.answers import Answer, Citation, Claim
from engine.exporting.wording import model_name


class Written(QWidget):
    """A heading, the text, doubts and foot. ``leading`` text needs no heading: it is the answer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heading = Label(size=0.9, bold=True, ink="muted", wrap=True)
        self.text = AnswerText()
        self.doubts = Doubts()
        self.foot = Foot()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self.heading, self.text, self.doubts, self.foot):
            column.addWidget(widget)
        self.heading.hide()
        self.text.hide()

    @property
    def words(self) -> str:
        return self.text.toPlainText()

    def lead(self) -> None:
        """The text comes first: keep room for it before it is there."""
        self.heading.setText("")
        self.heading.hide()
        self.text.reserve()
        self.text.show()

    def name_author(self, model: str, *, documents: bool = True) -> None:
        """Head the words with whose they are, and with what they are not."""
        name = model_name(model)
        own = f"In short · {name}" if name else "In short"
        self.heading.set_ink("muted" if documents else "warning")
        self.heading.setText(own if documents else f"{own} · not from your documents, not checked")

    def name_documents(self) -> None:
        """No model has written: the sentences are the documents' own."""
        self.heading.set_ink("muted")
        self.heading.setText("In the document’s own words")

    def append(self, text: str, claims: Sequence[Claim], citations: Sequence[Citation]) -> None:
        if not self.words:
            self.heading.setVisible(bool(self.heading.text()))
            self.text.show()
        self.text.append_text(text, claims, citations)

    def give_up(self) -> None:
        """There will be no more than there is."""
        self.text.setVisible(bool(self.words))
        self.foot.hide()

    def show_answer(self, answer: Answer) -> None:
        told = bool(answer.text) and not answer.refused
        if told:
            self.text.show_answer(answer)
            self.doubts.show_answer(answer)
        self.heading.setVisible(told and bool(self.heading.text()))
        self.text.setVisible(told)
        self.foot.show_answer(answer)
