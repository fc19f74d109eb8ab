"""One small library with the real children: reader, embedder and generator."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pymupdf
import pytest

from engine.answers import AnswerEvent, QuotesFound, Support, TextStreamed
from engine.embedding import embedding_text
from engine.errors import CarrelError, ChildCrashedError
from engine.library import Library
from engine.paths import starter_model
from engine.records import Scope, SearchMode
from engine.store.vectors import PassageText
from engine.workers import CancelToken

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("documents")
    with pymupdf.open() as pdf:
        for text in ("An empty preface.", "The lighthouse keeper retired in 1987 after the storm."):
            pdf.new_page().insert_text((72, 72), text)
        pdf.save(folder / "lighthouse.pdf")
    (folder / "bread.md").write_text("# Bread\n\nA loaf is baked at 230 degrees for forty minutes.")
    library = Library.open(tmp_path_factory.mktemp("library") / "Matter.carrel", exclusive=True)
    library.add_folder(folder)
    report = library.index()
    assert report.embedded == library.status().passages > 0
    yield library
    library.close()


def test_meaning_finds_what_words_do_not(library: Library) -> None:
    result = library.search("oven temperature", mode=SearchMode.SEMANTIC)
    assert result.hits[0].document == "bread.md"
    assert library.search("oven temperature", mode=SearchMode.KEYWORD).hits == ()
    assert library.search("oven temperature").hits[0].document == "bread.md"


def test_stored_vectors_are_those_of_the_embedder(library: Library) -> None:
    """The embedder's own, in float32, against what the store keeps."""
    store = library._store
    with store._database.reading() as db:
        waiting = db.execute("SELECT id FROM passages").fetchall()
    ids = [int(row[0]) for row in waiting]
    found = store.search.passages(ids)
    texts = [
        embedding_text(PassageText(p.id, p.title, p.document, p.heading, p.text))
        for p in found.values()
    ]
    vectors = library._embedder.embed(texts)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(texts)), abs=1e-3)
    for passage_id, vector in zip(found, vectors, strict=True):
        kept = {c.passage_id: c.score for c in store.search.semantic(1, vector, 100)}
        assert kept[passage_id] == pytest.approx(1.0, abs=1e-3)


def test_quotes_answer_without_a_model(library: Library) -> None:
    answer = library.ask("When did the lighthouse keeper retire?", quotes_only=True)
    cited = answer.citations[answer.quotes[0] - 1]
    assert (cited.document, cited.page) == ("lighthouse.pdf", 2)
    assert "1987" in cited.quote
    page = library.source_page(cited.document_id, cited.page).page
    assert page.text[cited.start : cited.end] == cited.quote
    assert cited.boxes
    assert (answer.text, answer.refused) == ("", False)


needs_model = pytest.mark.skipif(
    not starter_model().is_file(), reason="the starter model is not installed"
)


@needs_model
def test_the_model_writes_and_every_claim_is_checked(library: Library) -> None:
    events: list[AnswerEvent] = []
    talk = library.new_conversation("Lighthouses")
    answer = library.ask(
        "When did the lighthouse keeper retire?",
        conversation_id=talk.id,
        on_event=events.append,
    )
    assert isinstance(events[0], QuotesFound)
    streamed = "".join(event.text for event in events if isinstance(event, TextStreamed))
    assert streamed.strip() == answer.text != ""
    for claim in answer.claims:
        assert answer.text[claim.start : claim.end] == claim.text
        cited = claim.support in (Support.SUPPORTED, Support.PARTLY)
        assert bool(claim.citations) == cited
        assert all(1 <= n <= len(answer.citations) for n in claim.citations)
    assert answer.timings.output_tokens > 0
    assert library.turns(talk.id) == [answer]


@needs_model
def test_stopping_keeps_what_was_written(library: Library) -> None:
    token = CancelToken()

    def stop(event: AnswerEvent) -> None:
        if isinstance(event, TextStreamed):
            token.cancel()

    answer = library.ask("How long is a loaf baked?", on_event=stop, cancel=token)
    assert answer.stopped
    assert answer.text
    assert answer.citations


def test_a_model_that_is_none_leaves_the_quotes(library: Library, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    for content in (b"not a model", b"GGUF" + b"\xff" * 1000):
        broken.write_bytes(content)
        answer = library.ask("When did the keeper retire?", model=broken)
        assert answer.quotes
        assert "broken.gguf" in answer.notice


def test_an_empty_question_is_refused(library: Library) -> None:
    with pytest.raises(CarrelError, match="empty"):
        library.ask("  ")


def test_a_refusal_counts_what_was_searched(library: Library) -> None:
    question = "Who won the world cup in 1990?"
    everywhere = library.ask(question, quotes_only=True)
    assert everywhere.refused
    assert everywhere.reason == "Not found in the 2 documents that could be read."
    narrowed = library.ask(question, quotes_only=True, scope=Scope(document="*.md"))
    assert narrowed.reason == "Not found in the one document that could be read."
    nowhere = library.ask(question, quotes_only=True, scope=Scope(document="*.xyz"))
    assert "No document" in nowhere.reason
    typed = library.ask(f"{question} file:*.md before:soon", quotes_only=True)
    assert typed.reason == narrowed.reason
    assert "“before:soon” was searched for as words" in typed.notice


def test_operators_narrow_a_question_and_are_no_part_of_it(library: Library) -> None:
    question = "When did the lighthouse keeper retire?"
    answer = library.ask(f"{question} -zebra after:2001", quotes_only=True)
    assert answer.question == f"{question} -zebra after:2001"
    assert not answer.refused
    assert answer.quotes == library.ask(question, quotes_only=True).quotes
    assert library.ask(f"{question} -keeper", quotes_only=True).citations != answer.citations
    with pytest.raises(CarrelError, match="no question"):
        library.ask("type:pdf", quotes_only=True)


@needs_model
def test_what_was_written_stays_when_the_model_dies(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dying(*_: object) -> Iterator[TextStreamed]:
        yield TextStreamed("The lighthouse keeper retired in 1987 after the storm.")
        raise ChildCrashedError("It crashed (SIGSEGV).")

    monkeypatch.setattr(library._generator, "generate", dying)
    answer = library.ask("When did the lighthouse keeper retire?")
    assert answer.text.endswith("after the storm.")
    assert "SIGSEGV" in answer.notice
    assert answer.claims[0].support is Support.SUPPORTED
