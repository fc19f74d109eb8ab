"""Adapters, training and comparing that do what the test says, when it says so."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.adapter_facts import AdapterEntry, AdapterFacts, AdapterForm, AdapterMatch
from engine.answers import (
    Answer,
    AppliedAdapter,
    Citation,
    Claim,
    PromptRead,
    Provenance,
    Support,
    TextStreamed,
    Timings,
    UsedAdapter,
)
from engine.comparisons import (
    ComparingProgress,
    Comparison,
    ComparisonTable,
    Variant,
    VariantBegun,
    VariantDone,
    VariantSum,
)
from engine.errors import CancelledError, CarrelError
from engine.training_facts import (
    Doubt,
    ExampleDoubt,
    ExamplesFound,
    TrainingProgress,
    TrainingResult,
    TrainingWish,
)

MODEL = "SmolLM2-135M-Instruct"
MISMATCH = (
    "It was made for Qwen2.5-0.5B-Instruct, 24 layers of width 896; SmolLM2-135M-Instruct has 30 "
    "of width 576.",
)


def facts(**changes: Any) -> AdapterFacts:
    made = AdapterFacts(
        "Findings", AdapterForm.GGUF, "HuggingFaceTB/SmolLM2-135M-Instruct", "llama", 30, 576,
        (8,), 16.0, ("attn_q", "attn_k", "attn_v", "attn_output"), 120, 921_600, 1_870_000,
        licence="apache-2.0",
    )  # fmt: skip
    return replace(made, **changes)


def adapter(name: str, **changes: Any) -> AdapterEntry:
    place = f"/adapters/{name.lower().replace(' ', '-')}.gguf"
    made = AdapterEntry(
        name, place, place, facts(name=name), match=AdapterMatch(MODEL), digest="ab" * 32
    )
    return replace(made, **changes)


SAMPLE = adapter("Numbered findings", shipped=True, place="/carrel/adapters/findings.gguf")
SAMPLE = replace(SAMPLE, origin=SAMPLE.place)
QWEN = adapter(
    "Legal drafting",
    facts=facts(base="Qwen/Qwen2.5-0.5B-Instruct", architecture="qwen2", layers=24, width=896),
    match=AdapterMatch(MODEL, MISMATCH),
)
GONE = adapter("Clinical letters", problem="Its file is not there. Was it moved or deleted?")


class ScriptedAdapters:
    """``go`` lets adding end; ``broken`` is raised by it."""

    def __init__(self, *entries: AdapterEntry) -> None:
        self.list: list[AdapterEntry] = list(entries)
        self.go = threading.Event()
        self.go.set()
        self.broken: CarrelError | None = None
        self.unreadable: Exception | None = None
        self.asked: list[Path] = []
        self.cancelled = 0

    def entries(self, model: Path | None = None) -> tuple[AdapterEntry, ...]:
        if self.unreadable is not None:
            raise self.unreadable
        return tuple(self.list)

    def add(
        self, path: Path, *, model: Path | None = None, name: str = "", cancel: Any = None
    ) -> AdapterEntry:
        self.asked.append(path)
        while not self.go.wait(0.005):
            if cancel.cancelled:
                self.cancelled += 1
            cancel.check()
        if self.broken is not None:
            raise self.broken
        converted = path.suffix != ".gguf"
        entry = adapter(
            name or path.stem,
            place=f"/data/adapters/{path.stem}.gguf" if converted else str(path),
            origin=str(path),
            copied=converted,
        )
        self.list = [*(one for one in self.list if one.place != entry.place), entry]
        return entry

    def rename(self, place: str, name: str) -> None:
        self.list = [replace(e, name=name) if e.place == place else e for e in self.list]

    def remove(self, place: str) -> None:
        self.list = [entry for entry in self.list if entry.place != place]


# --- comparing --------------------------------------------------------------------------------


def citation(n: int, quote: str = "The lease ends on 31 March 2027.") -> Citation:
    return Citation(
        n, n, f"leases/lease {n}.pdf", f"Lease {n}", n + 3, "", 10, 10 + len(quote), quote
    )


def written(
    *claims: tuple[str, Support, tuple[int, ...]],
    question: str = "When does the lease end?",
    adapters: Sequence[AppliedAdapter] = (),
    **changes: Any,
) -> Answer:
    """An answer of these claims, joined by spaces."""
    text, made = "", []
    for words, support, numbers in claims:
        text += " " if text else ""
        made.append(Claim(words, len(text), len(text) + len(words), support, numbers))
        text += words
    used = tuple(UsedAdapter(one.name, one.scale, None) for one in adapters)
    cited = sorted({n for _, _, numbers in claims for n in numbers})
    answer = Answer(
        question, tuple(cited), text, tuple(made), tuple(citation(n) for n in cited),
        model="SmolLM2-135M-Instruct.Q4_1.gguf",
        adapter=" + ".join(one.name for one in adapters),
        timings=Timings(0, 400, 1900, 310, 64, 52.0),
        text_leads=True,
        provenance=Provenance("1", "", adapters=used),
    )  # fmt: skip
    return replace(answer, **changes)


def four(question: str, adapters: Sequence[AppliedAdapter]) -> tuple[Answer, ...]:
    no, yes = Support.UNSUPPORTED, Support.SUPPORTED
    return (
        written(
            ("A lease usually ends after twelve months.", no, ()),
            ("The tenant must then leave the premises.", no, ()),
            question=question,
        ),
        written(
            ("1. The lease ends after twelve months.", no, ()),
            ("2. Notice is due in writing.", no, ()),
            question=question,
            adapters=adapters,
            timings=Timings(0, 420, 1500, 310, 41, 50.0),
        ),
        written(
            ("The lease ends on 31 March 2027.", yes, (1,)),
            ("The tenant may end it earlier with six months’ notice.", yes, (2,)),
            question=question,
            timings=Timings(12, 900, 2600, 520, 58, 51.0),
        ),
        written(
            ("1. The lease ends on 31 March 2027.", yes, (1,)),
            ("2. The tenant may end it earlier with six months’ notice.", yes, (2,)),
            ("3. The rent falls to half.", Support.PARTLY, (1,)),
            question=question,
            adapters=adapters,
            timings=Timings(12, 940, 2300, 520, 44, 49.0),
        ),
    )


class Comparing:
    """What a library does for comparing: mixed into one. ``step`` holds each answer up."""

    def __init__(self) -> None:
        self.kept_comparisons: list[Comparison] = []
        self.deleted: list[Comparison] = []
        self.compared: list[tuple[str, tuple[AppliedAdapter, ...], Any]] = []
        self.step = threading.Event()
        self.step.set()
        self.compare_error: Exception | None = None
        self.taken: tuple[Any, Path, dict[str, Any]] | None = None
        self.for_conversation: dict[int, tuple[AppliedAdapter, ...]] = {}

    def applied(self, conversation_id: int) -> tuple[AppliedAdapter, ...]:
        return self.for_conversation.get(conversation_id, ())

    def apply_adapters(self, conversation_id: int, adapters: Sequence[AppliedAdapter]) -> None:
        self.for_conversation[conversation_id] = tuple(adapters)

    def compare(
        self,
        question: str,
        adapters: Sequence[AppliedAdapter],
        *,
        model: Path | None = None,
        scope: Any = None,
        seed: int = 0,
        on_event: Callable[[Any], None] | None = None,
        cancel: Any = None,
    ) -> Comparison:
        self.compared.append((question, tuple(adapters), scope))
        answers: list[Answer] = []
        for variant, answer in zip(Variant, four(question, adapters), strict=True):
            if cancel.cancelled:
                break
            if on_event is not None:
                on_event(VariantBegun(variant))
                on_event(PromptRead(120, 310))
                middle = len(answer.text) // 2
                on_event(TextStreamed(answer.text[:middle]))
            while not self.step.wait(0.005):
                if cancel.cancelled:
                    break
            if self.compare_error is not None:
                raise self.compare_error
            if cancel.cancelled:
                break
            answers.append(answer)
            if on_event is not None:
                on_event(TextStreamed(answer.text[middle:]))
                on_event(VariantDone(variant, answer))
        if not answers:
            raise CancelledError("Stopped.")
        return Comparison(
            question, tuple(answers), "SmolLM2-135M-Instruct.Q4_1.gguf", tuple(adapters), seed,
            time.time(), variants=tuple(Variant)[: len(answers)],
        )  # fmt: skip

    def compare_all(
        self,
        questions: Sequence[str],
        adapters: Sequence[AppliedAdapter],
        *,
        model: Path | None = None,
        scope: Any = None,
        seed: int = 0,
        on_progress: Callable[[ComparingProgress], None] | None = None,
        cancel: Any = None,
    ) -> ComparisonTable:
        made: list[Comparison] = []
        total = 4 * len(questions)
        for number, question in enumerate(questions):
            if on_progress is not None:
                on_progress(ComparingProgress(4 * number, total, question, 300.0))
            while not self.step.wait(0.005):
                if cancel.cancelled:
                    break
            if cancel.cancelled:
                break
            made.append(
                Comparison(question, four(question, adapters), MODEL, tuple(adapters), seed, 0.0)
            )
        sums = tuple(
            _sum(variant, [c.answers[at] for c in made]) for at, variant in enumerate(Variant)
        )
        return ComparisonTable(tuple(made), sums, len(made) < len(questions))

    def keep_comparison(self, comparison: Comparison) -> Comparison:
        kept = replace(comparison, id=len(self.kept_comparisons) + len(self.deleted) + 1)
        self.kept_comparisons.insert(0, kept)
        return kept

    def comparisons(self) -> list[Comparison]:
        return list(self.kept_comparisons)

    def delete_comparison(self, comparison_id: int) -> None:
        self.deleted += [c for c in self.kept_comparisons if c.id == comparison_id]
        self.kept_comparisons = [c for c in self.kept_comparisons if c.id != comparison_id]

    def restore_comparison(self, comparison_id: int) -> None:
        self.kept_comparisons += [c for c in self.deleted if c.id == comparison_id]

    def export_comparison(self, comparison: Comparison, file: Path, **how: Any) -> None:
        self.taken = (comparison, file, how)

    def export_table(self, table: ComparisonTable, file: Path, **how: Any) -> None:
        self.taken = (table, file, how)


def _sum(variant: Variant, answers: Sequence[Answer]) -> VariantSum:
    claims = [claim for answer in answers for claim in answer.claims]
    count = max(1, len(answers))
    return VariantSum(
        variant,
        len(answers),
        len(claims),
        sum(claim.support is Support.SUPPORTED for claim in claims),
        1 if variant in (Variant.DOCUMENTS, Variant.BOTH) and answers else 0,
        sum(len(answer.text.split()) for answer in answers) / count,
        sum(answer.timings.total_ms for answer in answers) / 1000 / count,
        sum(answer.timings.output_tokens for answer in answers) / count,
    )


# --- training ---------------------------------------------------------------------------------

FOUND = ExamplesFound(
    "/home/ada/findings.jsonl", 212, 206, 41_300, 498, 2048,
    (
        ExampleDoubt(17, Doubt.EMPTY, "The answer is empty.", True),
        ExampleDoubt(44, Doubt.DUPLICATED, "The same as line 12.", True),
        ExampleDoubt(45, Doubt.DUPLICATED, "The same as line 12.", True),
        ExampleDoubt(90, Doubt.TOO_LONG, "3,120 tokens; 2,048 have room.", True),
        ExampleDoubt(131, Doubt.SECRET, "Looks like a key: “AKIA…7Q”.", False),
        ExampleDoubt(188, Doubt.UNREADABLE, "Not JSON: a comma is missing.", True),
    ),
)  # fmt: skip
RESULT = TrainingResult(
    "/data/adapters/findings.gguf", 3.214, 1.482, (3.1, 2.2, 1.6), 206, 123_900, 512.0,
    1_340_000_000,
)  # fmt: skip


def progress(step: int, steps: int = 60, **changes: Any) -> TrainingProgress:
    loss = 1.4 + 1.9 * 0.93**step + 0.12 * ((step * 7919) % 5 - 2) / 2
    held = 1.5 + 1.7 * 0.94**step if step % 15 == 0 else None
    made = TrainingProgress(
        step, steps, loss, held, 242.0, 7.5 * (steps - step) if step > 2 else None, step % 15 == 0
    )
    return replace(made, **changes)


class ScriptedTrainer:
    """``steps`` are told at once, then it waits for ``go``."""

    def __init__(self) -> None:
        self.absent = ""
        self.found: ExamplesFound | CarrelError = FOUND
        self.steps: list[TrainingProgress] = [progress(step) for step in range(31)]
        self.go = threading.Event()
        self.left: TrainingWish | None = None
        self.wishes: list[TrainingWish] = []
        self.pause: Any = None
        self.error: Exception | None = None
        self.discarded = 0

    def missing(self) -> str:
        return self.absent

    def check(self, examples: Path, base: Path, cancel: Any = None) -> ExamplesFound:
        if isinstance(self.found, CarrelError):
            raise self.found
        return replace(self.found, file=str(examples))

    def train(
        self,
        wish: TrainingWish,
        *,
        on_progress: Callable[[TrainingProgress], None] | None = None,
        cancel: Any = None,
        pause: Any = None,
    ) -> TrainingResult:
        self.wishes.append(wish)
        self.pause = pause
        self.left = wish
        for step in self.steps:
            if on_progress is not None:
                on_progress(step)
        while not self.go.wait(0.005):
            if cancel.cancelled:
                raise CancelledError("Stopped.")
        if self.error is not None:
            raise self.error
        self.left = None
        return RESULT

    def unfinished(self) -> TrainingWish | None:
        return self.left

    def discard(self) -> None:
        self.discarded += 1
        self.left = None
