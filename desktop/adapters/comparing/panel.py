"""One of the four answers: what it was made from, its words as they come, and how they hold."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from desktop import theme
from desktop.adapters.comparing.wording import WORDS, Verdict, cost, verdict
from desktop.ask.answer_text import AnswerText
from desktop.ask.citing import by_number
from desktop.ask.labels import Label
from desktop.plain import ElidedLabel
from desktop.theme import SPACE
from engine.answers import Answer, AnswerEvent, Citation, PromptRead, QuotesFound, TextStreamed
from engine.comparisons import Variant

_COALESCE_MS = 40  # streamed pieces are put on screen together


class VariantPanel(QFrame):
    """Waits, writes, then shows the checked answer."""

    citation_opened = Signal(object)  # Citation

    def __init__(self, variant: Variant, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        words = WORDS[variant]
        self.variant = variant
        self.answer: Answer | None = None
        self._writing = False
        self._quotes: tuple[Citation, ...] = ()
        self._pieces: list[TextStreamed] = []
        self._verdict: Verdict | None = None
        self.setAccessibleName(words.name)
        self.setAccessibleDescription(words.what)
        self._heading = Label(words.name, size=1.05, bold=True)
        self._what = Label(words.what, size=0.9, ink="muted", wrap=True)
        self.text = AnswerText()
        self.text.setAccessibleName(f"Answer: {words.name}")
        self.text.citation_activated.connect(self._open)
        self._reason = Label(ink="muted", wrap=True, selectable=True)
        self._state = ElidedLabel("", self)
        self._state.setProperty("look", "muted")
        self._sign = QLabel(self)
        self._held = Label(size=0.92, wrap=True)
        self._cost = Label(size=0.9, ink="muted", wrap=True)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_COALESCE_MS)
        self._timer.timeout.connect(self._flush)
        held = QHBoxLayout()
        held.setSpacing(SPACE // 2)
        held.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        held.addWidget(self._held, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE * 2, SPACE * 3 // 2, SPACE * 2, SPACE * 3 // 2)
        column.setSpacing(SPACE // 2)
        column.addWidget(self._heading)
        column.addWidget(self._what)
        column.addSpacing(SPACE)
        column.addWidget(self.text)
        column.addWidget(self._reason)
        column.addStretch(1)
        column.addSpacing(SPACE // 2)
        column.addWidget(self._state)
        column.addLayout(held)
        column.addWidget(self._cost)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.wait()

    # --- what happens -------------------------------------------------------------------------

    def wait(self) -> None:
        """Its turn has not come."""
        self.text.reserve()
        self._say("Waiting")

    def begin(self) -> None:
        """Its turn has come."""
        self._writing = True
        needs = self.variant in (Variant.DOCUMENTS, Variant.BOTH)
        self._say("Looking in your documents…" if needs else "Thinking…")
        self.update()

    def hear(self, event: AnswerEvent) -> None:
        if self.answer is not None:
            return
        match event:
            case QuotesFound():
                self._quotes = event.quotes
            case PromptRead():
                share = f"{100 * event.done // event.total} %" if event.total else ""
                self._say(f"Reading, {share}" if share else "Reading…")
            case TextStreamed():
                self._pieces.append(event)
                if not self._timer.isActive():
                    self._timer.start()

    def finish(self, answer: Answer) -> None:
        self._timer.stop()
        self._pieces.clear()
        self.answer, self._writing = answer, False
        told = bool(answer.text) and not answer.refused
        if told:
            self.text.show_answer(answer)
        self.text.setVisible(told)
        reason = "" if told else answer.reason or "It has not answered."
        self._reason.setText(" ".join(part for part in (reason, answer.notice) if part))
        self._reason.setVisible(bool(self._reason.text()))
        self._state.setVisible(answer.stopped)
        self._state.set_text("Stopped" if answer.stopped else "")
        self._verdict = verdict(answer)
        self._held.setText(self._verdict.words if self._verdict else "")
        self._held.setVisible(self._verdict is not None)
        self._sign.setVisible(self._verdict is not None)
        words = cost(answer)
        self._cost.setText(words)
        self._cost.setVisible(bool(words))
        self._tint()
        self.update()

    def give_up(self, words: str) -> None:
        """It will not be written any more."""
        self._flush()
        self._writing = False
        if self.answer is None:
            self.text.setVisible(bool(self.text.toPlainText()))
            self._say(words)
        self.update()

    def _say(self, words: str) -> None:
        self._state.set_text(words)
        self._state.show()
        for part in (self._reason, self._sign, self._held, self._cost):
            part.hide()

    def _flush(self) -> None:
        self._timer.stop()
        if not self._pieces or self.answer is not None:
            return
        text = "".join(piece.text for piece in self._pieces)
        claims = [claim for piece in self._pieces for claim in piece.claims]
        self.text.append_text(text, claims, self._quotes)
        self._pieces.clear()
        self._say("Writing…")

    def _open(self, n: int) -> None:
        known = by_number(self.answer.citations if self.answer is not None else self._quotes)
        if n in known:
            self.citation_opened.emit(known[n])

    @property
    def words(self) -> str:
        """Everything that it says besides the answer."""
        labels = (self._reason, self._held, self._cost)
        shown = [label.text() for label in labels if not label.isHidden()]
        return "\n".join([*([] if self._state.isHidden() else [self._state.text()]), *shown])

    # --- looks --------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        kinds = (QEvent.Type.PaletteChange, QEvent.Type.FontChange)
        if event.type() in kinds and hasattr(self, "_timer"):
            self._tint()

    def _tint(self) -> None:
        if self._verdict is None:
            return
        self._held.set_ink(self._verdict.tone)
        ink = getattr(theme.colours(), self._verdict.tone)
        size = theme.icon_size(self, 0.95)
        self._sign.setPixmap(theme.icon(self._verdict.icon, colour=ink).pixmap(size))

    def paintEvent(self, event: QPaintEvent) -> None:
        tones = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(tones.accent if self._writing else tones.border, 1))
        painter.setBrush(tones.base)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(frame, 10, 10)
