"""Where an adapter's two files are: in a folder, in a folder inside it, or in a zip.

Of a zip nothing but these two is taken out, into a temporary folder, under names of our own.
"""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from engine.errors import ModelError
from engine.models.gguf_facts import plain_line

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
_CARD = "README.md"
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
_MODEL = "model.safetensors"
_MOST_ENTRIES = 20_000
_LARGEST_CONFIG = 1 << 20
_LARGEST_WEIGHTS = 8 << 30  # bytes
_LARGEST_RATIO = 50  # trained numbers hardly get smaller by packing
_BLOCK = 1 << 20
_SAYS_NOTHING = (
    "adapter", "lora", "lora_adapter", "lora_model", "model", "final", "output", "peft",
)  # fmt: skip
_LOOK = "Look for a version of it with adapter_model.safetensors, or as a GGUF."


@dataclass(frozen=True, slots=True)
class AdapterFiles:
    """``name`` is what a person would call it; ``card`` is its maker's description, where there
    is one."""

    name: str
    config: Path
    weights: Path
    card: Path | None = None


def find(path: Path, into: Path) -> AdapterFiles:
    """The files of the adapter at ``path``; those of a zip are put into the empty folder ``into``.
    Raises ``ModelError`` with what is missing, or why it is not used."""
    if path.is_dir():
        return _in_folder(path)
    if not path.is_file():
        raise ModelError(f"There is no file or folder {path}.")
    if path.suffix.lower() == ".zip":
        return _in_zip(path, into)
    if path.name in (CONFIG, WEIGHTS):
        return _in_folder(path.parent)
    if path.suffix.lower() in _PICKLES:
        raise _pickled(path.name)
    raise ModelError(
        f"“{plain_line(path.name)}” is no adapter that Carrel knows. It takes a GGUF, or a folder "
        f"or zip with {CONFIG} and {WEIGHTS}."
    )


def _in_folder(folder: Path) -> AdapterFiles:
    places = [folder] if (folder / CONFIG).is_file() else _inside(folder)
    if len(places) > 1:
        inside = [plain_line(str(place.relative_to(folder))) for place in places[:5]]
        listed = ", ".join(f"“{name}”" for name in inside)
        raise ModelError(
            f"There are several adapters in “{plain_line(folder.name)}”: {listed}. Choose one."
        )
    here = places[0] if places else folder
    names = tuple(sorted(file.name for file in here.iterdir() if file.is_file()))
    _check_names(plain_line(folder.name), names)
    if (here / CONFIG).stat().st_size > _LARGEST_CONFIG:
        raise _too_large(CONFIG)
    card = here / _CARD if _CARD in names else None
    return AdapterFiles(_name(here), here / CONFIG, here / WEIGHTS, card)


def _inside(folder: Path) -> list[Path]:
    """Folders in it, or in one of these, that hold an adapter."""
    return sorted(
        file.parent
        for pattern in (f"*/{CONFIG}", f"*/*/{CONFIG}")
        for file in folder.glob(pattern)
        if file.is_file()
    )


def _in_zip(path: Path, into: Path) -> AdapterFiles:
    shown = plain_line(path.name)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > _MOST_ENTRIES:
                raise ModelError(f"“{shown}” holds {len(entries):,} files, and is not unpacked.")
            for entry in entries:
                _check_place(shown, entry.filename)
            folder, names = _adapter_in(shown, entries)
            _check_names(shown, names)
            for name in (CONFIG, WEIGHTS, _CARD):
                if name in names:
                    most = _LARGEST_WEIGHTS if name == WEIGHTS else _LARGEST_CONFIG
                    _unpack(archive, archive.getinfo(str(folder / name)), into / name, most)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, KeyError) as error:
        raise ModelError(
            f"“{shown}” is damaged or no zip that can be unpacked. Copy or download it again."
        ) from error
    except OSError as error:
        raise ModelError(f"“{shown}” cannot be unpacked: {error.strerror or error}.") from error
    called = path.stem if folder == PurePosixPath() else folder.name
    card = into / _CARD if _CARD in names else None
    return AdapterFiles(plain_line(called), into / CONFIG, into / WEIGHTS, card)


def _adapter_in(
    shown: str, entries: list[zipfile.ZipInfo]
) -> tuple[PurePosixPath, tuple[str, ...]]:
    """The folder in the zip, and the names of the files there."""
    files = [PurePosixPath(entry.filename) for entry in entries if not entry.is_dir()]
    files = [file for file in files if "__MACOSX" not in file.parts]
    folders = sorted({file.parent for file in files if file.name == CONFIG})
    if len(folders) > 1:
        names = ", ".join(f"“{plain_line(str(folder))}”" for folder in folders[:5])
        raise ModelError(
            f"There are several adapters in “{shown}”: {names}. Unpack it, and choose."
        )
    folder = folders[0] if folders else None
    inside = sorted(file.name for file in files if folder in (None, file.parent))
    return folder or PurePosixPath(), tuple(inside)


def _check_place(shown: str, name: str) -> None:
    inside = PurePosixPath(name.replace("\\", "/"))
    if inside.is_absolute() or ".." in inside.parts or ":" in name:
        raise ModelError(
            f"“{shown}” names a place outside itself (“{plain_line(name)}”). It may be made to do "
            "harm, and is not unpacked."
        )


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, most: int) -> None:
    """No more than it says that it holds, which must be likely."""
    if entry.flag_bits & 1:
        raise ModelError(
            f"“{plain_line(Path(archive.filename or '').name)}” is locked with a password. Unpack "
            "it, and add the folder."
        )
    if entry.file_size > min(most, _LARGEST_CONFIG + _LARGEST_RATIO * entry.compress_size):
        raise _too_large(target.name)
    left = entry.file_size
    with archive.open(entry) as source, target.open("xb") as sink:
        while block := source.read(min(_BLOCK, left + 1)):
            left -= len(block)
            if left < 0:
                raise _too_large(target.name)
            sink.write(block)


def _check_names(shown: str, names: tuple[str, ...]) -> None:
    if CONFIG in names and WEIGHTS in names:
        return
    pickled = [name for name in names if PurePosixPath(name).suffix.lower() in _PICKLES]
    if WEIGHTS not in names and pickled:
        raise _pickled(pickled[0])
    if CONFIG in names:
        raise ModelError(f"“{shown}” has {CONFIG}, but its weights ({WEIGHTS}) are missing.")
    if any(name.startswith("model") and name.endswith(".safetensors") for name in names):
        raise ModelError(
            f"“{shown}” is a whole model ({_MODEL}), not an adapter. Carrel uses models as GGUF."
        )
    if WEIGHTS in names:
        raise ModelError(f"“{shown}” has {WEIGHTS}, but its settings ({CONFIG}) are missing.")
    raise ModelError(
        f"“{shown}” holds no adapter: there is no {CONFIG} with {WEIGHTS}, as PEFT saves them."
    )


def _pickled(name: str) -> ModelError:
    return ModelError(
        f"The weights are pickled (“{plain_line(name)}”), and such a file can run any program when "
        f"it is opened. Carrel does not open it. {_LOOK}"
    )


def _too_large(name: str) -> ModelError:
    return ModelError(f"{name} is larger than that of any adapter. It may be made to do harm.")


def _name(folder: Path) -> str:
    """What a person would call it: not the folder's name where that says nothing."""
    meaning = folder
    while meaning.name.lower() in _SAYS_NOTHING and meaning.parent != meaning:
        meaning = meaning.parent
    return plain_line(meaning.name) or "Adapter"
