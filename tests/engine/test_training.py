"""Training itself, on a llama of a few thousand random weights: in this process where nothing but
what is learnt matters, and in its child where that is to be killed."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gguf
import psutil
import pytest
from safetensors.numpy import load_file

from engine.adapters.catalogue import Adapters
from engine.errors import CancelledError, ModelError
from engine.models.catalogue import Catalogue
from engine.settings import SettingsFile
from engine.training import Trainer
from engine.training import trainer as training
from engine.training.messages import Train, Trained, TrainerReply, TrainerRequest, Training
from engine.training.service import TrainerService
from engine.training_facts import TrainingProgress, TrainingWish
from engine.workers import CancelToken, PauseToken
from tests.engine import tiny_gguf

pytestmark = [
    pytest.mark.model,
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
MEMORY = 1 << 40


def _base(path: Path, *, experts: int = 0, **how: Any) -> Path:
    def vocabulary(writer: gguf.GGUFWriter) -> None:
        writer.add_vocab_size(len(tiny_gguf._words()))
        if experts:
            writer.add_expert_count(experts)

    return tiny_gguf.model(path, more=vocabulary, **how)


def _examples(path: Path, count: int = 20) -> Path:
    rows = [{"prompt": f"What is {n}?", "answer": f"In short: it is {n}."} for n in range(count)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def wish(tmp_path_factory: pytest.TempPathFactory) -> TrainingWish:
    folder = tmp_path_factory.mktemp("training")
    base, examples = _base(folder / "tiny.gguf"), _examples(folder / "examples.jsonl")
    return TrainingWish(
        str(examples), str(base), "Tiny findings", rank=4, epochs=4, learning_rate=1e-2
    )


class Replies:
    """What the service said; it is told to stop once ``stop_at`` steps are done."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.all: list[Any] = []
        self._stop_at = stop_at

    def reply(self, message: Any) -> None:
        self.all.append(message)

    @property
    def progress(self) -> list[TrainingProgress]:
        return [reply.progress for reply in self.all if isinstance(reply, Training)]

    @property
    def cancelled(self) -> bool:
        return self._stop_at is not None and any(p.step >= self._stop_at for p in self.progress)


def _trained(wish: TrainingWish, folder: Path, stop_at: int | None = None) -> Replies:
    folder.mkdir(exist_ok=True)
    replies = Replies(stop_at)
    TrainerService().handle(Train(wish, str(folder), MEMORY, "Tiny-1"), replies)  # type: ignore[arg-type]
    return replies


