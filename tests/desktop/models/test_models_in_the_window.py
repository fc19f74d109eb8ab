"""Models in the whole window: keys, drops, the guide and the settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from desktop.main_window import MainWindow
from desktop.models.add_dialog import AddDialog
from desktop.remembered import Remembered
from desktop.settings_dialog import SettingsDialog
from engine.settings import SettingsFile

CONTROL, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier
COPY, LEFT = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton


@pytest.fixture
def settings(tmp_path):
    return SettingsFile(tmp_path / "settings.json")


@pytest.fixture
def window(qtbot, bridge, models, states, settings, adapters, trainer):
    models.go.set()
    window = MainWindow(bridge, Remembered(settings), models, adapters, trainer)
    qtbot.addWidget(window)
    window.resize(1100, 700)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    return window


def drag(window, paths):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(400, 300), COPY, mime, LEFT, NONE))
    return mime


def drop(window, mime):
    QApplication.sendEvent(window, QDropEvent(QPointF(400, 300), COPY, mime, LEFT, NONE))


def asked(window):
    return [dialog for dialog in window.findChildren(AddDialog) if dialog.isVisible()]


def veil(window):
    return [
        label.text()
        for label in window.findChildren(QLabel)
        if label.isVisible() and label.text().startswith("Drop to")
    ]


def test_ctrl_3_shows_the_models_and_is_remembered(
    qtbot, window, bridge, models, settings, adapters, trainer
):
    qtbot.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_3, CONTROL)
    assert window.views.currentWidget() is window.models
    qtbot.waitUntil(lambda: bool(window.models.rows()) and window.models.rows()[0].hasFocus())
    window.remember()
    again = MainWindow(bridge, Remembered(settings), models, adapters, trainer)
    qtbot.addWidget(again)
    assert again.views.currentWidget() is again.models


def test_a_model_dropped_anywhere_is_a_model(qtbot, window, library, tmp_path):
    file = tmp_path / "model.gguf"
    file.write_bytes(b"GGUF" + bytes(100))
    mime = drag(window, [file])
    assert veil(window) == ["Drop to add the model"]
    drop(window, mime)
    qtbot.waitUntil(lambda: bool(asked(window)))
    assert window.views.currentWidget() is window.models
    asked(window)[0].reject()
    assert library.followed == []


def test_a_folder_dropped_on_models_is_no_folder_of_documents(qtbot, window, library, tmp_path):
    folder = tmp_path / "granite"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    window.show_view("models")
    drop(window, drag(window, [folder]))
    qtbot.waitUntil(lambda: bool(asked(window)))
    asked(window)[0].reject()
    assert "add_folder" not in library.calls
    window.show_view("documents")
    mime = drag(window, [folder])
    assert "follow the folder" in veil(window)[0]
    drop(window, mime)
    qtbot.waitUntil(lambda: "add_folder" in library.calls)


def test_the_guide_is_in_the_help_menu(window):
    window.show_model_guide()
    assert window.models.guide.isVisible()
    assert window.views.currentWidget() is window.models


def test_choosing_a_model_is_told_to_the_question_box(qtbot, window, library):
    window.show_view("models")
    qtbot.waitUntil(lambda: bool(window.models.rows()))
    library.model = lambda: Path("/models/Larger.gguf")
    window.models.acting.choose(window.models.rows()[1].offer)
    qtbot.waitUntil(lambda: window.ask._model == "/models/Larger.gguf")


def test_settings_hold_at_once(qtbot, window, settings):
    themes = []
    window.theme_chosen.connect(themes.append)
    qtbot.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Comma, CONTROL)
    dialog = window.findChild(SettingsDialog)
    assert dialog.patience.value() == 2.0
    assert dialog.patience.accessibleName() == "First word of an answer within, in seconds"
    dialog.patience.setValue(4.5)
    qtbot.waitUntil(lambda: settings.load().patience_s == 4.5)
    more = next(
        b for b in dialog.findChildren(QPushButton) if b.accessibleName() == "More patience"
    )
    more.click()
    assert dialog.patience.value() == 5.0
    next(b for b in dialog.findChildren(QPushButton) if b.text() == "Dark").click()
    assert themes == ["dark"]
    menu = [action for action in window.findChildren(type(window.menuBar().actions()[0]))
            if action.text() == "Dark"]  # fmt: skip
    assert menu[0].isChecked()
    dialog.close()
    assert settings.load().patience_s == 5.0
