"""How a model is prepared: load it exactly, trace it, try what this processor can do, choose.

The model is loaded as sentence-transformers does it, traced whole (transformer, pooling,
normalising, whatever its folder says) and saved for OpenVINO together with its tokenizer. Then each
arithmetic that the processor knows computes a probe: of those that agree with float32, the fastest
is taken, and torch only where it is much faster. Where OpenVINO is missing or cannot run the model,
sentence-transformers goes on serving it, in bfloat16 where that is native and agrees.
"""

from __future__ import annotations

import functools
import logging
import os
from pathlib import Path

import msgspec

from engine.models.folders import ModelFolder
from engine.models.inputs import TokenForm
from engine.models.prepared import FACTS, GRAPH, TOKENS, WEIGHTS, Facts, Stamp, digests, fast
from engine.models.probe import Way, agree, passages, probe, rates
from engine.models.reference import ReferenceModel, native_arithmetics

_WORTH = 1.5
"""How much quicker torch has to be: it starts seconds later, takes more memory, and its threads
spin while others compute."""
_log = logging.getLogger(__name__)


def prepare(folder: ModelFolder, stamp: Stamp, into: Path | None) -> Facts:
    """Save the prepared model in the empty folder ``into``; without one, only choose how
    sentence-transformers is to run it. Raises what that raises, and ``OSError``."""
    exact = ReferenceModel(folder)
    trial = _Trial(folder, exact)
    form: TokenForm | None = None
    found = False
    if into is not None:
        try:
            form = _save(exact, into)
            found = form is not None and trial.try_openvino(into, form)
        # a converter of foreign graphs may raise anything, and there is another way
        except Exception as error:
            _log.warning("OpenVINO cannot run %s: %s", folder.name, error)
    if not found:
        trial.try_torch()
    measured = trial.rates()
    engine, arithmetic = _best(measured).split()
    if into is not None and engine != "openvino":
        for file in into.iterdir():
            file.unlink()
    files = (GRAPH, WEIGHTS, TOKENS) if into is not None and engine == "openvino" else ()
    facts = Facts(
        stamp=stamp,
        fingerprint=folder.fingerprint(),
        engine=engine,
        arithmetic=arithmetic,
        width=trial.width,
        max_tokens=exact.max_tokens,
        rates=measured,
        form=form if files else None,
        digests=digests(into, files) if into is not None else {},
    )
    if into is not None:
        (into / FACTS).write_bytes(msgspec.json.format(msgspec.json.encode(facts), indent=2))
        for file in into.iterdir():
            _settle(file)
    return facts


def _best(measured: dict[str, float]) -> str:
    def worth(way: str) -> float:
        return measured[way] * (1.0 if way.startswith("openvino") else 1 / _WORTH)

    return max(measured, key=worth)


class _Trial:
    """The ways to run a model that agree with the exact one."""

    def __init__(self, folder: ModelFolder, exact: ReferenceModel) -> None:
        self._folder = folder
        self._probe = probe(folder.kind)
        self._wanted = exact.run(self._probe)
        self._ways: dict[str, Way] = {"torch float32": exact.run}

    @property
    def width(self) -> int:
        return int(self._wanted.shape[1])

    def try_openvino(self, saved: Path, form: TokenForm) -> bool:
        """Whether there is a way with it."""
        from engine.models import compiled

        for arithmetic in compiled.native_arithmetics():
            run = fast(saved, arithmetic, form, self.width)
            self._try(f"openvino {arithmetic}", functools.partial(run, prompt="", stop=_never))
        return len(self._ways) > 1

    def try_torch(self) -> None:
        for arithmetic in native_arithmetics()[1:]:
            self._try(f"torch {arithmetic}", ReferenceModel(self._folder, arithmetic).run)

    def rates(self) -> dict[str, float]:
        return rates(self._ways, passages(self._folder.kind))

    def _try(self, name: str, run: Way) -> None:
        if agree(self._folder.kind, self._wanted, run(self._probe)):
            self._ways[name] = run
        else:
            _log.warning("%s does not agree with float32 for %s", name, self._folder.name)


def _save(exact: ReferenceModel, into: Path) -> TokenForm | None:
    from engine.models import compiled

    tokens = exact.tokens()
    if tokens is None:
        return None
    text, form = tokens
    compiled.convert(*exact.whole(), into / GRAPH)
    (into / TOKENS).write_text(text, encoding="utf-8")
    return form


def _never() -> bool:
    return False


def _settle(file: Path) -> None:
    """On the disk, before the folder gets its name: a power cut must not leave an empty file."""
    with file.open("rb+") as stream:
        os.fsync(stream.fileno())
