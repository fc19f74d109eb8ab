"""Another program's window, as far as Carrel can tell: something to drag a folder out of.

python drag_source.py FOLDER
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel


class DragSource(QLabel):
    """Pressing the mouse here begins a drag of ``folder``."""

    def __init__(self, folder: str) -> None:
        super().__init__("drag me")
        self._folder = folder
        self.setWindowTitle("Drag source")
        # where a test can find it: no window manager moves it or puts it below another
        self.setWindowFlags(Qt.WindowType.X11BypassWindowManagerHint)
        self.setGeometry(1500, 900, 80, 80)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(self._folder)])
        drag = QDrag(self)
        drag.setMimeData(mime)
        dropped = drag.exec(Qt.DropAction.CopyAction)
        print("dropped" if dropped == Qt.DropAction.CopyAction else "refused", flush=True)


app = QApplication(sys.argv)
source = DragSource(sys.argv[1])
source.show()
sys.exit(app.exec())
