"""The list of adapters: looking, matching, converting, adding, naming, removing, and what became of
their files."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from engine.adapter_facts import AdapterFacts, AdapterForm, AdapterMatch
from engine.adapters import catalogue as catalogue_module
from engine.adapters.catalogue import Adapters
from engine.adapters.matching import match
from engine.answers import AppliedAdapter
from engine.errors import CancelledError, CarrelError, ModelError
from engine.models import gguf_facts, gguf_lora
from engine.models.catalogue import STARTER_NAME, Catalogue
from engine.models.generator import Generator
from engine.models.messages import ChatMessage, Generate
from engine.paths import starter_model
from engine.settings import QUOTES_ONLY, SettingsFile
from engine.workers import CancelToken
from tests.benchmarks.data import bench_data
from tests.engine import tiny_adapters, tiny_gguf

needs_starter = pytest.mark.skipif(
    not starter_model().is_file(), reason="the starter model is not installed (make test does)"
)


@pytest.fixture
def settings(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path / "settings.json")


@pytest.fixture
def catalogue(settings: SettingsFile) -> Catalogue:
    return Catalogue(settings)


@pytest.fixture
def adapters(settings: SettingsFile, catalogue: Catalogue, tmp_path: Path) -> Adapters:
    return Adapters(settings, catalogue, copies=tmp_path / "copies", shipped=tuple)


@pytest.fixture
def untried(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of what comes after: to try each adapter on its model takes a second."""
    monkeypatch.setattr(catalogue_module, "try_adapter", lambda adapter, model, cancel: 1.0)


@pytest.fixture
def model(catalogue: Catalogue, tmp_path: Path) -> Path:
    """A model that answers, in the list."""
    file = tiny_gguf.model(tmp_path / "tiny.gguf", name="Tiny Llama")
    catalogue.add(file)
    catalogue.choose(str(file))
    return file


def test_a_gguf_is_used_where_it_lies(
    adapters: Adapters, settings: SettingsFile, catalogue: Catalogue, model: Path, tmp_path: Path
) -> None:
    file = tiny_adapters.lora(tmp_path / "it.gguf")
    entry = adapters.add(file)
    assert (entry.name, entry.place, entry.origin) == ("Tiny adapter", str(file), str(file))
    assert not entry.copied
    assert entry.match is not None
    assert entry.match.fits
    again = Adapters(settings, catalogue, copies=tmp_path / "copies", shipped=tuple)
    assert again.entries() == (entry,)

    with pytest.raises(CarrelError, match="needs a name"):
        adapters.rename(entry.place, " \n")
    adapters.rename(entry.place, " The\nterse one ")
    assert adapters.named("The terse one").place == entry.place
    assert adapters.add(file).name == "The terse one"
    assert adapters.named(str(file)).name == "The terse one"
    catalogue.digest(file)
    assert len(adapters.entry(str(file)).digest) == 64

    adapters.remove(entry.place)
    assert file.is_file()
    assert adapters.entries() == ()
    assert settings.load().digests == {}
    with pytest.raises(CarrelError, match="no longer in the list"):
        adapters.remove(entry.place)


def test_what_peft_saved_is_converted_and_the_copy_is_ours(
    adapters: Adapters, model: Path, untried: None, tmp_path: Path
) -> None:
    folder = tiny_adapters.peft(tmp_path / "Pirate")
    checked = adapters.check(folder)
    assert checked.facts.form is AdapterForm.PEFT
    assert checked.match is not None
    assert checked.match.fits
    assert not (tmp_path / "copies").exists()

    entry = adapters.add(folder)
    assert (entry.name, entry.origin, entry.copied) == ("Pirate", str(folder), True)
    place = Path(entry.place)
    assert tmp_path / "copies" in place.parents
    facts = gguf_lora.inspect(place)
    assert (facts.architecture, facts.base, facts.layers) == ("llama", "Tiny-Llama", 2)
    assert (facts.heads, facts.key_heads) == (tiny_gguf.HEADS, tiny_gguf.HEADS)

    other = adapters.add(tiny_adapters.peft(tmp_path / "other" / "Pirate", seed=9))
    assert other.name == "Pirate 2"
    with pytest.raises(CarrelError, match="already"):
        adapters.rename(other.place, "Pirate")
    with pytest.raises(CarrelError, match="no adapter “Three”"):
        adapters.named("Three")
    again = adapters.add(folder)  # trained anew, say
    assert again.name == "Pirate"
    assert not place.exists()
    assert {entry.place for entry in adapters.entries()} == {again.place, other.place}
    for each in (again, other):
        adapters.remove(each.place)
    assert not (tmp_path / "copies").exists()
    assert folder.is_dir()


