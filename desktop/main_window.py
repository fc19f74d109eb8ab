"""The window of one library: sidebar, views, source pane and notices, joined together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop import menus, theme
from desktop.applying import Applying, SwitchedOff
from desktop.ask.view import AskView
from desktop.bridge import Bridge
from desktop.dropping import Drops
from desktop.following import Following
from desktop.notices import Action, Notices
from desktop.plain import one_line
from desktop.remembered import Remembered
from desktop.settings_dialog import SettingsDialog
from desktop.sidebar import VIEWS, Sidebar
from desktop.taking_away import TakingAway
from engine.answers import Answer, Citation
from engine.errors import CancelledError
from engine.models.catalogue import Catalogue
from engine.models.gguf_header import GGUF
from engine.records import Hit, IndexProgress, IndexReport, LibraryStatus

if TYPE_CHECKING:
    from desktop.adapters.view import AdaptersView
    from desktop.documents.view import DocumentsView
    from desktop.models.view import ModelsView
    from desktop.source.pane import SourcePane
    from engine.adapters.catalogue import Adapters
    from engine.training.trainer import Trainer

_ADAPTERS = "adapters"  # the view's key, and what is remembered of it
_SHOWN = "shown"
_SOURCE_SHARE = "source"  # how wide the person likes it, by this name
_LATER = {
    "documents": "desktop.documents.view",
    "source": "desktop.source.pane",
    "models": "desktop.models.view",
    _ADAPTERS: "desktop.adapters.view",
}
"""What the window can be used without, and the module of each: made when it is first wanted, or
ahead of that once the window is there."""
_AHEAD_MS = 300  # after the window is shown, so that painting it comes first


class MainWindow(QMainWindow):
    """Joins the parts; each of them knows the bridge and none knows another.

    A view is the attribute that its key names.
    """

    new_library_requested = Signal()
    open_library_requested = Signal()
    library_chosen = Signal(object)  # Path
    theme_chosen = Signal(str)
    adapters_wanted = Signal(bool)
    closed = Signal()

    def __init__(
        self,
        bridge: Bridge,
        remembered: Remembered,
        catalogue: Catalogue,
        adapters: Adapters,
        trainer: Trainer,
    ) -> None:
        super().__init__()
        self._bridge = bridge
        self._remembered, self._catalogue = remembered, catalogue
        self._adapters, self._trainer = adapters, trainer
        self.library_path = bridge.library.path
        self._empty = False
        self._shown = "ask"
        self._told: set[str] = set()
        self.setWindowTitle(f"{bridge.library.name} — Carrel")
        self.notices = Notices(self)
        self.following = Following(bridge, self.notices, self)
        self.following.library_dropped.connect(self.library_chosen)
        self.taking_away = TakingAway(bridge, self.notices, remembered, self)
        self.sidebar = Sidebar(bridge, self)
        self.applying = Applying(bridge, adapters, self)
        self.ask = AskView(bridge, self.applying)
        self.views = QStackedWidget(self)
        self.views.addWidget(self.ask)
        self._split = QSplitter(Qt.Orientation.Horizontal, self)
        self._drops = Drops(self, self._drop_words)
        self._arrange()
        self._connect()
        menus.build(self, lambda: remembered.recent, remembered.theme)
        self._restore()
        self.refresh()
        self.applying.refresh()
        self.sidebar.history.refresh()

    # --- what menus and keys ask for ----------------------------------------------------------

    def show_view(self, key: str) -> None:
        """``key`` is one of :data:`desktop.sidebar.VIEWS`."""
        if key == _ADAPTERS and not self.wants_adapters:
            key = "ask"
        if key in VIEWS:
            view: QWidget = getattr(self, key)
            self.views.setCurrentWidget(view)
            self._shown = key
            self.sidebar.show_view(key)
            self._focus_view()

    def _focus_view(self) -> None:
        if self._shown == "ask":
            self.ask.focus_question()
        elif self._shown == "models":
            self.models.focus()
        elif self._shown == _ADAPTERS:
            self.adapters.focus()
        else:
            self.documents.setFocus(Qt.FocusReason.OtherFocusReason)

    def focus_question(self) -> None:
        self.show_view("ask")
        self.ask.focus_question()

    def find_text(self) -> None:
        """In the open page, else among the documents."""
        if self._shows_source:
            self.source.find()
        elif self._shown == "documents":
            self.documents.focus_filter()

    def stop_or_close(self) -> None:
        if not (self.adapters.stop() if self._shown == _ADAPTERS else self.ask.stop()):
            self._close_source()

    # --- parts that are made later ------------------------------------------------------------

    @cached_property
    def documents(self) -> DocumentsView:
        from desktop.documents.view import DocumentsView

        view = DocumentsView(self._bridge)
        view.folder_requested.connect(self.following.choose)
        view.sample_requested.connect(self.following.add_sample)
        view.removal_requested.connect(self.following.ask_removal)
        view.document_opened.connect(self._show_document)
        view.summary_requested.connect(self._summarise)
        view.set_empty(self._empty)
        self.views.addWidget(view)
        return view

    @cached_property
    def models(self) -> ModelsView:
        from desktop.models.view import ModelsView

        view = ModelsView(self._bridge, self._catalogue, self.notices)
        view.generator_chosen.connect(self.ask.refresh)
        view.generator_chosen.connect(self.applying.refresh)
        self.views.addWidget(view)
        return view

    @cached_property
    def adapters(self) -> AdaptersView:
        from desktop.adapters.view import AdaptersView

        view = AdaptersView(
            self._bridge, self._adapters, self._trainer, self._catalogue, self.applying,
            self.notices,
        )  # fmt: skip
        view.citation_opened.connect(self._show_citation)
        view.ask_requested.connect(self.focus_question)
        view.comparison_exported.connect(self.taking_away.export_comparison)
        view.table_exported.connect(self.taking_away.export_table)
        self.views.addWidget(view)
        return view

    @cached_property
    def source(self) -> SourcePane:
        from desktop.source.pane import SourcePane

        pane = SourcePane(self._bridge)
        pane.summary_wanted.connect(self._summarise)
        pane.document_shown.connect(self.ask.show_beside)
        pane.closed.connect(self._close_source)
        pane.hide()
        self._split.addWidget(pane)
        self._split.setStretchFactor(self._split.indexOf(pane), 2)
        return pane

    def _make_ahead(self, keys: Sequence[str]) -> None:
        """Load the modules of these parts on a worker's thread, then make them, one by one: the
        first click on each is to cost nothing."""
        waiting = [key for key in keys if key not in vars(self)]
        if not waiting:
            return
        key, *others = waiting

        def loaded(_module: object) -> None:
            getattr(self, key)
            self._make_ahead(others)

        self._bridge.run(self, partial(import_module, _LATER[key]), loaded)

    # --- adapters -----------------------------------------------------------------------------

    @property
    def wants_adapters(self) -> bool:
        return self._remembered.word(_ADAPTERS) == _SHOWN

    def want_adapters(self, wanted: bool) -> None:
        """Show the view of adapters from now on, or no longer."""
        self._remembered.keep(**{_ADAPTERS: _SHOWN if wanted else ""})
        self._offer_adapters()
        if wanted:
            self.show_view(_ADAPTERS)
        elif self._shown == _ADAPTERS:
            self.show_view("ask")

    def _offer_adapters(self) -> None:
        wanted = self.wants_adapters
        self.sidebar.offer(_ADAPTERS, wanted)
        self.ask.adapters.want(wanted)
        self.adapters_wanted.emit(wanted)
        if wanted and self.isVisible():
            self._make_ahead([_ADAPTERS])

    def _show_adapters(self) -> None:
        self.want_adapters(True)

    def _switched_off(self, what: SwitchedOff) -> None:
        self.notices.warning(f"“{one_line(what.name)}” was switched off. {what.why}")

    def check_for_changes(self) -> None:
        self._bridge.restart_indexing()

    def show_help(self) -> None:
        from desktop.help_dialog import HelpDialog

        HelpDialog(self).show()

    def show_settings(self) -> None:
        dialog = SettingsDialog(self._remembered, self)
        dialog.theme_chosen.connect(self.theme_chosen)
        dialog.open()

    def show_model_guide(self) -> None:
        self.show_view("models")
        self.models.show_guide(True)

    def show_adapter_guide(self) -> None:
        self.want_adapters(True)
        self.adapters.show_advice()

    def show_about(self) -> None:
        from desktop.about_dialog import AboutDialog

        AboutDialog(self).open()

    # --- keeping up ---------------------------------------------------------------------------

    def refresh(self) -> None:
        """Look again at how much the library holds."""
        library = self._bridge.library

        def show(found: tuple[LibraryStatus, int]) -> None:
            status, folders = found
            empty = not folders and not status.documents
            self.sidebar.activity.set_status(status, folders)
            self.ask.set_library_empty(empty)
            if "documents" in vars(self):
                self.documents.set_empty(empty)
            if self._empty and not empty and self.isActiveWindow():
                self._focus_view()
            self._empty = empty

        self._bridge.run(self, lambda: (library.status(), len(library.folders())), show)

    def _indexed(self, report: IndexReport) -> None:
        self.ask.set_indexing(None)
        for problem in [p for p in report.problems if p not in self._told][:3]:
            self.notices.warning(problem)
        self._told = set(report.problems)  # a run for each change says the same of the same

    def _index_failed(self, error: Exception) -> None:
        self.ask.set_indexing(None)
        if not isinstance(error, CancelledError):
            self.notices.failure(error)

    def _progressed(self, progress: IndexProgress) -> None:
        if self._bridge.indexing:
            self.ask.set_indexing(progress)

    def _open_conversation(self, conversation_id: int | None) -> None:
        self.show_view("ask")
        self.ask.open_conversation(conversation_id)
        self.applying.open(conversation_id)
        self.sidebar.history.choose(conversation_id)
        if conversation_id is None:
            self.ask.focus_question()

    def new_conversation(self) -> None:
        self._open_conversation(None)

    def _conversation_begun(self, conversation_id: int) -> None:
        self.applying.begun(conversation_id)
        self.sidebar.history.choose(conversation_id)
        self.sidebar.history.refresh()

    def _deleted(self, conversation_id: int, title: str) -> None:
        shown = self.ask.conversation_id == conversation_id
        if shown:
            self.ask.stop()
            self.new_conversation()

        def undo() -> None:
            self.sidebar.history.restore(conversation_id)
            if shown:
                self._open_conversation(conversation_id)

        name = f"“{one_line(title)}”" if title.strip() else "The conversation"
        self.notices.info(f"{name} was deleted.", Action("Undo", undo))

    def _summarise(self, document_id: int, title: str) -> None:
        self.show_view("ask")
        self.ask.intentions.summarise(document_id, title)

    def export_shown(self, form: str) -> None:
        """The conversation on screen, where there is one."""
        if self.ask.conversation_id is not None:
            self._export_conversation(self.ask.conversation_id, form)

    def _export_conversation(self, conversation_id: int, form: str) -> None:
        title = self.sidebar.history.title_of(conversation_id)
        self.taking_away.export_conversation(conversation_id, form, title)

    def _export_answer(self, answer: Answer, form: str) -> None:
        self.taking_away.export_answer(answer, form, self.ask.conversation_id)

    # --- the source pane ----------------------------------------------------------------------

    def _show_citation(self, citation: Citation) -> None:
        self._open_source(lambda: self.source.show_citation(citation))

    def _show_passage(self, hit: Hit) -> None:
        self._open_source(lambda: self.source.show_passage(hit))

    def _show_document(self, document_id: int, page: int) -> None:
        self._open_source(lambda: self.source.show_document(document_id, page))

    @property
    def _shows_source(self) -> bool:
        return "source" in vars(self) and self.source.isVisibleTo(self)

    def _open_source(self, show: Callable[[], None]) -> None:
        if not self._shows_source:
            left, *others = self._split.sizes()
            room = sum(others)
            width = round(room * self._source_share)
            self.source.show()
            self._split.setSizes([left, room - width, width])
        show()

    @property
    def _source_share(self) -> float:
        """Of the room beside the sidebar: what the person left to it, at first half."""
        try:
            return min(max(float(self._remembered.word(_SOURCE_SHARE)), 0.1), 0.9)
        except ValueError:
            return 0.5

    def _note_share(self) -> None:
        if self._shows_source:
            _, middle, right = self._split.sizes()
            self._remembered.keep(**{_SOURCE_SHARE: f"{right / max(1, middle + right):.3f}"})

    def _close_source(self) -> None:
        if not self._shows_source:
            return
        focused = QApplication.focusWidget()
        inside = focused is not None and self.source.isAncestorOf(focused)
        self._note_share()
        self.source.hide()
        self.ask.show_beside(None)
        if inside:  # else Qt would move the focus to whatever comes next
            self._focus_view()

    # --- joining ------------------------------------------------------------------------------

    def _arrange(self) -> None:
        middle = QWidget(self)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.notices)
        column.addWidget(self.views, 1)
        for part in (self.sidebar, middle):
            self._split.addWidget(part)
        self._split.setHandleWidth(1)
        self._split.setChildrenCollapsible(False)
        self._split.setStretchFactor(1, 3)
        self.setCentralWidget(self._split)

    def _connect(self) -> None:
        bridge, side = self._bridge, self.sidebar
        bridge.failed.connect(self.notices.failure)
        bridge.library_changed.connect(self.refresh)
        bridge.progressed.connect(self._progressed)
        bridge.index_finished.connect(self._indexed)
        bridge.index_failed.connect(self._index_failed)
        side.view_chosen.connect(self.show_view)
        side.history.new_wanted.connect(self.new_conversation)
        side.history.opened.connect(self._open_conversation)
        side.history.deleted.connect(self._deleted)
        side.history.export_wanted.connect(self._export_conversation)
        self.ask.export_wanted.connect(self._export_answer)
        side.activity.problems_requested.connect(self._show_problems)
        self.ask.citation_opened.connect(self._show_citation)
        self.ask.passage_opened.connect(self._show_passage)
        self.ask.unread_requested.connect(self._show_problems)
        self.ask.conversation_changed.connect(self._conversation_begun)
        self.ask.conversation_answered.connect(lambda _id: self.sidebar.history.refresh())
        self.ask.folder_requested.connect(self.following.choose)
        self.ask.sample_requested.connect(self.following.add_sample)
        self.ask.models_requested.connect(lambda: self.show_view("models"))
        self.ask.adapters_requested.connect(self._show_adapters)
        self.applying.switched_off.connect(self._switched_off)
        self._drops.dropped.connect(self._take)

    def _drop_words(self, paths: Sequence[Path]) -> str:
        if self._shown == _ADAPTERS:
            return self.adapters.drop_words(paths)
        if self._are_models(paths):
            return "Drop to add the model" if len(paths) == 1 else "Drop to add the models"
        return "Drop to let this library follow the folder"

    def _take(self, paths: Sequence[Path]) -> None:
        """What was dropped: models where they are shown, and GGUF files anywhere but where
        adapters are."""
        if self._shown == _ADAPTERS:
            self.adapters.take(paths)
        elif self._are_models(paths):
            self.show_view("models")
            self.models.take(paths)
        else:
            self.following.take(paths)

    def _are_models(self, paths: Sequence[Path]) -> bool:
        return self._shown == "models" or all(path.suffix.lower() == GGUF for path in paths)

    def _show_problems(self) -> None:
        self.show_view("documents")
        self.documents.show_problems()

    # --- beginning and end --------------------------------------------------------------------

    def _restore(self) -> None:
        self.setMinimumSize(640, 420)
        if not self.restoreGeometry(self._remembered.state("geometry")):
            room = self.screen().availableSize()
            self.resize(min(1280, room.width() - 40), min(820, room.height() - 60))
        if not self._split.restoreState(self._remembered.state("split")):
            self._split.setSizes([theme.ems(self, 34), theme.ems(self, 110)])
        self._offer_adapters()
        self.show_view(self._remembered.word("view", "ask"))

    def remember(self) -> None:
        """Keep geometry and view for the next start."""
        self._note_share()
        self._remembered.keep(
            geometry=self.saveGeometry(), split=self._split.saveState(), view=self._shown
        )

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        parts = [key for key in _LATER if key != _ADAPTERS or self.wants_adapters]
        QTimer.singleShot(_AHEAD_MS, self, lambda: self._make_ahead(parts))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.stop_or_close()
            return
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.remember()
        event.accept()
        self.hide()
        self.closed.emit()
