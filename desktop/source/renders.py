"""Rendered pages: asked for off the UI thread, kept while there is room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from desktop.bridge import Bridge
from engine.errors import CancelledError
from engine.records import PageImage
from engine.workers import CancelToken

_ROOM = 96 * 1024 * 1024  # bytes of pixels kept

Key = tuple[int, int, float]


def qimage(image: PageImage) -> QImage:
    """A copy that owns its pixels. Safe on any thread."""
    shared = QImage(
        image.samples, image.width, image.height, image.stride, QImage.Format.Format_RGB888
    )
    return shared.copy()


class PageRenders(QObject):
    """Only the latest request counts: an older one is dropped before it is begun if it still
    waits, and its image is kept but not shown if it does not."""

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._kept: OrderedDict[Key, QImage] = OrderedDict()
        self._latest = CancelToken()

    def want(
        self,
        document_id: int,
        number: int,
        scale: float,
        on_image: Callable[[QImage], None],
        on_failure: Callable[[Exception], None],
    ) -> None:
        """``scale`` in pixels a point. Calls back at once where the image is kept."""
        self._latest.cancel()
        key = (document_id, number, scale)
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            on_image(kept)
            return
        token = self._latest = CancelToken()
        library = self._bridge.library

        def operation() -> QImage:
            token.check()
            return qimage(library.render_page(document_id, number, scale))

        def rendered(image: QImage) -> None:
            self._keep(key, image)
            if not token.cancelled:
                on_image(image)

        def failed(error: Exception) -> None:
            if not token.cancelled and not isinstance(error, CancelledError):
                on_failure(error)

        self._bridge.run(self, operation, rendered, failed, lane="render")

    def nearest(self, document_id: int, number: int) -> QImage | None:
        """A kept image of the page at any scale, to show until the right one is there."""
        for key in reversed(self._kept):
            if key[:2] == (document_id, number):
                return self._kept[key]
        return None

    def drop(self) -> None:
        """Nothing that was asked for is wanted any more."""
        self._latest.cancel()

    def forget(self) -> None:
        """The documents may have changed: keep no image."""
        self._kept.clear()

    def _keep(self, key: Key, image: QImage) -> None:
        self._kept[key] = image
        while sum(i.sizeInBytes() for i in self._kept.values()) > _ROOM and len(self._kept) > 1:
            self._kept.popitem(last=False)
