"""The models that a person has added: used where they lie, remembered in the settings."""

from __future__ import annotations

from pathlib import Path

from engine.errors import CarrelError, ChildError, ModelError
from engine.models.embedder import SHIPPED, inspect
from engine.paths import shipped_embedder
from engine.settings import AddedModel, SettingsFile
from engine.workers import CancelToken

SHIPPED_NAME = "all-MiniLM-L6-v2"


class AddedModels:
    """Names are given once each: a second model of the same name gets a number."""

    def __init__(self, settings: SettingsFile) -> None:
        self._settings = settings

    def all(self) -> tuple[AddedModel, ...]:
        """The embedder that ships first, then those added."""
        shipped = AddedModel(SHIPPED, "embedder", SHIPPED_NAME)
        return (shipped, *self._settings.load().added_models)

    def add(self, path: Path, cancel: CancelToken | None = None) -> AddedModel:
        """Look at the folder, load and prepare its model in a child, and remember it. Raises
        ``ModelError`` with the reason where Carrel cannot use it."""
        folder = path.expanduser().resolve()
        if folder.suffix.lower() == ".gguf":
            raise ModelError(
                f"{folder.name} is a GGUF model. Answers are written by the model that ships with "
                "Carrel or by the one named with: carrel ask --model FILE"
            )
        if folder == shipped_embedder().resolve():
            return self.all()[0]
        try:
            found = inspect(str(folder), cancel)
        except ChildError as error:
            raise ModelError(str(error)) from error
        others = [model for model in self.all() if model.folder != str(folder)]
        name, number = found.name, 2
        while any(model.name == name for model in others):
            name, number = f"{found.name} {number}", number + 1
        added = AddedModel(str(folder), found.kind, name, found.dimension)
        self._settings.update(added_models=(*others[1:], added))
        return added

    def named(self, name: str) -> AddedModel:
        """By its name or its folder. Raises ``CarrelError`` where there is none."""
        for model in self.all():
            if name in (model.name, model.folder) and name:
                return model
        try:
            folder = str(Path(name).expanduser().resolve())
        except (OSError, RuntimeError):
            folder = name
        for model in self.all()[1:]:
            if model.folder == folder:
                return model
        known = ", ".join(model.name for model in self.all())
        raise CarrelError(
            f"There is no model “{name}”. Known are: {known}. "
            "Add one with: carrel models add FOLDER"
        )
