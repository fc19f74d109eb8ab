"""The source pane: the page a claim came from, with the passage lit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QImage, QKeyEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from desktop.ask.labels import Label, Rule
from desktop.ask.notice import Notice
from desktop.bridge import Bridge
from desktop.source.cells import Row
from desktop.source.find_bar import FindBar
from desktop.source.finding import found_spans, located_quote
from desktop.source.header import SourceHeader
from desktop.source.page_view import PageView
from desktop.source.remarks import HIDES, HIDES_MARKED, how_read
from desktop.source.renders import PageRenders
from desktop.source.sheet import Sheet, sheet_of
from desktop.source.sheet_view import SheetView
from desktop.source.table_heads import head_before
from desktop.source.target import Target, boxes_of, text_sides
from desktop.source.text_view import TextView
from engine.answers import Citation
from engine.errors import CarrelError
from engine.records import Hit, SourcePage

if TYPE_CHECKING:
    from engine.library import Library

LOADING_MS = 150  # a page that is there sooner shows no sign of loading
_QUOTE_LENGTH = 400
_AROUND = (10, 2, 10, 8)


class SourcePane(QWidget):
    """Shows one page at a time. Whatever was asked for last is what is shown."""

    closed = Signal()
    document_shown = Signal(int)
    summary_wanted = Signal(int, str)  # document id, its title

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._renders = PageRenders(bridge, self)
        self._request = 0
        self._target: Target | None = None
        self._cited: Target | None = None  # lit again when its page is turned back to
        self._source: SourcePage | None = None
        self._table: Sheet | None = None  # the page as one, where it is one
        self._next_hidden = 0
        self._from_below = False
        self._found: list[tuple[int, int]] = []
        self._current = 0

        self._header = SourceHeader()
        self._find = FindBar()
        self._notice = Notice(_AROUND)
        self._trouble = Notice(_AROUND)
        self._hiding = Notice(_AROUND)
        self._how = Label(size=0.9, ink="muted", wrap=True)
        self._how.setContentsMargins(14, 0, 14, 8)
        self._how.hide()
        self._image = PageView()
        self._text = TextView()
        self._sheet = SheetView()
        self._blank = Label(ink="muted")
        self._blank.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._body = QStackedWidget()
        for page in (self._blank, self._image, self._text, self._sheet):
            self._body.addWidget(page)
        self._loading = QTimer(self)
        self._loading.setSingleShot(True)
        self._loading.setInterval(LOADING_MS)
        self._loading.timeout.connect(self._say_loading)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self._header, self._how, self._find):
            column.addWidget(part)
        for notice in (self._notice, self._trouble, self._hiding):
            column.addWidget(notice)
        column.addWidget(Rule())
        column.addWidget(self._body, 1)
        self.setMinimumWidth(320)
        self.setAccessibleName("Source")
        self._join()

    def _join(self) -> None:
        header = self._header
        header.page_wanted.connect(self._turn_to)
        header.zoomed_in.connect(lambda: self._shown.zoom_in())
        header.zoomed_out.connect(lambda: self._shown.zoom_out())
        header.fit_wanted.connect(lambda: self._shown.fit_width())
        header.find_wanted.connect(self.find)
        header.open_wanted.connect(self._open_file)
        header.closed.connect(self.closed)
        header.summary_wanted.connect(self._summarise)
        self._find.searched.connect(self._search)
        self._find.stepped.connect(self._step_found)
        self._find.closed.connect(self._close_find)
        self._image.scale_wanted.connect(self._render)
        for view in (self._image, self._text, self._sheet):
            view.page_stepped.connect(self._step_page)
        self._bridge.library_changed.connect(self._renders.forget)

    # --- for the window ---------------------------------------------------------------------

    def show_citation(self, citation: Citation) -> None:
        self._show(Target.of_citation(citation))

    def show_passage(self, hit: Hit) -> None:
        self._show(Target.of_hit(hit))

    def show_document(self, document_id: int, page: int = 1) -> None:
        self._show(Target(document_id, page))

    def find(self) -> None:  # type: ignore[override]  # hides a static look-up by window id
        """Open the find bar, ready to type."""
        self._find.open_bar()

    # --- getting the page -------------------------------------------------------------------

    def _show(self, target: Target) -> None:
        self._request += 1
        self._target = target
        if target.quote:
            self._cited = target
        self._renders.drop()
        if target.title:
            self._header.show_title(target.title)
        self._loading.start()
        request, library = self._request, self._bridge.library
        document_id, number = target.document_id, target.page
        self._bridge.run(
            self,
            lambda: _prepared(library, document_id, number),
            lambda found: self._arrived(request, target, *found),
            lambda error: self._missed(request, target, error),
        )

    def _arrived(
        self, request: int, target: Target, source: SourcePage, table: Sheet | None
    ) -> None:
        if request != self._request:
            return
        self._loading.stop()
        self._source, self._table = source, table
        page = source.page
        self.document_shown.emit(source.document_id)
        self._header.show_title(source.title or source.document)
        label = page.label if page.label.strip() != source.title.strip() else ""
        self._header.show_place(page.number, source.page_count, label)
        self._header.allow_opening(source.available)
        self._trouble.hide()
        span = self._span(source, target)
        self._say(source, target, span)
        if source.has_image and source.available:
            self._show_image(source, target, span)
        else:
            self._show_text(source, span)
        self._say_hidden()
        if self._from_below:
            self._shown.scroll_to_end()
        self._from_below = False
        if self._find.words:
            self._search(self._find.words)

    def _span(self, source: SourcePage, target: Target) -> tuple[int, int] | None:
        """Where the quote stands, if there is one and it does."""
        if not target.quote:
            return None
        return located_quote(source.page.text, target.start, target.end, target.quote)

    def _show_image(self, source: SourcePage, target: Target, span: tuple[int, int] | None) -> None:
        page = source.page
        boxes = target.boxes
        if span is None:
            boxes = ()
        elif span != (target.start, target.end) or not boxes:
            boxes = boxes_of(page, *span) or boxes
        self._body.setCurrentWidget(self._image)
        self._image.show_page(page.width, page.height, boxes, text_sides(page))

    def _show_text(self, source: SourcePage, span: tuple[int, int] | None) -> None:
        page = source.page
        if self._table is not None:
            self._body.setCurrentWidget(self._sheet)
            self._sheet.show_sheet(self._table, page.hidden, span)
        else:
            self._body.setCurrentWidget(self._text)
            self._text.show_page(page, span)

    def _say(self, source: SourcePage, target: Target, span: tuple[int, int] | None) -> None:
        how = how_read(source.page)
        self._how.setText(how)
        self._how.setVisible(bool(how))
        remarks = []
        if not source.available:
            remarks.append(
                "The file is not where it was. This is the text Carrel read from it; to see the"
                " page, put the file back."
            )
        if target.quote and span is None:
            remarks.append(f"This document has changed since; the quote was: {_cited(target)}")
        if remarks:
            self._notice.say("\n".join(remarks), "warning")
        else:
            self._notice.hide()

    def _missed(self, request: int, target: Target, error: Exception) -> None:
        if request != self._request:
            return
        self._loading.stop()
        self._source = None
        self._blank.setText("")
        self._body.setCurrentWidget(self._blank)
        for part in (self._notice, self._hiding, self._how):
            part.hide()
        said = (
            str(error)
            if isinstance(error, CarrelError) and str(error)
            else "This page could not be opened. The log has the details; try again."
        )
        if target.quote:
            said += f"\nThe quote was: {_cited(target)}"
        self._header.show_nothing()
        self._trouble.say(said, "danger", "Try again", self._again)

    def _again(self) -> None:
        if self._target is not None:
            self._show(self._target)

    def _say_loading(self) -> None:
        self._blank.setText("Opening the page…")
        self._body.setCurrentWidget(self._blank)

    # --- its image --------------------------------------------------------------------------

    def _render(self, scale: float) -> None:
        source = self._source
        if source is None or self._shown is not self._image:
            return
        document_id, number = source.document_id, source.page.number
        nearest = self._renders.nearest(document_id, number)
        if nearest is not None:
            self._image.set_image(nearest)
        self._renders.want(document_id, number, scale, self._rendered, self._not_rendered)

    def _rendered(self, image: QImage) -> None:
        self._image.set_image(image)

    def _not_rendered(self, error: Exception) -> None:
        """The text is still there to read."""
        source, target = self._source, self._target
        if source is None or target is None:
            return
        said = str(error) if isinstance(error, CarrelError) else "The page could not be drawn."
        self._trouble.say(f"{said} This is the text Carrel read from it.", "warning")
        self._show_text(source, self._span(source, target))
        self._say_hidden()

    # --- what cannot be seen ----------------------------------------------------------------

    def _say_hidden(self) -> None:
        source = self._source
        self._next_hidden = 0
        if source is None or not source.page.hidden:
            self._hiding.hide()
        elif self._shown is self._image:
            self._hiding.say(HIDES, "warning", "Show it", self._uncover)
        elif source.has_image and source.available:
            self._hiding.say(HIDES_MARKED, "warning", "Show the page", self._again)
        else:
            self._hiding.say(HIDES_MARKED, "warning", "Go to it", self._go_to_hidden)

    def _uncover(self) -> None:
        """Show the page as text, where hidden words are marked."""
        source, target = self._source, self._target
        if source is not None and target is not None:
            self._renders.drop()
            self._show_text(source, self._span(source, target))
            self._say_hidden()
            self._go_to_hidden()

    def _go_to_hidden(self) -> None:
        """To the first of it, then to the next."""
        hidden = self._source.page.hidden if self._source is not None else ()
        shown = self._shown
        if hidden and isinstance(shown, TextView | SheetView):
            shown.go_to(hidden[self._next_hidden % len(hidden)])
            self._next_hidden += 1

    # --- moving about -----------------------------------------------------------------------

    @property
    def _shown(self) -> PageView | TextView | SheetView:
        shown = self._body.currentWidget()
        return next((view for view in (self._text, self._sheet) if view is shown), self._image)

    def _turn_to(self, number: int) -> None:
        source = self._source
        if source is None or not 1 <= number <= source.page_count:
            return
        cited = self._cited
        if cited is not None and (cited.document_id, cited.page) == (source.document_id, number):
            self._show(cited)
            return
        self._show(Target(source.document_id, number, source.title or source.document))

    def _step_page(self, by: int) -> None:
        if self._source is not None:
            number = self._source.page.number + by
            self._from_below = by < 0 and number >= 1
            self._turn_to(number)

    def _open_file(self) -> None:
        """In the system's viewer. The path goes out as a local file and as nothing else."""
        source = self._source
        if source is None:
            return
        opened = Path(source.file).is_file() and QDesktopServices.openUrl(
            QUrl.fromLocalFile(source.file)
        )
        if not opened:
            self._trouble.say(
                "The file could not be opened. It may have been moved, or no program is set for"
                " this kind of file.",
                "warning",
            )

    def _summarise(self) -> None:
        source = self._source
        if source is not None:
            self.summary_wanted.emit(source.document_id, source.title or source.document)

    # --- finding ----------------------------------------------------------------------------

    def _search(self, words: str) -> None:
        text = self._source.page.text if self._source is not None else ""
        self._found = found_spans(text, words)
        self._current = 0
        self._show_found()

    def _step_found(self, by: int) -> None:
        if self._found:
            self._current = (self._current + by) % len(self._found)
            self._show_found()

    def _show_found(self) -> None:
        self._find.say(self._current, len(self._found))
        current = self._current if self._found else -1
        shown = self._shown
        if isinstance(shown, TextView | SheetView):
            shown.set_found(self._found, current)
        elif self._source is not None:
            page = self._source.page
            self._image.set_found([boxes_of(page, *span) for span in self._found], current)

    def _close_find(self) -> None:
        self._find.hide()
        self._found = []
        self._show_found()
        self._shown.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self._find.isHidden():
                self.closed.emit()
            else:
                self._close_find()
            return
        super().keyPressEvent(event)


def _prepared(library: Library, document_id: int, number: int) -> tuple[SourcePage, Sheet | None]:
    """A page, and the same as a table where that is how it may be shown. Not for the UI thread: a
    long one takes a while."""
    source = library.source_page(document_id, number)

    def head() -> tuple[Row, ...]:
        return head_before(source.page, lambda n: library.source_page(document_id, n).page)

    return source, sheet_of(source.page, head)


def _cited(target: Target) -> str:
    quote = " ".join(target.quote.split())
    if len(quote) > _QUOTE_LENGTH:
        quote = quote[:_QUOTE_LENGTH].rsplit(maxsplit=1)[0] + " …"
    return f"“{quote}”"