@pytest.fixture(scope="module")
def whole(wish: TrainingWish, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    found = _trained(wish, tmp_path_factory.mktemp("whole")).all[-1]
    assert isinstance(found, Trained)
    return found


# --- learning --------------------------------------------------------------------------------


def test_examples_are_learnt_and_saved_as_peft_does(whole: Trained) -> None:
    assert whole.after < 0.7 * whole.before
    assert whole.losses[-1] < whole.losses[0]
    assert whole.examples == 20
    assert whole.peak_memory > 1 << 27
    folder = Path(whole.adapter)
    assert folder.name.startswith("tiny-findings-")
    assert sorted(file.name for file in folder.iterdir()) == [
        "adapter_config.json",
        "adapter_model.safetensors",
    ]
    config = json.loads((folder / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "Tiny-1"
    assert (config["r"], config["lora_alpha"], config["peft_type"]) == (4, 16, "LORA")
    tensors = load_file(folder / "adapter_model.safetensors")
    assert len(tensors) == 2 * 7 * tiny_gguf.LAYERS
    assert {str(tensor.dtype) for tensor in tensors.values()} == {"float16"}


@pytest.mark.parametrize("stop_at", [2, 5])
def test_a_stopped_training_goes_on_as_if_it_had_not_been(
    wish: TrainingWish, whole: Trained, stop_at: int, tmp_path: Path
) -> None:
    with pytest.raises(CancelledError):
        _trained(wish, tmp_path, stop_at)
    replies = _trained(wish, tmp_path)
    steps = [progress.step for progress in replies.progress if progress.doing == "Training"]
    assert min(steps) >= stop_at
    found = replies.all[-1]
    assert found.losses == pytest.approx(whole.losses, rel=1e-3)
    assert (found.before, found.after) == pytest.approx((whole.before, whole.after), rel=1e-3)
    one, other = (
        load_file(Path(trained.adapter) / "adapter_model.safetensors") for trained in (found, whole)
    )
    for name, values in one.items():
        assert values == pytest.approx(other[name], abs=1e-3)


def test_other_examples_begin_anew(wish: TrainingWish, tmp_path: Path) -> None:
    with pytest.raises(CancelledError):
        _trained(wish, tmp_path / "folder", 2)
    other = TrainingWish(
        str(_examples(tmp_path / "other.jsonl", 4)), wish.base, "Tiny", epochs=1, rank=4
    )
    replies = _trained(other, tmp_path / "folder")
    assert replies.progress[-1].steps == 1


def test_training_here_tells_nothing_to_the_processes_started_later(
    wish: TrainingWish, tmp_path: Path
) -> None:
    _trained(wish, tmp_path / "folder")
    assert "TQDM_DISABLE" not in os.environ


def test_what_all_begin_with_is_computed_once_to_the_same_effect(wish: TrainingWish) -> None:
    import tempfile

    import torch

    from engine.training.lora import LoraModel
    from engine.training.service import _lessons

    _, lessons = _lessons(Path(wish.examples), Path(wish.base))
    with tempfile.TemporaryDirectory() as work:
        model = LoraModel(Path(wish.base), Path(work), called="", rank=4, alpha=8, seed=0)
    for parameter in model._trained.values():
        torch.nn.init.normal_(parameter, 0, 0.05)
    costs, gradients = [], []
    for shares in (True, False):
        model._shares = shares
        costs.append(model.learn(lessons[:5], 10))
        gradients.append(
            torch.cat([p.grad.flatten() for p in model._trained.values() if p.grad is not None])
        )
        model.forget()
    assert costs[0] == pytest.approx(costs[1], rel=1e-4)
    assert torch.allclose(gradients[0], gradients[1], rtol=1e-3, atol=1e-4)
    assert gradients[0].abs().max() > 0.01


# --- refusing --------------------------------------------------------------------------------


def test_a_base_that_is_too_large_or_of_another_kind_is_refused(
    wish: TrainingWish, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match="smaller base"):
        TrainerService().handle(Train(wish, str(tmp_path), 1000), Replies())  # type: ignore[arg-type]
    odd = _base(tmp_path / "odd.gguf", architecture="rwkv7")
    with pytest.raises(ModelError, match="of the kind “rwkv7”, for which Carrel cannot train"):
        _trained(TrainingWish(wish.examples, str(odd), "Odd"), tmp_path)
    experts = _base(tmp_path / "experts.gguf", experts=8)
    with pytest.raises(ModelError, match="mixture of experts"):
        _trained(TrainingWish(wish.examples, str(experts), "Experts"), tmp_path)
    parts = tiny_gguf.split(_base(tmp_path / "whole.gguf"), 2)
    with pytest.raises(ModelError, match="split into parts"):
        _trained(TrainingWish(wish.examples, str(parts[0]), "Parts"), tmp_path)


def test_too_few_examples_are_refused(wish: TrainingWish, tmp_path: Path) -> None:
    few = TrainingWish(str(_examples(tmp_path / "few.jsonl", 1)), wish.base, "Few")
    with pytest.raises(ModelError, match="at least two"):
        _trained(few, tmp_path)


def test_what_lies_beside_the_base_is_not_gone_by(wish: TrainingWish, tmp_path: Path) -> None:
    base = _base(tmp_path / "tiny.gguf")
    for name in ("adapter_config.json", "config.json", "generation_config.json"):
        (tmp_path / name).write_text('{"base_model_name_or_path": "/etc", "auto_map": {"x": "y"}}')
    beside = TrainingWish(
        str(_examples(tmp_path / "e.jsonl", 3)), str(base), "Beside", epochs=1, rank=2
    )
    assert isinstance(_trained(beside, tmp_path / "folder").all[-1], Trained)


def test_a_wish_that_makes_no_sense_is_a_sentence(wish: TrainingWish, tmp_path: Path) -> None:
    trainer = Trainer(folder=tmp_path / "folder")
    for change, why in (
        ({"rank": 0}, "rank"),
        ({"alpha": 0}, "Alpha"),
        ({"epochs": 0}, "gone through"),
        ({"learning_rate": 0.0}, "learning rate"),
        ({"held_out": 0.9}, "half"),
        ({"name": " "}, "name"),
        ({"base": str(tmp_path / "none.gguf")}, "no file"),
    ):
        fields = {name: getattr(wish, name) for name in wish.__dataclass_fields__} | change
        with pytest.raises(ModelError, match=why):
            trainer.train(TrainingWish(**fields))
    assert trainer.unfinished() is None


def test_without_the_extra_it_says_what_to_install(
    wish: TrainingWish, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = Trainer()
    assert trainer.missing() == ""
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == "peft" else real(name, *a)
    )
    assert "peft" in trainer.missing()
    assert "carrel[train]" in trainer.missing()
    with pytest.raises(ModelError, match="carrel\\[train\\]"):
        trainer.train(wish)


# --- the app's side --------------------------------------------------------------------------


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """In the child's place: each start says three steps, and is cancelled or done."""
    starts: list[Any] = []

    class Child:
        def __init__(self, kind: str, reply_type: object, *, limits: object) -> None:
            starts.append(limits)

        def request(
            self, request: TrainerRequest, *, cancel: CancelToken, **how: object
        ) -> Iterator[TrainerReply]:
            for step in range(3):
                if cancel.cancelled:
                    raise CancelledError("Stopped.")
                yield Training(TrainingProgress(step, 3, 1.0, None, 0.0, None))
            yield Trained("folder", 2.0, 1.0, (1.0,), 2, 3, 4.0, 5)

        def close(self) -> None: ...

    monkeypatch.setattr(training, "ChildProcess", Child)
    return starts


def test_a_pause_ends_the_child_and_going_on_starts_another(
    wish: TrainingWish, scripted: list[Any], tmp_path: Path
) -> None:
    pause, told = PauseToken(), []

    def tell(progress: TrainingProgress) -> None:
        told.append(progress.step)
        if len(told) == 2:
            pause.pause()
            import threading

            threading.Timer(0.3, pause.resume).start()

    result = Trainer(folder=tmp_path / "folder").train(wish, on_progress=tell, pause=pause)
    assert told == [0, 1, 0, 1, 2]
    assert len(scripted) == 2
    assert result.after == 1.0
    assert scripted[0].confined
    assert scripted[0].folder == str(tmp_path / "folder")


def test_cancelling_while_paused_stops(
    wish: TrainingWish, scripted: list[Any], tmp_path: Path
) -> None:
    pause, cancel = PauseToken(), CancelToken()

    def tell(progress: TrainingProgress) -> None:
        pause.pause()
        cancel.cancel()

    with pytest.raises(CancelledError):
        Trainer(folder=tmp_path).train(wish, on_progress=tell, pause=pause, cancel=cancel)


def test_two_at_once_are_one_too_many(
    wish: TrainingWish, scripted: list[Any], tmp_path: Path
) -> None:
    trainer = Trainer(folder=tmp_path / "folder")

    def tell(progress: TrainingProgress) -> None:
        with pytest.raises(ModelError, match="Another adapter"):
            Trainer(folder=tmp_path / "folder").train(wish)

    trainer.train(wish, on_progress=tell)


class List:
    """Takes what was trained."""

    def __init__(self) -> None:
        self.added: list[tuple[Path, Path | None, str]] = []
        self.place = "the place"

    def add(
        self,
        path: Path,
        *,
        model: Path | None = None,
        name: str = "",
        cancel: CancelToken | None = None,
    ) -> List:
        self.added.append((path, model, name))
        return self


def test_what_was_trained_is_added_and_the_checkpoint_goes(
    wish: TrainingWish, scripted: list[Any], tmp_path: Path
) -> None:
    adapters = List()
    told: list[str] = []
    result = Trainer(adapters, folder=tmp_path / "folder").train(
        wish, on_progress=lambda progress: told.append(progress.doing)
    )
    assert adapters.added == [(Path("folder"), Path(wish.base), "Tiny findings")]
    assert result.adapter == "the place"
    assert told[-1] == "Converting"
    assert not (tmp_path / "folder").exists()


def test_peft_and_list_take_it_for_what_it_is(whole: Trained, wish: TrainingWish) -> None:
    folder = Path(whole.adapter).parent
    settings = SettingsFile(folder / "settings.json")
    adapters = Adapters(settings, Catalogue(settings), copies=folder / "copies")
    entry = adapters.add(Path(whole.adapter), model=Path(wish.base), name=wish.name)
    assert entry.name == "Tiny findings"
    assert (entry.facts.base, entry.facts.ranks, entry.facts.alpha) == ("Tiny-1", (4,), 16)
    assert entry.facts.layers == tiny_gguf.LAYERS


def test_stopped_and_killed_in_its_child_and_finished(wish: TrainingWish, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    trainer = Trainer(folder=folder)
    long = TrainingWish(wish.examples, wish.base, "Long", rank=4, epochs=8, learning_rate=1e-2)
    steps: list[list[int]] = [[], []]
    cancel = CancelToken()

    def stop(progress: TrainingProgress) -> None:
        steps[0].append(progress.step)
        if progress.step >= 3:
            cancel.cancel()

    def kill(progress: TrainingProgress) -> None:
        steps[1].append(progress.step)
        if progress.step >= 5:
            for child in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.Error):  # killed already
                    if "trainer" in child.cmdline():
                        child.kill()

    with pytest.raises(CancelledError):
        trainer.train(long, on_progress=stop, cancel=cancel)
    assert trainer.unfinished() == long
    with pytest.raises(ModelError, match="Nothing that was saved is lost"):
        trainer.train(long, on_progress=kill)
    assert trainer.unfinished() == long
    assert min(step for step in steps[1] if step) >= 3  # it went on, and did not begin anew
    finished = _trained(long, folder).all[-1]
    assert finished.after < finished.before
    assert len(finished.losses) == 24
    trainer.discard()
    assert trainer.unfinished() is None


def test_no_page_for_a_web_site_is_written(
    wish: TrainingWish, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes Jinja2, which is not in the packages."""

    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError("a page is written")

    monkeypatch.setattr("peft.PeftModel.create_or_update_model_card", refused)
    replies = _trained(wish, tmp_path / "folder")
    (trained,) = [reply for reply in replies.all if isinstance(reply, Trained)]
    names = {"adapter_config.json", "adapter_model.safetensors"}
    assert {file.name for file in Path(trained.adapter).iterdir()} == names
