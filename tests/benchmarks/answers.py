"""Are answers right, refused where there is none, and tied to what bears them out?

On real questions with the starter model at temperature 0: articles with questions that they
answer, that they nearly answer, and that belong to other articles (SQuAD 2.0); filings with the
page that holds the answer (FinanceBench); claims of which it is known whether their sources bear
them out (:mod:`tests.benchmarks.pairs`). The baseline is what most tools do: the three best
passages in one prompt, and whatever the model makes of them.
"""

from __future__ import annotations

import json
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from engine.answering.grounding import Grounding
from engine.answering.meaning import Embed
from engine.answering.quotes import Sentence
from engine.answering.units import units
from engine.answers import Answer, AnswerEvent, QuotesFound, Support, TextStreamed
from engine.library import Library
from engine.models.embedder import Embedder
from engine.models.generator import Generator
from engine.models.messages import ChatMessage, Generate, TokenText
from engine.paths import starter_model
from engine.records import Hit
from tests.benchmarks.data import bench_data
from tests.benchmarks.pairs import Pair, harder_pairs, labelled_pairs
from tests.benchmarks.tables import show

EACH = 150
_NAIVE_EACH = 40  # the baseline takes several seconds a question
_SEED = 5
_FIGURES = re.compile(r"\d[\d,]*(?:\.\d+)?")
_NAIVE = "Answer the question from the passages."


