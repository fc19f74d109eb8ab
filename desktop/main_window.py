"""The window of one library: sidebar, views, source pane and notices, joined together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop import menus, theme
from desktop.about_dialog import AboutDialog
from desktop.applying import Applying, SwitchedOff
from desktop.ask.view import AskView
from desktop.bridge import Bridge
from desktop.documents.view import DocumentsView
from desktop.dropping import Drops
from desktop.following import Following
from desktop.help_dialog import HelpDialog
from desktop.models.adding import SUFFIX
from desktop.models.view import ModelsView
from desktop.notices import Action, Notices
from desktop.plain import one_line
from desktop.remembered import Remembered
from desktop.settings_dialog import SettingsDialog
from desktop.sidebar import VIEWS, Sidebar
from desktop.source.pane import SourcePane
from desktop.taking_away import TakingAway
from engine.answers import Answer, Citation
from engine.errors import CancelledError
from engine.models.catalogue import Catalogue
from engine.records import Hit, IndexProgress, IndexReport, LibraryStatus

if TYPE_CHECKING:
    from desktop.adapters.view import AdaptersView
    from engine.adapters.catalogue import Adapters
    from engine.training.trainer import Trainer

_ADAPTERS_VIEW = "desktop.adapters.view"
_ADAPTERS = "adapters"  # the view's key, and what is remembered of it
_SHOWN = "shown"


class MainWindow(QMainWindow):
    """Joins the parts; each of them knows the bridge and none knows another."""

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
        self._told: set[str] = set()
        self.setWindowTitle(f"{bridge.library.name} — Carrel")
        self.notices = Notices(self)
        self.following = Following(bridge, self.notices, self)
        self.following.library_dropped.connect(self.library_chosen)
        self.taking_away = TakingAway(bridge, self.notices, remembered, self)
        self.sidebar = Sidebar(bridge, self)
        self.applying = Applying(bridge, adapters, self)
        self.ask = AskView(bridge, self.applying)
        self.documents = DocumentsView(bridge)
        self.source = SourcePane(bridge)
        self.views = QStackedWidget(self)
        self.models = ModelsView(bridge, catalogue, self.notices)
        self._views: dict[str, QWidget] = {
            "ask": self.ask,
            "documents": self.documents,
            "models": self.models,
        }
        for view in self._views.values():
            self.views.addWidget(view)
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
            view = self.adapters if key == _ADAPTERS else self._views[key]
            self.views.setCurrentWidget(view)
            self.sidebar.show_view(key)
            self._focus_view()

    def _focus_view(self) -> None:
        if self.views.currentWidget() is self.ask:
            self.ask.focus_question()
        elif self.views.currentWidget() is self.models:
            self.models.focus()
        elif self._shows_adapters:
            self.adapters.focus()
        else:
            self.documents.setFocus(Qt.FocusReason.OtherFocusReason)

    def focus_question(self) -> None:
        self.show_view("ask")
        self.ask.focus_question()

    def find_text(self) -> None:
        """In the open page, else among the documents."""
        if self.source.isVisibleTo(self):
            self.source.find()
        elif self.views.currentWidget() is self.documents:
            self.documents.focus_filter()

    def stop_or_close(self) -> None:
        if not (self.adapters.stop() if self._shows_adapters else self.ask.stop()):
            self._close_source()

    # --- adapters -----------------------------------------------------------------------------

    @cached_property
    def adapters(self) -> AdaptersView:
        """Made when it is first wanted: most people never do."""
        from desktop.adapters.view import AdaptersView

        view = AdaptersView(
            self._bridge, self._adapters, self._trainer, self._catalogue, self.applying,
            self.notices,
        )  # fmt: skip
        view.citation_opened.connect(self._show_citation)
        view.ask_requested.connect(self.focus_question)
        view.comparison_exported.connect(self.taking_away.export_comparison)
        view.table_exported.connect(self.taking_away.export_table)
        self._views[_ADAPTERS] = view
        self.views.addWidget(view)
        return view

    @property
    def _shows_adapters(self) -> bool:
        return self.views.currentWidget() is self._views.get(_ADAPTERS)

    @property
    def wants_adapters(self) -> bool:
        return self._remembered.word(_ADAPTERS) == _SHOWN

    def want_adapters(self, wanted: bool) -> None:
        """Show the view of adapters from now on, or no longer."""
        self._remembered.keep(**{_ADAPTERS: _SHOWN if wanted else ""})
        self._offer_adapters()
        if wanted:
            self.show_view(_ADAPTERS)
        elif self._shows_adapters:
            self.show_view("ask")

    def _offer_adapters(self) -> None:
        wanted = self.wants_adapters
        self.sidebar.offer(_ADAPTERS, wanted)
        self.ask.adapters.want(wanted)
        self.adapters_wanted.emit(wanted)
        if wanted:  # its modules take longer to load than a click may
            self._bridge.run(self, partial(import_module, _ADAPTERS_VIEW), lambda _module: None)

    def _show_adapters(self) -> None:
        self.want_adapters(True)

    def _switched_off(self, what: SwitchedOff) -> None:
        self.notices.warning(f"“{one_line(what.name)}” was switched off. {what.why}")

    def check_for_changes(self) -> None:
        self._bridge.restart_indexing()

    def show_help(self) -> None:
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

    def _open_source(self, show: Callable[[], None]) -> None:
        if not self.source.isVisibleTo(self):
            self.source.show()
            left, middle, right = self._split.sizes()
            if right < theme.ems(self, 70):
                half = (middle + right) // 2
                self._split.setSizes([left, middle + right - half, half])
        show()

    def _close_source(self) -> None:
        focused = QApplication.focusWidget()
        inside = focused is not None and self.source.isAncestorOf(focused)
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
        for part in (self.sidebar, middle, self.source):
            self._split.addWidget(part)
        self._split.setHandleWidth(1)
        self._split.setChildrenCollapsible(False)
        for index, stretch in enumerate((0, 3, 2)):
            self._split.setStretchFactor(index, stretch)
        self.setCentralWidget(self._split)
        self.source.hide()

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
        for view in (self.ask, self.documents):
            view.folder_requested.connect(self.following.choose)
            view.sample_requested.connect(self.following.add_sample)
        self.ask.models_requested.connect(lambda: self.show_view("models"))
        self.ask.adapters_requested.connect(self._show_adapters)
        self.models.generator_chosen.connect(self.ask.refresh)
        self.models.generator_chosen.connect(self.applying.refresh)
        self.applying.switched_off.connect(self._switched_off)
        self.documents.removal_requested.connect(self.following.ask_removal)
        self.documents.document_opened.connect(self._show_document)
        self.documents.summary_requested.connect(self._summarise)
        self.source.summary_wanted.connect(self._summarise)
        self.source.document_shown.connect(self.ask.show_beside)
        self.source.closed.connect(self._close_source)
        self._drops.dropped.connect(self._take)

    def _drop_words(self, paths: Sequence[Path]) -> str:
        if self._shows_adapters:
            return self.adapters.drop_words(paths)
        if self._are_models(paths):
            return "Drop to add the model" if len(paths) == 1 else "Drop to add the models"
        return "Drop to let this library follow the folder"

    def _take(self, paths: Sequence[Path]) -> None:
        """What was dropped: models where they are shown, and GGUF files anywhere but where
        adapters are."""
        if self._shows_adapters:
            self.adapters.take(paths)
        elif self._are_models(paths):
            self.show_view("models")
            self.models.take(paths)
        else:
            self.following.take(paths)

    def _are_models(self, paths: Sequence[Path]) -> bool:
        shown = self.views.currentWidget() is self.models
        return shown or all(path.suffix.lower() == SUFFIX for path in paths)

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
            self._split.setSizes([theme.ems(self, 34), theme.ems(self, 110), theme.ems(self, 80)])
        self.source.hide()
        self._offer_adapters()
        self.show_view(self._remembered.word("view", "ask"))

    def remember(self) -> None:
        """Keep geometry and view for the next start."""
        shown = self.views.currentWidget()
        current = next(key for key, view in self._views.items() if view is shown)
        self._remembered.keep(
            geometry=self.saveGeometry(), split=self._split.saveState(), view=current
        )

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