def test_a_file_that_is_gone_or_changed_is_told_of(
    adapters: Adapters, model: Path, untried: None, tmp_path: Path
) -> None:
    file = tiny_adapters.lora(tmp_path / "it.gguf")
    place = adapters.add(file).place
    tiny_adapters.lora(file, rank=3)
    assert "has changed" in adapters.entry(place).problem
    file.unlink()
    assert "not there" in adapters.entry(place).problem
    copy = Path(adapters.add(tiny_adapters.peft(tmp_path / "It")).place)
    copy.unlink()
    assert "Add the adapter again" in adapters.entry(str(copy)).problem
    adapters.remove(place)
    adapters.remove(str(copy))
    assert adapters.entries() == ()


def test_what_ships_is_there_and_stays(
    settings: SettingsFile, catalogue: Catalogue, model: Path, tmp_path: Path
) -> None:
    own = tiny_adapters.lora(tmp_path / "own.gguf")
    adapters = Adapters(settings, catalogue, shipped=lambda: (own,))
    (entry,) = adapters.entries()
    assert (entry.name, entry.shipped, entry.place) == ("Tiny adapter", True, str(own))
    assert adapters.add(own) == entry
    for refused in (adapters.remove, lambda place: adapters.rename(place, "Mine")):
        with pytest.raises(CarrelError, match="is a part of Carrel"):
            refused(entry.place)
    assert settings.load().adapters == ()


def test_nothing_is_left_of_what_fails_or_is_stopped(
    adapters: Adapters, model: Path, tmp_path: Path
) -> None:
    wide = tiny_adapters.peft(tmp_path / "Wide", width=48)
    with pytest.raises(ModelError, match="width 48"):
        adapters.add(wide)
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        adapters.add(tiny_adapters.peft(tmp_path / "It"), cancel=cancel)
    with pytest.raises(ModelError, match="no file or folder"):
        adapters.add(tmp_path / "nothing")
    assert not (tmp_path / "copies").exists()
    assert adapters.entries() == ()


def test_a_model_that_is_not_chosen_serves_for_converting(
    adapters: Adapters, catalogue: Catalogue, model: Path, tmp_path: Path
) -> None:
    catalogue.choose("")
    entry = adapters.add(tiny_adapters.peft(tmp_path / "It"))
    assert entry.match is None  # no model answers
    (with_it,) = adapters.entries(model)
    assert with_it.match == AdapterMatch("Tiny Llama")


def test_converting_to_a_file(adapters: Adapters, settings: SettingsFile, tmp_path: Path) -> None:
    settings.update(model=QUOTES_ONLY)
    folder = tiny_adapters.peft(tmp_path / "It")
    out = tmp_path / "it.gguf"
    with pytest.raises(ModelError, match="made for: Tiny-Llama, 2 layers of width 32"):
        adapters.convert(folder, out, model=None)
    other = tiny_gguf.model(tmp_path / "other.gguf", layers=1)
    with pytest.raises(ModelError, match="2 layers of width 32; Tiny has 1 of width 32"):
        adapters.convert(folder, out, model=other)
    assert not out.exists()
    facts = adapters.convert(folder, out, model=tiny_gguf.model(tmp_path / "tiny.gguf"))
    assert facts.architecture == "llama"
    assert gguf_lora.inspect(out).pairs == facts.pairs == 4
    with pytest.raises(ModelError, match="is a GGUF already"):
        adapters.convert(out, tmp_path / "again.gguf")
    with pytest.raises(ModelError, match="no model"):
        adapters.check(folder, tmp_path / "it.gguf")


# --- matching -------------------------------------------------------------------------------

HERE = "Tiny"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[AdapterFacts, gguf_facts.GgufFacts]:
    folder = tmp_path_factory.mktemp("pair")
    adapter = gguf_lora.inspect(tiny_adapters.lora(folder / "adapter.gguf"))
    return replace(adapter, base=HERE), gguf_facts.inspect(tiny_gguf.model(folder / "model.gguf"))


def test_each_mismatch_is_a_sentence(
    pair: tuple[AdapterFacts, gguf_facts.GgufFacts],
) -> None:
    adapter, model = pair
    assert match(adapter, model) == AdapterMatch(HERE)

    def problems(**changes: object) -> str:
        found = match(replace(adapter, **changes), model)  # type: ignore[arg-type]
        assert not found.fits
        assert not found.remarks
        return " ".join(found.problems)

    said = problems(base="Qwen/Qwen2.5-0.5B", layers=24, width=896)
    assert said == "It was made for Qwen2.5-0.5B, 24 layers of width 896; Tiny has 2 of width 32."
    assert "kind “qwen2”, and Tiny is of the kind “llama”" in problems(architecture="qwen2")
    assert "a model that it does not name" in problems(base="", layers=3)
    assert "8 attention heads; Tiny has 4" in problems(heads=8)
    assert "2 heads that share keys; Tiny has 4" in problems(key_heads=2)
    (group,) = adapter.shapes
    assert "“attn_qkv”, which Tiny does not have." in problems(
        shapes=(replace(group, kind="attn_qkv"),)
    )
    assert "it has 32 → 64; that of Tiny is 32 → 32" in problems(
        shapes=(replace(group, outputs=64),)
    )
    assert "does not have in layer 2" in problems(shapes=(replace(group, blocks=((1, 2),)),))
    many = tuple(replace(group, kind=f"other_{n}") for n in range(9))
    assert "6 more of its kinds of tensors do not fit." in problems(shapes=many)
    tied = replace(model, shapes=tuple(g for g in model.shapes if g.kind != "output"))
    last = replace(adapter, shapes=(replace(group, kind="output", blocks=()),))
    assert "shares its words' weights" in match(last, tied).problems[0]
    old = replace(model, shapes=())  # looked into before shapes were kept
    assert match(adapter, old).fits
    assert not match(replace(adapter, width=64), old).fits


