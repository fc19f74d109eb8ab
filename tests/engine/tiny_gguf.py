"""GGUF files made by code: a llama of a few thousand random weights that really runs, and the
same with anything in it changed for the worse."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import numpy as np

WIDTH, INNER, HEADS, LAYERS = 32, 64, 4, 2
CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_CONTROL = ("<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>")


def model(
    path: Path,
    *,
    name: str = "Tiny",
    template: str | None = CHATML,
    architecture: str = "llama",
    layers: int = LAYERS,
    context: int = 512,
    weights: bool = True,
    spoil: Callable[[np.ndarray[Any, Any]], None] | None = None,
    more: Callable[[gguf.GGUFWriter], None] | None = None,
    seed: int = 1,
) -> Path:
    """``layers`` is what it claims to have; ``spoil`` may change any weights, and ``more`` write
    further metadata."""
    writer = gguf.GGUFWriter(str(path), architecture)
    writer.add_name(name)
    writer.add_license("mit")
    writer.add_languages(["en", "de"])
    writer.add_context_length(context)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_file_type(0)
    _add_vocabulary(writer)
    if template is not None:
        writer.add_chat_template(template)
    if more is not None:
        more(writer)
    if weights:
        random = np.random.default_rng(seed)
        for tensor, shape in _shapes().items():
            values = random.normal(0, 0.3, shape).astype(np.float32)
            if tensor.endswith("norm.weight"):
                values[:] = 1
            if spoil is not None:
                spoil(values)
            writer.add_tensor(tensor, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def changed(path: Path, before: bytes, after: bytes) -> Path:
    """The file with some bytes replaced, all of one length."""
    data = path.read_bytes()
    assert len(before) == len(after)
    assert before in data
    path.write_bytes(data.replace(before, after, 1))
    return path


def split(path: Path, parts: int) -> list[Path]:
    """The model in several files, as llama.cpp's own splitter names and marks them."""
    reader = gguf.GGUFReader(str(path))
    stem = path.with_suffix("")
    files = [Path(f"{stem}-{n + 1:05d}-of-{parts:05d}.gguf") for n in range(parts)]
    for number, file in enumerate(files):
        writer = gguf.GGUFWriter(str(file), "llama")
        if number == 0:
            for field in reader.fields.values():
                if not field.name.startswith(("GGUF.", "general.architecture")):
                    kind = field.types[0]
                    inner = field.types[-1] if kind is gguf.GGUFValueType.ARRAY else None
                    writer.add_key_value(field.name, field.contents(), kind, sub_type=inner)
        writer.add_uint16("split.no", number)
        writer.add_uint16("split.count", parts)
        writer.add_int32("split.tensors.count", len(reader.tensors))
        for tensor in reader.tensors[number::parts]:
            writer.add_tensor(tensor.name, np.array(tensor.data))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
    path.unlink()
    return files


def text(value: str | bytes) -> bytes:
    """As GGUF stores a text: its length in bytes first."""
    data = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(data)) + data


def _shapes() -> dict[str, tuple[int, ...]]:
    size = len(_words())
    shapes: dict[str, tuple[int, ...]] = {"token_embd.weight": (size, WIDTH)}
    for block in range(LAYERS):
        for name, shape in (
            ("attn_norm", (WIDTH,)),
            ("attn_q", (WIDTH, WIDTH)),
            ("attn_k", (WIDTH, WIDTH)),
            ("attn_v", (WIDTH, WIDTH)),
            ("attn_output", (WIDTH, WIDTH)),
            ("ffn_norm", (WIDTH,)),
            ("ffn_gate", (INNER, WIDTH)),
            ("ffn_up", (INNER, WIDTH)),
            ("ffn_down", (WIDTH, INNER)),
        ):
            shapes[f"blk.{block}.{name}.weight"] = shape
    return shapes | {"output_norm.weight": (WIDTH,), "output.weight": (size, WIDTH)}


def _words() -> list[str]:
    pairs = ["th", "he", "in", "er", "an", "▁t", "▁a", "the", "▁the", "and", "ing"]
    letters = ["▁", *(chr(code) for code in range(33, 127))]
    return [*_CONTROL, *(f"<0x{byte:02X}>" for byte in range(256)), *letters, *pairs]


def _add_vocabulary(writer: gguf.GGUFWriter) -> None:
    words = _words()
    kinds = [gguf.TokenType.NORMAL] * len(words)
    for number in range(len(_CONTROL)):
        kinds[number] = gguf.TokenType.CONTROL
    kinds[0] = gguf.TokenType.UNKNOWN
    for number in range(len(_CONTROL), len(_CONTROL) + 256):
        kinds[number] = gguf.TokenType.BYTE
    writer.add_tokenizer_model("llama")
    writer.add_token_list(words)
    writer.add_token_scores([-float(number) for number in range(len(words))])
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(4)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(True)
