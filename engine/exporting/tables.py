"""A table over many questions as Markdown, HTML or CSV: what each way came to, and how each
question was answered in it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from html import escape
from pathlib import Path

from engine.answers import Answer
from engine.applied import described
from engine.comparisons import ComparisonTable, Variant, VariantSum, judged
from engine.errors import CarrelError
from engine.exporting.as_html import page
from engine.exporting.as_markdown import escaped, inside
from engine.exporting.compared import TITLES
from engine.exporting.wording import model_name, one_line
from engine.exporting.writing import refuse_existing, save

HEADS = ("", "claims supported", "refused", "words", "seconds", "tokens")
_COLUMNS = (
    *("question", "way", "answer", "refused", "claims", "supported", "words", "seconds", "tokens"),
    *("model", "adapter", "seed"),
)
_TITLE = "Four ways compared"
_FORMULA = re.compile(r"\s*[=+\-@]")


class TableFormat(StrEnum):
    MARKDOWN = "md"
    HTML = "html"
    CSV = "csv"

    @classmethod
    def of(cls, file: Path) -> TableFormat:
        """By the file's suffix. Raises ``CarrelError`` where that says nothing."""
        suffix = file.suffix.lower().removeprefix(".")
        suffix = {"htm": "html", "markdown": "md"}.get(suffix, suffix)
        if suffix not in list(cls):
            suffixes = ", ".join(f".{known}" for known in cls)
            raise CarrelError(
                f"The name {file.name} does not say in which format to export. End it with one of: "
                f"{suffixes}."
            )
        return cls(suffix)


def export(
    table: ComparisonTable,
    file: Path,
    *,
    format: TableFormat | None = None,
    overwrite: bool = False,
) -> None:
    """Write the table to ``file``, in the format of its name unless told. Raises ``CarrelError``
    where that is not possible; there is then no new file."""
    chosen = format or TableFormat.of(file)
    if not table.comparisons:
        raise CarrelError("There is nothing to export: no question was answered.")
    if not overwrite:
        refuse_existing(file)
    written = {
        TableFormat.MARKDOWN: _markdown,
        TableFormat.HTML: _html,
        TableFormat.CSV: _csv,
    }[chosen](table)
    save(written.encode("utf-8"), file, overwrite=overwrite)


def sum_row(each: VariantSum) -> tuple[str, ...]:
    """One way in words, below the heads of the small table."""
    share = f" ({100 * each.supported / each.claims:.0f} %)" if each.claims else ""
    return (
        TITLES[each.variant],
        f"{each.supported} of {each.claims}{share}",
        f"{each.refused} of {each.answers}",
        f"{each.words:.0f}",
        f"{each.seconds:.1f}",
        f"{each.tokens:.0f}",
    )


def _markdown(table: ComparisonTable) -> str:
    parts = [f"# {_TITLE}", _markdown_rows(HEADS, map(sum_row, table.sums))]
    parts.append(_markdown_rows(("question", *TITLES.values()), _answer_rows(table)))
    parts += [f"*{escaped(line)}*" for line in _about(table)]
    return "\n\n".join(parts) + "\n"


def _markdown_rows(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *([inside(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _html(table: ComparisonTable) -> str:
    parts = [f"<h1>{_TITLE}</h1>", _html_rows(HEADS, map(sum_row, table.sums))]
    parts.append(_html_rows(("question", *TITLES.values()), _answer_rows(table)))
    parts += [f'<p class="note">{escape(line)}</p>' for line in _about(table)]
    return page(_TITLE, "\n".join(parts))


def _html_rows(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    body = "\n".join(
        f'<tr><th scope="row" dir="auto">{escape(row[0])}</th>'
        + "".join(f'<td dir="auto">{escape(cell)}</td>' for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"


def _csv(table: ComparisonTable) -> str:
    """One row for each answer. No cell is a formula, whatever a model or a document said."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(_COLUMNS)
    for comparison in table.comparisons:
        for variant, answer in zip(comparison.variants, comparison.answers, strict=True):
            supported, stated = judged(answer)
            row: tuple[object, ...] = (
                comparison.question,
                variant.value,
                answer.reason if answer.refused else answer.text,
                "yes" if answer.refused else "no",
                stated,
                supported,
                len(answer.text.split()),
                round(answer.timings.total_ms / 1000, 2),
                answer.timings.output_tokens,
                answer.model,
                described(answer.provenance.adapters) if answer.provenance else answer.adapter,
                comparison.seed,
            )
            writer.writerow([_cell(value) for value in row])
    return file.getvalue()


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = one_line(value)
    return f"'{text}" if _FORMULA.match(text) else text


def _answer_rows(table: ComparisonTable) -> Iterator[tuple[str, ...]]:
    for comparison in table.comparisons:
        answers = [comparison.answer(variant) for variant in Variant]
        yield (one_line(comparison.question), *map(_said, answers))


def _said(answer: Answer | None) -> str:
    if answer is None:
        return "–"
    text = one_line(f"Refused. {answer.reason}" if answer.refused else answer.text)
    supported, stated = judged(answer)
    if stated:
        return f"{text} [{supported} of {stated} supported]"
    return text or one_line(answer.notice)


def _about(table: ComparisonTable) -> Iterator[str]:
    first = table.comparisons[0]
    whole = sum(not comparison.stopped for comparison in table.comparisons)
    yield (
        f"{whole} question{'s' * (whole != 1)}, {model_name(first.model)}, adapter: "
        f"{described(first.adapters)}, seed {first.seed}. Words, seconds and tokens are those of "
        "the median text."
    )
    if table.stopped:
        yield "Stopped before all questions were answered."
    for question, why in table.failures:
        yield one_line(f"Left out: “{question}”: {why}")
