"""Joins the question box to the list under it: what is typed to what is found and offered."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from desktop.ask import completing
from desktop.ask.completing import Suggestion
from desktop.ask.live_results import LiveResults
from desktop.ask.question_box import QuestionBox
from desktop.ask.scope import ScopeChip
from desktop.bridge import Bridge
from engine.records import Hit, SearchResult


class LiveSearch(QObject):
    """Searches at every change of the box or of the scope; only the newest text counts."""

    changed = Signal()  # the list has other contents, or is closed
    shown = Signal(str)  # the passages for this query are listed

    def __init__(
        self,
        bridge: Bridge,
        box: QuestionBox,
        results: LiveResults,
        scope: ScopeChip,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._box = box
        self._results = results
        self._scope = scope
        self._enabled = self._greeting = False
        self._listed = ""  # the query whose passages are listed
        self._first_wanted = False  # open the first one as soon as it is found
        box.typed.connect(lambda _query: self.look())
        box.list_wanted.connect(lambda: self.look(wanted=True))
        box.first_wanted.connect(self._open_first)
        box.completion_wanted.connect(self._complete_first)
        box.dismissed.connect(self.close)
        box.stepped.connect(results.step)
        scope.changed.connect(lambda _scope: self.look())
        results.completed.connect(self._complete)
        results.operator_wanted.connect(box.write_apart)

    def suit(self, *, greeting: bool, empty: bool) -> None:
        """Whether the box is by itself on its page, and whether there is nothing to search."""
        self._greeting, self._enabled = greeting, not empty
        if not self._box.text.strip():
            self.look()

    def look(self, *, wanted: bool = False) -> None:
        """Show what belongs to the box's text. ``wanted`` is a list that the person has asked
        for, though the box may be empty."""
        query = self._box.text.strip()
        self._results.unselect()
        offered = completing.suggestions(self._box.before_caret, self._scope.choices)
        if not self._enabled or not (query or wanted or self._greeting):
            self.close()
        elif offered:
            self._results.show_suggestions(offered)
            self._settle(offering=True)
        elif query:
            self._bridge.search(self, query, self._scope.scope, self._found)
        else:
            self._results.show_operators(framed=not self._greeting)
            self._settle()

    def close(self) -> None:
        """Until something is typed again."""
        self._bridge.stop_searching()
        self._results.close_list()
        self._settle()

    def _found(self, result: SearchResult) -> None:
        if result.query.strip() != self._box.text.strip():
            return  # typed on, or asked, since
        self._results.show_result(result, completing.hint(self._box.before_caret))
        self._settle(result.query)
        if self._first_wanted:
            self._open_first()

    def _settle(self, query: str = "", *, offering: bool = False) -> None:
        self._listed, self._first_wanted = query, self._first_wanted and bool(query)
        self._box.list_open = self._results.is_list
        self._box.completing = offering
        self.changed.emit()
        if query:
            self.shown.emit(query)

    def _complete(self, chosen: Suggestion) -> None:
        self._box.write(chosen.written, chosen.replaces)

    def _complete_first(self) -> None:
        chosen = self._results.selected or self._results.first
        if isinstance(chosen, Suggestion):
            self._complete(chosen)

    def _open_first(self) -> None:
        if self._listed != self._box.text.strip():
            self._first_wanted = True  # the list is about what was there a moment ago
            self.look()
            return
        self._first_wanted = False
        first = self._results.first
        if isinstance(first, Hit):
            self._results.choose(first)
