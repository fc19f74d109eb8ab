"""Folders compared with what is known of them: what to read, what moved, what is gone."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

from engine.indexing.digesting import digest_of
from engine.indexing.jobs import READER_VERSION, Job
from engine.records import DocumentState, Folder
from engine.scanning import FoundFile, scan
from engine.store import Store
from engine.store.files import FileRecord, KnownFile
from engine.workers import Steering

_TEXT = (DocumentState.INDEXED, DocumentState.PARTIAL)
_READ = (*_TEXT, DocumentState.DUPLICATE)


@dataclass(slots=True)
class Plan:
    """What a run is to do, and what it found on the way. ``renewals`` come after the jobs."""

    jobs: list[Job] = field(default_factory=list)
    renewals: list[Job] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    seen: int = 0
    unchanged: int = 0
    removed: int = 0
    moved: int = 0

    def add(self, jobs: Iterable[Job]) -> None:
        for job in jobs:
            (self.renewals if job.renewal else self.jobs).append(job)


@dataclass(frozen=True, slots=True)
class _Listing:
    folder: Folder
    found: list[FoundFile]
    known: Mapping[str, KnownFile]  # files only
    attached: Mapping[int, dict[str, KnownFile]]  # by the document they are in, then by name


class Planner:
    """Writes to the store what needs no reading: which files moved and which are gone."""

    def __init__(self, store: Store, steering: Steering) -> None:
        self._store = store
        self._steering = steering

    def plan(self, folders: Sequence[Folder], plan: Plan) -> None:
        """Raises ``CancelledError``."""
        listings = [listing for folder in folders if (listing := self._list(folder, plan))]
        new = [
            (listing, file)
            for listing in listings
            for file in listing.found
            if file.path not in listing.known
        ]
        gone = [file for listing in listings for file in _gone(listing)]
        moved, digests = self._moved(new, gone)
        taken = {file.document_id for file in moved.values()}
        lost = [file for file in gone if file.document_id not in taken]
        self._store.documents.delete(file.document_id for file in lost)
        plan.removed += len(lost)
        plan.moved += len(moved)
        for listing in listings:
            for file in listing.found:
                place = (listing.folder.id, file.path)
                known = listing.known.get(file.path) or moved.get(place)
                if known is None or not _same(known, file):
                    digest = digests.get(place, "")
                    plan.jobs.append(Job(listing.folder, file, known, digest))
                    continue
                plan.unchanged += 1
                plan.add(_below(listing.folder, file, (), known, listing.attached))
        self.plan_orphaned_duplicates(folders, plan)

    def plan_orphaned_duplicates(self, folders: Sequence[Folder], plan: Plan) -> None:
        """A duplicate whose original went away is a document in its own right again."""
        by_id = {folder.id: folder for folder in folders}
        planned = {(job.folder.id, job.found.path) for job in plan.jobs}
        for folder_id, path, document_id in self._store.documents.orphaned_duplicates():
            folder = by_id.get(folder_id)
            if folder is None or (folder_id, path) in planned:
                continue
            location = self._store.documents.location(document_id)
            with contextlib.suppress(OSError):
                info = location.file.stat()
                found = FoundFile(
                    path, location.file, info.st_size, info.st_mtime_ns, inside=location.inside
                )
                plan.jobs.append(Job(folder, found, None, around=location.documents[:-1]))
                plan.unchanged -= 1

    def _list(self, folder: Folder, plan: Plan) -> _Listing | None:
        """None where the folder is not there, or as empty as a place where nothing is mounted:
        what was read from it stays."""
        known = self._store.documents.known(folder.id)
        found = []
        problem = ""
        try:
            for file in scan(Path(folder.path)):
                self._steering.check()
                found.append(file)
        except OSError as error:
            problem = f"The folder {folder.path} cannot be opened ({error.strerror})."
        else:
            if known and not found:
                problem = f"The folder {folder.path} is empty; is its drive not connected?"
        self._store.documents.set_away(folder.id, bool(problem))
        if problem:
            plan.problems.append(
                f"{problem} What was read from it before stays searchable; to forget it, remove "
                "the folder."
            )
            return None
        plan.seen += len(found)
        attached: dict[int, dict[str, KnownFile]] = defaultdict(dict)
        for path, document in known.items():
            if document.parent_id is not None:
                attached[document.parent_id][PurePath(path).name] = document
        files = {path: each for path, each in known.items() if each.parent_id is None}
        return _Listing(folder, found, files, attached)

    def _moved(
        self, new: Iterable[tuple[_Listing, FoundFile]], gone: Iterable[KnownFile]
    ) -> tuple[dict[tuple[int, str], KnownFile], dict[tuple[int, str], str]]:
        """Files that are at another path now, by folder and path, as they are known from here
        on; and the digests of all that had to be looked at for that."""
        missing: dict[int, list[KnownFile]] = defaultdict(list)
        for known in sorted(gone, key=lambda file: file.state is DocumentState.DUPLICATE):
            if known.digest and known.size:
                missing[known.size].append(known)
        moved, digests = {}, {}
        for listing, file in new:
            if file.problem or not missing.get(file.size):
                continue
            try:
                digest = digest_of(file.file, self._steering.check)
            except OSError:
                continue
            place = (listing.folder.id, file.path)
            digests[place] = digest
            same = [known for known in missing[file.size] if known.digest == digest]
            if not same:
                continue
            name = PurePath(file.path).name
            known = next((k for k in same if PurePath(k.path).name == name), same[0])
            missing[file.size].remove(known)
            record = FileRecord(*place, file.size, file.modified_ns, digest)
            self._store.documents.move(known.document_id, record)
            moved[place] = replace(known, path=file.path, modified_ns=file.modified_ns)
        return moved, digests


def attachments(
    folder: Folder,
    found: FoundFile,
    around: tuple[int, ...],
    holder: KnownFile,
    attached: Mapping[int, Mapping[str, KnownFile]],
) -> Iterator[Job]:
    """Those of a document that are not read yet, were not as it is now, or by an earlier version
    of Carrel; and theirs."""
    children = attached.get(holder.document_id, {})
    for name in holder.attachments:
        known = children.get(name)
        size = known.size if known is not None else 0
        inner = replace(found, path=f"{found.path}/{name}", size=size, inside=(*found.inside, name))
        if known is None or not _same(known, inner):
            yield Job(folder, inner, known, around=around)
        else:
            yield from _below(folder, inner, around, known, attached)


def _below(
    folder: Folder,
    found: FoundFile,
    around: tuple[int, ...],
    known: KnownFile,
    attached: Mapping[int, Mapping[str, KnownFile]],
) -> Iterator[Job]:
    """What is to be done for a file that is as it was. What it holds comes after it."""
    if known.state in _TEXT and known.reader < READER_VERSION:
        yield Job(folder, found, known, around=around, pictures=True, renewal=True)
    else:
        yield from attachments(folder, found, (*around, known.document_id), known, attached)


def _gone(listing: _Listing) -> list[KnownFile]:
    present = {file.path for file in listing.found}
    unseen = tuple(f"{file.path}/" for file in listing.found if file.unlisted)
    return [
        file
        for path, file in listing.known.items()
        if path not in present and not path.startswith(unseen)
    ]


def _same(before: KnownFile, file: FoundFile) -> bool:
    if file.problem:
        return before.state is DocumentState.UNSUPPORTED and not before.digest
    return (
        before.size == file.size
        and before.modified_ns == file.modified_ns
        and (before.state in _READ or before.reader == READER_VERSION)
    )
