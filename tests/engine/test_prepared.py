"""Models made ready for this computer give what sentence-transformers gives, and start light."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import tiny_models
from numpy.typing import NDArray

from engine.errors import CancelledError, ModelError
from engine.models import prepared, preparing, probe
from engine.models.embedder import Embedder, Reranker, inspect
from engine.models.embedder_service import EmbedderService
from engine.models.folders import look
from engine.models.inputs import Batches, TokenForm, rounded
from engine.models.messages import (
    Describe,
    Embed,
    Embedded,
    EmbedderFacts,
    EmbedderRequest,
    ModelFound,
    Score,
    Scored,
    Unprepared,
)
from engine.models.prepared import FACTS, GRAPH, TOKENS, WEIGHTS, PreparedModel, fast, found, load
from engine.paths import prepared_models_dir, shipped_embedder

pytestmark = [
    pytest.mark.model,
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


class Exchange:
    """Keeps the replies; says stop after ``batches`` looks."""

    def __init__(self, batches: int | None = None) -> None:
        self.replies: list[Any] = []
        self._left = batches

    def reply(self, message: Any) -> None:
        self.replies.append(message)

    @property
    def cancelled(self) -> bool:
        if self._left is None:
            return False
        self._left -= 1
        return self._left < 0


def ask(service: EmbedderService, request: EmbedderRequest) -> Any:
    exchange = Exchange()
    service.handle(request, exchange)  # type: ignore[arg-type]
    (reply,) = exchange.replies
    return reply


def vectors(
    service: EmbedderService, folder: Path, texts: tuple[str, ...], *, queries: bool = False
) -> NDArray[np.float32]:
    reply = ask(service, Embed(str(folder), texts, queries))
    assert isinstance(reply, Embedded)
    return np.frombuffer(reply.vectors, "<f4").reshape(len(texts), -1)


def cosines(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray((one * other).sum(axis=1))


@pytest.fixture(scope="module", autouse=True)
def as_quick() -> Iterator[None]:
    """What is chosen does not hang on what else this computer does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(preparing, "rates", lambda ways, texts: dict.fromkeys(ways, 1.0))
        yield


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.embedder(
        tmp_path_factory.mktemp("tiny") / "Tiny",
        prompts={"query": "query: ", "passage": "passage: "},
    )


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache") / "models"


@pytest.fixture(scope="module")
def service(tiny: Path, cache: Path) -> EmbedderService:
    service = EmbedderService(cache)
    assert ask(service, Describe(str(tiny))) == Unprepared()
    assert isinstance(ask(service, Describe(str(tiny), prepare=True)), EmbedderFacts)
    return service


def test_torch_is_taken_where_it_is_much_quicker() -> None:
    ways = {"torch float32": 100.0, "openvino float32": 80.0, "openvino bfloat16": 90.0}
    assert preparing._best(ways) == "openvino bfloat16"
    assert preparing._best(ways | {"torch bfloat16": 200.0}) == "torch bfloat16"
    assert preparing._best({"torch float32": 1.0}) == "torch float32"


def test_the_quicker_way_has_the_higher_rate() -> None:
    def takes(seconds: float) -> probe.Way:
        def run(inputs: object) -> np.ndarray:
            time.sleep(seconds)
            return np.zeros((1, 1), np.float32)

        return run

    found = probe.rates({"slow": takes(0.05), "quick": takes(0.001)}, ["text"] * 10)
    assert found["quick"] > 2 * found["slow"] > 0


def test_the_facts_are_those_of_the_folder(service: EmbedderService, tiny: Path) -> None:
    facts = ask(service, Describe(str(tiny)))
    assert (facts.name, facts.dimension, facts.max_tokens) == ("Tiny", 32, 64)
    assert {"torch float32", "openvino float32"} <= set(facts.rates)


def test_vectors_are_those_of_sentence_transformers(service: EmbedderService, tiny: Path) -> None:
    texts = tiny_models.TEXTS
    for queries, prompt in ((False, "passage: "), (True, "query: ")):
        rows = vectors(service, tiny, texts, queries=queries)
        wanted = tiny_models.exact(tiny, texts, prompt)
        assert cosines(rows, wanted).min() >= 0.999
    apart = cosines(vectors(service, tiny, texts), vectors(service, tiny, texts, queries=True))
    assert apart.min() < 0.999  # the prompts were really there


def test_in_float32_they_are_the_same(service: EmbedderService, tiny: Path, cache: Path) -> None:
    model = load(look(tiny), cache)
    (place,) = (path for path in cache.iterdir() if path.is_dir())
    assert model.facts.form is not None
    run = fast(place, "float32", model.facts.form, model.facts.width)
    found = run(tiny_models.TEXTS, "passage: ", lambda: False)
    wanted = tiny_models.exact(tiny, tiny_models.TEXTS, "passage: ")
    norms = np.linalg.norm(found, axis=1, keepdims=True)
    assert cosines(found / norms, wanted).min() >= 0.9999


