"""The child that embeds, and that scores for a reranker: one prepared model at a time."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.errors import ModelError
from engine.models.folders import Kind, look
from engine.models.messages import (
    Describe,
    Embed,
    Embedded,
    EmbedderFacts,
    EmbedderRequest,
    Inspect,
    ModelFound,
    Score,
    Scored,
    Unprepared,
)
from engine.models.prepared import PreparedModel, found, load
from engine.paths import prepared_models_dir, shipped_embedder
from engine.workers.child import Exchange


class EmbedderService:
    """Serves ``EmbedderRequest``; what it prepares is kept in ``cache``."""

    request_type = EmbedderRequest

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._model: PreparedModel | None = None

    def handle(self, request: EmbedderRequest, exchange: Exchange) -> None:
        if isinstance(request, Describe):
            exchange.reply(self._describe(request) or Unprepared())
        elif isinstance(request, Embed):
            exchange.reply(self._embed(request, exchange))
        elif isinstance(request, Inspect):
            exchange.reply(self._inspect(request))
        elif isinstance(request, Score):
            exchange.reply(self._score(request, exchange))

    def _describe(self, request: Describe) -> EmbedderFacts | None:
        if not request.prepare and not self._has(request.folder):
            return None
        model = self._of_kind(request.folder, Kind.EMBEDDER)
        return EmbedderFacts(
            name=model.folder.name,
            fingerprint=model.facts.fingerprint,
            dimension=model.facts.width,
            max_tokens=model.facts.max_tokens,
            arithmetic=f"{model.facts.engine} {model.facts.arithmetic}",
            rates=model.facts.rates,
        )

    def _embed(self, request: Embed, exchange: Exchange) -> Embedded:
        model = self._of_kind(request.folder, Kind.EMBEDDER)
        prompt = model.folder.prompts["query" if request.queries else "document"]
        rows = model.run(request.texts, prompt, lambda: exchange.cancelled)
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return Embedded((rows / np.maximum(norms, 1e-12)).astype("<f4").tobytes())

    def _score(self, request: Score, exchange: Exchange) -> Scored:
        model = self._of_kind(request.folder, Kind.RERANKER)
        pairs = [(request.query, text) for text in request.texts]
        rows = model.run(pairs, "", lambda: exchange.cancelled)
        return Scored(tuple(float(score) for score in rows[:, 0]))

    def _inspect(self, request: Inspect) -> ModelFound:
        model = self._loaded(request.folder)
        return ModelFound(
            kind=model.folder.kind,
            name=model.folder.name,
            dimension=model.facts.width,
            max_tokens=model.facts.max_tokens,
            arithmetic=f"{model.facts.engine} {model.facts.arithmetic}",
        )

    def _of_kind(self, folder: str, kind: Kind) -> PreparedModel:
        model = self._loaded(folder)
        if model.folder.kind is not kind:
            raise ModelError(f"{model.folder.name} is no {kind}: it is a {model.folder.kind}.")
        return model

    def _has(self, folder: str) -> bool:
        """Whether the model is loaded, or can be in a moment."""
        path = Path(folder) if folder else shipped_embedder()
        if self._model is None or self._model.folder.path != path:
            self._model = found(look(path), self._cache)
        return self._model is not None

    def _loaded(self, folder: str) -> PreparedModel:
        path = Path(folder) if folder else shipped_embedder()
        if self._model is None or self._model.folder.path != path:
            self._model = None  # its memory first
            model = look(path)
            try:
                self._model = load(model, self._cache)
            # whatever somebody else's weights make the libraries raise
            except Exception as error:
                raise ModelError(f"The model in {path} cannot be loaded: {error}") from error
        return self._model


def create() -> EmbedderService:
    return EmbedderService(prepared_models_dir())
