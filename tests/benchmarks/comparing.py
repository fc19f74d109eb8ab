"""The four-way table on forty questions: what documents, an adapter and both change.

Twenty questions that the articles answer and ten that they nearly answer (SQuAD 2.0), and ten
about filings (FinanceBench's documents, questions made from one page), all in one library. The
adapter is the one given (``python -m tests.benchmarks.comparing FILE[:SCALE]``), or the sample
adapter. A share of claims that the library bears out says nothing about whether they answer the
question: beside it stands how many texts hold an answer that people gave.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from engine.cli.adapters_named import applied
from engine.comparing.sums import is_refusal
from engine.comparisons import ComparisonTable, Variant
from engine.errors import ModelError
from engine.exporting.compared import TITLES
from engine.exporting.tables import HEADS, sum_row
from engine.library import Library
from engine.paths import resource, starter_model
from tests.benchmarks.answers import Question, read_questions
from tests.benchmarks.data import bench_data
from tests.benchmarks.tables import show

_SEED = 11
_ANSWERABLE, _NEARLY, _FILINGS = 20, 10, 10
_KIND = "ohr-text"


def main() -> int:
    data, model = bench_data(), starter_model()
    named = sys.argv[1:] or [str(file) for file in sorted(resource("adapters").glob("*.gguf"))[:1]]
    if data is None or not model.is_file() or not named:
        print("comparing: skipped, there is no benchmark data, no starter model or no adapter")
        return 0
    try:
        adapters = applied(named)
    except ModelError as error:
        print(f"comparing: {error}")
        return 1
    articles = json.loads((data / "squad-v2" / "dev.json").read_text(encoding="utf-8"))["data"]
    answerable, nearly = read_questions(articles)
    filings = _filings(data)
    chosen = [*answerable[:_ANSWERABLE], *nearly[:_NEARLY], *filings]
    with (
        tempfile.TemporaryDirectory(prefix="carrel-bench-") as name,
        _library(Path(name), articles, data, {question.article for question in filings}) as library,
    ):
        started = time.perf_counter()
        table = library.compare_all([question.text for question in chosen], adapters, model=model)
        seconds = time.perf_counter() - started
    show(f"{len(chosen)} questions in four ways, {seconds:.0f} s", HEADS, map(sum_row, table.sums))
    for title, some in (
        (f"{_ANSWERABLE} that the articles answer", answerable[:_ANSWERABLE]),
        (f"{_NEARLY} that they nearly answer", nearly[:_NEARLY]),
        (f"{_FILINGS} about filings", filings),
    ):
        _show_kind(title, table, some)
    for question, why in table.failures:
        print(f"left out: {question}: {why}")
    return 0


def _show_kind(title: str, table: ComparisonTable, some: Sequence[Question]) -> None:
    by_text = {made.question: made for made in table.comparisons}
    rows = []
    for variant in Variant:
        answers = [
            (question, answer)
            for question in some
            if (made := by_text.get(question.text)) is not None
            and (answer := made.answer(variant)) is not None
        ]
        held = sum(bool(q.gold) and q.is_held_by(a.text) for q, a in answers)
        listed = sum(a.text.count("\n1.") + a.text.startswith("1.") > 0 for _, a in answers)
        refused = sum(is_refusal(a) for _, a in answers)
        count = len(answers)
        rows.append((TITLES[variant], *(f"{n} of {count}" for n in (held, refused, listed))))
    show(title, ("", "text holds an answer of people", "refused", "numbered findings"), rows)


def _filings(data: Path) -> list[Question]:
    """``article`` is the place of the document among those asked about."""
    lines = (data / "financebench" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["kind"] == _KIND]
    random.Random(_SEED).shuffle(rows)
    documents = sorted(file.name for file in (data / "financebench" / "pdfs").iterdir())
    return [
        Question(row["question"].strip(), (row["answer"],), documents.index(row["document"]))
        for row in rows
        if row["document"] in documents
    ][:_FILINGS]


@contextmanager
def _library(
    place: Path,
    articles: Sequence[dict],  # type: ignore[type-arg]
    data: Path,
    filings: set[int],
) -> Iterator[Library]:
    folder = place / "documents"
    folder.mkdir()
    for article in articles:
        text = "\n\n".join(paragraph["context"] for paragraph in article["paragraphs"])
        (folder / f"{article['title'].replace('_', ' ')}.txt").write_text(text, encoding="utf-8")
    documents = sorted((data / "financebench" / "pdfs").iterdir(), key=lambda file: file.name)
    for number in filings:
        (folder / documents[number].name).symlink_to(documents[number])
    library = Library.open(place / "four.carrel")
    try:
        library.add_folder(folder)
        library.index()
        yield library
    finally:
        library.close()


if __name__ == "__main__":
    raise SystemExit(main())
