"""Which documents a search looks in: the chosen scope and the query's operators, together.

``file:`` takes a path or a glob on one; without wildcards it is part of a file's name.
``folder:`` is the name of a followed folder or of any folder in it, or part of one, or a glob.
``type:`` is a reader's format ("pdf", "word", "html"), a common name for one, or a file's suffix.
``before:`` and ``after:`` take a year, a month or a day (2022, 2022-05, 2022-05-31) and go by the
day on which the file was last changed, in local time. A date is its first moment: ``before:2022``
ends with 2021 and ``after:2022`` begins with 2022, so that each file is on one side.

Several files, folders or types add up, everything else narrows. An operator that cannot be meant
(``before:soon``, a type that no document has) is searched for as words, and the notice says so.
"""

from __future__ import annotations

import fnmatch
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import reduce
from pathlib import PurePath

from engine.kinds import is_of_kind, kind_of
from engine.query import Operator, Query, period
from engine.records import Coverage, DocumentState, Scope
from engine.store import Store
from engine.store.files import Place

READ = (DocumentState.INDEXED, DocumentState.PARTIAL)
UNREAD = (DocumentState.FAILED, DocumentState.LOCKED, DocumentState.UNSUPPORTED)

_NS = 1_000_000_000
_NO_WORDS = "Nothing is searched for yet: add a word to what narrows the search."


@dataclass(frozen=True, slots=True)
class Scoped:
    """A query and where to look for it: ``documents`` are ids, None for the whole library, and
    ``states`` says how many of them are in each state. ``notice`` is for the person."""

    query: Query
    documents: frozenset[int] | None = None
    states: Mapping[DocumentState, int] | None = None
    notice: str = ""


class _NotMeantError(Exception):
    """An operator whose value means nothing here; says why."""


