"""The Documents view over a real library: files that are locked, new, hiding and gone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from PySide6.QtCore import Qt

from desktop.bridge import Bridge
from desktop.documents.unlocking import UnlockDialog
from desktop.documents.view import DocumentsView
from desktop.source.pane import SourcePane
from engine.library import Library
from engine.records import DocumentState, LedgerEntry

SOON = 60_000  # milliseconds; a busy machine takes its time


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "owls.txt").write_text("Owls hunt by night, and by ear.\n", encoding="utf-8")
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 72), "The merger closes on 3 May.")
        document.save(
            papers / "sealed.pdf",
            encryption=pymupdf.PDF_ENCRYPT_AES_256,
            owner_pw="barn",
            user_pw="owl",
        )
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((72, 72), "The lease ends in June.")
        page.insert_text((72, 100), "Praise the landlord.", color=(1, 1, 1))
        document.save(papers / "lease.pdf")
    return papers


@pytest.fixture
def living(qapp: Any, tmp_path: Path, papers: Path) -> Iterator[Bridge]:
    library = Library.open(tmp_path / "Matter.carrel", exclusive=True)
    library.add_folder(papers)
    library.index = partial(library.index, embed=False)  # type: ignore[method-assign]
    bridge = Bridge(library)
    bridge._watch._calm.setInterval(200)
    yield bridge
    bridge.close()


@pytest.fixture
def view(qtbot: Any, living: Bridge) -> DocumentsView:
    view = DocumentsView(living)
    qtbot.addWidget(view)
    view.resize(1100, 700)
    view.show()
    with qtbot.waitSignal(living.index_finished, timeout=SOON):
        living.start_indexing()
    qtbot.waitUntil(lambda: len(listed(view)) == 3)
    return view


def listed(view: DocumentsView) -> dict[str, LedgerEntry]:
    rows = view.table.documents
    return {rows.entry(n).path: rows.entry(n) for n in range(rows.rowCount())}


def choose(view: DocumentsView, path: str) -> LedgerEntry:
    entry = listed(view)[path]
    picker = view.table.selectionModel()
    chosen = view.table.documents.selection_of([entry.document_id])
    picker.select(chosen, picker.SelectionFlag.ClearAndSelect)
    return entry


def test_a_locked_file_is_opened_once_and_read_on(
    qtbot: Any, living: Bridge, view: DocumentsView
) -> None:
    assert choose(view, "sealed.pdf").state is DocumentState.LOCKED
    view.details._unlock.click()
    dialog = view.findChild(UnlockDialog)
    for words in ("mouse", "owl"):
        dialog.line.setText(words)
        qtbot.keyClick(dialog.line, Qt.Key.Key_Return)
        if words == "mouse":
            qtbot.waitUntil(dialog.hint.isVisible, timeout=SOON)
            assert "does not open" in dialog.hint.text()
    qtbot.waitUntil(lambda: listed(view)["sealed.pdf"].state is DocumentState.INDEXED, timeout=SOON)
    pane = SourcePane(living)
    qtbot.addWidget(pane)
    pane.resize(500, 600)
    pane.show()
    pane.show_document(listed(view)["sealed.pdf"].document_id)
    drawn = pane._image
    qtbot.waitUntil(lambda: not drawn._image.isNull(), timeout=SOON)
    assert "merger" in pane._source.page.text


def test_new_and_deleted_files_are_noticed(
    qtbot: Any, living: Bridge, view: DocumentsView, papers: Path
) -> None:
    living.watch_folders()
    qtbot.waitUntil(lambda: living._watch._watch is not None, timeout=SOON)
    (papers / "mice.txt").write_text("Mice are hunted.\n", encoding="utf-8")
    qtbot.waitUntil(lambda: "mice.txt" in listed(view), timeout=SOON)
    (papers / "owls.txt").unlink()
    qtbot.waitUntil(lambda: "owls.txt" not in listed(view), timeout=SOON)
    assert len(listed(view)) == 3


def test_a_folder_that_is_unplugged_keeps_what_was_read(
    qtbot: Any, living: Bridge, view: DocumentsView, papers: Path
) -> None:
    shutil.move(papers, papers.with_name("elsewhere"))
    with qtbot.waitSignal(living.index_finished, timeout=SOON):
        living.start_indexing()
    qtbot.waitUntil(lambda: not listed(view)["owls.txt"].available, timeout=SOON)
    assert view.folders.item(1).text() == "papers\nnot available"
    assert living.library.search("owls", limit=3).hits
    choose(view, "owls.txt")
    assert "can still be searched" in view.details._advice.text()


def test_hidden_text_is_marked_from_the_list_to_the_page(
    qtbot: Any, living: Bridge, view: DocumentsView
) -> None:
    entry = choose(view, "lease.pdf")
    assert "cannot be seen" in view.details._state.text()
    view.details._how.click()
    qtbot.waitUntil(view.details._pages.isVisible)
    assert "cannot be seen" in view.details._pages.model().index(0, 0).data()
    pane = SourcePane(living)
    qtbot.addWidget(pane)
    pane.resize(500, 600)
    pane.show()
    pane.show_document(entry.document_id)
    qtbot.waitUntil(lambda: pane._hiding.text != "", timeout=SOON)
    pane._hiding._button.click()
    assert pane._text.toPlainText().count("Praise the landlord.") == 1
