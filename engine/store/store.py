"""One open library file and its rooms."""

from __future__ import annotations

import contextlib
from pathlib import Path

from engine.errors import CarrelError
from engine.store.choice import EmbedderChoice
from engine.store.cited import CitedDocuments
from engine.store.comparisons import Comparisons
from engine.store.connection import Database
from engine.store.conversations import Conversations
from engine.store.documents import Documents
from engine.store.keywords import Keywords
from engine.store.passphrases import Passphrases
from engine.store.picture_wish import PictureWish
from engine.store.remembered import Remembered
from engine.store.search import Search
from engine.store.vectors import Vectors


class Store:
    """Opens (or makes) the library at ``path``. Safe to use from several threads.

    Raises the ``LibraryError`` that says why where it cannot be opened; the file is then as it
    was before.
    """

    def __init__(self, path: Path, passphrase: str | None = None) -> None:
        self.path = path
        self._database = Database(path, passphrase)
        self.documents = Documents(self._database)
        self.vectors = Vectors(self._database)
        self.embedder = EmbedderChoice(self._database)
        self.keywords = Keywords(self._database)
        self.search = Search(self._database)
        self.conversations = Conversations(self._database)
        self.comparisons = Comparisons(self._database)
        self.passphrases = Passphrases(self._database)
        self.remembered = Remembered(self._database)
        self.cited = CitedDocuments(self._database)
        self.picture_wish = PictureWish(self._database)
        with contextlib.suppress(CarrelError):  # a full disk: another time will do
            self.conversations.purge()
            self.comparisons.purge()

    @property
    def encrypted(self) -> bool:
        return self._database.encrypted

    def check(self) -> list[str]:
        """What is wrong with the file, as sentences; an empty list when it is sound."""
        problems = self._database.check()
        orphans = self.documents.orphans() | self.conversations.orphans()
        problems += [f"{count} orphaned: {name}" for name, count in orphans.items() if count]
        return problems

    def warm(self) -> None:
        """Read into memory what searches need: seconds for a million passages. Nothing is lost
        where this is not called; the first search then takes as long."""
        serving = self.embedder.serving().id
        if serving is not None:
            self.search.warm(serving)
        self.keywords.warm()

    def close(self) -> None:
        self._database.close()