class Scoping:
    """Looks up the documents of one store at every search; keeps nothing."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def resolve(self, text: str, scope: Scope) -> Scoped:
        """What to search for in ``text``, and in which documents."""
        query = Query.parse(text)
        if not query.operators and not scope:
            return Scoped(query, notice=_advice(query))
        shelf = _Shelf(
            self._store.documents.places(),
            {folder.id: folder.path for folder in self._store.documents.folders()},
        )
        notices: list[str] = []
        plain: list[Operator] = []
        adding: dict[str, set[int]] = {}
        inside = shelf.inside(scope)
        for operator in query.operators:
            try:
                found = shelf.meant(operator)
            except _NotMeantError as error:
                plain.append(operator)
                notices.append(f"“{operator.raw}” was searched for as words: {error}.")
                continue
            if not found and not operator.negated:
                notices.append(f"No document matches “{operator.raw}”.")
            if operator.negated:
                inside -= found
            elif operator.name in ("before", "after"):
                inside &= found
            else:
                adding.setdefault(operator.name, set()).update(found)
        inside = reduce(set.intersection, adding.values(), inside)
        if plain:
            query = Query.parse(text, plain)
        notices += filter(None, [_advice(query)])
        if not scope and not query.operators:
            return Scoped(query, notice=" ".join(notices))
        states = Counter(p.state for p in shelf.places if p.document_id in inside)
        return Scoped(
            query,
            frozenset(inside),
            {state: states[state.value] for state in DocumentState},
            " ".join(notices),
        )

    def states(self, scoped: Scoped) -> Mapping[DocumentState, int]:
        """How many of the documents in scope are in each state."""
        return self._store.documents.states() if scoped.states is None else scoped.states

    def coverage(self, scoped: Scoped) -> Coverage:
        states = self.states(scoped)
        return Coverage(
            sum(states[state] for state in READ),
            sum(states[state] for state in UNREAD),
            self._store.vectors.waiting(),
        )


class _Shelf:
    """All documents of a library, as scopes and operators see them."""

    def __init__(self, places: Sequence[Place], folders: Mapping[int, str]) -> None:
        self.places = places
        self._folders = folders

    def inside(self, scope: Scope) -> set[int]:
        places: Iterable[Place] = self.places
        if scope.folder_ids:
            folders = set(scope.folder_ids)
            places = [p for p in places if p.folder_id in folders]
        if scope.document_ids:
            documents = set(scope.document_ids)
            places = [p for p in places if p.document_id in documents]
        if scope.formats:
            places = [
                p
                for p in places
                if any(is_of_kind(kind, p.format, p.path) for kind in scope.formats)
            ]
        if scope.after is not None:
            earliest = _moment(scope.after)
            places = [p for p in places if p.modified_ns >= earliest]
        if scope.before is not None:
            end = _moment(scope.before)
            places = [p for p in places if p.modified_ns < end]
        if scope.document:
            places = _matching(list(places), scope.document)
        return {place.document_id for place in places}

    def meant(self, operator: Operator) -> set[int]:
        """Raises ``_NotMeantError``."""
        find: dict[str, Callable[[str], Iterable[Place]]] = {
            "file": self._files,
            "folder": self._in_folder,
            "type": self._of_type,
            "before": lambda value: self._changed(value, before=True),
            "after": lambda value: self._changed(value, before=False),
        }
        return {place.document_id for place in find[operator.name](operator.value)}

    def _files(self, value: str) -> list[Place]:
        found = _matching(self.places, value)
        if found or _has_wildcards(value):
            return found
        wanted = value.casefold()
        if "/" in value:
            return [p for p in self.places if wanted in p.path.casefold()]
        return [p for p in self.places if wanted in _name(p.path).casefold()]

    def _in_folder(self, value: str) -> list[Place]:
        wanted = value.casefold().strip("/")
        homes = {(p.folder_id, _parent(p.path)) for p in self.places}
        names = {
            (folder, inner): f"/{PurePath(self._folders.get(folder, '')).name}/{inner}/".casefold()
            for folder, inner in homes
        }
        if _has_wildcards(wanted):
            chosen = {
                home
                for home, path in names.items()
                if any(fnmatch.fnmatchcase(part, wanted) for part in path.strip("/").split("/"))
            }
        else:
            chosen = {home for home, path in names.items() if f"/{wanted}/" in path}
            chosen = chosen or {home for home, path in names.items() if wanted in path}
        return [p for p in self.places if (p.folder_id, _parent(p.path)) in chosen]

    def _of_type(self, value: str) -> list[Place]:
        found = [p for p in self.places if is_of_kind(value, p.format, p.path)]
        if not found:
            kinds = ", ".join(
                sorted({kind_of(p.format, p.path) for p in self.places if p.state in READ})
            )
            raise _NotMeantError(
                "no document is of that type" + (f" (there are: {kinds})" if kinds else "")
            )
        return found

    def _changed(self, value: str, *, before: bool) -> list[Place]:
        try:
            moment = _moment(period(value)[0])
        except ValueError as error:
            raise _NotMeantError(str(error)) from None
        return [p for p in self.places if (p.modified_ns < moment) == before]


def _matching(places: Sequence[Place], pattern: str) -> list[Place]:
    """Documents whose path is ``pattern`` or matches it as a glob; where none does and the
    pattern names no folder, those whose file name does."""
    exact = [p for p in places if p.path == pattern]
    if exact:
        return exact
    wanted = pattern.lower()
    by_path = [p for p in places if fnmatch.fnmatchcase(p.path.lower(), wanted)]
    if by_path or "/" in pattern:
        return by_path
    return [p for p in places if fnmatch.fnmatchcase(_name(p.path).lower(), wanted)]


def _moment(day: date) -> int:
    """The day's beginning here, in nanoseconds since 1970."""
    try:
        return round(datetime.combine(day, time.min).timestamp()) * _NS
    except (OverflowError, OSError, ValueError):  # beyond what the system's clock can say
        return -(1 << 63) if day.year < 2000 else (1 << 63) - 1


def _advice(query: Query) -> str:
    narrowed = query.operators or query.excluded
    return _NO_WORDS if narrowed and not query.terms else ""


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _has_wildcards(text: str) -> bool:
    return any(sign in text for sign in "*?[")
