"""Speeds and sums of model files: what takes a while to find out, and is then known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop.bridge import Bridge, Job
from desktop.models.offers import Offer
from desktop.models.row import ModelRow
from desktop.notices import Notices
from engine.errors import CancelledError, CarrelError
from engine.models.catalogue import Catalogue
from engine.models.entries import ModelEntry

_WAITING = "Waiting…"


@dataclass(slots=True)
class _Measurement:
    """On its way (with ``words`` for how far), or failed."""

    job: Job
    words: str = _WAITING
    failure: str = ""


class Measurements(QObject):
    """One after the other: two at a time would slow each other down."""

    changed = Signal()  # something began, ended or failed
    found = Signal()  # the catalogue knows something new

    def __init__(
        self, bridge: Bridge, catalogue: Catalogue, notices: Notices, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._bridge, self._catalogue, self._notices = bridge, catalogue, notices
        self._measured: dict[str, _Measurement] = {}
        self._summed: dict[str, Job] = {}

    def start(self, offer: Offer) -> None:
        """Measure the speed of a model that writes."""
        place, catalogue = offer.key, self._catalogue
        if not offer.measurable or self.words(place):
            return

        def work(job: Job) -> ModelEntry:
            job.tell(None)
            return catalogue.measure(place, job.token)

        job = self._bridge.start(work)
        state = self._measured[place] = _Measurement(job)

        def began(_nothing: None) -> None:
            if not job.token.cancelled:
                state.words = "Measuring…"
                self.changed.emit()

        def finished(_entry: ModelEntry) -> None:
            self._forget(place, state)
            self.found.emit()

        def failed(error: Exception) -> None:
            if isinstance(error, CarrelError) and not isinstance(error, CancelledError):
                state.words, state.failure = "", str(error)
                self.changed.emit()
            else:
                self._forget(place, state)
                self._notices.failure(error)

        job.progressed.connect(began)
        job.finished.connect(finished)
        job.failed.connect(failed)
        self.changed.emit()

    def stop(self, place: str) -> None:
        """Measure it no longer."""
        state = self._measured.get(place)
        if state is None or not state.words:
            return
        state.job.stop()
        if state.words == _WAITING:  # its turn has not come, and need not be waited for
            self._forget(place, state)
        else:
            state.words = "Stopping…"
            self.changed.emit()

    def words(self, place: str) -> str:
        """How far it is, while it is measured; else empty."""
        state = self._measured.get(place)
        return state.words if state is not None else ""

    def mark(self, rows: Iterable[ModelRow]) -> None:
        """Tell the rows what is going on with each."""
        for row in rows:
            state = self._measured.get(row.offer.key)
            row.set_measuring(state.words if state else "", state.failure if state else "")

    def sum_up(self, offer: Offer) -> None:
        """Compute the SHA-256 of a file; large ones take a while."""
        place, catalogue = offer.key, self._catalogue
        if place in self._summed:
            return
        job = self._summed[place] = self._bridge.start(
            lambda job: catalogue.digest(Path(place), job.token)
        )

        def over() -> None:
            self._summed.pop(place, None)
            self.changed.emit()
            self.found.emit()

        def failed(error: Exception) -> None:
            over()
            self._notices.failure(error)

        job.finished.connect(lambda _sum: over())
        job.failed.connect(failed)
        self.changed.emit()

    def summing(self, place: str) -> bool:
        return place in self._summed

    def forget(self, place: str) -> None:
        """The model leaves the list."""
        self.stop(place)
        if place in self._summed:
            self._summed[place].stop()

    def _forget(self, place: str, state: _Measurement) -> None:
        if self._measured.get(place) is state:
            del self._measured[place]
        self.changed.emit()
