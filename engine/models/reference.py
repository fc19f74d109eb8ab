"""A model as sentence-transformers runs it: the only place that imports it and torch.

It is exact and slow to start. It serves to prepare the fast form (see ``prepared``), to judge it,
and in its stead where there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import CrossEncoder, SentenceTransformer
from transformers.utils import logging as transformers_logging

from engine.models.folders import Kind, ModelFolder
from engine.models.inputs import Input, TokenForm

_BATCH = 32


class ReferenceModel:
    """Texts in, one row of numbers each: an embedding, or a reranker's single logit."""

    def __init__(self, folder: ModelFolder, arithmetic: str = "float32") -> None:
        """``arithmetic`` is "float32" or "bfloat16". Raises whatever the libraries raise."""
        transformers_logging.disable_progress_bar()
        transformers_logging.set_verbosity_error()
        self._kind = folder.kind
        make: Any = SentenceTransformer if folder.kind is Kind.EMBEDDER else CrossEncoder
        self._model = make(
            str(folder.path),
            device="cpu",
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True, "dtype": getattr(torch, arithmetic)},
        ).eval()

    @property
    def max_tokens(self) -> int:
        return int(self._model.max_seq_length or 512)

    @torch.inference_mode()  # type: ignore[untyped-decorator]
    def run(self, inputs: Sequence[Input], prompt: str = "") -> NDArray[np.float32]:
        """(n, width) of float32. ``prompt`` goes before each text."""
        how = {"batch_size": _BATCH, "show_progress_bar": False, "convert_to_numpy": True}
        if self._kind is Kind.EMBEDDER:
            # an empty prompt, unlike none, keeps a default of the model's from being added
            found = self._model.encode(list(inputs), prompt=prompt, **how)
        else:
            raw = torch.nn.Identity()
            found = self._model.predict(list(inputs), activation_fn=raw, **how)[:, None]
        return np.asarray(found, np.float32)

    def whole(self) -> tuple[torch.nn.Module, dict[str, torch.Tensor]]:
        """The pipeline as one module that takes tensors, and an example of them."""
        pair = self._kind is Kind.RERANKER
        texts: list[Any] = [("a b c", "d e")] * 2 if pair else ["a b c", "some more words here"]
        features = self._model.preprocess(texts)
        names = ("input_ids", "attention_mask", "token_type_ids")
        example = {name: features[name] for name in names if name in features}
        output = "scores" if pair else "sentence_embedding"
        return _Whole(self._model, output).eval(), example

    def tokens(self) -> tuple[str, TokenForm] | None:
        """The tokenizer as JSON and how its tokens are laid out; None where it has no such form
        and the model can be run by its own libraries only."""
        tokenizer = self._model.tokenizer
        backend = getattr(tokenizer, "backend_tokenizer", None)
        # a pooling that leaves the prompt out needs to know where it ends
        leaves_out = any(getattr(module, "include_prompt", True) is False for module in self._model)
        if backend is None or leaves_out or getattr(self._model[0], "do_lower_case", False):
            return None
        form = TokenForm(
            max_tokens=self.max_tokens,
            pad=int(tokenizer.pad_token_id or 0),
            pad_type=int(getattr(tokenizer, "pad_token_type_id", 0) or 0),
            pads_left=tokenizer.padding_side == "left",
            cuts_left=tokenizer.truncation_side == "left",
        )
        return backend.to_str(), form


class _Whole(torch.nn.Module):  # type: ignore[misc]
    def __init__(self, model: Any, output: str) -> None:
        super().__init__()
        self.model = model
        self.output = output

    def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any = None) -> Any:
        features = {"input_ids": input_ids, "attention_mask": attention_mask}
        if token_type_ids is not None:
            features["token_type_ids"] = token_type_ids
        return self.model(features)[self.output]


def native_arithmetics() -> tuple[str, ...]:
    """What torch computes natively on this processor, the exact one first."""
    return ("float32", "bfloat16") if torch.cpu._is_avx512_bf16_supported() else ("float32",)
