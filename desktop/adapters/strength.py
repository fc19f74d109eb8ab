"""How much of an adapter is applied: a slider from nothing to twice as trained."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QWidget

from desktop import theme
from desktop.adapters.wording import times
from desktop.plain import plain_label
from desktop.theme import SPACE

STEP = 0.05
_MOST = 40  # steps: a scale of 2
_TRAINED = 20  # steps: 1, as trained


class Strength(QWidget):
    """A word, the slider and its figure."""

    changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        word = plain_label("Strength", self)
        word.setProperty("look", "muted")
        self.slider = _Slider(self)
        self._figure = plain_label("", self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE)
        row.addWidget(word)
        row.addWidget(self.slider, 1)
        row.addWidget(self._figure)
        self.slider.valueChanged.connect(self._moved)
        self._scale_figure()

    def name(self, adapter: str) -> None:
        """Whose strength it is."""
        self.slider.setAccessibleName(f"Strength of {adapter}")

    def show_scale(self, scale: float) -> None:
        """Without telling of it."""
        self.slider.blockSignals(True)
        self.slider.setValue(round(scale / STEP))
        self.slider.blockSignals(False)
        self._say()

    @property
    def scale(self) -> float:
        return round(self.slider.value() * STEP, 2)

    def _moved(self) -> None:
        self._say()
        self.changed.emit(self.scale)

    def _say(self) -> None:
        self._figure.setText(times(self.scale))
        self.slider.setAccessibleDescription(
            f"{times(self.scale)}, from 0 to 2; 1 is as trained. Home sets 0, R sets 1, End sets 2."
        )

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_figure"):
            self._scale_figure()

    def _scale_figure(self) -> None:
        self._figure.setMinimumWidth(self.fontMetrics().horizontalAdvance("×0.00") + 2)


class _Slider(QSlider):
    """Goes where it is pressed; a double press, or R, sets it to 1."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setRange(0, _MOST)
        self.setSingleStep(1)
        self.setPageStep(5)
        self.setValue(_TRAINED)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip("How much of the adapter is applied. Double-click for 1, as trained.")

    def sizeHint(self) -> QSize:
        return QSize(theme.ems(self, 24), round(self.fontMetrics().height() * 1.3))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.ems(self, 10), self.sizeHint().height())

    # --- hands --------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self.setSliderDown(True)
        self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._go(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.setValue(_TRAINED)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the list scrolls, and nothing changes by accident

    def keyPressEvent(self, event: object) -> None:
        if getattr(event, "text", str)().lower() == "r":
            self.setValue(_TRAINED)
        else:
            super().keyPressEvent(event)  # type: ignore[arg-type]

    def _go(self, event: QMouseEvent) -> None:
        left, width = self._track()
        share = (event.position().x() - left) / width if width else 0.0
        value = round(min(1.0, max(0.0, share)) * _MOST)
        self.setValue(_TRAINED if abs(value - _TRAINED) <= 1 else value)

    # --- looks --------------------------------------------------------------------------------

    def _track(self) -> tuple[float, float]:
        """Where it begins and how long it is; the knob's middle stays on it."""
        radius = self.height() * 0.3
        return radius + 1, self.width() - 2 * radius - 2

    def paintEvent(self, event: QPaintEvent) -> None:
        tones = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, width = self._track()
        middle = self.height() / 2
        x = left + width * self.value() / _MOST
        one = left + width * _TRAINED / _MOST
        painter.setPen(QPen(tones.muted, 1.4))
        painter.drawLine(QPointF(one, middle - 6.5), QPointF(one, middle + 6.5))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tones.handle)
        painter.drawRoundedRect(QRectF(left, middle - 2, width, 4), 2, 2)
        painter.setBrush(tones.accent if self.isEnabled() else tones.muted)
        painter.drawRoundedRect(QRectF(left, middle - 2, max(0.0, x - left), 4), 2, 2)
        radius = self.height() * 0.3
        painter.setPen(QPen(tones.accent if self.isEnabled() else tones.muted, 2))
        painter.setBrush(tones.accent if self.isSliderDown() else tones.base)
        painter.drawEllipse(QPointF(x, middle), radius - 1, radius - 1)
        if self.hasFocus():
            painter.setPen(QPen(tones.accent, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
