"""Documents that are zips of XML, opened with bounds: how large a part becomes is known before it
is unpacked, entities are not expanded, and nothing outside the file is loaded.
"""

from __future__ import annotations

import lzma
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from lxml import etree

from engine.reading.document import NotReadError, sensible_title
from engine.records import DocumentState

MOST_UNPACKED = 500_000_000
"""Bytes; a file that unpacks to more is taken for a zip bomb."""

MOST_OF_A_TREE = 64_000_000
"""Bytes of a part that is parsed whole; its tree takes some twenty times as much."""

_MOST_RATIO = 400
_LARGE = 20_000_000
_MOST_PARTS = 50_000

FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    etree.LxmlError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
)
"""What damaged parts raise, down to the readers' own walks over what they do not hold."""

_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


def damaged(kind: str) -> NotReadError:
    """``kind`` with its article, such as "a Word document"."""
    return NotReadError(
        DocumentState.FAILED, f"The file is damaged: it cannot be opened as {kind}."
    )


def locked() -> NotReadError:
    return NotReadError(
        DocumentState.LOCKED,
        "The file is protected with a password; save a copy without one to index it.",
    )


@dataclass(frozen=True, slots=True)
class Relation:
    """From one part of a package to another: ``kind`` is the last word of its type."""

    kind: str
    target: str


class Archive:
    """The parts of an opened zip, by name."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.names = frozenset(archive.NameToInfo)

    def size(self, name: str) -> int:
        return self._archive.NameToInfo[name].file_size if name in self.names else 0

    def read(self, name: str, most: int = MOST_OF_A_TREE) -> bytes:
        """A part; empty where there is none, it is damaged, or larger than ``most``."""
        if not 0 < self.size(name) <= most:
            return b""
        try:
            return self._archive.read(name)
        except FAULTS:
            return b""

    def tree(self, name: str) -> Any:
        """The root of a part's XML; None where there is none that can be read. A document is
        worth reading without its comments, or with one slide less."""
        data = self.read(name)
        try:
            return parsed(data) if data else None
        except etree.LxmlError:
            return None

    def needed(self, name: str) -> Any:
        """The root of a part without which there is no document. Raises ``KeyError`` where it is
        missing, and ``NotReadError`` where it is too large."""
        if self.size(name) > MOST_OF_A_TREE:
            raise NotReadError(
                DocumentState.FAILED,
                f"The file holds more than {MOST_OF_A_TREE // 1_000_000} MB of text in one piece; "
                "split it to index it.",
            )
        return parsed(self._archive.read(name))

    def stream(self, name: str) -> IO[bytes]:
        return self._archive.open(name)

    def relations(self, part: str) -> dict[str, Relation]:
        """Of a part of an Office package, by their ids; those that lead out of it are left out.
        An empty ``part`` stands for the package."""
        folder, name = posixpath.split(part)
        root = self.tree(posixpath.join(folder, "_rels", f"{name}.rels"))
        found: dict[str, Relation] = {}
        for relation in root.iter(_RELATION) if root is not None else ():
            target = relation.get("Target") or ""
            if relation.get("TargetMode") == "External" or not target:
                continue
            path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            kind = (relation.get("Type") or "").rpartition("/")[2]
            found[relation.get("Id") or ""] = Relation(kind, path)
        return found

    def office_title(self) -> str:
        """What the package's properties say, as a person would give it."""
        root = self.tree("docProps/core.xml")
        title = root.findtext("{http://purl.org/dc/elements/1.1/}title") if root is not None else ""
        return sensible_title(title)


@contextmanager
def opened(path: Path, kind: str) -> Iterator[Archive]:
    """The zip at ``path``. Raises ``NotReadError`` where it is none, locked or a bomb, and for
    whatever damage the block meets in it."""
    try:
        with zipfile.ZipFile(path) as archive:
            check(archive)
            yield Archive(archive)
    except etree.XMLSyntaxError as error:
        if "depth" in str(error):
            raise NotReadError(
                DocumentState.FAILED, "The file is nested too deeply; it was left closed."
            ) from error
        raise damaged(kind) from error
    except FAULTS as error:
        raise damaged(kind) from error


def check(archive: zipfile.ZipFile) -> None:
    """Raises ``NotReadError`` where the zip is locked, or unpacks to more than it may."""
    entries = archive.infolist()
    if any(entry.flag_bits & 1 for entry in entries):
        raise locked()
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise NotReadError(
            DocumentState.FAILED,
            f"The file unpacks to more than {MOST_UNPACKED // 1_000_000:,} MB; it was left closed.",
        )
    swollen = any(
        entry.file_size > _LARGE and entry.file_size > _MOST_RATIO * entry.compress_size
        for entry in entries
    )
    if swollen or len(entries) > _MOST_PARTS:
        raise NotReadError(
            DocumentState.FAILED,
            "The file unpacks to very much more than it is, as only files made to do harm do; it "
            "was left closed.",
        )


def parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def parsed(data: bytes) -> Any:
    """The root of an XML text. Raises ``etree.LxmlError``."""
    return etree.fromstring(data, parser())


def local(element: Any) -> str:
    """An element's name without its namespace: strict and transitional Office files differ in
    nothing else. Empty for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Any, name: str) -> str:
    """An attribute by its local name, in whatever namespace it is."""
    value = element.get(name)
    if value is not None:
        return str(value)
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(value)
    return ""


def children(element: Any, name: str) -> Iterator[Any]:
    return (child for child in element if local(child) == name)


def child(element: Any, *path: str) -> Any:
    """The first element below ``element`` at a path of local names, or None."""
    for name in path:
        element = next(children(element, name), None) if element is not None else None
    return element


def below(element: Any, name: str) -> Iterator[Any]:
    """All of a local name below an element, in order."""
    return element.iter(f"{{*}}{name}")  # type: ignore[no-any-return]
