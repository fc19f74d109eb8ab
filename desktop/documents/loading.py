"""Brings the ledger to the list: off the UI thread, in time, and never more often than useful."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.bridge import Bridge
from desktop.documents.arranging import Arrangement, Counts, arrange, counts
from engine.records import Folder, IndexProgress, LedgerEntry

_AFTER_CHANGE_MS = 150
_WHILE_INDEXING_S = 1.5


@dataclass(frozen=True, slots=True)
class Listing:
    """What the view shows: ``entries`` is the whole ledger, ``rows`` what was asked to be seen;
    ``gone`` are the ids of folders that are not there now."""

    folders: Sequence[Folder]
    entries: Sequence[LedgerEntry]
    rows: Sequence[LedgerEntry]
    counts: Counts
    gone: frozenset[int] = frozenset()


class Loader(QObject):
    """Loads when the library changes and while it is indexed, as long as it is ``active``
    (somebody looks); arranges anew when the wish changes. The newest wish wins."""

    loaded = Signal(object)  # Listing

    def __init__(self, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._wish = Arrangement()
        self._latest: Listing | None = None
        self._active = False
        self._stale = True
        self._loading = False
        self._version = 0
        self._last = 0.0
        self._cost = 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._load)
        bridge.library_changed.connect(self._changed)
        bridge.progressed.connect(self._progressed)

    @property
    def wish(self) -> Arrangement:
        return self._wish

    def set_active(self, active: bool) -> None:
        self._active = active
        if active and self._stale:
            self._load()

    def arrange(self, wish: Arrangement) -> None:
        """Show the known entries in another way."""
        if wish == self._wish:
            return
        self._wish = wish
        self._version += 1
        listing, version = self._latest, self._version
        if listing is None:
            return
        self._bridge.run(
            self,
            lambda: _listing(listing.folders, listing.entries, wish),
            lambda fresh: self._arrived(fresh, version),
        )

    def _changed(self) -> None:
        self._stale = True
        if self._active:
            self._timer.start(_AFTER_CHANGE_MS)

    def _progressed(self, _progress: IndexProgress) -> None:
        self._stale = True
        pause = max(_WHILE_INDEXING_S, 5 * self._cost)
        if self._active and not self._timer.isActive() and time.monotonic() - self._last > pause:
            self._load()

    def _load(self) -> None:
        if self._loading:
            self._timer.start(_AFTER_CHANGE_MS)
            return
        self._loading, self._stale = True, False
        self._last = began = time.monotonic()
        self._version += 1
        wish, version, library = self._wish, self._version, self._bridge.library

        def done(listing: Listing) -> None:
            self._loading = False
            self._cost = time.monotonic() - began
            if version != self._version:  # the wish changed meanwhile
                wish_now, version_now = self._wish, self._version
                self._latest = listing
                self._bridge.run(
                    self,
                    lambda: _listing(listing.folders, listing.entries, wish_now),
                    lambda fresh: self._arrived(fresh, version_now),
                )
            else:
                self._arrived(listing, version)

        def failed(error: Exception) -> None:
            self._loading, self._stale = False, True
            self._bridge.failed.emit(error)

        self._bridge.run(
            self, lambda: _listing(library.folders(), library.ledger(), wish), done, failed
        )

    def _arrived(self, listing: Listing, version: int) -> None:
        if version == self._version:
            self._latest = listing
            self.loaded.emit(listing)


def _listing(
    folders: Sequence[Folder], entries: Sequence[LedgerEntry], wish: Arrangement
) -> Listing:
    gone = frozenset(entry.folder_id for entry in entries if not entry.available)
    rows = arrange(entries, wish)
    return Listing(folders, entries, rows, counts(entries, wish.folder_id), gone)
