"""The models are collected as files (see ``contents.data``), because transformers reads their
sources to know what there is; all the rest of it, they may import."""

from PyInstaller.utils.hooks import collect_submodules

hiddenimports = collect_submodules(
    "transformers",
    filter=lambda name: not name.startswith(("transformers.models", "transformers.cli")),
    on_error="ignore",
)
