"""All that is known of the selected model, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop import theme
from desktop.lists.details import DetailsPane
from desktop.lists.facts_grid import Fact
from desktop.lists.row import coloured
from desktop.models import wording
from desktop.models.offers import Offer
from desktop.models.wording import file_size
from desktop.plain import ElidedLabel, plain_label
from desktop.theme import SPACE
from engine.models.entries import ModelEntry, ModelKind

_USE = {
    ModelKind.GENERATOR: "Use for answers",
    ModelKind.EMBEDDER: "Use for this library",
    ModelKind.RERANKER: "Use for sorting",
}


class Details(DetailsPane):
    """Of a model."""

    choose_requested = Signal()
    measure_requested = Signal()
    digest_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Details of the selected model", parent)
        self._offer: Offer | None = None
        self._room = 0
        self._digesting = False
        self._problem = plain_label("", self, wrap=True)
        self._meaning = plain_label("", self, wrap=True)
        self._use = self.button("Use", "primary", self.choose_requested.emit)
        self._measure = self.button("Measure speed", "", self.measure_requested.emit)
        self.arrange([self._problem, self._meaning], [self._use, self._measure])

    def show_offer(self, offer: Offer | None, room: int) -> None:
        """``room`` is this computer's memory in bytes. Without an offer there is nothing to say."""
        if (offer, room) == (self._offer, self._room):
            return
        self._offer, self._room = offer, room
        self.setVisible(offer is not None)
        if offer is not None:
            self._fill(offer)

    def set_digesting(self, busy: bool) -> None:
        if busy == self._digesting:
            return
        self._digesting = busy
        if self._offer is not None:
            self._fill(self._offer)

    def set_measuring(self, busy: bool) -> None:
        self._measure.setEnabled(not busy)

    def facts(self) -> list[tuple[str, str]]:
        """What is shown, as label and value."""
        return _facts(self._offer.entry, self._room) if self._offer and self._offer.entry else []

    # --- showing ------------------------------------------------------------------------------

    def _fill(self, offer: Offer) -> None:
        entry = offer.entry
        self.show_name(offer.name, wording.place(entry) if entry else "")
        self._problem.setText(offer.problem)
        self._problem.setVisible(bool(offer.problem))
        words = wording.meaning(entry) if entry else _without(offer.kind)
        self._meaning.setText(words)
        self._meaning.setVisible(bool(words))
        facts: list[Fact] = [*self.facts()]
        if offer.measurable and entry is not None:
            facts.append(("SHA-256", self._sum(entry.digest)))
        self._facts.show_facts(facts)
        self._use.setText(_USE[offer.kind])
        self._use.setVisible(not offer.chosen and not offer.problem)
        self._measure.setVisible(offer.measurable)
        self._measure.setText(
            "Measure again" if entry is not None and entry.speed else "Measure speed"
        )
        self._show.setVisible(entry is not None and not entry.shipped)
        self._remove.setVisible(offer.removable)
        self.tint()

    def _sum(self, digest: str) -> QWidget:
        """The sum of the file, elided, with a button that copies it, or one that computes it."""
        part = QWidget(self)
        row = QHBoxLayout(part)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE // 2)
        if digest:
            row.addWidget(ElidedLabel(digest, part, Qt.TextElideMode.ElideMiddle), 1)
            copy = self.button("Copy", "link", lambda: QGuiApplication.clipboard().setText(digest))
            copy.setAccessibleName("Copy the SHA-256")
            row.addWidget(copy)
            return part
        words = "Computing…" if self._digesting else "Compute"
        compute = self.button(words, "link", self.digest_requested.emit)
        compute.setAccessibleName("Compute the SHA-256")
        compute.setEnabled(not self._digesting)
        row.addWidget(compute)
        row.addStretch(1)
        return part

    def tint(self) -> None:
        coloured(self._problem, theme.colours().danger)


def _facts(entry: ModelEntry, room: int) -> list[tuple[str, str]]:
    facts, speed = entry.facts, entry.speed
    lines: list[tuple[str, str]] = []
    if facts is not None:
        parts = f" in {facts.parts} parts" if facts.parts > 1 else ""
        count = wording.parameters(facts.parameters)
        lines += [
            ("Parameters", count),
            ("Quantisation", wording.said(facts.quantisation)),
            ("Size", f"{file_size(facts.size)}{parts}" if facts.size else ""),
            ("Memory", wording.memory(entry, room)),
            ("Context", f"{facts.context:,} tokens" if facts.context else ""),
            ("Chat template", "Yes" if facts.has_template else "None"),
            ("Languages", wording.languages(facts.languages, 8) or "Not stated"),
            ("Licence", wording.licence(facts.licence) or "Not stated"),
            ("Architecture", wording.said(facts.architecture)),
        ]
    if entry.dimension:
        lines.append(("Dimensions", str(entry.dimension)))
    if speed is not None:
        with_gpu = f", {speed.gpu_layers} layers on the GPU" if speed.gpu_layers else ""
        threads = "1 thread" if speed.threads == 1 else f"{speed.threads} threads"
        lines += [
            ("Reads", f"{speed.prefill:,.0f} tokens/s"),
            ("Writes", f"{speed.decode:,.1f} tokens/s"),
            ("Loads in", wording.seconds(speed.load)),
            ("Measured with", f"{threads}{with_gpu}"),
        ]
    if entry.copied:
        lines.append(("Kept", "Carrel’s own copy"))
    return [(label, value) for label, value in lines if value]


def _without(kind: ModelKind) -> str:
    if kind is ModelKind.GENERATOR:
        return (
            "Carrel shows the best passages for your question, each with its page, and writes "
            "nothing of its own. Nothing can be made up this way."
        )
    return (
        "The search by words and by meaning already puts passages in order. A reranker reads the "
        "best of them again, together with your question; that helps, and takes time."
    )
