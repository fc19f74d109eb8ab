"""The list of models: what is added, copied, chosen, measured, removed, and what has changed."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import CancelledError, CarrelError, ModelError
from engine.library import Library
from engine.models import catalogue as module
from engine.models.catalogue import SHIPPED_NAME, STARTER_NAME, Catalogue
from engine.models.entries import Fit, ModelKind
from engine.paths import starter_model
from engine.settings import SettingsFile
from engine.workers import CancelToken
from tests.engine import tiny_gguf, tiny_models

GB = 1 << 30
needs_starter = pytest.mark.skipif(
    not starter_model().is_file(), reason="the starter model is not installed (make test does)"
)


@pytest.fixture
def settings(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path / "settings.json")


@pytest.fixture
def catalogue(settings: SettingsFile, tmp_path: Path) -> Catalogue:
    return _catalogue(settings, tmp_path)


def _catalogue(settings: SettingsFile, folder: Path, free: int = 8 * GB) -> Catalogue:
    return Catalogue(settings, copies=folder / "copies", memory=lambda: (16 * GB, free))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tiny_gguf.model(tmp_path / "tiny.gguf")


@needs_starter
def test_what_ships_is_there_and_stays(catalogue: Catalogue, settings: SettingsFile) -> None:
    starter, embedder = catalogue.entries()
    assert (starter.name, starter.shipped, starter.chosen) == (STARTER_NAME, True, True)
    assert starter.facts is not None
    assert 130e6 < starter.facts.parameters < 140e6
    assert (starter.facts.quantisation, starter.facts.has_template) == ("Q4_1", True)
    assert (embedder.name, embedder.kind, embedder.place) == (SHIPPED_NAME, ModelKind.EMBEDDER, "")
    for entry in (starter, embedder):
        with pytest.raises(CarrelError, match="cannot be removed"):
            catalogue.remove(entry.place)
    assert catalogue.add(starter_model()) == starter
    catalogue.choose("")
    assert catalogue.chosen_generator() is None
    catalogue.choose(starter.place)
    assert catalogue.chosen_generator() == starter_model()
    assert settings.load().model == ""


def test_a_model_is_used_where_it_lies(
    catalogue: Catalogue, settings: SettingsFile, tmp_path: Path, file: Path
) -> None:
    entry = catalogue.add(file)
    assert (entry.name, entry.place, entry.copied) == ("Tiny", str(file), False)
    assert entry.facts is not None
    assert (entry.facts.licence, entry.facts.languages) == ("mit", ("en", "de"))
    assert (entry.facts.context, entry.facts.layers) == (512, tiny_gguf.LAYERS)
    assert entry.facts.size == file.stat().st_size
    assert entry.fit is Fit.FITS
    catalogue.choose(entry.place)
    assert catalogue.chosen_generator() == file
    again = _catalogue(settings, tmp_path).entry(str(file))  # remembered, and nothing looked into
    assert again == replace(entry, chosen=True)

    catalogue.remove(entry.place)
    assert file.exists()
    assert entry.place not in {each.place for each in catalogue.entries()}
    assert catalogue.chosen_generator() != file
    with pytest.raises(CarrelError, match="no longer"):
        catalogue.choose(entry.place)


def test_a_copy_is_carrels_own(catalogue: Catalogue, tmp_path: Path, file: Path) -> None:
    told: list[tuple[int, int]] = []
    entry = catalogue.add(file, copy=True, on_progress=lambda *each: told.append(each))
    copy = Path(entry.place)
    size = file.stat().st_size
    assert told[-1] == (size, size)
    assert entry.copied
    assert copy.is_relative_to(tmp_path / "copies")
    assert copy.read_bytes() == file.read_bytes()
    assert entry.digest == hashlib.sha256(file.read_bytes()).hexdigest()
    assert catalogue.add(copy).copied  # adding what is a copy already changes nothing
    catalogue.remove(entry.place)
    assert file.exists()
    assert not copy.parent.exists()


def test_a_stopped_copy_leaves_nothing(catalogue: Catalogue, tmp_path: Path, file: Path) -> None:
    cancel = CancelToken()
    with file.open("ab") as grown:
        grown.truncate(20 << 20)
    with pytest.raises(CancelledError):
        catalogue.add(file, copy=True, on_progress=lambda *_: cancel.cancel(), cancel=cancel)
    assert list((tmp_path / "copies").iterdir()) == []
    assert str(file) not in {entry.place for entry in catalogue.entries()}


def test_a_full_disk_is_said(
    catalogue: Catalogue, tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("engine.models.copying.shutil.disk_usage", lambda _: usage)
    with pytest.raises(ModelError, match="not enough space"):
        catalogue.add(file, copy=True)
    assert list((tmp_path / "copies").iterdir()) == []


def test_a_split_model_is_one(catalogue: Catalogue, file: Path, tmp_path: Path) -> None:
    parts = tiny_gguf.split(file, 3)
    entry = catalogue.add(parts[1], copy=True)
    assert entry.facts is not None
    assert (entry.facts.parts, Path(entry.place).name) == (3, parts[0].name)
    data = b"".join(part.read_bytes() for part in parts)
    assert entry.digest == hashlib.sha256(data).hexdigest()
    assert catalogue.digest(parts[2]) == entry.digest
    Path(entry.place).with_name(parts[2].name).unlink()
    assert parts[2].name in catalogue.entry(entry.place).problem

    parts[1].unlink()
    with pytest.raises(ModelError, match=parts[1].name):
        catalogue.add(parts[0])
    renamed = parts[0].rename(tmp_path / "renamed.gguf")
    with pytest.raises(ModelError, match="renamed"):
        catalogue.add(renamed)


def test_names_are_given_once(catalogue: Catalogue, tmp_path: Path) -> None:
    names = [catalogue.add(tiny_gguf.model(tmp_path / f"{n}.gguf", seed=n)).name for n in range(4)]
    assert names == ["Tiny", "Tiny F32", "Tiny F32 2", "Tiny F32 3"]
    assert catalogue.add(tmp_path / "1.gguf").name == "Tiny F32"
    assert catalogue.named("Tiny F32 2").place == str(tmp_path / "2.gguf")
    assert catalogue.named(str(tmp_path / "3.gguf")).name == "Tiny F32 3"
    with pytest.raises(CarrelError, match=r"Known are: .*Tiny F32 3"):
        catalogue.named("Nobody")


def test_a_file_that_changed_or_went_is_told(catalogue: Catalogue, file: Path) -> None:
    place = catalogue.add(file).place
    tiny_gguf.model(file, seed=2, name="Another")
    assert "has changed" in catalogue.entry(place).problem
    with pytest.raises(ModelError, match="has changed"):
        catalogue.choose(place)
    assert catalogue.add(file).problem == ""
    file.unlink()
    assert "not there" in catalogue.entry(place).problem
    with pytest.raises(ModelError, match="not there"):
        catalogue.measure(place)
    with pytest.raises(ModelError, match="no file or folder"):
        catalogue.add(file)


@pytest.mark.parametrize(
    ("memory", "fit"), [(1 * GB, Fit.FITS), (10 * GB, Fit.TIGHT), (15 * GB, Fit.TOO_LARGE)]
)
def test_memory_decides_whether_it_fits(
    catalogue: Catalogue, settings: SettingsFile, file: Path, memory: int, fit: Fit
) -> None:
    place = catalogue.add(file).place
    (known,) = (g for g in settings.load().generators if g.file == place)
    changed = replace(known, facts=replace(known.facts, memory=memory))
    settings.update(generators=(changed,))
    entry = catalogue.entry(place)
    assert entry.fit is fit
    assert ("more memory" in entry.problem) == (fit is Fit.TOO_LARGE)


def test_a_digest_is_computed_once(
    catalogue: Catalogue, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert catalogue.known_digest(file) == ""
    first = catalogue.digest(file)
    with monkeypatch.context() as patch:
        patch.setattr(module, "digest_of", lambda *_: pytest.fail("read again"))
        assert catalogue.digest(file) == catalogue.known_digest(file) == first
    tiny_gguf.model(file, seed=5)
    assert catalogue.known_digest(file) == ""
    assert catalogue.digest(file) != first
    cancel = CancelToken()
    cancel.cancel()
    tiny_gguf.model(file, seed=6)
    with pytest.raises(CancelledError):
        catalogue.digest(file, cancel)


def test_measuring_is_remembered(
    catalogue: Catalogue, settings: SettingsFile, tmp_path: Path, file: Path
) -> None:
    place = catalogue.add(file).place
    speed = catalogue.measure(place).speed
    assert speed is not None
    assert speed.prefill > 0 < speed.decode
    assert speed.threads >= 1
    assert _catalogue(settings, tmp_path).speed(file) == speed
    assert catalogue.add(file).speed == speed
    with pytest.raises(CarrelError, match="Only models that answer"):
        catalogue.measure("")


def test_a_measurement_can_be_stopped(catalogue: Catalogue, file: Path) -> None:
    place = catalogue.add(file).place
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        catalogue.measure(place, cancel)
    assert catalogue.speed(file) is None


def test_settings_of_an_older_carrel_are_taken_over(
    catalogue: Catalogue, settings: SettingsFile, tmp_path: Path
) -> None:
    settings.path.write_text(
        f'{{"model": "", "added_models": [{{"folder": "{tmp_path}", "kind": "embedder", '
        '"name": "Old", "dimension": 12}], "reranker": ""}',
        "utf-8",
    )
    assert catalogue.named("Old").dimension == 12
    assert settings.load().generators == ()


def test_a_library_answers_with_what_was_chosen(catalogue: Catalogue, tmp_path: Path) -> None:
    file = tiny_gguf.model(tmp_path / "chosen.gguf")
    library = Library.open(tmp_path / "Matter.carrel", catalogue=catalogue)
    try:
        catalogue.choose(catalogue.add(file).place)
        library.use_model()
        assert library.model() == file
        catalogue.choose("")
        assert library.model() is None
    finally:
        library.close()


@pytest.mark.model
def test_folders_are_embedders_and_rerankers(
    catalogue: Catalogue, settings: SettingsFile, tmp_path: Path
) -> None:
    embedder = catalogue.add(tiny_models.embedder(tmp_path / "Meaning"))
    assert (embedder.kind, embedder.dimension) == (ModelKind.EMBEDDER, 32)
    with pytest.raises(CarrelError, match="for each library"):
        catalogue.choose(embedder.place)
    reranker = catalogue.add(tiny_models.reranker(tmp_path / "Order"), copy=True)
    assert (reranker.kind, reranker.copied) == (ModelKind.RERANKER, True)
    catalogue.choose(reranker.place)
    assert catalogue.entry(reranker.place).chosen
    assert settings.load().reranker == reranker.place
    catalogue.choose("", ModelKind.RERANKER)
    assert not catalogue.entry(reranker.place).chosen
    catalogue.choose(reranker.place)
    catalogue.remove(reranker.place)
    assert settings.load().reranker == ""
    assert not Path(reranker.place).exists()
    assert (tmp_path / "Order").is_dir()
    with pytest.raises(ModelError, match=r"modules\.json"):
        catalogue.add(tmp_path)
