"""A record of answers that can be checked later: what was asked and found, and what was used.

It names files without their folders (these tell about the person, and mean nothing elsewhere) and
everything by its SHA-256. Times are ISO 8601 in UTC, offsets Unicode code points, pages 1-based.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import msgspec

from engine.answers import Citation, Claim, Provenance, Turn, UsedFile
from engine.errors import CarrelError
from engine.exporting.content import cited
from engine.exporting.hashing import sha256_of, unchanged
from engine.store.cited import CitedDocument
from engine.version import version
from engine.workers import CancelToken

SCHEMA = 1
_LARGEST = 256 << 20  # bytes

# A record may come from anyone: its numbers have to fit into what they are compared with.
Number = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Seed = Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]


class RecordedDocument(msgspec.Struct, frozen=True):
    """A file with one content; ``n`` is what citations call it by. ``sha256`` is empty where it is
    not known. ``known`` says since when it is: "asked", when the answer was made, or "exported",
    when the record was."""

    n: Number
    path: str
    title: str
    sha256: str
    known: str


class RecordedCitation(msgspec.Struct, frozen=True):
    """``document`` is the number of a ``RecordedDocument``; ``page``'s text from ``start`` to
    ``end`` was the quote."""

    n: Number
    document: Number
    page: Number
    label: str
    start: Number
    end: Number
    quote: str
    quote_sha256: str


class RecordedFile(msgspec.Struct, frozen=True):
    """A model or adapter. ``state`` is "as used", or why there is no hash of what was used:
    "changed since" or "missing"."""

    name: str
    size: Number
    sha256: str
    state: str


class RecordedMessage(msgspec.Struct, frozen=True):
    role: str
    text: str


class RecordedAdapter(msgspec.Struct, frozen=True):
    """``file`` is missing where it had gone before the answer was finished."""

    name: str
    scale: float
    file: RecordedFile | None = None


class RecordedMaking(msgspec.Struct, frozen=True):
    """What the answer was made with; see ``engine.answers.Provenance``. ``adapter`` and its scale
    stand in records of versions that applied one at most; see :meth:`applied`."""

    version: str
    seed: Seed
    temperature: float
    held: bool
    prompt: tuple[RecordedMessage, ...]
    model: RecordedFile | None = None
    adapter: RecordedFile | None = None
    adapter_scale: float = 1.0
    adapters: tuple[RecordedAdapter, ...] = ()

    def applied(self) -> tuple[RecordedAdapter, ...]:
        if self.adapters or self.adapter is None:
            return self.adapters
        return (RecordedAdapter(Path(self.adapter.name).stem, self.adapter_scale, self.adapter),)


class RecordedAnswer(msgspec.Struct, frozen=True):
    """``making`` is missing from answers of versions that did not keep it; they cannot be
    reproduced, their quotes can be checked. ``variant`` is which of the four ways of a comparison
    this is, see ``engine.comparisons.Variant``; empty for an answer by itself."""

    question: str
    searched: str
    kind: str
    asked: str
    refused: bool
    reason: str
    stopped: bool
    notice: str
    text: str
    model: str
    adapter: str
    quotes: tuple[Number, ...]
    claims: tuple[Claim, ...]
    citations: tuple[RecordedCitation, ...]
    making: RecordedMaking | None = None
    variant: str = ""


class Record(msgspec.Struct, frozen=True):
    carrel_record: Number
    version: str
    exported: str
    title: str
    documents: tuple[RecordedDocument, ...]
    answers: tuple[RecordedAnswer, ...]


def record(
    turns: Sequence[Turn],
    documents: Mapping[int, CitedDocument],
    *,
    title: str,
    exported: float,
    variants: Sequence[str] = (),
    cancel: CancelToken | None = None,
) -> Record:
    """``documents`` are those of the library, by number. Hashes of models that are not known yet
    are computed: seconds for each gigabyte. ``variants`` are those of a comparison's answers."""
    numbers = _Documents(documents)
    files: dict[UsedFile, RecordedFile] = {}

    def file(used: UsedFile | None) -> RecordedFile | None:
        if used is None:
            return None
        if used not in files:
            files[used] = _file(used, cancel or CancelToken())
        return files[used]

    answers = tuple(
        _answer(turn, numbers, _making(turn.answer.provenance, file), variant)
        for turn, variant in zip(turns, variants or [""] * len(turns), strict=True)
    )
    return Record(
        carrel_record=SCHEMA,
        version=version(),
        exported=_time(exported),
        title=title,
        documents=numbers.all(),
        answers=answers,
    )


