"""What a prepared model is judged by: a few passages of usual length and some unusual texts."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.models.folders import Kind
from engine.models.inputs import Input

_SENTENCES = (
    "Net sales rose by 4.2 % to $34,229 million in fiscal year 2022, helped by higher prices and "
    "a favourable mix; volumes in the consumer segment declined.",
    "The tenant shall give notice in writing no later than 30 days before the end of the term, "
    "failing which the lease is renewed for a further twelve months on the same conditions.",
    "Cells were cultured for 48 hours at 37 °C, washed twice in buffer and then stained; "
    "expression was quantified by flow cytometry in three independent experiments (n = 3).",
    "The wing's lift coefficient was measured at Mach numbers between 0.4 and 0.9 and compared "
    "with the slender-body theory of Jones, which underestimates it near the stall.",
    "In the spring of 1848 the assembly met for the first time, and the question of the "
    "franchise divided it from the first day until it was dissolved.",
    "To replace the filter, switch off the pump, release the pressure with valve B-17 and turn "
    "the housing counter-clockwise; check the O-ring (part no. 0045-221) for cracks.",
    "Capital expenditure is expected to be between $1.5 billion and $1.7 billion, of which about "
    "a third is for the new plant in Rotterdam.",
    "The patient, a 63-year-old woman, presented with dyspnoea on exertion; the echocardiogram "
    "showed a moderately reduced ejection fraction of 41 %.",
)
_ODD = (
    "What was the capital expenditure in fiscal year 2018?",
    "notice period",
    "",
    "Der Mietvertrag verlängert sich um zwölf Monate.",
    "会议于一八四八年春天首次召开。",
    "يجب على المستأجر إخطار المالك كتابيًا.",
    "12 13 14.5 — 🙂 ½ №7",
)
_PASSAGES = 16
_SENTENCES_EACH = 4
_QUESTION = "How much notice must the tenant give?"
_COSINE = 0.999
_SPREAD = 0.02
_ROUNDS = 4
_LONGEST = 3.0  # seconds after which no other round begins

Way = Callable[[Sequence[Input]], NDArray[np.float32]]


def passages(kind: Kind) -> list[Input]:
    """Of about a hundred words each, for the clock."""
    around = (*_SENTENCES, *_SENTENCES)
    texts = []
    for number in range(_PASSAGES):
        start = number * 3 % len(_SENTENCES)
        texts.append(" ".join((*around[start : start + _SENTENCES_EACH], f"({number})")))
    return _as_input(kind, texts)


def probe(kind: Kind) -> list[Input]:
    """For the comparison: long, short, empty, in several scripts."""
    return [*passages(kind)[:6], *_as_input(kind, [*_ODD, *_SENTENCES, " ".join(_SENTENCES * 4)])]


def agree(kind: Kind, exact: NDArray[np.float32], found: NDArray[np.float32]) -> bool:
    """Whether nothing is lost: cosines of at least 0.999, or a reranker's numbers within a
    fiftieth of their spread."""
    if not np.isfinite(found).all() or exact.shape != found.shape:
        return False
    if kind is Kind.RERANKER:
        return float(np.abs(exact - found).max()) <= _SPREAD * float(np.ptp(exact))
    cosine = (_unit(exact) * _unit(found)).sum(axis=1)
    return float(cosine.min()) >= _COSINE


def rates(ways: Mapping[str, Way], texts: Sequence[Input]) -> dict[str, float]:
    """Texts per second of each way: its best round. They take turns, so that another program's
    busy second is not one way's alone."""
    best = dict.fromkeys(ways, float("inf"))
    for run in ways.values():
        run(texts)
    until = time.perf_counter() + _LONGEST
    for _ in range(_ROUNDS):
        for name, run in ways.items():
            started = time.perf_counter()
            run(texts)
            best[name] = min(best[name], time.perf_counter() - started)
        if time.perf_counter() > until:
            break
    return {name: round(len(texts) / seconds, 1) for name, seconds in best.items()}


def _as_input(kind: Kind, texts: list[str]) -> list[Input]:
    return [(_QUESTION, text) for text in texts] if kind is Kind.RERANKER else list(texts)


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(norms, 1e-12), np.float32)
