"""Adapters on a loaded model: several, each at its scale, and what happens when a file is not
what it was."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import llama_cpp
import pytest

from engine.answers import AppliedAdapter
from engine.applied import described, in_effect, names
from engine.errors import ModelError
from engine.library import Library
from engine.models.generator import Generator
from engine.models.llama import Llama
from engine.models.messages import ChatMessage, Generate, Generated, TokenText
from engine.paths import starter_model
from tests.engine import tiny_gguf
from tests.engine.making import FakeEmbedder
from tests.engine.tiny_lora import STARTER, adapter

pytestmark = pytest.mark.model

TINY = (tiny_gguf.LAYERS, tiny_gguf.WIDTH)


@pytest.fixture(scope="module")
def generator() -> Iterator[Generator]:
    generator = Generator()
    yield generator
    generator.close()


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_gguf.model(tmp_path_factory.mktemp("model") / "tiny.gguf", context=1024)


Write = Callable[..., str]


@pytest.fixture
def write(generator: Generator, tiny: Path) -> Write:
    def written(*adapters: AppliedAdapter) -> str:
        return _asked(generator, tiny, *adapters)[0]

    return written


def _asked(generator: Generator, model: Path, *adapters: AppliedAdapter) -> tuple[str, Generated]:
    request = Generate(str(model), (ChatMessage("user", "Name a colour."),), 16, adapters=adapters)
    *texts, end = generator.generate(request)
    assert isinstance(end, Generated)
    return "".join(text.text for text in texts if isinstance(text, TokenText)), end


def _lora(path: Path, **how: object) -> AppliedAdapter:
    return AppliedAdapter(str(adapter(path, *TINY, **how)))  # type: ignore[arg-type]


def _at(applied: AppliedAdapter, scale: float) -> AppliedAdapter:
    return AppliedAdapter(applied.path, scale)


def test_each_adapter_has_its_scale(write: Write, tmp_path: Path) -> None:
    one, other = (_lora(tmp_path / f"{seed}.gguf", seed=seed, strength=1.0) for seed in (1, 2))
    plain = write()
    texts = [
        plain,
        write(one),
        write(_at(one, 0.5)),
        write(other),
        write(one, other),
        write(one, _at(other, 0.4)),
    ]
    assert len(set(texts)) == len(texts)
    assert write(other, one) == write(one, other)
    assert write(_at(one, 0.0)) == plain
    assert write(one, _at(other, 0.0)) == write(one)
    assert write(_at(one, 0.25), _at(one, 0.25)) == write(_at(one, 0.5))
    assert write() == plain


def test_what_was_read_with_others_is_read_again(
    generator: Generator, tiny: Path, tmp_path: Path
) -> None:
    one = _lora(tmp_path / "one.gguf", strength=1.0)
    _asked(generator, tiny)
    assert _asked(generator, tiny)[1].reused_tokens > 0
    assert _asked(generator, tiny, one)[1].reused_tokens == 0
    assert _asked(generator, tiny, one)[1].reused_tokens > 0
    assert _asked(generator, tiny, _at(one, 0.9))[1].reused_tokens == 0
    assert _asked(generator, tiny, _at(one, 0.0))[1].reused_tokens == 0
    assert _asked(generator, tiny)[1].reused_tokens > 0


def test_the_beginning_is_read_ahead_with_them(
    generator: Generator, tiny: Path, tmp_path: Path
) -> None:
    one = _lora(tmp_path / "one.gguf", strength=1.0)
    system = ChatMessage("system", "Answer from the sources alone, in plain words. " * 3)
    assert generator.prime(tiny, (system,), adapters=(one,))
    asked = (system, ChatMessage("user", "Why?"))
    *_, end = generator.generate(Generate(str(tiny), asked, 2, adapters=(one,)))
    assert isinstance(end, Generated)
    assert end.reused_tokens > 50


def test_a_file_that_changed_is_loaded_anew(write: Write, tmp_path: Path) -> None:
    one = _lora(tmp_path / "one.gguf", strength=1.0)
    before = write(one)
    adapter(tmp_path / "new.gguf", *TINY, seed=9, strength=1.0)
    (tmp_path / "new.gguf").replace(one.path)
    after = write(one)
    assert after not in (before, write())
    other = _lora(tmp_path / "other.gguf", seed=9, strength=1.0)
    assert write(other) == after


def test_a_file_that_went_bad_while_applied_leaves_nothing_behind(
    write: Write, tmp_path: Path
) -> None:
    one = _lora(tmp_path / "one.gguf", strength=1.0)
    plain, changed = write(), write(one)
    whole = Path(one.path).read_bytes()
    Path(one.path).write_bytes(whole[:-64])
    with pytest.raises(ModelError, match="incomplete"):
        write(one)
    assert write() == plain
    Path(one.path).write_bytes(whole)
    assert write(one) == changed
    Path(one.path).unlink()
    with pytest.raises(ModelError, match=r"one\.gguf.*not there any more"):
        write(one)
    assert write() == plain


def _not_a_number(values: object) -> None:
    values[0, 0] = math.nan  # type: ignore[index]


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"kind": "model"}, "another part of a model"),
        ({"alpha": math.nan}, "alpha"),
        ({"only": "lora_a"}, "one half only"),
        ({"spoil": _not_a_number}, "no numbers"),
    ],
)
def test_what_is_wrong_with_it_is_said(
    write: Write, tmp_path: Path, how: dict[str, object], reason: str
) -> None:
    plain = write()
    with pytest.raises(ModelError, match=reason):
        write(_lora(tmp_path / "bad.gguf", **how))
    assert write() == plain


@pytest.mark.parametrize("content", [b"", b"GGUF", b"GGUF" + b"\xff" * 300, b"PK\x03\x04zip"])
def test_what_is_none_is_refused(write: Write, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "style.gguf"
    file.write_bytes(content)
    with pytest.raises(ModelError, match=r"style\.gguf"):
        write(AppliedAdapter(str(file)))
    assert write()


def test_one_for_another_model_is_refused_when_it_is_loaded(
    generator: Generator, tiny: Path, tmp_path: Path
) -> None:
    other = adapter(tmp_path / "other.gguf", *STARTER)
    with pytest.raises(ModelError, match=r"other\.gguf.*another model"):
        generator.load(tiny, adapters=(AppliedAdapter(str(other)),))
    missing = AppliedAdapter(str(tmp_path / "none.gguf"))
    with pytest.raises(ModelError, match=r"none\.gguf"):
        generator.load(tiny, adapters=(missing,))
    assert generator.load(tiny).name == "Tiny"


def test_what_is_no_longer_applied_is_freed(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    freed: list[object] = []
    free = llama_cpp.llama_adapter_lora_free
    monkeypatch.setattr(
        llama_cpp, "llama_adapter_lora_free", lambda one: (freed.append(one), free(one))
    )
    llama = Llama(tiny, 256, 1)
    first, second, third = (_lora(tmp_path / f"{n}.gguf", seed=n) for n in range(3))
    prompt = llama.tokenize("word " * 8, special=False)
    for number, applied in enumerate(
        [(first,), (), (first,), (first, second), (second,), (third,), ()]
    ):
        llama.apply(applied)
        llama.read(prompt, lambda: False)
        assert len(freed) == [0, 0, 0, 0, 1, 2, 2][number]
    llama.close()


@pytest.mark.skipif(not starter_model().is_file(), reason="the starter model is not installed")
def test_the_starter_takes_them_too(generator: Generator, tmp_path: Path) -> None:
    file = AppliedAdapter(str(adapter(tmp_path / "style.gguf", *STARTER)))
    model = starter_model()
    plain = _asked(generator, model)[0]
    assert _asked(generator, model, file)[0] != plain
    assert _asked(generator, model, _at(file, 0.0))[0] == plain


# --- in a library ---------------------------------------------------------------------------

RENT = "How much is the rent?"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("papers")
    (folder / "lease.txt").write_text("The rent is 1,850 euros a month.\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:  # words are enough here
        patch.setattr("engine.library.Embedder", lambda *_, **__: FakeEmbedder(ready=False))
        library = Library.open(tmp_path_factory.mktemp("library") / "Matter.carrel")
    library.add_folder(folder)
    library.index(embed=False)
    yield library
    library.close()


def test_an_adapter_that_goes_while_applied_leaves_the_quotes(
    library: Library, tiny: Path, tmp_path: Path
) -> None:
    one = _lora(tmp_path / "one.gguf", strength=1.0)
    first = library.ask(RENT, model=tiny, adapters=[one])
    assert first.adapter == "one"
    assert first.text
    Path(one.path).unlink()
    second = library.ask(RENT, model=tiny, adapters=[one])
    assert "one.gguf" in second.notice
    assert [c.quote for c in second.citations] == ["The rent is 1,850 euros a month."]
    assert library.ask(RENT, model=tiny).notice == ""


def test_the_next_answer_finds_its_beginning_read(
    library: Library, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "model", lambda: tiny)
    talk = library.new_conversation()
    applied = tuple(_at(_lora(tmp_path / "one.gguf"), scale) for scale in (0.5, 0.6, 0.7))
    ready: list[object] = []
    expect = library._responders.answerer.expect

    def noted(model: Path, adapters: tuple[AppliedAdapter, ...]) -> None:
        expect(model, adapters)
        ready.append(adapters)

    monkeypatch.setattr(library._responders.answerer, "expect", noted)
    held = threading.Event()
    library._warming.submit(held.wait, 10)
    for each in applied:
        library.apply_adapters(talk.id, [each])
    held.set()
    library._warming.submit(int).result(30)
    assert ready == [applied[-1:]]
    assert library.applied(talk.id) == applied[-1:]
    answer = library.ask(RENT, adapters=library.applied(talk.id), conversation_id=talk.id)
    assert answer.timings.reused_tokens > 50
    (kept,) = library.turns(talk.id)
    assert kept.provenance is not None
    assert [(each.name, each.scale) for each in kept.provenance.adapters] == [("one", 0.7)]
    with pytest.raises(ModelError, match="0 to 2"):
        library.apply_adapters(talk.id, [_at(applied[0], 3.0)])


# --- in words -------------------------------------------------------------------------------


def test_how_they_are_called() -> None:
    adapters = (AppliedAdapter("/a/terse.gguf"), AppliedAdapter("/b/x.gguf", 0.5, "Legal"))
    assert names(adapters) == "terse + Legal"
    assert described(adapters) == "terse + Legal at 0.5"


def test_a_scale_is_a_number_from_nought_to_two() -> None:
    for scale in (0.1, 1.0, 2.0):
        assert in_effect([AppliedAdapter("a", scale)])
    assert in_effect([AppliedAdapter("a", 0.0)]) == ()
    for scale in (-0.1, 2.1, math.nan, math.inf):
        with pytest.raises(ModelError, match="0 to 2"):
            in_effect([AppliedAdapter("a", scale)])
