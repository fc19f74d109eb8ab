"""A comparison on its way: which of the four answers is written now, and what it says."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from desktop.bridge import Bridge, Job
from engine.answers import AnswerEvent, AppliedAdapter
from engine.comparisons import Comparison, Variant, VariantBegun, VariantDone
from engine.records import Scope


class ComparisonRun(QObject):
    """Signals arrive on the UI thread; ``stop()`` ends it early, with the answers so far."""

    begun = Signal(object)  # Variant
    heard = Signal(object, object)  # Variant, AnswerEvent
    done = Signal(object, object)  # Variant, Answer
    finished = Signal(object)  # Comparison
    failed = Signal(object)  # Exception

    def __init__(
        self,
        bridge: Bridge,
        question: str,
        adapters: Sequence[AppliedAdapter],
        scope: Scope,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._variant = Variant.PLAIN
        library, applied = bridge.library, tuple(adapters)

        def work(job: Job) -> Comparison:
            return library.compare(
                question, applied, scope=scope, on_event=job.tell, cancel=job.token
            )

        self._job = bridge.start(work, lane="answer")
        self._job.progressed.connect(self._tell)
        self._job.finished.connect(self.finished)
        self._job.failed.connect(self.failed)

    def stop(self) -> None:
        self._job.stop()

    def _tell(self, event: VariantBegun | AnswerEvent | VariantDone) -> None:
        match event:
            case VariantBegun(variant):
                self._variant = variant
                self.begun.emit(variant)
            case VariantDone(variant, answer):
                self.done.emit(variant, answer)
            case _:
                self.heard.emit(self._variant, event)
