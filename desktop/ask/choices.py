"""What there is to choose a scope from, ready to be searched while someone types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from engine.records import DocumentState, Folder, LedgerEntry

_MOST = 50
_READ = (DocumentState.INDEXED, DocumentState.PARTIAL)


@dataclass(frozen=True, slots=True)
class Choices:
    """``folders`` are paths by id, ``documents`` ids by path, ``answering`` how many documents
    answers can come from. With many documents it takes a while to make: not on the UI thread."""

    folders: dict[int, str] = field(default_factory=dict)
    documents: dict[str, int] = field(default_factory=dict)
    answering: int = 0
    _sorted: Sequence[tuple[str, str]] = ()

    @classmethod
    def of(cls, folders: Iterable[Folder], entries: Sequence[LedgerEntry]) -> Choices:
        paths = [entry.path for entry in entries]
        return cls(
            {folder.id: folder.path for folder in folders},
            {entry.path: entry.document_id for entry in entries},
            sum(entry.state in _READ for entry in entries),
            sorted((path.casefold(), path) for path in paths),
        )

    def matching(self, words: str) -> list[str]:
        """Paths that contain ``words`` in any case, by name; at most 50."""
        wanted = words.casefold()
        return list(islice((path for folded, path in self._sorted if wanted in folded), _MOST))
