"""What every document says about something: a short cited paragraph for each that says anything.

Documents are found by searching again and again, each time in those that are still left, until
nothing more is found: one document with much to say cannot hide the others. In each, the best
sentences are looked for; it speaks of the subject when one of them does.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.answering.asked_for import subject
from engine.answering.central import Chosen, prose
from engine.answering.composing import Composition, Listener
from engine.answering.condensing import SOURCES, Condenser
from engine.answering.quotes import QuoteFinder, Sentence
from engine.answering.words import content_stems
from engine.answers import Answer, AnswerKind
from engine.errors import CancelledError, CarrelError, ChildError
from engine.models.embedder import Embedder
from engine.models.generator import Generator
from engine.query import valid
from engine.records import DocumentState, Hit, Scope
from engine.retrieval import Retriever
from engine.scoping import READ, UNREAD
from engine.store import Store
from engine.untrusted import as_name, is_order
from engine.workers import CancelToken

_HITS = 3  # pages of a document that are looked into
_QUOTES = 2
MOST = 500
"""Documents that are looked through, the best ones first."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """When a sentence speaks of a subject, by how much of its weighted words it holds and how
    near it is in meaning. Of 160 questions on eight articles, all were said to be spoken of in
    their own, and each of the other articles was said to for one in eighty."""

    together: float = 0.7  # words + meaning
    meaning: float = 0.3  # less only where it holds
    words: float = 0.9
    words_alone: float = 0.75  # where the embedder does not work

    def passed(self, sentence: Sentence) -> bool:
        if sentence.meaning is None:
            return sentence.words >= self.words_alone
        near = sentence.meaning >= self.meaning or sentence.words >= self.words
        return near and sentence.words + sentence.meaning >= self.together


@dataclass(slots=True)
class _Tally:
    """Documents: those in scope that could be ``read`` or not, and what became of the former.
    ``complete`` once it is known that no more will be found."""

    read: int
    unread: int
    found: int = 0
    looked: int = 0
    speaking: int = 0
    complete: bool = False

    def account(self) -> str:
        """One sentence about all of them."""
        if not self.read + self.unread:
            return "There is no document in what was to be searched."
        spoke = f"{self.speaking:,}" if self.speaking else "none"
        verb = "speaks" if self.speaking <= 1 else "speak"
        if not self.complete:
            were = "was" if self.looked == 1 else "were"
            text = f"{self.looked:,} of {_documents(self.read)} {were} looked through; {spoke}"
            text += f" of them {verb} of it"
        elif self.read == 1:
            text = "The one document speaks of it" if self.speaking else "It is not spoken of"
        else:
            text = f"{spoke.capitalize()} of the {_documents(self.read)} {verb} of it"
        unread = f"; {self.unread:,} could not be read" if self.unread else ""
        return f"{text}{unread}."


def _heading(hit: Hit, taken: Collection[str]) -> str:
    """What a document's paragraph stands under: its title, or what tells it from others."""
    title, file = as_name(hit.title), as_name(hit.document)
    if title and title not in taken:
        return title
    heading = f"{title} ({file})" if title and file else file
    return heading if heading and heading not in taken else f"Document {hit.document_id}"


def _documents(count: int) -> str:
    return "1 document" if count == 1 else f"{count:,} documents"


