"""A base with a LoRA that is being trained: the only place that imports torch, transformers and
PEFT for training.

Everything is float32: the starter in bfloat16 babbled. There is no dropout, so that nothing but
the examples' order and the state decides what comes next.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM
from transformers.utils import logging as transformers_logging

from engine.errors import ModelError
from engine.models import gguf_facts
from engine.models.threads import FreeCores
from engine.training.lessons import Lesson

_CLIP = 1.0  # the largest norm of a gradient
_DECAY = 0.01
_IGNORED = -100
_WORTH_SHARING = 12  # tokens
_MOMENTS = ("exp_avg", "exp_avg_sq")

Arrays = dict[str, NDArray[np.float32]]


class LoraModel:
    """The base's weights out of its GGUF, and a new LoRA on every projection of attention and
    MLP. ``folder`` is one to work in, empty; ``called`` is the base's name. Raises ``ModelError``
    where transformers does not load such a base."""

    def __init__(
        self, base: Path, folder: Path, *, called: str, rank: int, alpha: int, seed: int
    ) -> None:
        transformers_logging.disable_progress_bar()
        transformers_logging.set_verbosity_error()
        torch.manual_seed(seed)
        self._free = FreeCores()
        self._use_free_cores()
        model = _loaded(base, folder)
        config = LoraConfig(
            r=rank,
            lora_alpha=alpha,
            lora_dropout=0.0,
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        )
        self._model: Any = get_peft_model(model, config)
        config.base_model_name_or_path = called  # not the folder that it was loaded from
        self._model.train()
        # layers that look back a little way only keep no whole beginning
        self._shares = not getattr(model.config.get_text_config(), "sliding_window", None)
        self._trained = {n: p for n, p in self._model.named_parameters() if p.requires_grad}
        self._optimiser = torch.optim.AdamW(
            list(self._trained.values()), lr=0.0, weight_decay=_DECAY
        )

    # --- computing ----------------------------------------------------------------------------

    def learn(self, lessons: Sequence[Lesson], of: int) -> float:
        """Add to the gradients what these examples cost, in nats of ``of`` tokens; their sum."""
        self._use_free_cores()
        loss = self._loss(lessons)
        (loss / of).backward()
        return float(loss.detach())

    def step(self, rate: float) -> None:
        """Change the LoRA by the gradients, which are then empty."""
        torch.nn.utils.clip_grad_norm_(list(self._trained.values()), _CLIP)
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        self._optimiser.step()
        self._optimiser.zero_grad(set_to_none=True)

    def forget(self) -> None:
        """Let go of gradients that no step was made of."""
        self._optimiser.zero_grad(set_to_none=True)

    def cost(self, lessons: Sequence[Lesson]) -> float:
        """The sum over the answers' tokens, in nats; nothing is learnt."""
        self._use_free_cores()
        with torch.no_grad():
            return float(self._loss(lessons))

    def _use_free_cores(self) -> None:
        """Threads wait for each other: on a busy computer fewer of them are faster."""
        torch.set_num_threads(self._free.count())

    def _loss(self, lessons: Sequence[Lesson]) -> Any:
        """What all begin with, the instructions mostly, is computed once."""
        shared = _shared(lessons) if self._shares else 0
        if shared < _WORTH_SHARING:
            return self._loss_after(lessons, 0, None)
        beginning = torch.tensor([lessons[0].tokens[:shared]])
        out = self._model(input_ids=beginning, logits_to_keep=1, use_cache=True)
        out.past_key_values.batch_repeat_interleave(len(lessons))
        return self._loss_after(lessons, shared, out.past_key_values)

    def _loss_after(self, lessons: Sequence[Lesson], shared: int, cache: Any) -> Any:
        lessons = [Lesson(each.tokens[shared:], each.learnt[shared:]) for each in lessons]
        length = max(len(lesson.tokens) for lesson in lessons)
        ids = torch.zeros((len(lessons), length), dtype=torch.long)
        mask = torch.zeros_like(ids)
        labels = torch.full_like(ids, _IGNORED)
        first = length
        for row, lesson in enumerate(lessons):
            count = len(lesson.tokens)
            ids[row, :count] = torch.tensor(lesson.tokens)
            mask[row, :count] = 1
            learnt = torch.tensor(lesson.learnt)
            labels[row, :count][learnt] = ids[row, :count][learnt]
            first = min(first, lesson.learnt.index(True))
        # a token is foretold at the one before it; where no row has an answer yet, the whole
        # vocabulary need not be computed
        kept = length - max(0, first - 1)
        mask = torch.cat((torch.ones((len(lessons), shared), dtype=torch.long), mask), dim=1)
        out = self._model(
            input_ids=ids,
            attention_mask=mask,
            past_key_values=cache,
            logits_to_keep=kept,
            use_cache=cache is not None,
        )
        logits = out.logits[:, -kept:][:, :-1]
        return torch.nn.functional.cross_entropy(
            logits.reshape(-1, logits.shape[-1]).float(),
            labels[:, length - kept + 1 :].reshape(-1),
            ignore_index=_IGNORED,
            reduction="sum",
        )

    # --- what was learnt ----------------------------------------------------------------------

    @property
    def size(self) -> int:
        """Parameters that are trained."""
        return sum(p.numel() for p in self._trained.values())

    def state(self) -> Arrays:
        """The LoRA and what the optimiser remembers, by name."""
        arrays: Arrays = {}
        for name, parameter in self._trained.items():
            arrays[f"lora.{name}"] = parameter.detach().numpy()
            known = self._optimiser.state.get(parameter, {})
            for moment in _MOMENTS:
                if moment in known:
                    arrays[f"{moment}.{name}"] = known[moment].numpy()
        return arrays

    def restore(self, arrays: Arrays, steps: int) -> None:
        """Go on after ``steps`` steps. Raises ``ValueError`` where the arrays are another
        LoRA's."""
        for name, parameter in self._trained.items():
            found = {kind: arrays.get(f"{kind}.{name}") for kind in ("lora", *_MOMENTS)}
            if any(a is None or a.shape != tuple(parameter.shape) for a in found.values()):
                raise ValueError(f"there is no {name} of that shape")
            whole = {kind: torch.from_numpy(np.array(a)) for kind, a in found.items()}
            with torch.no_grad():
                parameter.copy_(whole["lora"])
            self._optimiser.state[parameter] = {
                "step": torch.tensor(float(steps)),
                **{moment: whole[moment] for moment in _MOMENTS},
            }

    def save(self, folder: Path) -> None:
        """As PEFT keeps adapters: a configuration, and safetensors in 16 bits, which is finer than
        the base's own weights are. PEFT's own ``save_pretrained`` would write a page for a web
        site besides, and takes Jinja2 for it."""
        halves = {name: tensor.detach().half() for name, tensor in self._trained.items()}
        kept = get_peft_model_state_dict(
            self._model, state_dict=halves, save_embedding_layers=False
        )
        config = self._model.peft_config["default"]
        config.inference_mode = True
        config.save_pretrained(str(folder))
        weights = {name: tensor.contiguous() for name, tensor in kept.items()}
        save_file(weights, folder / "adapter_model.safetensors", metadata={"format": "pt"})


def _shared(lessons: Sequence[Lesson]) -> int:
    """How many tokens all begin with, up to the last before the first answer."""
    if len(lessons) == 1:
        return 0
    most = min(lesson.learnt.index(True) for lesson in lessons) - 1
    first = lessons[0].tokens[:most]
    for at, token in enumerate(first):
        if any(lesson.tokens[at] != token for lesson in lessons):
            return at
    return len(first)


def _loaded(base: Path, folder: Path) -> Any:
    # alone in its folder: beside a model in the wild there may be configurations and adapters
    # that transformers would go by
    alone = folder / "base.gguf"
    try:
        alone.symlink_to(base)
    except OSError:  # on Windows not everybody may
        os.link(base, alone)
    try:
        return AutoModelForCausalLM.from_pretrained(
            str(folder),
            gguf_file=alone.name,
            dtype=torch.float32,
            local_files_only=True,
            trust_remote_code=False,
        )
    except MemoryError:
        raise
    # whatever somebody else's weights make the libraries raise
    except Exception as error:
        said = gguf_facts.plain_line(str(error), 200)
        raise ModelError(
            f"The weights of “{base.name}” cannot be read for training: {said}"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            alone.unlink()
