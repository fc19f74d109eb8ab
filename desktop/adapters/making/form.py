"""What to train: a file of examples, the model to train it on, and what to call it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.adapters.making.found import Found
from desktop.adapters.making.parameters import Parameters
from desktop.ask.labels import Label, QuietButton, TextButton
from desktop.models.wording import file_size, parameters, short_path
from desktop.plain import ElidedLabel, one_line
from desktop.theme import SPACE
from engine.models.entries import ModelEntry
from engine.training_facts import ExamplesFound, TrainingWish

_FILTERS = ["Examples (*.jsonl *.json *.ndjson)", "All files (*)"]
_FORM = (
    "JSON lines, one example each: {“prompt”: …, “answer”: …}, or a chat {“messages”: […]}. A "
    "hundred to three hundred are a good number; write the answers exactly as you want them."
)


class Form(QWidget):
    """Tells what is to be checked and what is wished for; it starts nothing."""

    check_requested = Signal(object, object)  # Path of the examples, Path of the base
    start_requested = Signal(object)  # TrainingWish

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._file: Path | None = None
        self._named = False  # by the person
        self._usable = 0
        self._well = _Well(self)
        self.base = QComboBox(self)
        self.base.setAccessibleName("Model to train it on")
        self.base.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.name = QLineEdit(self)
        self.name.setProperty("look", "field")
        self.name.setAccessibleName("Name of the adapter")
        self.name.setPlaceholderText("What to call it")
        self.found = Found(self)
        self._more = QuietButton("More", "chevron-right", "How it is trained")
        self.parameters: Parameters | None = None  # until someone wants to say
        self.begin = TextButton("Start training", primary=True)
        self._promise = Label(
            "It trains on this computer. You can go on asking meanwhile, a little more slowly.",
            size=0.92,
            ink="muted",
            wrap=True,
        )
        self._arrange()
        self._well.chosen.connect(self.take)
        self.base.currentIndexChanged.connect(self._recheck)
        self.name.textEdited.connect(self._name_edited)
        self._more.clicked.connect(self._toggle_more)
        self.begin.clicked.connect(self._start)
        self._allow()

    # --- for the page -------------------------------------------------------------------------

    def take(self, path: Path) -> None:
        """A file of examples that was dropped or chosen."""
        self._file = path
        self._well.show_file(path)
        if not self._named:
            name = path.stem.replace("_", " ").replace("-", " ").strip()
            self.name.setText(name[:1].upper() + name[1:])
        self._recheck()

    def offer_bases(self, models: Sequence[ModelEntry]) -> None:
        """``models`` write answers; what was chosen stays so, as long as it is there."""
        before = self.base.currentData()
        self.base.blockSignals(True)
        self.base.clear()
        for model in models:
            facts = model.facts
            count = parameters(facts.parameters, short=True) if facts else ""
            size = file_size(facts.size) if facts else ""
            what = ", ".join(part for part in (count, size) if part)
            self.base.addItem(
                f"{one_line(model.name)} ({what})" if what else model.name, model.place
            )
        smallest = min(range(len(models)), key=lambda at: _weight(models[at]), default=-1)
        places = [model.place for model in models]
        self.base.setCurrentIndex(places.index(before) if before in places else smallest)
        self.base.blockSignals(False)
        if self.base.currentData() != before:
            self._recheck()
        self._allow()

    def show_found(self, found: ExamplesFound) -> None:
        self._usable = found.usable
        self.found.show_found(found)
        self._allow()

    def show_failure(self, sentence: str) -> None:
        self._usable = 0
        self.found.show_failure(sentence)
        self._allow()

    def focus(self) -> None:
        self._well.focus()

    # --- steps --------------------------------------------------------------------------------

    def _recheck(self) -> None:
        base = self.base.currentData()
        self._usable = 0
        if self._file is not None and base:
            self.found.show_checking()
            self.check_requested.emit(self._file, Path(base))
        self._allow()

    def _name_edited(self, text: str) -> None:
        self._named = bool(text.strip())
        self._allow()

    def _toggle_more(self) -> None:
        if self.parameters is None:
            self.parameters = Parameters(self)
            self.parameters.hide()
            self._room.addWidget(self.parameters)
        shown = self.parameters.isHidden()
        self.parameters.setVisible(shown)
        self._more.setText("Less" if shown else "More")
        self._more.set_icon("chevron-down" if shown else "chevron-right")

    def _allow(self) -> None:
        self.begin.setEnabled(bool(self._usable and self.name.text().strip()))

    def _start(self) -> None:
        wish = TrainingWish(str(self._file), self.base.currentData(), self.name.text().strip())
        self.start_requested.emit(self.parameters.in_wish(wish) if self.parameters else wish)

    def _arrange(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE * 2)
        grid.setVerticalSpacing(SPACE)
        grid.setColumnStretch(1, 1)
        for row, (words, part) in enumerate(
            (("Train it on", self.base), ("Call it", self.name)),
        ):
            label = Label(words)
            label.setBuddy(part)
            grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(part, row, 1)
        foot = QHBoxLayout()
        foot.setSpacing(SPACE * 2)
        foot.addWidget(self.begin)
        foot.addWidget(self._promise, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE * 3 // 2)
        column.addWidget(self._well)
        column.addWidget(self.found)
        column.addLayout(grid)
        column.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        self._room = QVBoxLayout()
        column.addLayout(self._room)
        column.addSpacing(SPACE)
        column.addLayout(foot)


class _Well(QFrame):
    """Where a file of examples is dropped or chosen. (The window takes the drop itself.)"""

    chosen = Signal(object)  # Path

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "drop")
        self._heading = Label("Drop a file of examples here", size=1.1, bold=True, wrap=True)
        self._place = ElidedLabel("", self, Qt.TextElideMode.ElideMiddle)
        self._place.setProperty("look", "muted")
        self._place.hide()
        self._story = Label(_FORM, size=0.92, ink="muted", wrap=True)
        self._choose = TextButton("Choose file…")
        self._choose.clicked.connect(self._open)
        words = QVBoxLayout()
        words.setSpacing(SPACE // 2)
        words.addWidget(self._heading)
        words.addWidget(self._place)
        words.addWidget(self._story)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE * 2, SPACE * 2, SPACE * 2, SPACE * 2)
        row.setSpacing(SPACE * 2)
        row.addLayout(words, 1)
        row.addWidget(self._choose, 0, Qt.AlignmentFlag.AlignVCenter)

    def show_file(self, path: Path) -> None:
        self._heading.setText(one_line(path.name))
        self._place.set_text(short_path(path.parent))
        self._place.show()
        self._story.hide()
        self._choose.setText("Another file…")

    def focus(self) -> None:
        self._choose.setFocus(Qt.FocusReason.OtherFocusReason)

    def _open(self) -> None:
        dialog = QFileDialog(self, "Choose a file of examples")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(_FILTERS)
        dialog.fileSelected.connect(lambda name: self.chosen.emit(Path(name)))
        dialog.open()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.setMinimumHeight(theme.ems(self, 8))


def _weight(model: ModelEntry) -> int:
    return model.facts.parameters if model.facts is not None else 1 << 62