def test_batches_do_not_change_a_vector(service: EmbedderService, tiny: Path) -> None:
    many = tuple(" ".join(["tide"] * (number % 50)) for number in range(70))
    together = vectors(service, tiny, many)
    for number in (0, 1, 33, 49, 69):
        alone = vectors(service, tiny, (many[number],))
        assert cosines(alone, together[number : number + 1]).min() >= 0.999


def test_it_stops_between_two_batches(service: EmbedderService, tiny: Path) -> None:
    exchange = Exchange(batches=3)
    with pytest.raises(CancelledError):
        service.handle(Embed(str(tiny), ("text",) * 100, False), exchange)  # type: ignore[arg-type]
    assert exchange.replies == []
    assert vectors(service, tiny, ("text",)).shape == (1, 32)


class TestKept:
    """What is prepared is used again, unless something about it is no longer so."""

    @pytest.fixture
    def place(self, service: EmbedderService, tiny: Path, cache: Path, tmp_path: Path) -> Path:
        """A cache of one's own, as the first run left it."""
        shutil.copytree(cache, tmp_path / "cache")
        return tmp_path / "cache"

    @pytest.fixture
    def anew(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """What is prepared again."""
        made: list[str] = []

        def prepare(folder: Any, place: Path, stamp: Any) -> PreparedModel:
            made.append(folder.name)
            facts = prepared.Facts(stamp, "", "torch", "float32", 1, 1, {})
            return PreparedModel(folder, facts, lambda inputs, prompt, stop: np.zeros((1, 1)))

        monkeypatch.setattr(prepared, "_kept", prepare)
        return made

    def model_file(self, place: Path, name: str) -> Path:
        (file,) = place.glob(f"*/{name}")
        return file

    def test_it_is_used_again(self, tiny: Path, place: Path, anew: list[str]) -> None:
        assert load(look(tiny), place).facts.width == 32
        assert anew == []

    @pytest.mark.parametrize(
        ("name", "harm"),
        [
            (name, harm)
            for name in (GRAPH, WEIGHTS, TOKENS, FACTS)
            for harm in ("missing", "cut short", "changed")
            if (name, harm) != (WEIGHTS, "changed")  # they are checked by their size alone
        ],
    )
    def test_damage_is_noticed(
        self, name: str, harm: str, tiny: Path, place: Path, anew: list[str]
    ) -> None:
        file = self.model_file(place, name)
        whole = file.read_bytes()
        if harm == "missing":
            file.unlink()
        elif harm == "cut short":
            file.write_bytes(whole[: len(whole) // 2])
        else:
            file.write_bytes(b"\x00" * len(whole))
        load(look(tiny), place)
        assert anew == ["Tiny"]

    def test_another_processor_or_version_wants_another(
        self, tiny: Path, place: Path, anew: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("_processor", "_made_with"):
            with monkeypatch.context() as patch:
                patch.setattr(prepared, name, lambda: "another")
                load(look(tiny), place)
        assert anew == ["Tiny", "Tiny"]

    def test_so_does_a_folder_that_changed(
        self, tiny: Path, place: Path, anew: list[str], tmp_path: Path
    ) -> None:
        changed = tmp_path / "Tiny"
        shutil.copytree(tiny, changed)
        load(look(changed), place)
        assert anew == ["Tiny"]
        before = look(tiny).fingerprint()
        assert look(changed).fingerprint() == before  # where it lies does not matter
        config = changed / "1_Pooling" / "config.json"
        config.write_text(config.read_text().replace("mean", "cls"))
        assert look(changed).fingerprint() != before


def test_a_damaged_cache_is_replaced_whole(tiny: Path, cache: Path, tmp_path: Path) -> None:
    place = tmp_path / "cache"
    shutil.copytree(cache, place)
    (graph,) = place.glob(f"*/{GRAPH}")
    graph.write_bytes(b"")
    left = place / f"{graph.parent.name}-left"  # by a run that was killed
    left.mkdir()
    assert found(look(tiny), place) is None
    load(look(tiny), place)
    assert found(look(tiny), place) is not None
    assert [path for path in place.iterdir() if path.is_dir()] == [graph.parent]


def test_without_openvino_the_old_way_serves(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "engine.models.compiled", raising=False)
    monkeypatch.delattr("engine.models.compiled", raising=False)
    monkeypatch.setitem(sys.modules, "openvino", None)
    for _ in range(2):
        model = load(look(tiny), tmp_path / "cache")
        assert model.facts.engine == "torch"
        found = model.run(tiny_models.TEXTS, "passage: ")
        wanted = tiny_models.exact(tiny, tiny_models.TEXTS, "passage: ")
        norms = np.linalg.norm(found, axis=1, keepdims=True)
        assert cosines(found / norms, wanted).min() >= 0.999
    assert not list((tmp_path / "cache").glob(f"*/{WEIGHTS}"))


def test_a_cache_that_cannot_be_written_costs_speed_only(tiny: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    model = load(look(tiny), blocked / "cache")
    assert model.facts.engine == "torch"
    assert model.run(["text"]).shape == (1, 32)


def test_a_reranker_scores_as_cross_encoder_does(tmp_path: Path, cache: Path) -> None:
    folder = tiny_models.reranker(tmp_path / "Judge")
    service = EmbedderService(cache)
    texts = tuple(text for text in tiny_models.TEXTS if text)
    reply = ask(service, Score(str(folder), "harbours?", texts))
    assert isinstance(reply, Scored)
    wanted = tiny_models.exact_scores(folder, "harbours?", texts)
    assert np.abs(np.array(reply.scores) - wanted).max() <= 0.03 * np.ptp(wanted)
    assert ask(service, Score(str(folder), "harbours?", ())).scores == ()
    with pytest.raises(ModelError, match="no embedder"):
        ask(service, Describe(str(folder)))


# --- through the real child -------------------------------------------------------------------


def test_the_child_serves_added_folders(tiny: Path, tmp_path: Path) -> None:
    embedder = Embedder(str(tiny), background=True)
    try:
        found = embedder.embed(list(tiny_models.TEXTS))
        asked = embedder.query("rope")
    finally:
        embedder.close()
    wanted = tiny_models.exact(tiny, tiny_models.TEXTS, "passage: ")
    assert cosines(found, wanted).min() >= 0.999
    exact = tiny_models.exact(tiny, ("rope",), "query: ")
    assert float(asked.vector @ exact[0]) >= 0.999
    folder = tiny_models.reranker(tmp_path / "Judge")
    seen = inspect(str(folder))
    assert seen == ModelFound("reranker", "Judge", 1, 64, seen.arithmetic)
    judge = Reranker(str(folder))
    try:
        scores = judge.score("rope", ["one", "two words"])
    finally:
        judge.close()
    wanted_scores = tiny_models.exact_scores(folder, "rope", ("one", "two words"))
    assert np.abs(np.array(scores) - wanted_scores).max() <= 0.05


@pytest.fixture
def shipped() -> Iterator[Embedder]:
    embedder = Embedder()
    yield embedder
    embedder.close()


def test_the_shipped_embedder_loses_nothing(shipped: Embedder) -> None:
    found = shipped.embed(list(tiny_models.TEXTS))
    wanted = tiny_models.exact(shipped_embedder(), tiny_models.TEXTS)
    assert cosines(found, wanted).min() >= 0.999


def test_its_memory_stays_bounded(shipped: Embedder) -> None:
    texts = [" ".join(["passage"] * (number % 150)) for number in range(600)]
    shipped.facts()
    shipped.embed(texts[:100])
    process = shipped._child._process
    assert process is not None
    before = psutil.Process(process.pid).memory_info().rss
    for _ in range(3):
        shipped.embed(texts)
    after = psutil.Process(process.pid).memory_info().rss
    assert after - before < 200 << 20
    assert after < 700 << 20


_NO_SENDER = """
import sys
import engine
from pathlib import Path
from engine.models import probe
from engine.models.folders import look
from engine.models.prepared import load
probe.rates = lambda ways, texts: dict.fromkeys(ways, 1.0)  # whatever else this computer does
load(look(Path(sys.argv[1])), Path(sys.argv[2]))
print("torch" in sys.modules, "sentence_transformers" in sys.modules)
print([name for name in sys.modules if name.startswith("openvino_telemetry.")])
"""


def test_nothing_that_sends_is_imported_nor_torch_twice(tiny: Path, tmp_path: Path) -> None:
    def start() -> list[str]:
        command = [sys.executable, "-c", _NO_SENDER, str(tiny), str(tmp_path / "cache")]
        return subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=120
        ).stdout.splitlines()

    assert start() == ["True True", "[]"]
    assert start() == ["False False", "[]"]


# --- folders that are refused -----------------------------------------------------------------


class TestRefused:
    @pytest.fixture
    def folder(self, tiny: Path, tmp_path: Path) -> Path:
        shutil.copytree(tiny, tmp_path / "Copy")
        return tmp_path / "Copy"

    def edit(self, file: Path, **changes: Any) -> None:
        file.write_text(json.dumps(json.loads(file.read_text()) | changes))

    def modules(self, folder: Path, number: int, **changes: Any) -> None:
        file = folder / "modules.json"
        entries = json.loads(file.read_text())
        entries[number] |= changes
        file.write_text(json.dumps(entries))

    def test_pickled_weights(self, folder: Path) -> None:
        (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
        with pytest.raises(ModelError, match="pickled"):
            look(folder)

    def test_pickled_weights_of_a_later_step(self, folder: Path) -> None:
        weights = folder / "2_Dense" / "model.safetensors"
        weights.rename(weights.with_name("pytorch_model.bin"))
        with pytest.raises(ModelError, match="pickled"):
            look(folder)

    @pytest.mark.parametrize(
        "name", ["os.system", "custom.Model", "sentence_transformers.models.CLIPModel", ""]
    )
    def test_unknown_steps(self, folder: Path, name: str) -> None:
        self.modules(folder, 1, type=name)
        with pytest.raises(ModelError, match="does not run"):
            look(folder)

    @pytest.mark.parametrize("where", ["../Elsewhere", "/etc", "..\\x", "C:\\x"])
    def test_paths_that_lead_out(self, folder: Path, where: str) -> None:
        self.modules(folder, 1, path=where)
        with pytest.raises(ModelError, match="outside itself"):
            look(folder)

    def test_program_code_of_its_own(self, folder: Path) -> None:
        self.edit(folder / "config.json", auto_map={"AutoModel": "evil.Model"})
        with pytest.raises(ModelError, match="code of its own"):
            look(folder)

    def test_activations_by_path(self, folder: Path) -> None:
        self.edit(folder / "2_Dense" / "config.json", activation_function="os.abort")
        with pytest.raises(ModelError, match="activation"):
            look(folder)

    def test_a_reranker_of_several_labels(self, tmp_path: Path) -> None:
        with pytest.raises(ModelError, match="3 classes"):
            look(tiny_models.reranker(tmp_path / "Sorter", labels=3))

    def test_what_is_no_model(self, tmp_path: Path) -> None:
        with pytest.raises(ModelError, match="is not there"):
            look(tmp_path / "nowhere")
        with pytest.raises(ModelError, match=r"modules\.json"):
            look(tmp_path)
        file = tmp_path / "model.gguf"
        file.write_bytes(b"GGUF")
        with pytest.raises(ModelError, match="is a file"):
            look(file)

    def test_broken_configurations(self, folder: Path) -> None:
        (folder / "modules.json").write_text("[{")
        with pytest.raises(ModelError, match="cannot be read"):
            look(folder)

    def test_weights_that_are_none(self, folder: Path, cache: Path) -> None:
        (folder / "model.safetensors").write_bytes(b"\x10\x00\x00\x00\x00\x00\x00\x00garbage")
        with pytest.raises(ModelError, match="cannot be loaded"):
            ask(EmbedderService(cache), Describe(str(folder), prepare=True))


def test_few_shapes() -> None:
    assert [rounded(n) for n in (1, 16, 17, 255, 256, 257, 511, 513)] == [
        16, 16, 32, 256, 256, 288, 512, 576,
    ]  # fmt: skip
    shapes = {rounded(length) for length in range(1, 8193)}
    assert len(shapes) < 110


def test_long_texts_come_in_small_batches() -> None:
    tokens = tiny_models._tokenizer().backend_tokenizer.to_str()
    form = TokenForm(2048, pad=0, pad_type=0, pads_left=False, cuts_left=False)
    batches = Batches(tokens, form, ("input_ids", "attention_mask"), rows=8)
    found = list(batches.of(["a " * 1500] * 3 + ["a " * 400] * 5 + ["a"] * 9))
    assert sorted(row for batch in found for row in batch.rows) == list(range(17))
    for batch in found:
        rows, length = batch.arrays["input_ids"].shape
        assert rows in (1, 2, 4, 8)
        assert rows == 1 or rows * length <= 2048


def test_padding_on_the_left() -> None:
    tokens = tiny_models._tokenizer().backend_tokenizer.to_str()
    form = TokenForm(64, pad=7, pad_type=0, pads_left=True, cuts_left=False)
    (batch,) = Batches(tokens, form, ("input_ids", "attention_mask"), rows=8).of(["a", "a a"])
    assert batch.arrays["input_ids"][0, 0] == 7
    assert batch.arrays["attention_mask"][0].tolist() == [0] * 13 + [1] * 3


def test_the_prepared_models_are_in_the_cache_folder() -> None:
    assert Path(os.environ["XDG_CACHE_HOME"]) in prepared_models_dir().parents