@dataclass(frozen=True, slots=True)
class Question:
    """``gold`` are the answers people gave; none where the articles hold none."""

    text: str
    gold: tuple[str, ...]
    article: int

    def is_held_by(self, text: str) -> bool:
        plain = _plain(text)
        return any(_plain(gold) in plain for gold in self.gold)


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer and how long a person waited: seconds to the first quote and the first word."""

    question: Question
    answer: Answer
    quotes: float
    word: float


def main() -> int:
    data = bench_data()
    if data is None:
        print("answers: skipped, there is no benchmark data")
        return 0
    embedder = Embedder()
    try:
        for what, pairs in (
            ("Claims checked", labelled_pairs(data)),
            ("Claims in other words checked", harder_pairs(data)),
        ):
            _show_pairs(f"{what}, by words alone", pairs, None)
            _show_pairs(f"{what}, by words and meaning", pairs, remembering(embedder.embed))
    finally:
        embedder.close()
    with tempfile.TemporaryDirectory(prefix="carrel-bench-") as name:
        _articles(data, Path(name))
        _filings(data, Path(name))
    return 0


# --- articles ------------------------------------------------------------------------------


def _articles(data: Path, place: Path) -> None:
    articles = json.loads((data / "squad-v2" / "dev.json").read_text(encoding="utf-8"))["data"]
    answerable, not_answerable = read_questions(articles)
    with _library(place / "all", articles) as library:
        warmed(library)
        true = asked(library, answerable[:EACH])
        false = asked(library, not_answerable[:EACH])
        exact = [_is_exact(library, item.answer) for item in (*true, *false)]
        naive = _naive(library, answerable[:_NAIVE_EACH], not_answerable[:_NAIVE_EACH])
    with _library(place / "half", articles[::2]) as library:
        warmed(library)
        others = [question for question in answerable if question.article % 2][:EACH]
        outside = asked(library, others)
    quotes = _share(true, lambda a: a.question.is_held_by(" ".join(_quotes(a.answer)[:2])))
    text = _share(true, lambda a: a.question.is_held_by(a.answer.text))
    refused = _share(true, lambda a: a.answer.refused)
    supported = _share(true, lambda a: _is_answered(a.answer))
    caught = _share(false, lambda a: not _is_answered(a.answer))
    show(
        f"Questions about {len(articles)} articles, {EACH} of each kind, starter model",
        ("what", "naive prompt", "Carrel", "asked"),
        [
            ("answerable: first two quotes hold the answer", "–", f"{quotes:.3f}", "0.88"),
            ("answerable: the text holds it", f"{naive[0]:.3f}", f"{text:.3f}", "0.55"),
            ("answerable: refused", "0", f"{refused:.3f}", "≤ 0.10"),
            ("answerable: at least one claim supported", "–", f"{supported:.3f}", "–"),
            (
                "nearly answered: refused or marked unsupported",
                f"{naive[1]:.3f}",
                f"{caught:.3f}",
                "0.60",
            ),
            (
                "nearly answered: refused",
                f"{naive[1]:.3f}",
                f"{_share(false, lambda a: a.answer.refused):.3f}",
                "–",
            ),
            (
                "of other articles: refused",
                "–",
                f"{_share(outside, lambda a: a.answer.refused):.3f}",
                "0.95",
            ),
            ("quotes that are byte for byte on their page", "–", f"{_mean(exact):.3f}", "1.00"),
            ("first quote, median seconds", "–", f"{_median(true, 'quotes'):.3f}", "0.2"),
            (
                "first word, median seconds",
                f"{naive[2]:.3f}",
                f"{_median(true, 'word'):.3f}",
                "0.8",
            ),
        ],
    )


def read_questions(articles: Sequence[dict]) -> tuple[list[Question], list[Question]]:  # type: ignore[type-arg]
    answerable, not_answerable = [], []
    for number, article in enumerate(articles):
        for paragraph in article["paragraphs"]:
            for item in paragraph["qas"]:
                gold = tuple(answer["text"] for answer in item["answers"])
                question = Question(item["question"].strip(), gold, number)
                (not_answerable if item["is_impossible"] else answerable).append(question)
    random.Random(_SEED).shuffle(answerable)
    random.Random(_SEED).shuffle(not_answerable)
    return answerable, not_answerable


@contextmanager
def _library(place: Path, articles: Sequence[dict]) -> Iterator[Library]:  # type: ignore[type-arg]
    folder = place / "articles"
    folder.mkdir(parents=True)
    for article in articles:
        text = "\n\n".join(paragraph["context"] for paragraph in article["paragraphs"])
        (folder / f"{article['title'].replace('_', ' ')}.txt").write_text(text, encoding="utf-8")
    with opened(place / "articles.carrel", folder) as library:
        yield library


@contextmanager
def opened(file: Path, folder: Path) -> Iterator[Library]:
    library = Library.open(file)
    try:
        library.add_folder(folder)
        library.index()
        yield library
    finally:
        library.close()


def warmed(library: Library) -> None:
    """As it is when a person has had the window open for a while."""
    library.ask("What is this about?")


def asked(library: Library, questions: Sequence[Question]) -> list[Asked]:
    found = []
    for question in questions:
        started = time.perf_counter()
        first: dict[type, float] = {}

        def hear(event: AnswerEvent, started: float = started, first: dict = first) -> None:  # type: ignore[type-arg]
            first.setdefault(type(event), time.perf_counter() - started)

        answer = library.ask(question.text, on_event=hear)
        quotes, word = first.get(QuotesFound, 0.0), first.get(TextStreamed, 0.0)
        found.append(Asked(question, answer, quotes, word))
    return found


def _naive(
    library: Library, answerable: Sequence[Question], others: Sequence[Question]
) -> tuple[float, float, float]:
    """Share of texts that hold the answer, share that say there is none, median first word."""
    generator = Generator()
    waits: list[float] = []

    def say(question: Question) -> str:
        started = time.perf_counter()
        hits = library.search(question.text, limit=3).hits
        passages = "\n\n".join(hit.text for hit in hits)
        messages = (
            ChatMessage("system", _NAIVE),
            ChatMessage("user", f"{passages}\n\nQuestion: {question.text}"),
        )
        text = ""
        for reply in generator.generate(Generate(str(starter_model()), messages, 120)):
            if isinstance(reply, TokenText):
                if not text:
                    waits.append(time.perf_counter() - started)
                text += reply.text
        return text

    try:
        held = _mean([question.is_held_by(say(question)) for question in answerable])
        denied = _mean(["not" in say(question).lower().split()[:8] for question in others])
    finally:
        generator.close()
    return held, denied, median(waits)


# --- filings -------------------------------------------------------------------------------


def _filings(data: Path, place: Path) -> None:
    lines = (data / "financebench" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line) for line in lines]
    with opened(place / "filings.carrel", data / "financebench" / "pdfs") as library:
        warmed(library)
        rows = []
        for kind, wanted in (("ohr", "0.65"), ("ohr-table", "–"), ("financebench", "–")):
            chosen = [item for item in questions if item["kind"].startswith(kind)]
            found = [_cites(library, item) for item in chosen]
            shares = [_mean([getattr(each, name) for each in found]) for name in _Cites.__slots__]
            assert shares[-1] == 1.0
            rows.append((kind, len(chosen), wanted, *(f"{share:.3f}" for share in shares)))
    show(
        "Questions about filings, quotes only: is the first citation's page the right one, is the "
        "right page among the first five, does a quote of it hold the answer's figure?",
        ("kind", "questions", "asked", "first", "in five", "figure", "refused", "exact"),
        rows,
    )


@dataclass(frozen=True, slots=True)
class _Cites:
    """What the quotes of an answer about filings are worth."""

    first: bool
    five: bool
    figure: bool
    refused: bool
    exact: bool


def _cites(library: Library, item: dict) -> _Cites:  # type: ignore[type-arg]
    def is_right(document: str, page: int) -> bool:
        return Path(document).stem == Path(item["document"]).stem and page in item["pages"]

    answer = library.ask(item["question"], quotes_only=True)
    hits = library.search(item["question"], limit=5).hits
    wanted = set(_FIGURES.findall(item["answer"]))
    right = [c for c in answer.citations if is_right(c.document, c.page)]
    return _Cites(
        first=bool(answer.citations) and answer.citations[0] in right,
        five=any(is_right(hit.document, hit.page) for hit in hits),
        figure=bool(wanted) and any(wanted <= set(_FIGURES.findall(c.quote)) for c in right),
        refused=answer.refused,
        exact=_is_exact(library, answer),
    )


# --- claims --------------------------------------------------------------------------------


def _show_pairs(what: str, pairs: Sequence[Pair], embed: Embed | None) -> None:
    found: dict[str, Counter[Support]] = {}
    for pair in pairs:
        found.setdefault(pair.kind, Counter())[verdict(pair, embed)] += 1
    rows = []
    for kind, counts in sorted(found.items()):
        total = sum(counts.values())
        rows.append((kind, total, *(f"{counts[s] / total:.3f}" for s in Support)))
    show(what, ("kind", "pairs", *(s.value for s in Support)), rows)
    right = sum(c[Support.SUPPORTED] for k, c in found.items() if k.startswith("true"))
    wrong = sum(c[Support.SUPPORTED] for k, c in found.items() if k.startswith("false"))
    true = sum(sum(c.values()) for k, c in found.items() if k.startswith("true"))
    show(
        "Of the claims called supported",
        ("what", "measured", "asked"),
        [
            ("precision", f"{right / (right + wrong):.3f}", "0.95"),
            ("recall", f"{right / true:.3f}", "0.80"),
        ],
    )


def remembering(embed: Embed) -> Embed:
    """The same vectors; of each text only once: many pairs have the same sources."""
    known: dict[str, NDArray[np.float32]] = {}

    def remembered(texts: Sequence[str]) -> NDArray[np.float32]:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(new, embed(new), strict=True))
        return np.stack([known[text] for text in texts])

    return remembered


def verdict(pair: Pair, embed: Embed | None = None) -> Support:
    """The worst that is said of the claim's sentences."""
    sentences = [
        Sentence(_hit(text, number), start, end, text[start:end])
        for number, text in enumerate(pair.sources, 1)
        for start, end in units(text)
    ]
    checked = Grounding(pair.question, sentences, embed).check(pair.claim)
    found = {item.support for item in checked}
    for support in (Support.UNSUPPORTED, Support.PARTLY, Support.SUPPORTED):
        if support in found:
            return support
    return Support.UNCHECKED


def _hit(text: str, number: int) -> Hit:
    return Hit(1, number, number, "source.txt", "", 1, "1", 0, len(text), text, "", 1.0, ())


# --- parts ---------------------------------------------------------------------------------


def _quotes(answer: Answer) -> list[str]:
    return [citation.quote for citation in answer.citations if citation.n in answer.quotes]


def _is_answered(answer: Answer) -> bool:
    """Whether a person is told anything as being in the documents."""
    told = any(claim.support is Support.SUPPORTED for claim in answer.claims)
    return told and not answer.refused and not answer.doubt


def _is_exact(library: Library, answer: Answer) -> bool:
    return all(
        library.source_page(c.document_id, c.page).page.text[c.start : c.end] == c.quote
        for c in answer.citations
    )


def _share(items: Sequence[Asked], holds: Callable[[Asked], bool]) -> float:
    return _mean([holds(item) for item in items])


def _mean(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0


def _median(items: Sequence[Asked], what: str) -> float:
    return median([getattr(item, what) for item in items if getattr(item, what)])


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


if __name__ == "__main__":
    raise SystemExit(main())
