"""What a document says, from its beginning to its end, every sentence with its citation.

The document is cut into sections. For each, the sentences that stand for it are chosen without a
language model; a model that is able to makes one or two of them, which its sources must support.
What comes out is in the document's order and under its headings, so it can be read while it grows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from engine.answering.central import ANYTHING, READABLE, CentralSentences, Chosen
from engine.answering.composing import Composition, Listener, Stated
from engine.answering.condensing import SOURCES, Condenser
from engine.answering.sections import Section, Vector, divided, innermost, prose_words, shares
from engine.answers import Answer, AnswerKind, Length
from engine.errors import CancelledError, CarrelError, ChildError
from engine.models.embedder import Embedder
from engine.models.generator import Generator
from engine.records import LedgerEntry
from engine.retrieval import Retriever
from engine.store import Store
from engine.store.search import StoredPassage
from engine.untrusted import as_name
from engine.workers import CancelToken


@dataclass(frozen=True, slots=True)
class _Size:
    """Sentences: at least and at most, and one for so many words between these."""

    fewest: int
    most: int
    words: int

    def sentences(self, words: int) -> int:
        return min(self.most, max(self.fewest, words // self.words))


_SIZES = {
    Length.SHORT: _Size(3, 6, 300),
    Length.MEDIUM: _Size(5, 16, 100),
    Length.LONG: _Size(6, 40, 60),
}


class Summariser:
    """Summarises the documents of one store."""

    def __init__(
        self, store: Store, embedder: Embedder, generator: Generator, retriever: Retriever
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._generator = generator
        self._retriever = retriever
        self._central = CentralSentences(embedder, store.documents.hidden)

    def summarise(
        self,
        document_id: int,
        *,
        model: Path | None = None,
        length: Length = Length.MEDIUM,
        on_event: Listener | None = None,
        cancel: CancelToken | None = None,
    ) -> Answer:
        """The summary; ``on_event`` hears of it section by section. With no ``model``, or one
        that is too small, the document's own sentences are the summary.

        Cancelling gives what there is, with ``stopped`` set. Raises ``CarrelError`` where the
        document is gone.
        """
        token = cancel or CancelToken()
        entry = self._entry(document_id)
        text = Composition(self._store, self._retriever, on_event)
        question = f"Summarise “{entry.title}”"
        passages = self._store.search.of_document(document_id)
        if not passages:
            return text.answer(
                question, AnswerKind.SUMMARY, refused=True, reason=_nothing_read(entry)
            )
        condenser = Condenser(self._generator, model, "summary.txt")
        stopped = False
        try:
            self._compose(passages, _SIZES[length], condenser, text, token)
        except CancelledError:
            stopped = True
        return text.answer(
            question,
            AnswerKind.SUMMARY,
            model=model,
            stopped=stopped,
            notice=" ".join(filter(None, (_not_read(entry), condenser.problem))),
        )

    def _compose(
        self,
        passages: list[StoredPassage],
        size: _Size,
        condenser: Condenser,
        text: Composition,
        cancel: CancelToken,
    ) -> None:
        sentences = size.sentences(prose_words(passages))
        writes = condenser.writes(cancel)
        vectors = self._vectors(passages, cancel)
        sections = divided(passages, sentences * 2 // 3 if writes else sentences, vectors)
        text.progress(0, len(sections), sections[0].heading)
        run = _Run(self._central, vectors, condenser, text, cancel)
        for least_prose in (READABLE, ANYTHING):
            left = 0  # of what sections before this one had no sentence for
            for number, (section, share) in enumerate(
                zip(sections, shares(sections, sentences), strict=True), 1
            ):
                wanted = share + min(left, 1)
                left += share - run.add(section, wanted, least_prose)
                following = sections[number].heading if number < len(sections) else ""
                text.progress(number, len(sections), following)
            if not text.empty:
                return  # else there is nothing but tables and lists: then these

    def _entry(self, document_id: int) -> LedgerEntry:
        for entry in self._store.documents.ledger():
            if entry.document_id == document_id:
                return entry
        raise CarrelError("This document is no longer in the library.")

    def _vectors(self, passages: list[StoredPassage], cancel: CancelToken) -> dict[int, Vector]:
        """Of the passages that have one; none where the embedder does not work."""
        try:
            facts = self._embedder.facts(cancel)
        except ChildError:
            return {}
        number = self._store.vectors.known(facts.fingerprint)
        if number is None:
            return {}
        pages = set(self._store.search.pages_of([p.id for p in passages]).values())
        found = self._store.search.of_pages(list(pages), number)
        held = np.any(found.vectors, axis=1) if found.vectors.size else np.zeros(0, bool)
        return {
            int(passage): vector
            for passage, vector, has in zip(found.passages, found.vectors, held, strict=False)
            if has
        }


class _Run:
    """One summary while it is made; remembers what it has said."""

    def __init__(
        self,
        central: CentralSentences,
        vectors: Mapping[int, Vector],
        condenser: Condenser,
        text: Composition,
        cancel: CancelToken,
    ) -> None:
        self._central = central
        self._vectors = vectors
        self._condenser = condenser
        self._text = text
        self._cancel = cancel
        self._said: list[Chosen] = []

    def add(self, section: Section, wanted: int, least_prose: float) -> int:
        """What the section says, in ``wanted`` sentences at most; how many were found."""
        self._cancel.check()
        writes = self._condenser.writes(self._cancel)
        chosen = self._central.choose(
            section,
            self._vectors,
            max(wanted, SOURCES) if writes else wanted,
            before=self._said,
            least_prose=least_prose,
            cancel=self._cancel,
        )
        quotes = sorted(chosen[:wanted], key=_place)
        if writes:
            self._write(section, chosen, quotes)
        else:
            self._quote(section, quotes)
        return len(quotes)

    def _quote(self, section: Section, quotes: Sequence[Chosen]) -> None:
        self._said += quotes
        for heading, group in groupby(quotes, key=lambda each: each.sentence.hit.heading):
            stated = [Stated.quoted(each.sentence) for each in group]
            self._text.add(_shown(innermost(heading), section), stated)

    def _write(self, section: Section, chosen: Sequence[Chosen], quotes: Sequence[Chosen]) -> None:
        stated = self._condenser.write(
            f"{as_name(section.passages[0].title)}: {as_name(section.heading)}".strip(": "),
            [each.sentence for each in chosen],
            [each.sentence for each in quotes],
            self._text,
            self._cancel,
        )
        new = []
        for each in stated:
            meant = self._central.meant(each.text, each.sources[0], self._cancel)
            if not any(meant.says_the_same(other) for other in self._said):
                new.append(each)
                self._said.append(meant)
        self._text.add(_shown(section.heading, section), new)


def _place(chosen: Chosen) -> tuple[int, int]:
    return chosen.sentence.hit.page, chosen.sentence.start


def _shown(heading: str, section: Section) -> str:
    """The heading, unless it is the document's title, which stands above all of it, or was taken
    from the middle of a sentence."""
    title = heading.casefold() == section.passages[0].title.casefold()
    torn = any(heading.count(a) != heading.count(b) for a, b in ("()", "“”", "[]"))
    return "" if title or torn else heading


def _nothing_read(entry: LedgerEntry) -> str:
    why = entry.reason or "it holds no text"
    return f"There is nothing to summarise in “{entry.title}”: {why.rstrip('.')}."


def _not_read(entry: LedgerEntry) -> str:
    missing = entry.pages - entry.pages_text - entry.pages_ocr
    if not missing:
        return ""
    return f"{missing:,} of its {entry.pages:,} pages hold no text or could not be read."
