"""Collections with judged queries, laid out as folders of documents that a library can follow."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

Place = tuple[str, int]  # document, page


@dataclass(frozen=True, slots=True)
class Topic:
    """A query with the documents, or the pages of documents, that answer it."""

    query: str
    documents: frozenset[str] = frozenset()
    places: frozenset[Place] = frozenset()
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """``texts`` by document name: what a naive index would hold."""

    name: str
    folder: Path
    texts: Mapping[str, str]
    topics: tuple[Topic, ...]


def scifact(data: Path, target: Path) -> Judged:
    """Abstracts, and claims with the abstracts that they cite."""
    texts = {
        f"{row['id']}.txt": row["title"] + "\n\n" + " ".join(row["abstract"])
        for row in _rows(data / "scifact" / "corpus.jsonl")
    }
    topics = tuple(
        Topic(row["claim"], frozenset(f"{each}.txt" for each in row["documents"]))
        for row in _rows(data / "scifact" / "claims-dev.jsonl")
        if row["documents"]
    )
    return Judged("SciFact-dev", _written(target, texts), texts, topics)


def cranfield(data: Path, target: Path) -> Judged:
    """Abstracts on aerodynamics; every judgement from 1 to 4 counts as relevant."""
    folder = data / "cranfield" / "cran"
    texts = {}
    for record in re.split(r"^\.I ", (folder / "cran.all.1400").read_text(), flags=re.M)[1:]:
        number = int(record.partition("\n")[0])
        title = " ".join(_between(record, ".T", ".A").split())
        body = " ".join(record.partition("\n.W\n")[2].split()).removeprefix(title).strip()
        texts[f"{number}.txt"] = f"{title}\n\n{body}"
    relevant: dict[int, set[str]] = {}
    for line in (folder / "cranqrel").read_text().splitlines():
        query, document, grade = (int(part) for part in line.split()[:3])
        if grade >= 1:
            relevant.setdefault(query, set()).add(f"{document}.txt")
    queries = re.split(r"^\.I ", (folder / "cran.qry").read_text(), flags=re.M)[1:]
    topics = tuple(
        Topic(" ".join(query.partition(".W\n")[2].split()), frozenset(relevant[number]))
        for number, query in enumerate(queries, 1)  # judged by position, not by their own number
        if number in relevant
    )
    return Judged("Cranfield", _written(target, texts), texts, topics)


def xquad(data: Path, target: Path, language: str) -> Judged:
    """Paragraphs and the questions that each of them answers."""
    texts: dict[str, str] = {}
    topics = []
    articles = json.loads((data / "xquad" / f"xquad.{language}.json").read_text("utf-8"))["data"]
    for paragraph in (each for article in articles for each in article["paragraphs"]):
        name = f"{len(texts):04}.txt"
        texts[name] = paragraph["context"]
        topics += [Topic(row["question"], frozenset({name})) for row in paragraph["qas"]]
    return Judged(f"XQuAD {language}", _written(target, texts), texts, tuple(topics))


def filings(data: Path) -> tuple[Topic, ...]:
    """Questions about filings with the pages that hold the answer."""
    return tuple(
        Topic(
            row["question"],
            places=frozenset((row["document"], page) for page in row["pages"]),
            kind="financebench" if row["kind"] == "financebench" else "ohr",
        )
        for row in _rows(data / "financebench" / "questions.jsonl")
    )


def _rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _between(text: str, start: str, end: str) -> str:
    return text.partition(f"\n{start}\n")[2].partition(f"\n{end}\n")[0]


def _written(target: Path, texts: Mapping[str, str]) -> Path:
    target.mkdir(parents=True)
    for name, text in texts.items():
        (target / name).write_text(text + "\n", encoding="utf-8")
    return target
