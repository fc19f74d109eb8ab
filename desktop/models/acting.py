"""What is done with a model of the list: choosing, locating, removing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from desktop.bridge import Bridge
from desktop.models.adding import Adding
from desktop.models.measurements import Measurements
from desktop.models.offers import Offer
from desktop.models.wording import file_size
from desktop.notices import Action, Notices
from desktop.plain import one_line
from engine.models.catalogue import Catalogue
from engine.models.entries import ModelEntry, ModelKind
from engine.models.gguf_header import GGUF

_USE = {
    ModelKind.GENERATOR: "Use it for answers",
    ModelKind.EMBEDDER: "Use it for this library",
    ModelKind.RERANKER: "Use it for sorting",
}


class Acting(QObject):
    """Does it off the UI thread and tells when the list is another one."""

    changed = Signal()
    generator_chosen = Signal()

    def __init__(
        self,
        bridge: Bridge,
        catalogue: Catalogue,
        notices: Notices,
        adding: Adding,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._bridge, self._catalogue = bridge, catalogue
        self._notices, self._adding, self._window = notices, adding, window
        self.measurements = Measurements(bridge, catalogue, notices, self)
        self.measurements.found.connect(self.changed)

    # --- choosing -----------------------------------------------------------------------------

    def choose(self, offer: Offer) -> None:
        """Use a model from the next question on. An embedder begins to learn the library."""
        if offer.kind is ModelKind.EMBEDDER:
            self._choose_embedder(offer)
            return
        place = offer.entry.place if offer.entry is not None else ""
        catalogue, library = self._catalogue, self._bridge.library

        def operation() -> None:
            catalogue.choose(place, offer.kind)
            if offer.kind is ModelKind.RERANKER:
                library.use_reranker(place)
            else:
                library.use_model()

        def chosen(_nothing: None) -> None:
            self.changed.emit()
            if offer.kind is ModelKind.GENERATOR:
                self.generator_chosen.emit()

        self._bridge.run(self, operation, chosen, self._failed)

    def _choose_embedder(self, offer: Offer) -> None:
        assert offer.entry is not None
        library, place = self._bridge.library, offer.entry.place

        def chosen(_nothing: None) -> None:
            self.changed.emit()
            self._bridge.restart_indexing()

        self._bridge.run(
            self, lambda: library.use_embedder(Path(place) if place else None), chosen, self._failed
        )

    def tell_added(self, entry: ModelEntry) -> None:
        """Offer to use what has just come into the list."""
        offer = Offer(entry.place, entry.kind, entry.name, "", entry.chosen, entry)
        use = Action(_USE[entry.kind], lambda: self.choose(offer))
        usable = not entry.problem and not entry.chosen
        self._notices.info(f"“{entry.name}” was added.", use if usable else None)

    # --- files that have gone -----------------------------------------------------------------

    def locate(self, offer: Offer, there: bool) -> None:
        """A model that cannot be used: look again at its file where that is ``there``, else let
        the person say where it went. What was chosen stays chosen."""
        assert offer.entry is not None
        entry = offer.entry
        if there:
            self._adding.bring(Path(entry.place), entry.name, copy=False, then=self._moved(entry))
            return
        dialog = QFileDialog(self._window, f"Where is “{one_line(entry.name)}”?")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if entry.kind is ModelKind.GENERATOR:
            dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
            dialog.setNameFilters([f"GGUF models (*{GGUF})", "All files (*)"])
        else:
            dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(
            lambda name: self._adding.bring(
                Path(name), entry.name, copy=False, then=self._moved(entry)
            )
        )
        dialog.open()

    def _moved(self, old: ModelEntry) -> Callable[[ModelEntry], None]:
        catalogue, library = self._catalogue, self._bridge.library

        def moved(new: ModelEntry) -> None:
            def operation() -> None:
                if new.place == old.place:
                    return
                if old.chosen:
                    catalogue.choose(new.place, new.kind)
                catalogue.remove(old.place)
                if old.chosen and old.kind is ModelKind.GENERATOR:
                    library.use_model()

            self._bridge.run(self, operation, lambda _: self._adding.added.emit(new), self._failed)

        return moved

    # --- removing -----------------------------------------------------------------------------

    def remove(self, offer: Offer, there: bool) -> None:
        """Take it out of the list: asked first where a file that is ``there`` is deleted or a
        search would miss it, with a way back otherwise."""
        entry = offer.entry
        if entry is None or not offer.removable:
            return
        if entry.kind is ModelKind.EMBEDDER and (offer.chosen or offer.lit):
            self._notices.warning(
                f"“{entry.name}” serves this library. Choose another one first; once that has "
                "learned every passage, this one can be removed."
            )
        elif entry.copied and there:
            size = f", {file_size(entry.facts.size)}," if entry.facts else ""
            self._confirm(
                entry,
                f"Delete “{one_line(entry.name)}”?",
                f"Carrel’s own copy{size} is deleted from this computer. To use the model again, "
                "you need its file.",
                "Delete",
            )
        elif entry.kind is ModelKind.EMBEDDER:
            self._confirm(
                entry,
                f"Remove “{one_line(entry.name)}” from the list?",
                "Its folder stays where it is. Other libraries that use it can be searched by "
                "words only, until it is added again.",
                "Remove",
            )
        else:
            self._remove(entry, there)

    def _confirm(self, entry: ModelEntry, text: str, more: str, verb: str) -> None:
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setWindowTitle(f"{verb} model")
        box.setText(text)
        box.setInformativeText(more)
        remove = box.addButton(verb, QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        remove.clicked.connect(lambda: self._remove(entry, True))
        box.open()

    def _remove(self, entry: ModelEntry, there: bool) -> None:
        self.measurements.forget(entry.place)
        catalogue, library = self._catalogue, self._bridge.library

        def operation() -> None:
            catalogue.remove(entry.place)
            if entry.chosen and entry.kind is ModelKind.GENERATOR:
                library.use_model()
            elif entry.chosen:
                library.use_reranker("")

        def removed(_nothing: None) -> None:
            self.changed.emit()
            if entry.chosen and entry.kind is ModelKind.GENERATOR:
                self.generator_chosen.emit()
            if not there:
                self._notices.info(f"“{entry.name}” is no longer in the list.")
            elif entry.copied:
                self._notices.info(f"“{entry.name}” was deleted.")
            else:
                undo = Action("Undo", lambda: self._bring_back(entry))
                self._notices.info(
                    f"“{entry.name}” is no longer in the list. Its files stay where they are.",
                    undo,
                )

        self._bridge.run(self, operation, removed, self._failed)

    def _bring_back(self, entry: ModelEntry) -> None:
        def back(new: ModelEntry) -> None:
            if entry.chosen:
                self.choose(Offer(new.place, new.kind, new.name, "", False, new))
            self._adding.added.emit(new)

        self._adding.bring(Path(entry.place), entry.name, copy=False, then=back)

    def _failed(self, error: Exception) -> None:
        self.changed.emit()
        self._notices.failure(error)
