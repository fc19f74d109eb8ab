"""What the window tells of itself and of the parts that others made."""

from __future__ import annotations

from PySide6.QtGui import QDesktopServices

from desktop.about_dialog import FROM_SOURCE, AboutDialog
from engine.paths import app_icon
from engine.version import version

LICENCES = f"""\
What is in Carrel's package.

Libraries

  <b>numpy</b> 2.4.6: BSD-3-Clause

{"=" * 78}
numpy
{"=" * 78}

Copyright (c) NumPy Developers.
"""


def test_parts_are_listed_as_plain_text_and_their_licences_opened(qtbot, tmp_path, monkeypatch):
    file = tmp_path / "third-party.txt"
    file.write_text(LICENCES, encoding="utf-8")
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    dialog = AboutDialog(licences=file)
    qtbot.addWidget(dialog)
    assert "<b>numpy</b> 2.4.6: BSD-3-Clause" in dialog.list.toPlainText()
    assert "Copyright" not in dialog.list.toPlainText()
    dialog.texts.click()
    assert opened == [str(file)]


def test_from_source_there_is_no_list(qtbot, tmp_path):
    dialog = AboutDialog(licences=tmp_path / "none.txt")
    qtbot.addWidget(dialog)
    assert dialog.list.toPlainText() == FROM_SOURCE
    assert version()[0].isdigit()
    assert app_icon().is_file()
