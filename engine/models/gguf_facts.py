"""What a GGUF is, read from the heads of its files, and whether it can answer at all."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from engine.errors import ModelError
from engine.model_facts import GgufFacts
from engine.models.gguf_header import Header, Tensor, read_header
from engine.tensor_shapes import TensorGroup, grouped

MAX_CONTEXT = 8192  # tokens that Carrel gives a model that could have more
PROMPT_BATCH = 512

_PART = re.compile(r"^(?P<name>.*)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf$", re.IGNORECASE)
_LONGEST_NAME = 100
_MOST_LAYERS = 512  # llama.cpp ends the process on more
_MOST_WIDTH = 1 << 20
_MOST_HEADS = 1 << 16
_MOST_SHAPES = 500
_PROCESS = 80_000_000  # bytes, before there is any model
_MOST = 1 << 62
_LARGEST_TEMPLATE = 1 << 18
_EMBEDDING_POOLS = (1, 2, 3)  # mean, first, last: as llama.cpp numbers them
_RANKING_POOL = 4
_EMBEDDERS = (
    "bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "jina-bert-v3", "modern-bert",
    "neo-bert", "eurobert", "gemma-embedding", "llama-embed",
)  # fmt: skip
_NOT_LANGUAGE = (
    "clip", "wavtokenizer-dec", "whisper", "flux", "sd1", "sd3", "sdxl", "ltxv", "wan",
)  # fmt: skip
_TWO_HALVES = ("t5", "t5encoder")
_DIFFUSION = ("dream", "llada", "llada-moe", "rnd1", "diffusion-gemma")
_FILE_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K",
    11: "Q3_K_S", 12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S",
    17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS", 20: "IQ2_XS", 21: "Q2_K_S", 22: "IQ3_XS",
    23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S", 29: "IQ2_M",
    30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0", 37: "TQ2_0", 38: "MXFP4", 39: "NVFP4",
    40: "Q1_0",
}  # fmt: skip


def parts(path: Path) -> tuple[Path, ...]:
    """The files of a model, the one that is loaded first: all parts of a split one, whichever
    was named. Raises ``ModelError`` naming the parts that are not there."""
    match = _PART.match(path.name)
    if match is None:
        return (path,)
    count = int(match["count"])
    if not 1 <= int(match["number"]) <= count <= 1000:
        return (path,)
    files = tuple(
        path.with_name(f"{match['name']}-{number:05d}-of-{count:05d}{path.suffix}")
        for number in range(1, count + 1)
    )
    missing = [file.name for file in files if not file.is_file()]
    if missing:
        named = ", ".join(map(plain_line, missing[:3])) + (" and more" if len(missing) > 3 else "")
        raise ModelError(
            f"“{plain_line(path.name)}” is one of {count} parts, and {len(missing)} of them "
            f"{'is' if len(missing) == 1 else 'are'} not beside it: {named}. Put all parts into "
            "one folder."
        )
    return files


def inspect(path: Path) -> GgufFacts:
    """Raises ``ModelError`` with the reason where it is no model that can answer."""
    headers = [read_header(file) for file in parts(path)]
    first = headers[0]
    architecture = plain_line(first.text("general.architecture"))
    _refuse_other_kinds(path, first, architecture)
    split = first.number("split.count")
    if split > 1 and split != len(headers):
        raise ModelError(
            f"“{path.name}” is one of {split} parts and was renamed. Give the parts their own "
            f"names back, ending in -00001-of-{split:05d}.gguf and so on, in one folder."
        )
    for header in headers:
        if header.missing:
            whole = _megabytes(header.size + header.missing)
            raise ModelError(
                f"“{header.path.name}” is incomplete: {_megabytes(header.missing)} of {whole} are "
                "missing. Copy or download it again."
            )
    tensors = [tensor for header in headers for tensor in header.tensors]
    if not tensors:
        raise ModelError(f"“{path.name}” holds a vocabulary only, and no model.")
    layers = first.number(f"{architecture}.block_count")
    width = first.number(f"{architecture}.embedding_length")
    context = first.number(f"{architecture}.context_length")
    if not (0 < layers <= _MOST_LAYERS and 0 < width <= _MOST_WIDTH and 0 <= context < 1 << 31):
        raise ModelError(
            f"“{path.name}” describes itself in a way that cannot be true ({layers} layers of "
            f"width {width}). It is damaged or made to do harm."
        )
    if len(first.text("tokenizer.chat_template")) > _LARGEST_TEMPLATE:
        raise ModelError(f"“{path.name}” has a chat template of an absurd size, and is not used.")
    return GgufFacts(
        name=_name(path, first, architecture),
        architecture=architecture,
        parameters=min(sum(tensor.elements for tensor in tensors), _MOST),
        quantisation=_quantisation(headers),
        size=sum(header.size for header in headers),
        parts=len(headers),
        context=context,
        layers=layers,
        embedding_length=width,
        has_template=bool(first.text("tokenizer.chat_template").strip()),
        licence=plain_line(first.text("general.license.name") or first.text("general.license")),
        languages=tuple(plain_line(text, 20) for text in first.texts("general.languages")[:200]),
        memory=_memory(headers, architecture, width, context),
        heads=heads(first, architecture),
        key_heads=heads(first, architecture, keys=True),
        shapes=_shapes(tensors),
    )


def heads(header: Header, architecture: str, *, keys: bool = False) -> int:
    """How many heads each layer has, or shares ``keys`` among; 0 where it is not said, or not the
    same for all."""
    said = header.metadata.get(f"{architecture}.attention.head_count")
    if keys:
        said = header.metadata.get(f"{architecture}.attention.head_count_kv", said)
    numbers = set(said) if isinstance(said, tuple) else {said}
    number = numbers.pop() if len(numbers) == 1 else 0
    return number if isinstance(number, int) and 0 < number <= _MOST_HEADS else 0


def layers(path: Path) -> int:
    """How many layers a model says it has. Raises ``ModelError``."""
    header = read_header(path)
    return header.number(f"{header.text('general.architecture')}.block_count")


def plain_line(text: str, longest: int = _LONGEST_NAME) -> str:
    """One line that can be shown anywhere: no control characters, no turning of the writing
    direction, nothing invisible, cut to ``longest`` characters."""
    shown = "".join(
        " " if unicodedata.category(letter) in ("Cc", "Zl", "Zp", "Zs") else letter
        for letter in text[: 4 * longest]
        if letter == "\t" or unicodedata.category(letter) not in ("Cf", "Cs", "Co", "Cn")
    )
    line = " ".join(shown.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _refuse_other_kinds(path: Path, header: Header, architecture: str) -> None:
    kind = header.text("general.type").lower()
    pooling = header.metadata.get(f"{architecture}.pooling_type")
    what = ""
    if kind == "adapter" or "adapter.type" in header.metadata:
        what = (
            "is an adapter (LoRA) for a model, not a model that answers by itself: add it under "
            "Adapters"
        )
    elif kind in ("mmproj", "imatrix") or architecture in _NOT_LANGUAGE:
        what = "is not a language model"
    elif architecture in _EMBEDDERS or pooling in _EMBEDDING_POOLS:
        what = (
            "is an embedding model as a GGUF: it cannot write. Embedders are added as "
            "sentence-transformers folders"
        )
    elif pooling == _RANKING_POOL:
        what = (
            "is a reranker as a GGUF: it cannot write. Rerankers are added as folders of "
            "sentence-transformers (CrossEncoder)"
        )
    elif architecture in _TWO_HALVES:
        what = "is a translating (encoder-decoder) model, which cannot hold a conversation"
    elif architecture in _DIFFUSION:
        what = "is a diffusion language model, which Carrel cannot run"
    elif not architecture:
        what = "does not say what kind of model it is"
    if what:
        raise ModelError(f"“{path.name}” {what}.")


def _shapes(tensors: list[Tensor]) -> tuple[TensorGroup, ...]:
    found = grouped((tensor.name, tensor.shape) for tensor in tensors)
    return found if len(found) <= _MOST_SHAPES else ()


def _quantisation(headers: list[Header]) -> str:
    said = headers[0].metadata.get("general.file_type")
    if isinstance(said, int) and said in _FILE_TYPES:
        return _FILE_TYPES[said]
    sizes: dict[str, int] = {}
    for tensor in (tensor for header in headers for tensor in header.tensors):
        sizes[tensor.type] = sizes.get(tensor.type, 0) + tensor.size
    return max(sizes, key=sizes.__getitem__)


def _memory(headers: list[Header], architecture: str, width: int, context: int) -> int:
    """The process itself, the weights, the keys and values of a full context in 16 bits, and room
    to compute in: a batch's activations, a dozen times, and one token's logits, in 32 bits."""
    first = headers[0]
    weights = sum(tensor.size for header in headers for tensor in header.tensors)
    tokens = min(MAX_CONTEXT, context or MAX_CONTEXT)
    heads = first.number(f"{architecture}.attention.head_count") or 1
    key = first.number(f"{architecture}.attention.key_length") or width // heads
    value = first.number(f"{architecture}.attention.value_length") or width // heads
    layers = first.number(f"{architecture}.block_count")
    said = first.metadata.get(f"{architecture}.attention.head_count_kv", heads)
    each = (
        sum(n for n in said if isinstance(n, int))
        if isinstance(said, tuple)
        else (said if isinstance(said, int) else heads) * layers
    )
    cache = each * (key + value) * 2 * tokens
    tensors = (tensor for header in headers for tensor in header.tensors)
    words = max((t.elements for t in tensors if t.name == "token_embd.weight"), default=0)
    inner = first.number(f"{architecture}.feed_forward_length")
    computing = 4 * (words // width + PROMPT_BATCH * (12 * width + 3 * inner))
    return max(0, min(_PROCESS + weights + cache + computing, _MOST))


def _name(path: Path, header: Header, architecture: str) -> str:
    """What it calls itself, unless that is no name; else what its file is called."""
    name = plain_line(header.text("general.name"))
    if name.lower() not in ("", architecture.lower(), "model"):
        return name
    match = _PART.match(path.name)
    return plain_line(match["name"] if match else path.stem) or "Nameless"


def _megabytes(size: int) -> str:
    return f"{max(1, round(size / 1e6)):,} MB"
