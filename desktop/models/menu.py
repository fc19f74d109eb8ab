"""What can be done with one model, as a menu."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from desktop.models.acting import Acting
from desktop.models.offers import Offer
from desktop.models.row import ModelRow
from engine.models.entries import ModelKind


def row_menu(row: ModelRow, acting: Acting, parent: QWidget) -> QMenu:
    """For the row's model as it is now."""
    offer, menu = row.offer, QMenu(parent)
    use = menu.addAction("Use")
    use.setEnabled(not offer.chosen and not offer.problem)
    use.triggered.connect(lambda: acting.choose(offer))
    measure = menu.addAction("Measure speed")
    measure.setEnabled(offer.measurable)
    measure.triggered.connect(lambda: acting.measurements.start(offer))
    menu.addSeparator()
    folder = menu.addAction("Show in folder")
    folder.triggered.connect(lambda: show_folder(offer))
    copy = menu.addAction("Copy path")
    copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(offer.key))
    for action in (folder, copy):
        action.setEnabled(offer.entry is not None and bool(offer.entry.place))
    menu.addSeparator()
    remove = menu.addAction("Remove…")
    remove.setEnabled(offer.removable)
    remove.triggered.connect(lambda: acting.remove(offer, row.there))
    return menu


def show_folder(offer: Offer) -> None:
    """Let the system show where a model is."""
    if offer.entry is not None and offer.entry.place:
        place = Path(offer.entry.place)
        folder = place if offer.entry.kind is not ModelKind.GENERATOR else place.parent
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