def test_what_fits_may_still_be_remarked_on(
    pair: tuple[AdapterFacts, gguf_facts.GgufFacts],
) -> None:
    adapter, model = pair

    def remarks(base: str, called: str = "", **changes: object) -> str:
        found = match(replace(adapter, base=base, **changes), model, called)  # type: ignore[arg-type]
        assert found.fits
        return " ".join(found.remarks)

    assert remarks("org/SmolLM2-135M-Instruct", "SmolLM2 135M Instruct (Q4_1)") == ""
    assert remarks("org/SmolLM2-135M-Instruct", "smollm2-135m-instruct-GGUF") == ""
    assert "trained further" in remarks("SmolLM2-135M", "SmolLM2-135M-Instruct")
    assert "another model" in remarks("SmolLM2-360M", "SmolLM2-135M")
    assert "does not say for which model" in remarks("")
    assert "quantised" in remarks("unsloth/Tiny-bnb-4bit")
    assert "begin with: “Ahoy!”" in remarks("Tiny", prompt="Ahoy!")
    half = replace(model, layers=4)
    assert "first 2 of 4 layers" in match(replace(adapter, layers=2), half).remarks[0]


# --- applied --------------------------------------------------------------------------------


def test_an_adapter_deleted_while_applied_is_a_sentence(model: Path, tmp_path: Path) -> None:
    file = tiny_adapters.lora(tmp_path / "it.gguf")
    generator = Generator()
    try:

        def write(*adapters: AppliedAdapter) -> str:
            messages = (ChatMessage("user", "Good morning."),)
            request = Generate(str(model), messages, 4, adapters=adapters)
            return "".join(getattr(reply, "text", "") for reply in generator.generate(request))

        plain, applied = write(), write(AppliedAdapter(str(file), 4.0))
        assert plain != applied
        file.unlink()
        with pytest.raises(ModelError, match="not there any more"):
            write(AppliedAdapter(str(file), 4.0))
        assert write() == plain
        with pytest.raises(ModelError, match="is a model, not an adapter"):
            write(AppliedAdapter(str(model)))
    finally:
        generator.close()


# --- real ones ------------------------------------------------------------------------------


def _real(*parts: str) -> Path:
    data = bench_data()
    folder = data.joinpath("lora", *parts) if data else None
    if folder is None or not folder.exists():
        pytest.skip("the real adapters (shared/data/lora) are not here")
    return folder


@needs_starter
@pytest.mark.parametrize(
    ("parts", "kind", "layers", "width", "targets", "base"),
    [
        (
            ("qwen2.5-0.5b-instruct_r8_qv",),
            "qwen2",
            24,
            896,
            {"attn_q": (896, 896), "attn_v": (896, 128)},
            "Qwen2.5-0.5B-Instruct",
        ),
        (
            ("gemma-3-270m_svg", "adapter"),
            "gemma3",
            18,
            640,
            {
                "attn_q": (640, 1024),
                "attn_k": (640, 256),
                "attn_v": (640, 256),
                "attn_output": (1024, 640),
            },
            "gemma3-270m-it",
        ),
    ],
    ids=["Qwen", "Gemma"],
)
def test_real_adapters_convert_and_are_refused_for_the_starter(
    parts: tuple[str, ...],
    kind: str,
    layers: int,
    width: int,
    targets: dict[str, tuple[int, int]],
    base: str,
    adapters: Adapters,
) -> None:
    entry = adapters.add(_real(*parts))
    made = gguf_lora.inspect(Path(entry.place))
    assert (made.architecture, made.layers, made.width, made.base) == (kind, layers, width, base)
    assert made.pairs == layers * len(targets)
    shapes = {group.kind: group for group in made.shapes}
    assert {name: group.shape[:2] for name, group in shapes.items()} == targets
    assert all(group.blocks == ((0, layers - 1),) for group in shapes.values())
    assert entry.match is not None
    assert entry.match.model == STARTER_NAME
    assert entry.match.problems[0] == (
        f"It was made for {base}, {layers} layers of width {width}; {STARTER_NAME} has 30 of "
        "width 576."
    )
    started = time.perf_counter()
    adapters.entries()
    assert time.perf_counter() - started < 0.5


def test_the_real_classifier_is_refused_by_name(adapters: Adapters) -> None:
    with pytest.raises(ModelError, match=r"sequence classification, SEQ_CLS"):
        adapters.check(_real("gpt2_cls"))
