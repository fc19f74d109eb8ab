"""An answer's claims checked against the whole library, whatever it was written from.

What the library says to the question is not enough to judge an answer that was written without
it: a claim may be true of something else. Each claim is therefore looked for by itself, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.answering.citing import Citations
from engine.answering.claims import claims
from engine.answering.grounding import Grounding
from engine.answering.quotes import QuoteFinder, Sentence
from engine.answers import Answer
from engine.models.embedder import Embedder
from engine.records import Scope
from engine.retrieval import Retriever
from engine.store import Store
from engine.untrusted import is_order
from engine.workers import CancelToken

_PAGES = 8  # looked into for the question
_PAGES_EACH = 4  # for a claim
_SENTENCES, _SENTENCES_EACH = 60, 12
# quotation marks and operators mean something in a query, and a model's text has them by accident
_OPERATORS = re.compile(r"[\"“”„«»]|(?<!\S)-|(?<=\w):(?=\S)")


class Verifier:
    """Checks answers over one store."""

    def __init__(self, store: Store, embedder: Embedder, retriever: Retriever) -> None:
        self._embedder = embedder
        self._retriever = retriever
        self._finder = QuoteFinder(store.keywords, store.documents, embedder)

    def about(self, question: str, scope: Scope | None, cancel: CancelToken) -> list[Sentence]:
        """What the library says to the question, best first."""
        found = self._retriever.search(question, limit=_PAGES, scope=scope, cancel=cancel)
        words = self._retriever.scoped(question, scope).query.text
        return self._finder.rank(words, found.hits, cancel)[:_SENTENCES]

    def verified(
        self,
        answer: Answer,
        about: Sequence[Sentence],
        scope: Scope | None,
        cancel: CancelToken,
    ) -> Answer:
        """The answer with its claims checked against ``about`` and what is found for each of
        them. Its citations keep their numbers, and those of the claims are added. Raises
        ``CancelledError``."""
        found = [
            sentence
            for start, end in claims(answer.text)
            for sentence in self._said_of(answer.text[start:end], scope, cancel)
        ]
        sources = {s.place: s for s in (*about, *found) if not is_order(s.text)}
        embed = self._embedder.embed if self._embedder.ready else None
        words = self._retriever.scoped(answer.question, scope).query.text
        checked = Grounding(words, list(sources.values()), embed).check(answer.text)
        cited = Citations(self._retriever, answer.citations)
        marked = tuple(cited.claim(item) for item in checked)
        return replace(answer, claims=marked, citations=cited.all())

    def _said_of(self, claim: str, scope: Scope | None, cancel: CancelToken) -> Iterator[Sentence]:
        cancel.check()
        query = " ".join(_OPERATORS.sub(" ", claim).split())
        if query:
            found = self._retriever.search(
                query, limit=_PAGES_EACH, scope=scope, rerank=False, cancel=cancel
            )
            yield from self._finder.rank(query, found.hits, cancel)[:_SENTENCES_EACH]
