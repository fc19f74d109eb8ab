"""GGUF files that are damaged, of another kind, or made to do harm: one sentence for each."""

from __future__ import annotations

import contextlib
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest

from engine.errors import ModelError
from engine.model_facts import GgufFacts
from engine.models.chat_template import ChatTemplate
from engine.models.gguf_facts import inspect, plain_line
from engine.models.gguf_header import read_header
from engine.models.trying import inspect_generator
from tests.benchmarks.data import bench_data
from tests.engine import tiny_gguf
from tests.engine.tiny_gguf import changed, model, text

ENOUGH = 1 << 34
_LONGEST = 25.0  # seconds, on a machine that others use; a template alone may take two


def _refused(path: Path) -> str:
    started = time.monotonic()
    with pytest.raises(ModelError) as caught:
        inspect_generator(path, ENOUGH)
    assert time.monotonic() - started < _LONGEST
    said = str(caught.value)
    assert said.endswith(".")
    assert len(said) < 500
    assert said.isprintable()
    return said


def _header(*, version: int = 3, tensors: int = 0, keys: int = 0, rest: bytes = b"") -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensors, keys) + rest


def _note(key: str, kind: int, value: bytes) -> bytes:
    return text(key) + struct.pack("<I", kind) + value


HUGE = 1 << 60
BYTES = {
    "nothing": (b"", "not a GGUF"),
    "an old format": (b"ggjt" + bytes(200), "not a GGUF"),
    "a page": (b"<!doctype html><p>Please log in", "not a GGUF"),
    "magic alone": (b"GGUF", "incomplete"),
    "version 1": (_header(version=1, rest=bytes(100)), "version 1"),
    "version 99": (_header(version=99, rest=bytes(100)), "version 99"),
    "big-endian": (b"GGUF" + struct.pack(">IQQ", 3, 1, 1) + bytes(100), "big-endian"),
    "billions of tensors": (_header(tensors=HUGE), "claims"),
    "billions of notes": (_header(keys=HUGE), "claims"),
    "notes that are not there": (_header(keys=1000, rest=text("a")), "incomplete"),
    "a text without end": (_header(keys=1, rest=struct.pack("<Q", HUGE)), "incomplete"),
    "an unknown kind": (_header(keys=1, rest=_note("a", 77, b"")), "unknown kind"),
    "a list without end": (
        _header(keys=1, rest=_note("a", 9, struct.pack("<IQ", 8, HUGE))),
        "claims",
    ),
    "a list of long texts": (
        _header(
            keys=1,
            rest=_note("a", 9, struct.pack("<IQ", 8, 3000)) + struct.pack("<Q", 1 << 40) * 3000,
        ),
        "incomplete",
    ),
    "lists in lists": (_header(keys=1, rest=_note("a", 9, struct.pack("<IQ", 9, 1))), "lists"),
    "a tensor of 2^64 numbers": (
        _header(
            tensors=1,
            rest=text("t") + struct.pack("<IQQIQ", 2, 1 << 40, 1 << 40, 0, 0),
        ),
        "larger than any",
    ),
    "a tensor of 9 dimensions": (_header(tensors=1, rest=text("t") + bytes([9, 0, 0, 0])), "9 dim"),
    "no alignment": (
        _header(keys=1, rest=_note("general.alignment", 4, struct.pack("<I", 0))),
        "laid out",
    ),
    "nothing said": (_header(), "does not say"),
}


@pytest.mark.parametrize("case", BYTES)
def test_what_is_no_model(tmp_path: Path, case: str) -> None:
    content, reason = BYTES[case]
    file = tmp_path / "bad.gguf"
    file.write_bytes(content)
    with pytest.raises(ModelError, match=reason):
        inspect(file)


