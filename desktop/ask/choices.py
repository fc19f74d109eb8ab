"""What there is to choose a scope from, ready to be searched while someone types."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import PurePath

from engine.kinds import kind_of
from engine.records import DocumentState, Folder, LedgerEntry

_MOST = 50
_SHORTEST = 3  # letters of a name that is recognised
_READ = (DocumentState.INDEXED, DocumentState.PARTIAL)
_UNREAD = (DocumentState.FAILED, DocumentState.LOCKED, DocumentState.UNSUPPORTED)
_NAMES = {
    "pdf": "PDF",
    "word": "Word",
    "html": "Web page",
    "markdown": "Markdown",
    "text": "Plain text",
    "xps": "XPS",
    "epub": "EPUB book",
    "fb2": "FB2 book",
    "mobi": "MOBI book",
    "mail": "Mail",
    "rst": "reStructuredText",
    "latex": "LaTeX",
    "notebook": "Notebook",
    "code": "Source code",
    "subtitles": "Subtitles",
}


@dataclass(frozen=True, slots=True)
class Choices:
    """``folders`` are paths by id, ``documents`` ids by path, ``answering`` how many documents
    answers can come from; of these are ``kinds`` (documents by type, most first), ``years``
    (documents by the year they were last changed in, latest first) and ``inner``, the names of
    all folders that hold some; ``unread`` ones could not be read, ``partly`` those not in full.
    With many documents it takes a while to make: not on the UI thread."""

    folders: dict[int, str] = field(default_factory=dict)
    documents: dict[str, int] = field(default_factory=dict)
    answering: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    years: dict[int, int] = field(default_factory=dict)
    inner: dict[str, int] = field(default_factory=dict)
    unread: int = 0
    partly: int = 0
    _sorted: Sequence[tuple[str, str]] = ()

    @classmethod
    def of(cls, folders: Iterable[Folder], entries: Sequence[LedgerEntry]) -> Choices:
        homes = {folder.id: folder.path for folder in folders}
        read = [entry for entry in entries if entry.state in _READ]
        kinds = Counter(kind_of(entry.format, entry.path) for entry in read)
        years = Counter(date.fromtimestamp(e.modified).year for e in read if e.modified > 0)
        inner: Counter[str] = Counter()
        for entry in read:
            home = PurePath(homes.get(entry.folder_id, "")).name
            inner.update({name for name in (home, *entry.path.split("/")[:-1]) if name})
        return cls(
            homes,
            {entry.path: entry.document_id for entry in entries},
            len(read),
            dict(kinds.most_common()),
            dict(sorted(years.items(), reverse=True)),
            dict(sorted(inner.items(), key=lambda item: (-item[1], item[0].casefold()))),
            sum(entry.state in _UNREAD for entry in entries),
            sum(entry.state is DocumentState.PARTIAL for entry in entries),
            sorted((entry.path.casefold(), entry.path) for entry in entries),
        )

    def named_in(self, words: str) -> list[int]:
        """Documents whose file's name, without its ending, is among the words."""
        said = words.casefold()
        found = []
        for folded, path in self._sorted:
            stem = folded.rpartition("/")[2].rpartition(".")[0]
            if (
                len(stem) >= _SHORTEST
                and stem in said
                and re.search(rf"\b{re.escape(stem)}\b", said)
            ):
                found.append(self.documents[path])
        return found

    def matching(self, words: str) -> list[str]:
        """Paths that contain ``words`` in any case, by name; at most 50."""
        wanted = words.casefold()
        return list(islice((path for folded, path in self._sorted if wanted in folded), _MOST))


def kind_name(kind: str) -> str:
    """What people call a type of documents."""
    return _NAMES.get(kind) or (kind.upper() if len(kind) <= 4 else kind.capitalize())


def counted(documents: int) -> str:
    return "1 document" if documents == 1 else f"{documents:,} documents"
