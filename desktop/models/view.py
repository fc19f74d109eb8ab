"""The models view: what writes answers, what searches by meaning, what sorts passages."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QHideEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.bridge import Bridge
from desktop.lists.halves import ListWithDetails
from desktop.lists.row import coloured
from desktop.models.acting import Acting
from desktop.models.adding import Adding
from desktop.models.details import Details
from desktop.models.guide import GuidePage
from desktop.models.loading import Listing, load
from desktop.models.menu import row_menu, show_folder
from desktop.models.offers import Offer, advice
from desktop.models.row import ModelRow
from desktop.models.section import Section
from desktop.notices import Notices
from desktop.plain import plain_label
from desktop.theme import SPACE
from engine.models.catalogue import Catalogue
from engine.models.entries import ModelEntry, ModelKind

_RENEW_MS = 2000
_NARROWEST = 52  # average characters
_SECTIONS = {
    ModelKind.GENERATOR: (
        "Answers are written by",
        "A change takes effect with the next question.",
    ),
    ModelKind.EMBEDDER: (
        "Search by meaning",
        "Each library has its own. A new one learns every passage before it takes over.",
    ),
    ModelKind.RERANKER: (
        "Sorting the best passages",
        "Optional. Puts the best passages in a better order; each search takes a little longer.",
    ),
}


class ModelsView(QWidget):
    """Lists, details and the guide. What is done with a model, :class:`Acting` does."""

    generator_chosen = Signal()
    guide_shown = Signal(bool)

    def __init__(
        self,
        bridge: Bridge,
        catalogue: Catalogue,
        notices: Notices,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Models")
        self._bridge, self._catalogue = bridge, catalogue
        self._room = 0
        self._there: frozenset[str] = frozenset()
        self._current: ModelRow | None = None
        self._wanted: str | None = None
        self._loading = self._stale = self._focus_wanted = False
        self.sections = {
            kind: Section(heading, sentence, self._join, self)
            for kind, (heading, sentence) in _SECTIONS.items()
        }
        self.details = Details(self)
        self.guide = GuidePage(self)
        self._hint = plain_label("", self, wrap=True)
        self._hint.setProperty("look", "muted")
        self._trouble = plain_label("", self, wrap=True)
        self._trouble.hide()
        self._add = self._button("Add model…", "plus")
        self._help = self._button("Which model should I get?", "help-circle-outline")
        self._lists = QWidget(self)
        self._incoming = QVBoxLayout()
        self.adding = Adding(bridge, catalogue, self._incoming, self)
        self.acting = Acting(bridge, catalogue, notices, self.adding, self)
        self._arrange()
        self._connect()
        self._tint()
        self._select(None)

    # --- what the window asks for -------------------------------------------------------------

    def take(self, paths: Sequence[Path]) -> None:
        """Models that were dropped."""
        self.show_guide(False)
        self.adding.take(paths)

    def show_guide(self, shown: bool) -> None:
        self._stack.setCurrentWidget(self.guide if shown else self._lists)
        if self.isVisible():
            self.focus()
        self.guide_shown.emit(shown)

    @property
    def guide_open(self) -> bool:
        return self._stack.currentWidget() is self.guide

    def focus(self) -> None:
        """Put the focus where reading or choosing goes on."""
        if self.guide_open:
            self.guide.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self._current is not None:
            self._current.setFocus(Qt.FocusReason.OtherFocusReason)
        else:  # until the list is there
            self._focus_wanted = True
            self._add.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        """Look again at what there is."""
        if self._loading:
            self._stale = True
            return
        self._loading = True
        catalogue, library = self._catalogue, self._bridge.library
        self._bridge.run(self, lambda: load(catalogue, library), self._show, self._unreadable)

    def rows(self) -> list[ModelRow]:
        return [row for section in self.sections.values() for row in section.rows]

    @property
    def current(self) -> Offer | None:
        """What the details are of."""
        return self._current.offer if self._current is not None else None

    # --- showing ------------------------------------------------------------------------------

    def _show(self, listing: Listing) -> None:
        self._loaded()
        self._trouble.hide()
        self._room, self._there = listing.room, listing.there
        place = self.rows().index(self._current) if self._current in self.rows() else 0
        had_focus = (
            self._current.hasFocus()
            if self._current is not None
            else self._focus_wanted and self.focusWidget() is self._add
        )
        self._focus_wanted = False
        for kind, section in self.sections.items():
            section.show_offers(listing.offers[kind], listing.room)
        hint = advice(listing.offers[ModelKind.GENERATOR])
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        for row in self.rows():
            row.set_there(row.offer.key in self._there)
        if self._wanted is not None or self._current not in self.rows():
            self._reselect(place, had_focus)
        self._order_tabs()
        self._tell_details()

    def _reselect(self, place: int, had_focus: bool) -> None:
        """The row that was asked for, else the chosen generator at first, and later whatever came
        to the ``place`` of the one that went."""
        rows = self.rows()
        wanted = next((row for row in rows if row.offer.key == self._wanted), None)
        chosen = next((row for row in rows if row.offer.chosen), None)
        next_one = rows[min(place, len(rows) - 1)] if self._current is not None else chosen
        self._select(wanted or next_one)
        if wanted is not None or had_focus:
            self.focus()
        self._wanted = None

    def _order_tabs(self) -> None:
        """From top to bottom, then to the details."""
        chain: list[QWidget] = [self._add, self._help]
        for part in (*self.adding.pending(), *self.rows(), self.details):
            chain += [part, *part.findChildren(QPushButton)]
        chain = [part for part in chain if part.focusPolicy() is not Qt.FocusPolicy.NoFocus]
        for before, after in pairwise(chain):
            self.setTabOrder(before, after)

    def _incoming_listed(self) -> None:
        self._order_tabs()
        self._halves.reveal_top()  # where it is to be seen

    def _unreadable(self, error: Exception) -> None:
        self._trouble.setText(f"The list of models cannot be read. {error}")
        self._trouble.show()
        self._loaded()

    def _loaded(self) -> None:
        self._loading = False
        if self._stale:
            self._stale = False
            self.refresh()

    def _select(self, row: ModelRow | None) -> None:
        if self._current is not None and self._current is not row and self._current in self.rows():
            self._current.set_current(False)
        self._current = row
        if row is not None:
            row.set_current(True)
            self._halves.reveal(row)
        self._tell_details()

    def _tell_details(self) -> None:
        self.details.show_offer(self.current, self._room)
        self._measuring()
        self._halves.place_details()

    def _move(self, row: ModelRow, steps: int) -> None:
        rows = self.rows()
        place = min(max(rows.index(row) + steps, 0), len(rows) - 1)
        rows[place].setFocus(Qt.FocusReason.TabFocusReason)
        self._halves.reveal(rows[place], SPACE * 6)

    def _join(self, row: ModelRow) -> None:
        row.entered.connect(lambda: self._select(row))
        row.moved.connect(lambda steps: self._move(row, steps))
        row.choose_requested.connect(lambda: self.acting.choose(row.offer))
        row.measure_requested.connect(lambda: self.acting.measurements.start(row.offer))
        row.stop_requested.connect(lambda: self.acting.measurements.stop(row.offer.key))
        row.locate_requested.connect(lambda: self.acting.locate(row.offer, row.there))
        row.remove_requested.connect(lambda: self._remove(row))
        row.menu_requested.connect(lambda at: self._menu(row, at))

    def _menu(self, row: ModelRow, at: QPoint) -> None:
        menu = row_menu(row, self.acting, self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    # --- joining ------------------------------------------------------------------------------

    def _connect(self) -> None:
        menu = QMenu(self._add)
        menu.addAction("GGUF model that answers…", self.adding.choose_file)
        menu.addAction("Folder of an embedder or reranker…", self.adding.choose_folder)
        self._add.setAccessibleDescription("Opens a menu")
        self._add.clicked.connect(
            lambda: menu.popup(self._add.mapToGlobal(self._add.rect().bottomLeft()))
        )
        self._help.clicked.connect(partial(self.show_guide, True))
        self.guide.closed.connect(partial(self.show_guide, False))
        self.adding.added.connect(self._added)
        self.adding.listed.connect(self._incoming_listed)
        self.acting.changed.connect(self.refresh)
        self.acting.generator_chosen.connect(self.generator_chosen)
        self.acting.measurements.changed.connect(self._measuring)
        details, acting = self.details, self.acting
        details.choose_requested.connect(lambda: self._do(acting.choose))
        details.measure_requested.connect(lambda: self._do(acting.measurements.start))
        details.digest_requested.connect(lambda: self._do(acting.measurements.sum_up))
        details.remove_requested.connect(lambda: self._remove(self._current))
        details.show_requested.connect(lambda: self._do(show_folder))
        self._renewing = QTimer(self)
        self._renewing.setInterval(_RENEW_MS)
        self._renewing.timeout.connect(lambda: self.refresh() if self._bridge.indexing else None)
        self._bridge.library_changed.connect(lambda: self.refresh() if self.isVisible() else None)
        self._bridge.index_finished.connect(lambda _: self.refresh() if self.isVisible() else None)

    def _do(self, act: object) -> None:
        offer = self.current
        if offer is not None and callable(act):
            act(offer)

    def _remove(self, row: ModelRow | None) -> None:
        if row is not None:
            self.acting.remove(row.offer, row.there)

    def _measuring(self) -> None:
        measurements, offer = self.acting.measurements, self.current
        measurements.mark(self.rows())
        key = offer.key if offer is not None else ""
        self.details.set_measuring(bool(measurements.words(key)))
        self.details.set_digesting(measurements.summing(key))

    def _added(self, entry: ModelEntry) -> None:
        self._wanted = entry.place
        self.refresh()
        if not self.adding.busy:
            self.acting.tell_added(entry)

    # --- making it ----------------------------------------------------------------------------

    def _button(self, words: str, icon: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(words)
        button.setAccessibleName(words)
        button.setProperty("look", "quiet")
        button.setProperty("icon_name", icon)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setIconSize(theme.icon_size(self))
        return button

    def _arrange(self) -> None:
        actions = QHBoxLayout()
        actions.setContentsMargins(SPACE, SPACE, SPACE, SPACE // 2)
        actions.addWidget(self._add)
        actions.addStretch(1)
        actions.addWidget(self._help)
        line = QFrame(self)
        line.setProperty("look", "line")
        page = QWidget(self)
        self._incoming.setSpacing(SPACE)
        column = QVBoxLayout(page)
        column.setContentsMargins(SPACE * 2, SPACE * 2, SPACE * 2, SPACE * 3)
        column.setSpacing(SPACE * 3)
        column.addLayout(self._incoming)
        column.addWidget(self._trouble)
        for kind, section in self.sections.items():
            column.addWidget(section)
            if kind is ModelKind.GENERATOR:
                section.add_note(self._hint)
        column.addStretch(1)
        self._halves = ListWithDetails(page, self.details, self)
        whole = QVBoxLayout(self._lists)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(actions)
        whole.addWidget(line)
        whole.addWidget(self._halves, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._lists)
        self._stack.addWidget(self.guide)

    # --- what Qt tells ------------------------------------------------------------------------

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.ems(self, _NARROWEST), super().minimumSizeHint().height())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._renewing.start()
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._renewing.stop()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_stack"):
            self._tint()

    def _tint(self) -> None:
        for button in (self._add, self._help):
            button.setIcon(theme.icon(button.property("icon_name")))
        coloured(self._trouble, theme.colours().danger)
