"""Those that answer from a library, joined to what they share."""

from __future__ import annotations

from collections.abc import Callable

from engine.answering import Answerer
from engine.answering.summarising import Summariser
from engine.answering.surveying import Surveyor
from engine.answering.verifying import Verifier
from engine.comparing.comparer import Comparer
from engine.models.embedder import Embedder
from engine.models.generator import Generator
from engine.retrieval import Retriever
from engine.store import Store


class Responders:
    """``answerer`` for questions, ``summariser`` for a document, ``surveyor`` for all of them,
    ``comparer`` for one question in four ways."""

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        generator: Generator,
        retriever: Retriever,
        patience: Callable[[], float],
    ) -> None:
        self.answerer = Answerer(store, embedder, generator, retriever, patience)
        self.summariser = Summariser(store, embedder, generator, retriever)
        self.surveyor = Surveyor(store, embedder, generator, retriever)
        self.comparer = Comparer(self.answerer, Verifier(store, embedder, retriever), generator)
