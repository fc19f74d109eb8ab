"""Models of each kind as transformers makes them, of a few thousand random weights, and the same as
GGUF: what an adapter's conversion is held against."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gguf
import llama_cpp
import numpy as np
import torch
import transformers
from numpy.typing import NDArray

from tests.engine import tiny_gguf

WIDTH, INNER, LAYERS, CONTEXT = 64, 96, 3, 128
_SHARED: dict[str, Any] = {
    "hidden_size": WIDTH,
    "intermediate_size": INNER,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": CONTEXT,
    "rms_norm_eps": 1e-5,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 4,
    "attn_implementation": "eager",
}
_KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": ("Llama", {"tie_word_embeddings": True}),
    "mistral": ("Mistral", {"tie_word_embeddings": False, "sliding_window": None}),
    "qwen2": ("Qwen2", {"tie_word_embeddings": True}),
    "qwen3": ("Qwen3", {"tie_word_embeddings": True, "head_dim": 32}),
    "gemma2": ("Gemma2", {"head_dim": 32, "query_pre_attn_scalar": 32, "sliding_window": CONTEXT}),
    "gemma3": (
        "Gemma3",
        {"head_dim": 32, "query_pre_attn_scalar": 32, "sliding_window": CONTEXT},
    ),
    "phi3": ("Phi3", {"original_max_position_embeddings": CONTEXT, "tie_word_embeddings": False}),
}
KINDS = tuple(_KINDS)
_ARCHITECTURES = {"mistral": "llama"}


def architecture(kind: str) -> str:
    """llama.cpp's name for it."""
    return _ARCHITECTURES.get(kind, kind)


def model(kind: str, seed: int = 1) -> Any:
    """A ``…ForCausalLM`` in float32."""
    name, more = _KINDS[kind]
    words = len(tiny_gguf._words())
    config_class = getattr(transformers, f"{name}{'Text' if kind == 'gemma3' else ''}Config")
    config = config_class(vocab_size=words, **{**_SHARED, **more})
    torch.set_num_threads(1)  # more of them only wait for each other, as small as it is
    torch.manual_seed(seed)
    made = getattr(transformers, f"{name}ForCausalLM")(config).eval()
    with torch.no_grad():
        for weight in made.parameters():
            weight.copy_(torch.randn_like(weight) * (0.3 if weight.dim() > 1 else 0.1))
            if weight.dim() == 1 and not kind.startswith("gemma"):
                weight += 1
    return made


def as_gguf(kind: str, made: Any, path: Path) -> Path:
    config, arch = made.config, architecture(kind)
    writer = gguf.GGUFWriter(str(path), arch)
    writer.add_name("Tiny")  # of one called “phi3” llama.cpp wants certain words
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    head = getattr(config, "head_dim", None) or WIDTH // config.num_attention_heads
    writer.add_key_length(head)
    writer.add_value_length(head)
    writer.add_rope_dimension_count(head)
    rope = config.rope_parameters
    writer.add_rope_freq_base(rope.get("full_attention", rope)["rope_theta"])
    writer.add_file_type(0)
    if kind.startswith("gemma"):
        writer.add_sliding_window(CONTEXT)
    if kind == "gemma2":
        writer.add_attn_logit_softcapping(config.attn_logit_softcapping)
        writer.add_final_logit_softcapping(config.final_logit_softcapping)
    tiny_gguf._add_vocabulary(writer)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH[arch.upper()], LAYERS)
    for name, weight in made.state_dict().items():
        values = weight.float().numpy()
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        if arch == "llama" and name.endswith(("q_proj.weight", "k_proj.weight")):
            heads = config.num_attention_heads
            values = _neighbours(values, heads if "q_proj" in name else config.num_key_value_heads)
        if kind.startswith("gemma") and name.endswith("norm.weight"):
            values = values + 1
        writer.add_tensor(names.get_name(name, try_suffixes=(".weight", ".bias")), values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _neighbours(values: NDArray[Any], heads: int) -> NDArray[Any]:
    """Rows as llama.cpp's rotary embedding wants them: pair by pair, and not half by half."""
    rows = np.arange(len(values)).reshape(heads, 2, -1)
    return values[rows.transpose(0, 2, 1).reshape(-1)].copy()


class Exact:
    """llama.cpp with everything in float32, to compare numbers with."""

    def __init__(self, path: Path, adapter: Path | None = None, scale: float = 1.0) -> None:
        self._quiet = llama_cpp.llama_log_callback(lambda level, text, data: None)
        llama_cpp.llama_log_set(self._quiet, ctypes.c_void_p(0))
        llama_cpp.llama_backend_init()
        how = llama_cpp.llama_model_default_params()
        how.use_extra_bufts = False
        self._model = llama_cpp.llama_model_load_from_file(str(path).encode(), how)
        assert self._model, path
        context = llama_cpp.llama_context_default_params()
        context.n_ctx = context.n_batch = context.n_ubatch = CONTEXT
        context.n_threads = context.n_threads_batch = 1
        context.type_k = context.type_v = 0
        context.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
        self._context = llama_cpp.llama_init_from_model(self._model, context)
        if adapter is not None:
            loaded = llama_cpp.llama_adapter_lora_init(self._model, str(adapter).encode())
            assert loaded, adapter
            all_of = (llama_cpp.llama_adapter_lora_p_ctypes * 1)(loaded)
            scales = (ctypes.c_float * 1)(scale)
            assert llama_cpp.llama_set_adapters_lora(self._context, all_of, 1, scales) == 0
        self._words = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(self._model))

    def logits(self, tokens: Sequence[int]) -> NDArray[np.float32]:
        """(tokens, vocabulary)."""
        batch = llama_cpp.llama_batch_init(len(tokens), 0, 1)
        batch.n_tokens = len(tokens)
        for at, token in enumerate(tokens):
            batch.token[at], batch.pos[at], batch.n_seq_id[at] = token, at, 1
            batch.seq_id[at][0], batch.logits[at] = 0, 1
        assert llama_cpp.llama_decode(self._context, batch) == 0
        llama_cpp.llama_batch_free(batch)
        rows = [llama_cpp.llama_get_logits_ith(self._context, at) for at in range(len(tokens))]
        return np.stack([np.ctypeslib.as_array(row, (self._words,)).copy() for row in rows])

    def close(self) -> None:
        llama_cpp.llama_free(self._context)
        llama_cpp.llama_model_free(self._model)


def torch_logits(made: Any, tokens: Sequence[int]) -> NDArray[np.float32]:
    """(tokens, vocabulary), in float32."""
    with torch.no_grad():
        found: NDArray[np.float32] = made(torch.tensor([list(tokens)])).logits[0].float().numpy()
    return found


def llama_logits(
    path: Path, tokens: Sequence[int], adapter: Path | None = None, scale: float = 1.0
) -> NDArray[np.float32]:
    exact = Exact(path, adapter, scale)
    try:
        return exact.logits(tokens)
    finally:
        exact.close()