def write(made: Record) -> bytes:
    return msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n"


def read(file: Path) -> Record:
    """Raises ``CarrelError`` where the file is no record, or one of a newer Carrel."""
    try:
        if file.stat().st_size > _LARGEST:
            raise CarrelError(f"{file.name} is too large for a record.")
        data = file.read_bytes()
    except OSError as error:
        raise CarrelError(f"{file} cannot be read: {error.strerror}.") from error
    try:
        schema = msgspec.json.decode(data, type=_Schema).carrel_record
        if schema > SCHEMA:
            raise CarrelError(
                f"{file.name} was written by a newer Carrel. Update Carrel to check it."
            )
        return msgspec.json.decode(data, type=Record)
    # bytes that are no text, and brackets in brackets without an end, have errors of their own
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise CarrelError(f"{file.name} is not a record that Carrel wrote: {error}.") from error


class _Schema(msgspec.Struct):
    carrel_record: Number


def quote_digest(quote: str) -> str:
    return hashlib.sha256(quote.encode("utf-8", "surrogatepass")).hexdigest()


def _answer(
    turn: Turn, numbers: _Documents, making: RecordedMaking | None, variant: str
) -> RecordedAnswer:
    answer = turn.answer
    then = dict(answer.provenance.documents) if answer.provenance is not None else {}
    return RecordedAnswer(
        question=answer.question,
        searched=answer.searched,
        kind=answer.kind.value,
        asked=_time(turn.asked),
        refused=answer.refused,
        reason=answer.reason,
        stopped=answer.stopped,
        notice=answer.notice,
        text=answer.text,
        model=answer.model,
        adapter=answer.adapter,
        quotes=answer.quotes,
        claims=answer.claims,
        citations=tuple(
            _citation(citation, numbers.number(citation, then.get(citation.document_id, "")))
            for citation in cited(answer)
        ),
        making=making,
        variant=variant,
    )


def _making(
    made: Provenance | None, file: Callable[[UsedFile | None], RecordedFile | None]
) -> RecordedMaking | None:
    if made is None:
        return None
    return RecordedMaking(
        version=made.version,
        seed=made.seed,
        temperature=made.temperature,
        held=made.held,
        prompt=tuple(RecordedMessage(role, text) for role, text in made.prompt),
        model=file(made.model),
        adapters=tuple(RecordedAdapter(a.name, a.scale, file(a.file)) for a in made.adapters),
    )


def _citation(citation: Citation, document: int) -> RecordedCitation:
    return RecordedCitation(
        n=citation.n,
        document=document,
        page=citation.page,
        label=citation.label,
        start=citation.start,
        end=citation.end,
        quote=citation.quote,
        quote_sha256=quote_digest(citation.quote),
    )


class _Documents:
    """Numbers documents as they are cited. One that changed between two answers has a number
    for each of its contents."""

    def __init__(self, documents: Mapping[int, CitedDocument]) -> None:
        self._now = documents
        self._found: dict[tuple[int, str, str], RecordedDocument] = {}

    def number(self, citation: Citation, then: str) -> int:
        """``then`` is the SHA-256 of the file when the answer was made, where it is known."""
        now = self._now.get(citation.document_id)
        digest = then or (now.digest if now is not None else "")
        key = (citation.document_id, citation.document, digest)
        if key not in self._found:
            self._found[key] = RecordedDocument(
                n=len(self._found) + 1,
                path=citation.document,
                title=citation.title,
                sha256=digest,
                known="asked" if then else "exported" if digest else "",
            )
        return self._found[key].n

    def all(self) -> tuple[RecordedDocument, ...]:
        return tuple(self._found.values())


def _file(used: UsedFile, cancel: CancelToken) -> RecordedFile:
    path = Path(used.path)
    digest, state = used.digest, "as used"
    if not digest:
        try:
            same = unchanged(used)
            digest = sha256_of(path, cancel) if same else ""
            state = "as used" if same else "changed since"
        except OSError:
            state = "missing"
    return RecordedFile(path.name, used.size, digest, state)


def _time(seconds: float) -> str:
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
