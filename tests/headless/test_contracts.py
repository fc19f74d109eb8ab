"""The headless interface, by its contract: fields, order, exit statuses, one-line reasons."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import pymupdf
import pytest

from engine.library import Library
from engine.paths import sample_documents, starter_model
from tests.headless.conftest import ROOT, Carrel, Sample, needs

RENT = "How much is the rent a month?"
needs_model = pytest.mark.skipif(
    not starter_model().is_file(), reason="the starter model is not installed (make test does)"
)


def test_index_tells_what_it_did(sample: Sample) -> None:
    assert sample.report["files_read"] == 4
    assert sample.report["embedded"] == sample.report["passages"] > 0
    assert sample.report["status"]["states"]["indexed"] == 4


def test_status_is_the_ledger(sample: Sample) -> None:
    status = sample("status", "--json").json
    needs(("documents", "passages", "embedded", "states", "files"), status)
    assert status["documents"] == len(status["files"]) == 4
    states = ("indexed", "partial", "failed", "locked", "unsupported", "duplicate")
    needs(states, status["states"])
    for file in status["files"]:
        needs(("path", "state", "reason", "pages", "pages_text", "pages_ocr", "pages_empty"), file)
    handbook = next(f for f in status["files"] if f["path"] == "Ashgrove handbook.pdf")
    assert (handbook["pages"], handbook["pages_text"]) == (3, 3)


@pytest.mark.parametrize("mode", ["hybrid", "keyword", "semantic"])
def test_search_finds_the_page_in_every_mode(sample: Sample, mode: str) -> None:
    result = sample("search", "humidity of the manuscripts", "--mode", mode, "--json").json
    needs(("query", "took_ms", "hits"), result)
    first = result["hits"][0]
    needs(("rank", "document", "page", "label", "text", "score", "found_by", "boxes"), first)
    assert (first["rank"], first["document"], first["page"]) == (1, "Ashgrove handbook.pdf", 3)
    wanted = {"hybrid": {"keyword", "semantic"}}.get(mode, {mode})
    assert set(first["found_by"]) == wanted
    for x0, y0, x1, y1 in first["boxes"]:
        assert 0 <= x0 < x1 <= 420
        assert 0 <= y0 < y1 <= 595


def test_search_keeps_to_the_limit_and_the_document(sample: Sample) -> None:
    assert (
        len(sample("search", "the", "--mode", "keyword", "--limit", "2", "--json").json["hits"])
        == 2
    )
    keyword = ("--mode", "keyword", "--json", "--document")
    hits = sample("search", "rent garden oxygen", *keyword, "*.md").json["hits"]
    assert {hit["document"] for hit in hits} == {"Harbour survey.md"}
    assert sample("search", "rent", *keyword, "none.pdf").json["hits"] == []


def test_search_batch_answers_line_by_line(sample: Sample) -> None:
    feed = "\n".join(
        (
            "oyster",
            json.dumps({"query": "rent", "limit": 1, "mode": "keyword", "document": "*.docx"}),
            "{not json",
            json.dumps({"query": "roof", "mode": "psychic"}),
            json.dumps({"query": 7}),
            '"quoted" AND (operators* NEAR/2 ^ : -',
        )
    )
    outcome = sample("search", "--batch", feed=feed)
    lines = outcome.json_lines
    assert [line["query"] for line in lines[:3]] == ["oyster", "rent", "{not json"]
    assert len(lines) == 6
    assert lines[0]["hits"][0]["document"] == "Harbour survey.md"
    assert [hit["document"] for hit in lines[1]["hits"]] == ["Lease of 14 Linden Row.docx"]
    assert "psychic" in lines[3]["error"]
    assert "text" in lines[4]["error"]
    assert outcome.status == 1


def test_batch_is_flushed_at_once(sample: Sample) -> None:
    process = subprocess.Popen(
        sample.carrel.command("search", "--batch", "--library", str(sample.library)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=sample.carrel.environment(),
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        for query in ("rent", "oyster"):
            process.stdin.write(query + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["query"] == query
        process.stdin.close()
        assert process.wait(30) == 0


def test_a_waiting_batch_can_be_ended(sample: Sample) -> None:
    process = subprocess.Popen(
        sample.carrel.command("search", "--batch", "--library", str(sample.library)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=sample.carrel.environment(),
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        process.stdin.write('{"query": "rent", "mode": "keyword"}\n')
        process.stdin.flush()
        assert process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 130


def test_ask_without_a_model_quotes(sample: Sample) -> None:
    answer = sample("ask", RENT, "--model", "none", "--json").json
    needs(
        (
            *("question", "answer", "refused", "reason", "claims", "citations", "model"),
            *("adapter", "timings"),
        ),
        answer,
    )
    assert answer["model"] == ""
    assert "1,850 euros a month" in answer["answer"]
    for claim in answer["claims"]:
        assert claim["support"] == "supported"
        assert len(claim["citations"]) == 1
    _citations_are_on_their_pages(sample, answer)


@needs_model
@pytest.mark.model
def test_ask_with_the_starter_writes_and_checks(sample: Sample) -> None:
    answer = sample("ask", RENT, "--json").json
    assert answer["model"].startswith("SmolLM2")
    assert answer["written"]
    assert answer["answer"].endswith(answer["written"])
    needs(
        (
            *("retrieve_ms", "first_token_ms", "total_ms", "prompt_tokens", "output_tokens"),
            "tokens_per_s",
        ),
        answer["timings"],
    )
    assert answer["timings"]["output_tokens"] > 0
    numbers = {citation["n"] for citation in answer["citations"]}
    for claim in answer["claims"]:
        assert claim["support"] in ("supported", "partly", "unsupported", "unchecked")
        assert set(claim["citations"]) <= numbers
        if claim["support"] in ("unsupported", "unchecked"):
            assert claim["citations"] == []
    _citations_are_on_their_pages(sample, answer)


@needs_model
@pytest.mark.model
def test_ask_batch_is_repeatable(sample: Sample) -> None:
    feed = "\n".join((RENT, json.dumps({"question": RENT, "document": "*.docx", "seed": 3}), RENT))
    first, narrowed, again = sample("ask", "--batch", feed=feed).json_lines
    assert first["answer"] == again["answer"]
    assert {c["document"] for c in narrowed["citations"]} == {"Lease of 14 Linden Row.docx"}


@needs_model
@pytest.mark.model
def test_ask_without_documents_cites_nothing(sample: Sample) -> None:
    answer = sample("ask", "What is a library?", "--no-documents", "--json").json
    assert answer["answer"]
    assert answer["citations"] == []
    assert {claim["support"] for claim in answer["claims"]} == {"unchecked"}


def test_what_is_not_there_is_refused(sample: Sample) -> None:
    answer = sample("ask", "Who won the world cup in 1990?", "--model", "none", "--json").json
    assert answer["refused"]
    assert answer["reason"].startswith("Not found in the 4 documents")
    assert answer["claims"] == []


def test_a_second_index_touches_nothing(carrel: Carrel, tmp_path: Path) -> None:
    folder, library = tmp_path / "documents", tmp_path / "a.carrel"
    folder.mkdir()
    (folder / "a.txt").write_text("The kestrel nests in the tower.")
    arguments = ("index", str(folder), "--library", str(library), "--no-embed", "--json")
    assert carrel(*arguments).json["files_read"] == 1
    before = library.read_bytes()
    again = carrel(*arguments).json
    assert (again["files_read"], again["files_unchanged"]) == (0, 1)
    assert library.read_bytes() == before


def test_the_last_library_is_the_default(carrel: Carrel, tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "a.txt").write_text("The kestrel nests in the tower.")
    carrel("index", str(folder), "--library", str(tmp_path / "b.carrel"), "--no-embed")
    hits = carrel("search", "kestrel", "--mode", "keyword", "--json").json["hits"]
    assert [hit["document"] for hit in hits] == ["a.txt"]


@pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
def test_the_library_may_be_named_before_and_after_the_command(
    carrel: Carrel, tmp_path: Path, first: bool
) -> None:
    """Before the command it was once forgotten, and the library last used was taken."""
    named = ("--library", str(tmp_path / "named.carrel"))
    command = ("index", str(sample_documents()), "--no-embed")
    done = carrel(*(named + command if first else command + named))
    assert done.status == 0
    assert (tmp_path / "named.carrel").is_file()


def test_an_encrypted_library_needs_its_passphrase(carrel: Carrel, tmp_path: Path) -> None:
    folder, secret = tmp_path / "documents", tmp_path / "secret"
    folder.mkdir()
    (folder / "a.txt").write_text("The kestrel nests in the tower.")
    secret.write_text("correct horse\n")
    library = ("--library", str(tmp_path / "c.carrel"))
    unlocked = (*library, "--passphrase-file", str(secret))
    assert carrel("index", str(folder), "--no-embed", *unlocked).status == 0
    assert b"kestrel" not in (tmp_path / "c.carrel").read_bytes()
    assert "passphrase" in carrel.fails("status", *library)
    secret.write_text("wrong")
    assert "passphrase" in carrel.fails("status", *unlocked)


def test_reasons_are_one_line(carrel: Carrel, sample: Sample, tmp_path: Path) -> None:
    text = tmp_path / "notes.carrel"
    text.write_text("not a library " * 100)
    library = ("--library", str(sample.library))
    reasons = [
        carrel.fails("status", "--library", str(tmp_path / "none.carrel")),
        carrel.fails("status", "--library", str(text)),
        carrel.fails("index", str(tmp_path / "nowhere"), "--library", str(tmp_path / "d.carrel")),
        carrel.fails("index", str(text), "--library", str(tmp_path / "d.carrel")),
        carrel.fails("ask", RENT, "--model", "none.gguf", *library),
        carrel.fails("ask", RENT, "--adapter", "none.gguf:0.5", *library),
        carrel.fails("ask", RENT, "--seed", "99999999999999999999", *library),
        carrel.fails("search", "rent", "--limit", "0", *library),
        carrel.fails("search", *library),
        carrel.fails("search", "rent", "--mode", "psychic", *library),
        carrel.fails("frobnicate"),
    ]
    for reason in reasons:
        assert reason.startswith("carrel")
        assert "Traceback" not in reason


def test_an_adapter_that_is_none_leaves_the_quotes(sample: Sample, tmp_path: Path) -> None:
    broken = tmp_path / "style.gguf"
    broken.write_bytes(b"GGUF" + b"\0" * 64)
    answer = sample("ask", RENT, "--adapter", f"{broken}:0.5", "--json").json
    assert "1,850 euros a month" in answer["answer"]
    if starter_model().is_file():
        assert "style.gguf" in answer["notice"]


def test_a_model_that_is_none_leaves_the_quotes(sample: Sample, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\0" * 64)
    answer = sample("ask", RENT, "--model", str(broken), "--json").json
    assert "1,850 euros a month" in answer["answer"]
    assert "broken.gguf" in answer["notice"]


def test_no_display_is_one_line(carrel: Carrel) -> None:
    outcome = carrel()
    assert outcome.status == 1
    assert len(outcome.err.splitlines()) == 1


def test_ctrl_c_keeps_what_was_read(carrel: Carrel, tmp_path: Path) -> None:
    folder, path = tmp_path / "documents", tmp_path / "e.carrel"
    folder.mkdir()
    for number in range(60):
        with pymupdf.open() as document:
            for page in range(10):
                document.new_page().insert_textbox(
                    (50, 50, 550, 800), f"Report {number}, page {page}. " + "A line of it. " * 150
                )
            document.save(folder / f"{number:02}.pdf")
    index = ("index", str(folder), "--library", str(path), "--no-embed")
    process = subprocess.Popen(
        carrel.command(*index),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=carrel.environment(),
    )
    _wait_for_documents(path, process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    if process.returncode != 0:  # it may have been done already
        assert process.returncode == 130
        assert "kept" in err
    assert "Traceback" not in err
    assert carrel(*index).status == 0
    library = Library.open(path)
    try:
        assert library.status().documents == 60
        assert library.check() == []
    finally:
        library.close()


def _wait_for_documents(path: Path, process: subprocess.Popen[str]) -> None:
    while process.poll() is None:
        if path.exists() and path.with_name(path.name + "-wal").exists():
            library = Library.open(path)
            try:
                if library.status().documents:
                    return
            finally:
                library.close()


def _citations_are_on_their_pages(sample: Sample, answer: dict[str, object]) -> None:
    library = Library.open(sample.library)
    try:
        ids = {entry.path: entry.document_id for entry in library.ledger()}
        citations = answer["citations"]
        assert isinstance(citations, list)
        assert citations
        for citation in citations:
            needs(("n", "document", "page", "label", "quote", "boxes"), citation)
            page = library.source_page(ids[citation["document"]], citation["page"]).page
            assert page.text[citation["start"] : citation["end"]] == citation["quote"]
            assert bool(citation["boxes"]) == citation["document"].endswith(".pdf")
    finally:
        library.close()
