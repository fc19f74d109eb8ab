"""Which adapters are applied to the conversation on screen, and what there is to apply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.bridge import Bridge
from engine.adapter_facts import AdapterEntry
from engine.answers import AppliedAdapter

if TYPE_CHECKING:
    from engine.adapters.catalogue import Adapters

_SETTLED_MS = 250


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """An adapter that can be applied no longer, with a sentence that says why."""

    name: str
    why: str


class Applying(QObject):
    """The one place that knows. Each conversation has its own; before the first question there
    is a draft, which the conversation that begins takes over."""

    changed = Signal()  # what is applied, or what there is
    switched_off = Signal(object)  # SwitchedOff
    unreadable = Signal(object)  # Exception: the list of adapters

    def __init__(self, bridge: Bridge, adapters: Adapters, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._adapters = bridge, adapters
        self.entries: tuple[AdapterEntry, ...] = ()
        self.applied: tuple[AppliedAdapter, ...] = ()
        self.conversation_id: int | None = None
        self.known = False  # whether the list was read
        self._draft: tuple[AppliedAdapter, ...] = ()
        self._scales: dict[str, float] = {}  # of those that were switched off again
        self._opening = 0
        self._loading = self._stale = self._keeping = False
        self._unkept: dict[int, tuple[AppliedAdapter, ...]] = {}
        self._settling = QTimer(self)  # a slider that is dragged is kept once
        self._settling.setSingleShot(True)
        self._settling.setInterval(_SETTLED_MS)
        self._settling.timeout.connect(self._keep)

    # --- what there is ------------------------------------------------------------------------

    def refresh(self) -> None:
        """Look again: at the list, at the files, and at the model that answers now."""
        if self._loading:
            self._stale = True
            return
        self._loading = True
        self._bridge.run(self, self._adapters.entries, self._listed, self._failed)

    def entry(self, place: str) -> AdapterEntry | None:
        return next((entry for entry in self.entries if entry.place == place), None)

    def name_of(self, applied: AppliedAdapter) -> str:
        entry = self.entry(applied.path)
        return entry.name if entry is not None else applied.name or PurePath(applied.path).stem

    def usable(self) -> tuple[AdapterEntry, ...]:
        """Those that could be applied now."""
        return tuple(entry for entry in self.entries if not why_not(entry))

    def _listed(self, entries: Sequence[AdapterEntry]) -> None:
        self.entries, self.known = tuple(entries), True
        self._ready()
        self._leave_unfit()
        self.changed.emit()

    def _failed(self, error: Exception) -> None:
        self._ready()
        self.unreadable.emit(error)

    def _ready(self) -> None:
        self._loading = False
        if self._stale:
            self._stale = False
            self.refresh()

    # --- which conversation -------------------------------------------------------------------

    def open(self, conversation_id: int | None) -> None:
        """Another conversation is on screen, or with None the page for a new one."""
        if conversation_id is not None and conversation_id == self.conversation_id:
            return
        self._opening += 1
        self.conversation_id = conversation_id
        self.applied = self._draft if conversation_id is None else ()
        self._leave_unfit()
        self.changed.emit()
        if conversation_id is None:
            return
        request, library = self._opening, self._bridge.library

        def found(applied: Sequence[AppliedAdapter]) -> None:
            if request == self._opening:
                self.applied = tuple(applied)
                if applied:
                    self._bridge.run(self, lambda: library.expect(self.applied), _nothing)
                self._leave_unfit()
                self.changed.emit()

        self._bridge.run(self, lambda: library.applied(conversation_id), found)

    def begun(self, conversation_id: int) -> None:
        """The page on screen has become a conversation: whoever made it has handed on to it
        what was applied to its first question."""
        self._opening += 1
        self.conversation_id = conversation_id
        self._unkept[conversation_id] = self.applied  # which may have changed since the question
        self._settling.start()
        self.changed.emit()

    # --- switching ----------------------------------------------------------------------------

    def scale(self, place: str) -> float | None:
        """None where it is not applied."""
        return next((one.scale for one in self.applied if one.path == place), None)

    def switch(self, place: str, on: bool) -> None:
        """Apply it, with the strength that it had before; or no longer."""
        kept = tuple(one for one in self.applied if one.path != place)
        if on:
            kept = (*kept, self._applied(place, self._scales.get(place, 1.0)))
        elif (scale := self.scale(place)) is not None:
            self._scales[place] = scale
        self._set(kept)

    def _applied(self, place: str, scale: float) -> AppliedAdapter:
        entry = self.entry(place)
        return AppliedAdapter(place, scale, entry.name if entry is not None else "")

    def set_scale(self, place: str, scale: float) -> None:
        self._set(
            tuple(replace(one, scale=scale) if one.path == place else one for one in self.applied)
        )

    def _set(self, applied: tuple[AppliedAdapter, ...]) -> None:
        if applied == self.applied:
            return
        self.applied = applied
        if self.conversation_id is None:
            self._draft = applied
        else:
            self._unkept[self.conversation_id] = applied
        self._settling.start()
        self.changed.emit()

    def _leave_unfit(self) -> None:
        """What does not fit the model that answers now is applied no longer."""
        if not self.known:
            return
        for one in self.applied:
            entry = self.entry(one.path)
            why = _unfit(entry) if entry is not None else "It is no longer in the list."
            if why:
                self.switch(one.path, False)
                self.switched_off.emit(SwitchedOff(self.name_of(one), why))

    # --- keeping ------------------------------------------------------------------------------

    def _keep(self) -> None:
        """One after the other, so that the last is what stays; and the model gets ready."""
        library = self._bridge.library
        if self.conversation_id is None:
            applied = self.applied
            self._bridge.run(self, lambda: library.expect(applied), _nothing)
        if self._keeping or not self._unkept:
            return
        self._keeping = True
        conversation, applied = self._unkept.popitem()

        def kept(_result: object) -> None:
            self._keeping = False
            self._keep()

        def failed(error: Exception) -> None:
            self._keeping = False
            self._bridge.failed.emit(error)

        self._bridge.run(self, lambda: library.apply_adapters(conversation, applied), kept, failed)


def _nothing(_result: object) -> None:
    """Nobody waits for it."""


def why_not(entry: AdapterEntry) -> str:
    """Why it cannot be applied now, in sentences; empty where it can."""
    if entry.match is None and not entry.problem:
        return "No model is chosen that could write with it."
    return _unfit(entry)


def _unfit(entry: AdapterEntry) -> str:
    problems = entry.match.problems if entry.match is not None else ()
    return entry.problem or " ".join(problems)
