"""``carrel self-test``: every native part loaded, the whole job done once on the sample."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from PIL import Image

from engine.answers import Answer, Turn
from engine.exporting.exporter import ExportFormat
from engine.library import Library
from engine.paths import sample_documents
from engine.records import PageImage, PageState, SearchMode

_QUESTION = "How long may a reserved book stay at a carrel?"


def run(more_checks: Mapping[str, Callable[[], str]]) -> int:
    """Prints a line for each part; 0 when all of them work."""
    with tempfile.TemporaryDirectory(prefix="carrel-self-test-") as folder:
        test = _SelfTest(Path(folder) / "self-test.carrel")
        checks = {
            "store": test.open,
            "reading and embedding": test.index,
            "search": test.search,
            "answer without a model": test.quote,
            "answer with a model": test.answer,
            "page image": test.render,
            "text in a picture": test.recognise,
            "confinement of readers": test.confine,
            "export": test.export,
            "library": test.check,
            **more_checks,
        }
        try:
            failed = [name for name, check in checks.items() if not _passes(name, check)]
        finally:
            test.close()
    print("All parts work." if not failed else f"Broken: {', '.join(failed)}.")
    return 1 if failed else 0


def _passes(name: str, check: Callable[[], str]) -> bool:
    started = time.perf_counter()
    try:
        found = check()
    except Exception as error:
        print(f"FAILED  {name}: {error or type(error).__name__}", file=sys.stderr)
        return False
    print(f"ok      {name}: {found} ({time.perf_counter() - started:.1f} s)")
    return True


class _SelfTest:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._library: Library | None = None

    @property
    def _open(self) -> Library:
        if self._library is None:
            raise RuntimeError("the library did not open")
        return self._library

    def open(self) -> str:
        self._library = Library.open(self._path, passphrase="self-test")
        return "encrypted library made"

    def index(self) -> str:
        self._open.add_folder(sample_documents())
        report = self._open.index()
        if not report.passages or report.embedded != report.passages or report.files_not_read:
            raise RuntimeError(f"the sample was not read as it should be: {report}")
        return f"{report.files_read} documents, {report.pages} pages, {report.embedded} vectors"

    def search(self) -> str:
        for mode in SearchMode:
            if not self._open.search(_QUESTION, mode=mode).hits:
                raise RuntimeError(f"{mode.value} search found nothing")
        return "keyword, semantic and hybrid"

    def quote(self) -> str:
        answer = self._open.ask(_QUESTION, quotes_only=True)
        self._check_citations(answer)
        return f"{len(answer.quotes)} quotes"

    def answer(self) -> str:
        model = self._open.model()
        if model is None:
            raise RuntimeError("no model is installed")
        answer = self._open.ask(_QUESTION)
        self._check_citations(answer)
        if not answer.text or answer.notice:
            raise RuntimeError(f"the model wrote nothing. {answer.notice}")
        return f"{answer.model}, {answer.timings.tokens_per_s:.0f} tokens/s"

    def render(self) -> str:
        image = self._drawn(1.0)
        return f"{image.width} × {image.height} pixels"

    def _drawn(self, scale: float) -> PageImage:
        for entry in self._open.ledger():
            if self._open.source_page(entry.document_id, 1).has_image:
                return self._open.render_page(entry.document_id, 1, scale)
        raise RuntimeError("the sample holds no page that can be drawn")

    def recognise(self) -> str:
        drawn, folder = self._drawn(2.0), self._path.with_name("scans")
        folder.mkdir()
        shape = drawn.width, drawn.height
        scan = Image.frombuffer("RGB", shape, drawn.samples, "raw", "RGB", drawn.stride, 1)
        scan.save(folder / "scan.png")
        self._open.add_folder(folder)
        self._open.index()
        (entry,) = (entry for entry in self._open.ledger() if entry.path == "scan.png")
        page = self._open.source_page(entry.document_id, 1).page
        if page.state is not PageState.OCR:
            raise RuntimeError(f"it was not read: {entry.reason}")
        return f"{len(page.text.split())} words"

    def confine(self) -> str:
        held = self._open.confinement()
        return ", ".join(sorted(held)) or "none by this operating system"

    def export(self) -> str:
        turns = [Turn(1, time.time(), self._open.ask(_QUESTION, quotes_only=True))]
        files = [self._path.with_name(f"answer{known.suffix}") for known in ExportFormat]
        for file in files:
            self._open.export(turns, file)
        report = self._open.check_record(self._path.with_name("answer.json"))
        if not report.holds:
            raise RuntimeError(" ".join(report.problems()))
        return f"{len(files)} formats, and the record holds"

    def check(self) -> str:
        problems = self._open.check()
        if problems:
            raise RuntimeError("; ".join(problems))
        return "sound"

    def close(self) -> None:
        if self._library is not None:
            self._library.close()

    def _check_citations(self, answer: Answer) -> None:
        if not answer.citations:
            raise RuntimeError("the answer has no citations")
        for citation in answer.citations:
            page = self._open.source_page(citation.document_id, citation.page).page
            if page.text[citation.start : citation.end] != citation.quote:
                raise RuntimeError(f"citation {citation.n} is not on its page")
