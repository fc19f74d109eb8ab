"""Which do I need? Three questions, and the advice beside them as soon as all are answered."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.adapters.advising.advice import (
    CANNOT,
    QUESTIONS,
    Advice,
    Aim,
    Examples,
    Ground,
    Question,
    Step,
    Way,
    advise,
)
from desktop.ask.labels import Label, TextButton
from desktop.theme import SPACE

_TWO = 104  # from this many average characters on, the advice stands beside the questions
_STEPS = {
    Step.ASK: "Ask your documents",
    Step.ADD: "Add an adapter…",
    Step.MAKE: "Make one from examples",
    Step.COMPARE: "Compare the four ways",
}
_SIGNS = {
    Way.DOCUMENTS: "file-document-multiple-outline",
    Way.ADAPTER: "tune-variant",
    Way.BOTH: "layers-outline",
    Way.INSTRUCTIONS: "comment-text-outline",
}


class AdvicePage(QWidget):
    """Nothing is sent or kept; another answer changes the advice at once."""

    step_requested = Signal(object)  # Step

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Which do I need?")
        self.advice: Advice | None = None
        self._chosen: dict[int, StrEnum] = {}
        self.groups: list[QButtonGroup] = []
        self._card = _Card(self)
        self._card.step_requested.connect(self.step_requested)
        questions = QVBoxLayout()
        questions.setSpacing(SPACE * 3)
        intro = Label(
            "Documents bring facts and sources. An adapter brings tone, form and the words of a "
            "field. Three questions tell which of them you need.",
            ink="muted",
            wrap=True,
        )
        questions.addWidget(intro)
        for number, question in enumerate(QUESTIONS):
            questions.addLayout(self._ask(number, question))
        questions.addStretch(1)
        beside = QVBoxLayout()
        beside.setSpacing(SPACE * 3)
        beside.addWidget(self._card)
        beside.addWidget(_Cannot(self))
        beside.addStretch(1)
        page = self._page = QWidget(self)
        self._halves = QBoxLayout(QBoxLayout.Direction.LeftToRight, page)
        self._halves.setContentsMargins(SPACE * 2, SPACE * 2, SPACE * 2, SPACE * 3)
        self._halves.setSpacing(SPACE * 4)
        self._halves.addLayout(questions, 1)
        self._halves.addLayout(beside, 1)
        scroll = QScrollArea(self)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        middle = QWidget(self)
        around = QVBoxLayout(middle)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(page)
        scroll.setWidget(middle)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scroll)

    def focus(self) -> None:
        self.groups[0].buttons()[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def _ask(self, number: int, question: Question) -> QVBoxLayout:
        group = QButtonGroup(self)
        self.groups.append(group)
        column = QVBoxLayout()
        column.setSpacing(SPACE)
        heading = Label(f"{number + 1}. {question.words}", bold=True, wrap=True)
        column.addWidget(heading)
        for key, words in question.choices:
            choice = _Choice(words, self)
            choice.setAccessibleDescription(question.words)
            choice.button.toggled.connect(
                lambda on, key=key: self._answered(number, key) if on else None
            )
            group.addButton(choice.button)
            column.addWidget(choice)
        return column

    def _answered(self, number: int, key: StrEnum) -> None:
        self._chosen[number] = key
        if len(self._chosen) < len(QUESTIONS):
            self._card.wait(len(QUESTIONS) - len(self._chosen))
            return
        aim, ground, examples = (self._chosen[at] for at in range(len(QUESTIONS)))
        self.advice = advise(Aim(aim), Ground(ground), Examples(examples))
        self._card.show_advice(self.advice)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_halves"):
            self._place()

    def _place(self) -> None:
        directions = QBoxLayout.Direction
        beside = self.width() >= theme.ems(self, _TWO)
        self._halves.setDirection(directions.LeftToRight if beside else directions.TopToBottom)
        self._page.setMaximumWidth(theme.ems(self, 150 if beside else 96))


class _Choice(QWidget):
    """A radio button whose words may take several lines."""

    def __init__(self, words: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.button = QRadioButton(self)
        self.button.setAccessibleName(words)
        label = Label(words, wrap=True)
        label.setBuddy(self.button)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(label, 1)

    def mouseReleaseEvent(self, event: object) -> None:
        self.button.setChecked(True)
        self.button.setFocus(Qt.FocusReason.MouseFocusReason)


class _Card(QFrame):
    """The advice, in a frame."""

    step_requested = Signal(object)  # Step

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Advice")
        self._way: Way | None = None
        self._sign = QLabel(self)
        self._headline = Label("", size=1.2, bold=True, wrap=True)
        self._reasons = QVBoxLayout()
        self._reasons.setSpacing(SPACE)
        self._steps = QHBoxLayout()
        self._steps.setSpacing(SPACE)
        head = QHBoxLayout()
        head.setSpacing(SPACE * 3 // 2)
        head.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._headline, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE * 5 // 2, SPACE * 2, SPACE * 5 // 2, SPACE * 2)
        column.setSpacing(SPACE * 3 // 2)
        column.addLayout(head)
        column.addLayout(self._reasons)
        column.addLayout(self._steps)
        self.wait(len(QUESTIONS))

    def wait(self, left: int) -> None:
        """So many questions are open."""
        self._way = None
        words = {1: "One more question", len(QUESTIONS): "The advice appears here"}
        self._headline.setText(words.get(left, f"{left} more questions"))
        self._headline.set_ink("muted")
        self._tint()

    def show_advice(self, advice: Advice) -> None:
        self._way = advice.way
        self._headline.setText(advice.headline)
        self._headline.set_ink("text")
        for layout in (self._reasons, self._steps):
            while item := layout.takeAt(0):
                if widget := item.widget():
                    widget.hide()
                    widget.deleteLater()
        for reason in advice.reasons:
            said = Label(reason, wrap=True, selectable=True, parent=self)
            self._reasons.addWidget(said)
            said.show()  # else it counts for nothing until Qt comes to it
        for number, step in enumerate(advice.steps):
            button = TextButton(_STEPS[step], primary=number == 0)
            button.clicked.connect(lambda _=False, step=step: self.step_requested.emit(step))
            self._steps.addWidget(button)
            button.show()
        self._steps.addStretch(1)
        self.setAccessibleDescription(" ".join((advice.headline, *advice.reasons)))
        self._tint()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        kinds = (QEvent.Type.PaletteChange, QEvent.Type.FontChange)
        if event.type() in kinds and hasattr(self, "_steps"):
            self._tint()

    def _tint(self) -> None:
        tones = theme.colours()
        name = _SIGNS[self._way] if self._way is not None else "help-circle-outline"
        ink = tones.accent if self._way is not None else tones.muted
        self._sign.setPixmap(theme.icon(name, colour=ink).pixmap(theme.icon_size(self, 1.5)))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tones = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(tones.accent if self._way is not None else tones.border, 1)
        if self._way is None:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(tones.base if self._way is None else tones.raised)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)


class _Cannot(QWidget):
    """What holds whatever is answered."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._signs: list[QLabel] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addWidget(Label("What an adapter cannot do", size=1.05, bold=True))
        for sentence in CANNOT:
            sign = QLabel(self)
            self._signs.append(sign)
            row = QHBoxLayout()
            row.setSpacing(SPACE)
            row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(Label(sentence, wrap=True), 1)
            column.addLayout(row)
        self._tint()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        kinds = (QEvent.Type.PaletteChange, QEvent.Type.FontChange)
        if event.type() in kinds and hasattr(self, "_signs"):
            self._tint()

    def _tint(self) -> None:
        icon = theme.icon("close", colour=theme.colours().muted)
        for sign in self._signs:
            sign.setPixmap(icon.pixmap(theme.icon_size(self, 1.0)))