def test_truncated_anywhere_it_is_incomplete(tmp_path: Path) -> None:
    whole = model(tmp_path / "whole.gguf").read_bytes()
    for end in [*range(5, len(whole) - 4, len(whole) // 60), len(whole) - 4]:
        file = tmp_path / "cut.gguf"
        file.write_bytes(whole[:end])
        with pytest.raises(ModelError, match="incomplete"):
            inspect(file)


def test_any_byte_may_be_wrong(tmp_path: Path) -> None:
    """Whatever the head says, looking into it ends with facts or a sentence."""
    whole = model(tmp_path / "whole.gguf").read_bytes()
    random = np.random.default_rng(7)
    file, refused = tmp_path / "bad.gguf", 0
    for _ in range(400):
        data = bytearray(whole[:12_000])
        for at in random.integers(4, len(data), 3):
            data[at] = random.integers(256)
        file.write_bytes(bytes(data) + whole[len(data) :])
        try:
            facts = inspect(file)
        except ModelError:
            refused += 1
        else:
            assert isinstance(facts, GgufFacts)
            assert facts.name.isprintable()
    assert refused > 20


def _adds(key: str, value: Any) -> Callable[[gguf.GGUFWriter], None]:
    def add(writer: gguf.GGUFWriter) -> None:
        if isinstance(value, str):
            writer.add_string(key, value)
        else:
            writer.add_uint32(key, value)

    return add


OTHERS: dict[str, tuple[dict[str, Any], str]] = {
    "a LoRA": ({"more": _adds("general.type", "adapter")}, "adapter"),
    "a LoRA of old": ({"more": _adds("adapter.type", "lora")}, "adapter"),
    "eyes": ({"architecture": "clip"}, "not a language model"),
    "an embedder": ({"architecture": "bert"}, "embedding model"),
    "a language model made an embedder": ({"more": _adds("llama.pooling_type", 3)}, "embedding"),
    "a reranker": ({"more": _adds("llama.pooling_type", 4)}, "reranker"),
    "a translator": ({"architecture": "t5"}, "encoder-decoder"),
    "a vocabulary": ({"weights": False}, "vocabulary only"),
    "a billion layers": ({"layers": 10**9}, "cannot be true"),
    "no layers": ({"layers": 0}, "cannot be true"),
    "an endless template": ({"template": "x" * 300_000}, "absurd size"),
}


@pytest.mark.parametrize("case", OTHERS)
def test_what_cannot_answer(tmp_path: Path, case: str) -> None:
    how, reason = OTHERS[case]
    with pytest.raises(ModelError, match=reason):
        inspect(model(tmp_path / "other.gguf", **how))


def test_a_sound_one_is_taken(tmp_path: Path) -> None:
    facts, remark = inspect_generator(model(tmp_path / "good.gguf"), ENOUGH)
    assert (facts.architecture, facts.layers, remark) == ("llama", tiny_gguf.LAYERS, "")
    assert facts.parameters > 10_000


def test_without_a_template_there_is_a_remark(tmp_path: Path) -> None:
    facts, remark = inspect_generator(model(tmp_path / "base.gguf", template=None), ENOUGH)
    assert not facts.has_template
    assert "no chat template" in remark


def _nans(values: np.ndarray[Any, Any]) -> None:
    values[:] = np.nan


NATIVE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "an architecture of tomorrow": (
        lambda file: model(file, architecture="llama9"),
        "llama9",
    ),
    "more layers than it has": (lambda file: model(file, layers=9), "cannot load"),
    "no numbers": (lambda file: model(file, spoil=_nans), "no numbers"),
    "a hidden tensor": (
        lambda file: changed(model(file), b"blk.1.ffn_up.weight", b"blk.1.ffn_xx.weight"),
        "cannot load",
    ),
    "no heads": (
        lambda file: changed(
            model(file),
            text("llama.attention.head_count") + struct.pack("<II", 4, tiny_gguf.HEADS),
            text("llama.attention.head_count") + struct.pack("<II", 4, 0),
        ),
        "",
    ),
    "a word too far": (
        lambda file: changed(
            model(file),
            text("tokenizer.ggml.bos_token_id") + struct.pack("<II", 4, 1),
            text("tokenizer.ggml.bos_token_id") + struct.pack("<II", 4, 1 << 30),
        ),
        "",
    ),
    "tensors over each other, out of the file": (
        lambda file: changed(
            model(file),
            text("output.weight") + struct.pack("<I", 2),
            text("output.weight") + struct.pack("<I", 4),
        ),
        "",
    ),
}


@pytest.mark.parametrize("case", NATIVE)
def test_what_llama_cpp_meets(tmp_path: Path, case: str) -> None:
    """Refused with a sentence, also where llama.cpp ends its process; or harmless after all."""
    make, reason = NATIVE[case]
    file = make(tmp_path / "native.gguf")
    if reason:
        assert reason in _refused(file)
        return
    with contextlib.suppress(ModelError):
        inspect_generator(file, ENOUGH)


def test_a_child_that_dies_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """llama.cpp ends the process on an impossible count of layers; nothing but its child does."""
    file = model(tmp_path / "deep.gguf", layers=400, more=_adds("llama.expert_count", 100_000))
    assert "deep.gguf" in _refused(file)


TEMPLATES = {
    "not Jinja": "{% for %}",
    "an unknown filter": "{{ messages | explode }}",
    "endless loops": "{% for a in range(99999) %}{% for b in range(99999) %}"
    "{% for c in range(99999) %}{% endfor %}{% endfor %}{% endfor %}{{ messages[0].content }}",
    "endless words": "{% for a in range(99999) %}{{ 'x' * 900000 }}{% endfor %}",
    "a large number": "{{ 9 ** 9 ** 9 }}",
    "a large text": "{{ 'x' * 9999999999 }}",
    "a padded text": "{{ '%9999999999d' % 1 }}",
    "a formatted text": "{{ '{:>9999999999}'.format(1) }}",
    "doubling": "{% set n = namespace(x='x') %}{% for a in range(60) %}"
    "{% set n.x = n.x ~ n.x %}{% endfor %}{{ n.x }}",
    "doubling lists": "{% set n = namespace(x=[1]) %}{% for a in range(60) %}"
    "{% set n.x = n.x + n.x %}{% endfor %}{{ n.x }}",
    "recursion": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "a way out": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "another way out": "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "a way out by a filter": "{{ messages|attr('__class__') }}",
    "a file": "{% include '/etc/hostname' %}",
    "no place for the question": "Answer: ",
    "an error of its own": "{{ raise_exception('\x1b[31mno\x07\u202e') }}",
}


@pytest.mark.parametrize("case", TEMPLATES)
def test_a_template_in_bounds(case: str) -> None:
    started = time.monotonic()
    with pytest.raises(ModelError, match="chat template") as caught:
        ChatTemplate(TEMPLATES[case], bos="<s>", eos="</s>")
    assert time.monotonic() - started < _LONGEST
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


def test_a_bad_template_is_refused_in_the_child(tmp_path: Path) -> None:
    file = model(tmp_path / "loop.gguf", template=TEMPLATES["endless loops"])
    assert "chat template" in _refused(file)


def test_names_can_be_shown_anywhere(tmp_path: Path) -> None:
    name = "\x1b]0;owned\x07 Nice\u202eledoM \u200b\n\t<b>bold</b> " + "x" * 5000
    facts = inspect(model(tmp_path / "name.gguf", name=name))
    assert facts.name.isprintable()
    assert facts.name.startswith("]0;owned NiceledoM <b>bold</b> xxx")
    assert len(facts.name) <= 100
    raw = changed(model(tmp_path / "raw.gguf", name="Tiny"), text("Tiny"), text(b"\xff\xfeT\x00"))
    assert inspect(raw).name.isprintable()
    assert plain_line("  two\r\nlines\u2028more ") == "two lines more"
    nameless = model(tmp_path / "No name at all.gguf", name="\u200b\x00")
    assert inspect(nameless).name == "No name at all"


def test_a_file_name_is_shown_plainly(tmp_path: Path) -> None:
    file = tmp_path / "\x1b[31mred\n\u202egrue.gguf"
    file.write_bytes(b"GGUF and no more")
    assert "[31mred grue.gguf" in _refused(file)


def test_a_list_is_never_unpacked(tmp_path: Path) -> None:
    header = read_header(model(tmp_path / "tiny.gguf"))
    assert "tokenizer.ggml.scores" in header.metadata
    many = [f"word {n}" for n in range(200_000)]
    large = model(tmp_path / "large.gguf", more=lambda w: w.add_array("carrel.words", many))
    started = time.monotonic()
    assert "carrel.words" not in read_header(large).metadata
    assert time.monotonic() - started < 5


def test_a_real_model_that_babbles() -> None:
    data = bench_data()
    if data is None or not (data / "gguf" / "stories260K.gguf").is_file():
        pytest.skip("the benchmarks' data is not there")
    facts, remark = inspect_generator(data / "gguf" / "stories260K.gguf", ENOUGH)
    assert (facts.name, facts.parameters, facts.context) == ("stories260K", 292_800, 2048)
    assert remark
