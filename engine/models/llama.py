"""One GGUF in memory, through llama.cpp's own interface: tokens in, tokens out.

Only the generator child imports this. The binding's convenience class is not used: it hides the
model parameters and the KV cache that Carrel has to steer.
"""

from __future__ import annotations

import ctypes
import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import llama_cpp

from engine.errors import ModelError
from engine.models.threads import FreeCores

_BATCH = 512
_STEP = 64  # tokens of a prompt between two looks at the wish to stop
_STRETCH = 32  # tokens written between two looks at what cores are free
_REPEAT_WINDOW = 64
_REPEAT_PENALTY = 1.1


@llama_cpp.llama_log_callback  # type: ignore[untyped-decorator, unused-ignore]
def _mute(level: int, text: bytes, data: ctypes.c_void_p) -> None:
    """llama.cpp's chatter is not for the person."""


class Llama:
    """Loads ``path`` with a context of at most ``max_context`` tokens.

    Raises ``ModelError`` where llama.cpp cannot load it.
    """

    def __init__(self, path: Path, max_context: int, threads: int) -> None:
        llama_cpp.llama_log_set(_mute, ctypes.c_void_p(0))
        llama_cpp.llama_backend_init()
        parameters = llama_cpp.llama_model_default_params()
        if b"AMX_INT8 = 1" in llama_cpp.llama_print_system_info():
            # llama.cpp's AMX kernels crash on some quantisations (ggml-org/llama.cpp#20824)
            parameters.use_extra_bufts = False
        self._model = llama_cpp.llama_model_load_from_file(str(path).encode(), parameters)
        if not self._model:
            raise ModelError(
                f"llama.cpp cannot load “{path.name}”: it may be damaged or incomplete, or made "
                "for a newer llama.cpp."
            )
        self._vocabulary = llama_cpp.llama_model_get_vocab(self._model)
        self.bos = int(llama_cpp.llama_vocab_bos(self._vocabulary))
        self.eos = int(llama_cpp.llama_vocab_eos(self._vocabulary))
        adds_bos = self.bos >= 0 and llama_cpp.llama_vocab_get_add_bos(self._vocabulary)
        self.wanted_bos = self.bos if adds_bos else None
        trained = int(llama_cpp.llama_model_n_ctx_train(self._model))
        self.context = min(max_context, trained) if trained > 0 else max_context
        how = llama_cpp.llama_context_default_params()
        how.n_ctx = self.context
        how.n_batch = how.n_ubatch = _BATCH
        how.n_threads = how.n_threads_batch = threads
        # flash attention on a CPU is slower, and rounds differently with another number of threads:
        # the same question would not always get the same answer
        how.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
        self._context = llama_cpp.llama_init_from_model(self._model, how)
        if not self._context:
            llama_cpp.llama_model_free(self._model)
            raise ModelError(f"There is not enough memory for “{path.name}”.")
        self._free = FreeCores(threads)
        self._kept: list[int] = []
        self._adapters: dict[Path, llama_cpp.llama_adapter_lora_p] = {}
        self._applied: tuple[Path, float] | None = None

    def apply(self, adapter: Path | None, scale: float = 1.0) -> None:
        """Apply a GGUF LoRA, or none, to all that follows; what was computed with another is
        forgotten. Raises ``ModelError`` where llama.cpp cannot apply it to this model."""
        wanted = None if adapter is None else (adapter, scale)
        if wanted == self._applied:
            return
        loaded = [] if adapter is None else [self._adapter(adapter)]
        adapters = (llama_cpp.llama_adapter_lora_p_ctypes * len(loaded))(*loaded)
        scales = (ctypes.c_float * len(loaded))(*[scale] * len(loaded))
        if llama_cpp.llama_set_adapters_lora(self._context, adapters, len(loaded), scales) != 0:
            raise ModelError("llama.cpp could not apply the adapter.")
        self._applied = wanted
        self._forget_after(0)

    def _adapter(self, path: Path) -> llama_cpp.llama_adapter_lora_p:
        if path not in self._adapters:
            adapter = llama_cpp.llama_adapter_lora_init(self._model, str(path).encode())
            if not adapter:
                raise ModelError(
                    f"The adapter “{path.name}” cannot be applied: it is damaged, or made for "
                    "another model."
                )
            self._adapters[path] = adapter
        return self._adapters[path]

    def close(self) -> None:
        llama_cpp.llama_free(self._context)
        llama_cpp.llama_model_free(self._model)

    # --- what it is -------------------------------------------------------------------------

    def metadata(self, key: str) -> str:
        """A metadata value as text; empty where there is none."""
        size = 1 << 16
        buffer = ctypes.create_string_buffer(size)
        length = llama_cpp.llama_model_meta_val_str(self._model, key.encode(), buffer, size)
        return buffer.value.decode("utf-8", "replace") if length >= 0 else ""

    def chat_template(self) -> str:
        template = llama_cpp.llama_model_chat_template(self._model, None)
        return template.decode("utf-8", "replace") if template else ""

    def spelling(self, token: int) -> str:
        """How a token is spelled in the vocabulary; empty for none (a negative id)."""
        if token < 0:
            return ""
        text = llama_cpp.llama_vocab_get_text(self._vocabulary, token)
        return text.decode("utf-8", "replace") if text else ""

    # --- text and tokens --------------------------------------------------------------------

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """``special`` reads control tokens' spellings as control tokens; text of documents and
        people is always tokenized without."""
        data = text.encode("utf-8", "replace")
        size = len(data) + 8
        tokens = (llama_cpp.llama_token * size)()
        count = llama_cpp.llama_tokenize(
            self._vocabulary, data, len(data), tokens, size, False, special
        )
        if count < 0:
            raise ModelError("The text is too long for the model's tokenizer.")
        return list(tokens[:count])

    def piece(self, token: int) -> bytes:
        """A token's bytes; control tokens have none."""
        buffer = ctypes.create_string_buffer(256)
        length = llama_cpp.llama_token_to_piece(self._vocabulary, token, buffer, 256, 0, False)
        return buffer.raw[: max(0, length)]

    def ends(self, token: int) -> bool:
        return bool(llama_cpp.llama_vocab_is_eog(self._vocabulary, token))

    # --- writing ----------------------------------------------------------------------------

    def read(self, prompt: Sequence[int], cancelled: Callable[[], bool]) -> int:
        """Bring all but the prompt's last token into the KV cache, in steps short enough that a
        wish to stop is heard; how many tokens were there already.

        The steps are of one size, so that the same prompt is always computed in the same way.
        """
        reused = _common_prefix(self._kept, prompt[:-1])
        self._forget_after(reused)
        reused = len(self._kept)  # recurrent models may have had to forget more
        self._use_free_cores()
        for at in range(reused, len(prompt) - 1, _STEP):
            if cancelled():
                break
            self._decode(prompt[at : min(at + _STEP, len(prompt) - 1)])
        return reused

    def write(self, last: int, temperature: float, seed: int) -> Iterator[int]:
        """Tokens that follow, one by one, without end; ``last`` is the prompt's last token."""
        sampler = self._sampler(temperature, seed)
        try:
            token = last
            for count in itertools.count(1):
                self._decode([token])
                token = llama_cpp.llama_sampler_sample(sampler, self._context, -1)
                yield token
                if count % _STRETCH == 0:
                    self._use_free_cores()
        finally:
            llama_cpp.llama_sampler_free(sampler)

    def _use_free_cores(self) -> None:
        count = self._free.count()
        llama_cpp.llama_set_n_threads(self._context, count, count)

    def _decode(self, tokens: Sequence[int]) -> None:
        array = (llama_cpp.llama_token * len(tokens))(*tokens)
        code = llama_cpp.llama_decode(
            self._context, llama_cpp.llama_batch_get_one(array, len(tokens))
        )
        if code != 0:
            self._forget_after(0)
            raise ModelError(f"llama.cpp could not go on (code {code}).")
        self._kept.extend(tokens)

    def _forget_after(self, length: int) -> None:
        memory = llama_cpp.llama_get_memory(self._context)
        if not llama_cpp.llama_memory_seq_rm(memory, 0, length, -1):
            # recurrent models cannot go back part of the way
            llama_cpp.llama_memory_clear(memory, True)
            length = 0
        del self._kept[length:]

    def _sampler(self, temperature: float, seed: int) -> llama_cpp.llama_sampler_p:
        chain = llama_cpp.llama_sampler_chain_init(llama_cpp.llama_sampler_chain_default_params())
        add = llama_cpp.llama_sampler_chain_add
        size = llama_cpp.llama_vocab_n_tokens(self._vocabulary)
        add(
            chain,
            llama_cpp.llama_sampler_init_penalties(size, _REPEAT_WINDOW, _REPEAT_PENALTY, 0.0, 0.0),
        )
        if temperature <= 0:
            add(chain, llama_cpp.llama_sampler_init_greedy())
            return chain
        add(chain, llama_cpp.llama_sampler_init_top_k(40))
        add(chain, llama_cpp.llama_sampler_init_top_p(0.95, 1))
        add(chain, llama_cpp.llama_sampler_init_temp(temperature))
        add(chain, llama_cpp.llama_sampler_init_dist(seed & 0xFFFFFFFF))
        return chain


def _common_prefix(kept: Sequence[int], prompt: Sequence[int]) -> int:
    length = 0
    for a, b in zip(kept, prompt, strict=False):
        if a != b:
            break
        length += 1
    return length
