"""Bringing adapters in: what was dropped or chosen, checked, converted where that is needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from desktop.bridge import Bridge, Job
from desktop.lists.incoming import Incoming
from engine.adapter_facts import AdapterEntry
from engine.models.gguf_header import GGUF

if TYPE_CHECKING:
    from engine.adapters.catalogue import Adapters

_FILTERS = ["Adapters (*.gguf *.zip adapter_config.json *.safetensors)", "All files (*)"]
_OF_A_FOLDER = ("adapter_config.json", "adapter_model.safetensors")


class Adding(Incoming):
    """Lets each in by itself; what goes wrong is said in its place."""

    def __init__(
        self, bridge: Bridge, adapters: Adapters, place: QVBoxLayout, window: QWidget
    ) -> None:
        super().__init__(bridge, place, window)
        self._adapters = adapters

    def choose_file(self) -> None:
        """Let the person pick GGUF files or zips."""
        dialog = self.dialog("Add an adapter", QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters(_FILTERS)
        dialog.open()

    def choose_folder(self) -> None:
        """Let the person pick a folder as PEFT saves it."""
        self.dialog("Add the folder of an adapter", QFileDialog.FileMode.Directory).open()

    def take(self, paths: Sequence[Path]) -> None:
        """A file out of a PEFT folder stands for that."""
        whole = dict.fromkeys(path.parent if path.name in _OF_A_FOLDER else path for path in paths)
        for path in whole:
            self.bring(path)

    def bring(
        self, path: Path, name: str = "", then: Callable[[AdapterEntry], None] | None = None
    ) -> None:
        """Let one in, under ``name`` if one is given; ``then`` is called with it."""

        def work(job: Job) -> AdapterEntry:
            job.tell(None)
            return self._adapters.add(path, name=name, cancel=job.token)

        self.start(name or path.name, work, lambda shown, _: shown.say(_doing(path), None), then)


def _doing(path: Path) -> str:
    if path.suffix.lower() == GGUF:
        return "Checking that it is whole, and which model it was made for…"
    return "Checking it, and converting it from PEFT to what llama.cpp reads…"
