"""The software bill of materials: CycloneDX 1.6 as JSON, checked against its schema."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from cyclonedx.factory.license import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from project import epoch, version
from shipped import Part

_KINDS = {
    "library": ComponentType.LIBRARY,
    "model": ComponentType.MACHINE_LEARNING_MODEL,
    "data": ComponentType.DATA,
}


def document(parts: Sequence[Part]) -> str:
    """Raises ``ValueError`` where it does not hold to the schema."""
    bom = Bom(components=[_component(part) for part in parts])
    # the same contents get the same number and time
    names = "\n".join(f"{part.name} {part.version} {part.sha256}" for part in parts)
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_OID, f"carrel {version()}\n{names}")
    bom.metadata.timestamp = datetime.fromtimestamp(epoch(), UTC)
    bom.metadata.component = root = Component(
        type=ComponentType.APPLICATION,
        name="carrel",
        version=version(),
        bom_ref="carrel",
        licenses=[LicenseFactory().make_from_string("AGPL-3.0-or-later")],
    )
    bom.register_dependency(root, bom.components)
    output = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6)
    text = output.output_as_string(indent=2)
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise ValueError(f"the bill of materials is not valid: {error}")
    return text + "\n"


def write(parts: Sequence[Part], file: Path) -> Path:
    file.write_text(document(parts), encoding="utf-8")
    return file


def _component(part: Part) -> Component:
    digest = part.sha256
    return Component(
        type=_KINDS[part.kind],
        name=part.name,
        version=part.version,
        bom_ref=part.purl or f"{part.name} {part.version}",
        purl=PackageURL.from_string(part.purl) if part.purl else None,
        licenses=[LicenseFactory().make_from_string(part.licence)],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)] if digest else (),
    )
