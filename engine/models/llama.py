"""One GGUF in memory, through llama.cpp's own interface: tokens in, tokens out.

Only the generator child imports this. The binding's convenience class is not used: it hides the
model parameters and the KV cache that Carrel has to steer.
"""

from __future__ import annotations

import contextlib
import ctypes
import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import llama_cpp
import numpy as np
from numpy.typing import NDArray

from engine.answers import AppliedAdapter
from engine.errors import CancelledError, ModelError
from engine.models import gguf_facts
from engine.models.choosing import Choose
from engine.models.llama_backends import load_backends
from engine.models.loaded_adapters import LoadedAdapters
from engine.models.threads import FreeCores

_BATCH = 512
_STEP = 64  # tokens of a prompt read at once; larger steps are hardly faster
_GRAIN = 16
_LOOK = 0.25  # seconds between two looks at what cores are free
_LONG = 0.1  # seconds; a token that takes longer is one that must be stopped half-way
_STOPPED = 2  # llama.cpp's code for a decoding that was told to stop
_COMPLAINTS = (b"error loading model: ", b"failed to apply lora adapter: ")
_UNKNOWN = re.compile(r"unknown model architecture: '([^']*)'")


def _never() -> bool:
    return False


class Llama:
    """Loads ``path`` with a context of at most ``max_context`` tokens, onto the graphics card
    where llama.cpp was built for one. ``repack`` rearranges the weights for this processor, which
    takes a second or two for each gigabyte.

    Raises ``ModelError`` where llama.cpp cannot load it, and ``CancelledError`` once ``cancelled``
    says so.
    """

    def __init__(
        self,
        path: Path,
        max_context: int,
        threads: int,
        *,
        repack: bool = True,
        cancelled: Callable[[], bool] = _never,
    ) -> None:
        self._said = ""
        # kept, as the others below: llama.cpp holds no more than their addresses
        self._listens = llama_cpp.llama_log_callback(self._listen)
        llama_cpp.llama_log_set(self._listens, ctypes.c_void_p(0))
        load_backends()
        llama_cpp.llama_backend_init()
        self._stop: Callable[[], bool] = _never
        self._hears = llama_cpp.ggml_abort_callback(lambda data: self._stop())
        self._deaf = llama_cpp.ggml_abort_callback(0)
        self._load(path, max_context, threads, repack, cancelled)
        self._vocabulary = llama_cpp.llama_model_get_vocab(self._model)
        self.bos = int(llama_cpp.llama_vocab_bos(self._vocabulary))
        self.eos = int(llama_cpp.llama_vocab_eos(self._vocabulary))
        adds_bos = self.bos >= 0 and llama_cpp.llama_vocab_get_add_bos(self._vocabulary)
        self.wanted_bos = self.bos if adds_bos else None
        self._words = int(llama_cpp.llama_vocab_n_tokens(self._vocabulary))
        self.parameters = int(llama_cpp.llama_model_n_params(self._model))
        self._free = FreeCores(threads)
        self._looked = 0.0
        self._slow = False
        self._kept: list[int] = []
        self.adapters = LoadedAdapters(self._model, self._context, lambda: self._said)

    def _load(
        self,
        path: Path,
        max_context: int,
        threads: int,
        repack: bool,
        cancelled: Callable[[], bool],
    ) -> None:
        """With all layers on the graphics card, or with half of them or none where they do not
        fit."""
        goes_on = llama_cpp.llama_progress_callback(lambda progress, data: not cancelled())
        parameters = llama_cpp.llama_model_default_params()
        parameters.progress_callback = goes_on
        # llama.cpp's AMX kernels crash on some quantisations (ggml-org/llama.cpp#20824)
        crashes = b"AMX_INT8 = 1" in llama_cpp.llama_print_system_info()
        parameters.use_extra_bufts = repack and not crashes
        layers = [0]
        if llama_cpp.llama_supports_gpu_offload():
            most = gguf_facts.layers(path)
            layers = [most + 1, most // 2, 0]  # one more than there are: the last one's words
        failure = ModelError(f"There is not enough memory for “{path.name}”.")
        for self.gpu_layers in layers:
            parameters.n_gpu_layers = self.gpu_layers
            self._model = llama_cpp.llama_model_load_from_file(str(path).encode(), parameters)
            if cancelled():
                if self._model:
                    llama_cpp.llama_model_free(self._model)
                raise CancelledError("Stopped.")
            if not self._model:
                failure = self._refused(path)
                continue
            trained = int(llama_cpp.llama_model_n_ctx_train(self._model))
            self.context = min(max_context, trained) if trained > 0 else max_context
            how = llama_cpp.llama_context_default_params()
            how.n_ctx = self.context
            how.n_batch = how.n_ubatch = _BATCH
            how.n_threads = how.n_threads_batch = threads
            # flash attention on a CPU is slower, and rounds differently with another number of
            # threads: the same question would not always get the same answer
            how.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
            self._context = llama_cpp.llama_init_from_model(self._model, how)
            if self._context:
                return
            llama_cpp.llama_model_free(self._model)
        raise failure

    def _listen(self, level: int, text: bytes, data: ctypes.c_void_p) -> None:
        """llama.cpp's chatter is not for the person, but its complaint says what is wrong."""
        for complaint in _COMPLAINTS:
            _, complains, reason = text.partition(complaint)
            if complains:
                self._said = reason.decode("utf-8", "replace")

    def _refused(self, path: Path) -> ModelError:
        unknown = _UNKNOWN.search(self._said)
        if unknown:
            return ModelError(
                f"“{path.name}” is of the kind “{gguf_facts.plain_line(unknown[1])}”, which this "
                "Carrel's llama.cpp does not know. It may be newer than this Carrel."
            )
        said = "" if path.name in self._said else gguf_facts.plain_line(self._said, 160)
        return ModelError(
            f"llama.cpp cannot load “{path.name}”: it may be damaged or incomplete, or made for a "
            f"newer llama.cpp{f' (it says: {said})' if said else ''}."
        )

    def apply(self, adapters: Sequence[AppliedAdapter]) -> None:
        """Apply these LoRAs, or none, to all that follows; what was computed with others is
        forgotten. Raises ``ModelError`` where one cannot be applied to this model."""
        if self.adapters.apply(adapters):
            self._forget_after(0)

    def close(self) -> None:
        llama_cpp.llama_free(self._context)
        llama_cpp.llama_model_free(self._model)

    # --- what it is -------------------------------------------------------------------------

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

    def written(self, before: Sequence[int], text: str) -> list[int]:
        """Tokens of a text that follows ``before``: as far as the KV cache spells it there, those
        that are in it; a model's own tokens are often not those of its text read anew."""
        data = text.strip().encode("utf-8", "replace")
        kept, spelled, at = 0, b"", 0
        if self._kept[: len(before)] == before:
            for number, token in enumerate(self._kept[len(before) :], 1):
                spelled += self.piece(token)
                begun = spelled.lstrip()
                if not data.startswith(begun):
                    break
                if begun and not _inside_a_letter(data, len(begun)):
                    kept, at = number, len(begun)
        own = self._kept[len(before) : len(before) + kept]
        rest = data[at:].decode("utf-8")
        return own + (self.tokenize(rest, special=False) if rest else [])

    def piece(self, token: int) -> bytes:
        """A token's bytes; control tokens have none."""
        buffer = ctypes.create_string_buffer(256)
        length = llama_cpp.llama_token_to_piece(self._vocabulary, token, buffer, 256, 0, False)
        return buffer.raw[: max(0, length)]

    def ends(self, token: int) -> bool:
        return bool(llama_cpp.llama_vocab_is_eog(self._vocabulary, token))

    # --- writing ----------------------------------------------------------------------------

    def expect(self) -> None:
        """There will be work in a moment: begin to look at what cores are free."""
        if time.perf_counter() - self._looked >= _LOOK:
            self._free.begin()

    def use_threads(self, most: int) -> None:
        """Compute with at most so many threads from now on."""
        self._free = FreeCores(most)
        self._looked = 0.0

    def holds(self, tokens: Sequence[int]) -> bool:
        """Whether the KV cache begins with these."""
        return _common_prefix(self._kept, tokens) == len(tokens)

    def sound(self) -> bool:
        """Whether what was computed last are numbers."""
        return bool(np.isfinite(self._logits()).all())

    def logits_after(
        self, tokens: Sequence[int], cancelled: Callable[[], bool] = _never
    ) -> NDArray[np.float32]:
        """What is computed for the token after these, one number for each of the vocabulary."""
        self.read(tokens, cancelled)
        self._step(tokens[-1], cancelled)
        return self._logits().copy()

    def forget(self) -> None:
        """Empty the KV cache."""
        self._forget_after(0)

    def read(
        self,
        prompt: Sequence[int],
        cancelled: Callable[[], bool],
        tell: Callable[[int], None] | None = None,
    ) -> int:
        """Bring all but the prompt's last token into the KV cache, unless ``cancelled`` says no
        more; how many tokens were there already. ``tell`` hears how many are after each step.

        A token read alone is rounded otherwise than one among others, and each step therefore
        ends where it always would: the same prompt is computed in the same way, whatever part of
        it was there.
        """
        wanted = prompt[:-1]
        reused = _common_prefix(self._kept, wanted)
        if reused < len(wanted):
            reused -= reused % _GRAIN
        self._forget_after(reused)
        reused = len(self._kept)  # recurrent models may have had to forget more
        with self._stopping(cancelled):
            at = reused
            while at < len(wanted) and not cancelled():
                self._use_free_cores()
                end = min(at - at % _STEP + _STEP, len(wanted))
                if not self._decode(wanted[at:end]):
                    break
                at = end
                if tell is not None:
                    tell(at)
        return reused

    def write(
        self,
        last: int,
        choose: Choose,
        cancelled: Callable[[], bool] = _never,
    ) -> Iterator[int]:
        """Tokens that follow, one by one, until ``choose`` (which is given the logits of the
        whole vocabulary, and may change them) has none or ``cancelled`` says so; ``last`` is the
        prompt's last token."""
        token: int | None = last
        while token is not None and self._step(token, cancelled):
            token = choose(self._logits())
            if token is not None:
                yield token

    def _step(self, token: int, cancelled: Callable[[], bool]) -> bool:
        """Decode one token; whether it was, and not stopped."""
        self._use_free_cores()
        if self._slow:
            with self._stopping(cancelled):
                return self._decode([token])
        started = time.perf_counter()
        done = self._decode([token])
        self._slow = time.perf_counter() - started > _LONG
        return done

    def _logits(self) -> NDArray[np.float32]:
        """Of the token decoded last, one for each of the vocabulary; llama.cpp's own memory."""
        logits = llama_cpp.llama_get_logits_ith(self._context, -1)
        return np.ctypeslib.as_array(logits, (self._words,))

    def _use_free_cores(self) -> None:
        if time.perf_counter() - self._looked >= _LOOK:
            count = self._free.count()
            llama_cpp.llama_set_n_threads(self._context, count, count)
            self._looked = time.perf_counter()

    @contextlib.contextmanager
    def _stopping(self, cancelled: Callable[[], bool]) -> Iterator[None]:
        """Inside, llama.cpp asks between any two operations whether to stop. That costs about a
        millisecond for a decoding, too much where one takes five."""
        self._stop = cancelled
        set_callback = llama_cpp.llama_set_abort_callback
        set_callback(self._context, self._hears, ctypes.c_void_p(0))
        try:
            yield
        finally:
            set_callback(self._context, self._deaf, ctypes.c_void_p(0))
            self._stop = _never

    def _decode(self, tokens: Sequence[int]) -> bool:
        """Whether it was done, and not stopped."""
        array = (llama_cpp.llama_token * len(tokens))(*tokens)
        code = llama_cpp.llama_decode(
            self._context, llama_cpp.llama_batch_get_one(array, len(tokens))
        )
        if code == _STOPPED:
            self._forget_after(len(self._kept))
            return False
        if code != 0:
            self._forget_after(0)
            raise ModelError(f"llama.cpp could not go on (code {code}).")
        self._kept.extend(tokens)
        return True

    def _forget_after(self, length: int) -> None:
        memory = llama_cpp.llama_get_memory(self._context)
        if not llama_cpp.llama_memory_seq_rm(memory, 0, length, -1):
            # recurrent models cannot go back part of the way
            llama_cpp.llama_memory_clear(memory, True)
            length = 0
        del self._kept[length:]


def _inside_a_letter(data: bytes, at: int) -> bool:
    """Whether a cut there would divide a UTF-8 sequence."""
    return at < len(data) and data[at] & 0xC0 == 0x80


def _common_prefix(kept: Sequence[int], prompt: Sequence[int]) -> int:
    length = 0
    for a, b in zip(kept, prompt, strict=False):
        if a != b:
            break
        length += 1
    return length