class Surveyor:
    """Surveys the documents of one store."""

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        generator: Generator,
        retriever: Retriever,
        *,
        threshold: Threshold | None = None,
        pages: int = 200,
    ) -> None:
        """``pages`` are asked of the search at a time."""
        self._store = store
        self._embedder = embedder
        self._generator = generator
        self._retriever = retriever
        self._threshold = threshold or Threshold()
        self._pages = pages
        self._finder = QuoteFinder(store.keywords, store.documents, embedder)

    def survey(
        self,
        question: str,
        *,
        model: Path | None = None,
        scope: Scope | None = None,
        on_event: Listener | None = None,
        cancel: CancelToken | None = None,
    ) -> Answer:
        """The paragraphs, best documents first; ``reason`` accounts for all documents in scope,
        also for those that say nothing or could not be read. The progress is that of the
        documents found so far: there may be more after these.

        Cancelling gives what there is, with ``stopped`` set. Raises ``CarrelError`` where
        nothing is asked.
        """
        question = valid(question).strip()
        if not question:
            raise CarrelError("The question is empty.")
        token = cancel or CancelToken()
        text = Composition(self._store, self._retriever, on_event)
        condenser = Condenser(self._generator, model, "survey.txt")
        scoped = self._retriever.scoped(question, scope)
        about = subject(scoped.query.text)
        if not about:
            raise CarrelError("There is no question beside what narrows the search. Add one.")
        states = self._retriever.states(scoped)
        tally = _Tally(sum(states[state] for state in READ), sum(states[state] for state in UNREAD))
        stopped = False
        try:
            self._compose(about, self._readable(scoped.documents), tally, condenser, text, token)
        except CancelledError:
            stopped = True
        return text.answer(
            question,
            AnswerKind.SURVEY,
            searched=about,
            model=model,
            stopped=stopped,
            refused=text.empty and not stopped,
            reason=tally.account(),
            notice=" ".join(filter(None, (scoped.notice, condenser.problem))),
        )

    def _compose(
        self,
        about: str,
        documents: set[int],
        tally: _Tally,
        condenser: Condenser,
        text: Composition,
        cancel: CancelToken,
    ) -> None:
        with contextlib.suppress(ChildError):  # without it words decide
            self._embedder.facts(cancel)
        titles: set[str] = set()
        for hits in self._waves(about, documents, tally, cancel):
            cancel.check()
            first = hits[0]
            text.progress(tally.looked, tally.found, first.title)
            sentences = self._sentences(about, hits, cancel)
            tally.looked += 1
            if not sentences:
                continue
            tally.speaking += 1
            heading = _heading(first, titles)
            titles.add(heading)
            quotes = sorted(sentences[:_QUOTES], key=lambda each: (each.hit.page, each.start))
            stated = condenser.write(about, sentences[:SOURCES], quotes, text, cancel)
            text.add(heading, stated)
        text.progress(tally.looked, tally.found)

    def _waves(
        self, about: str, documents: set[int], tally: _Tally, cancel: CancelToken
    ) -> Iterator[list[Hit]]:
        """The hits of one document after the other, until a search finds none that speaks."""
        left = set(documents)
        while left:
            if tally.found >= MOST:
                return
            found = self._retriever.search(
                about,
                limit=self._pages,
                scope=Scope(document_ids=tuple(sorted(left))),
                cancel=cancel,
            ).hits
            by_document: dict[int, list[Hit]] = {}
            for hit in found:
                by_document.setdefault(hit.document_id, []).append(hit)
            if not by_document:
                break
            left -= by_document.keys()
            tally.found += len(by_document)
            spoke = tally.speaking
            for hits in by_document.values():
                yield hits[:_HITS]
            if tally.speaking == spoke:
                break
        tally.complete = True

    def _sentences(self, about: str, hits: Sequence[Hit], cancel: CancelToken) -> list[Sentence]:
        """Those that speak of it and give no orders, best first; what can be read alone comes
        sooner."""
        ranked = self._finder.rank(about, hits, cancel)
        speaking = [s for s in ranked if self._threshold.passed(s) and not is_order(s.text)]
        found: list[Chosen] = []
        for sentence in sorted(speaking, key=lambda s: -s.score * (0.5 + prose(s.text))):
            new = Chosen(sentence, None, frozenset(content_stems(sentence.text)))
            if not any(new.says_the_same(other) for other in found):
                found.append(new)
        return [each.sentence for each in found]

    def _readable(self, documents: frozenset[int] | None) -> set[int]:
        return {
            place.document_id
            for place in self._store.documents.places()
            if DocumentState(place.state) in READ
            and (documents is None or place.document_id in documents)
        }
