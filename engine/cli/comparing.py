"""``carrel compare``: four answers to a question, or a table over many."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from engine.answers import AppliedAdapter
from engine.applied import described, name_of
from engine.cli import output
from engine.cli.adapters_named import applied
from engine.cli.asking import checked_seed, model_named
from engine.comparing.questions import read_questions
from engine.comparisons import (
    ComparingProgress,
    Comparison,
    ComparisonTable,
    Variant,
    VariantSum,
)
from engine.errors import CarrelError, ModelError
from engine.exporting.compared import TITLES
from engine.exporting.exporter import ExportFormat
from engine.exporting.tables import HEADS, TableFormat, sum_row
from engine.exporting.writing import refuse_existing
from engine.library import Library
from engine.records import Scope
from engine.workers import CancelToken


def compare(library: Library, options: argparse.Namespace, cancel: CancelToken) -> int:
    if (options.question is None) == (options.questions is None):
        raise CarrelError("What is the question? Give one, or a file of them with --questions.")
    if options.model == "none":
        raise ModelError("A comparison needs a model that writes.")
    adapters = applied(options.adapter)
    if not adapters:
        raise CarrelError("Which adapter? Name one with --adapter FILE[:SCALE].")
    wish: dict[str, Any] = {
        "model": model_named(options.model),
        "scope": Scope(document=options.document),
        "seed": checked_seed(options.seed),
        "cancel": cancel,
    }
    if options.questions is not None:
        return _table(library, options, adapters, wish)
    if options.export is not None:
        ExportFormat.of(options.export)  # what cannot be written is said before the wait
        _refuse_existing(options)
    made = library.compare(options.question, adapters, **wish)
    if options.json:
        output.print_json(_json(made))
    else:
        print(_text(made))
    if options.export is not None:
        library.export_comparison(made, options.export, overwrite=options.force)
    return 0


def _table(
    library: Library,
    options: argparse.Namespace,
    adapters: tuple[AppliedAdapter, ...],
    wish: dict[str, Any],
) -> int:
    if options.export is not None:
        TableFormat.of(options.export)
        _refuse_existing(options)
    asked = read_questions(options.questions)
    table = library.compare_all(asked, adapters, on_progress=_tell, **wish)
    for question, why in table.failures:
        print(f"carrel: left out “{output.shown(question)}”: {output.shown(why)}", file=sys.stderr)
    if options.json:
        output.print_json(_table_json(table))
    else:
        print(_table_text(table))
    if options.export is not None:
        library.export_table(table, options.export, overwrite=options.force)
    return 0


def _refuse_existing(options: argparse.Namespace) -> None:
    if not options.force:
        refuse_existing(Path(options.export))


def _tell(progress: ComparingProgress) -> None:
    left = progress.seconds_left
    more = "" if left is None else f", about {left:.0f} s left"
    print(f"{progress.done} of {progress.total} answers{more}", file=sys.stderr)


def _json(made: Comparison) -> dict[str, Any]:
    answers = {
        variant.value: output.answer_json(answer)
        for variant, answer in zip(made.variants, made.answers, strict=True)
    }
    return {
        "question": made.question,
        **answers,
        "model": made.model,
        "adapters": [
            {"name": name_of(each), "path": each.path, "scale": each.scale}
            for each in made.adapters
        ],
        "seed": made.seed,
        "stopped": made.stopped,
    }


def _text(made: Comparison) -> str:
    parts = [f"{made.model}, adapter {output.shown(described(made.adapters))}, seed {made.seed}"]
    for variant in Variant:
        answer = made.answer(variant)
        title = TITLES[variant]
        if answer is None:
            parts.append(f"== {title}\nStopped before it was written.")
            continue
        t = answer.timings
        measured = f"({t.total_ms / 1000:.1f} s, {t.output_tokens} tokens)"
        parts.append(f"== {title}\n{output.answer_text(answer)}\n{measured}")
    return "\n\n".join(parts)


def _table_json(table: ComparisonTable) -> dict[str, Any]:
    return {
        "sums": {each.variant.value: _sum_json(each) for each in table.sums},
        "comparisons": [_json(made) for made in table.comparisons],
        "failures": [{"question": question, "error": why} for question, why in table.failures],
        "stopped": table.stopped,
    }


def _sum_json(each: VariantSum) -> dict[str, Any]:
    return {
        "answers": each.answers,
        "claims": each.claims,
        "supported": each.supported,
        "refused": each.refused,
        "words": each.words,
        "seconds": round(each.seconds, 3),
        "tokens": each.tokens,
    }


def _table_text(table: ComparisonTable) -> str:
    rows = [HEADS, *map(sum_row, table.sums)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(HEADS))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    if table.stopped:
        lines.append("Stopped before all questions were answered.")
    return "\n".join(lines)
