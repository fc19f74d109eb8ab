"""RIS: one record for each document, in UTF-8. A value ends with its line, and holds none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.exporting.bibliography import Reference


def write(references: Sequence[Reference]) -> str:
    return "\r\n".join(line for reference in references for line in _lines(reference))


def _lines(reference: Reference) -> Iterator[str]:
    yield "TY  - GEN"
    yield f"ID  - {reference.key}"
    yield f"TI  - {reference.title}"
    for author in reference.authors:
        yield f"AU  - {author}"
    if reference.year:
        yield f"PY  - {reference.year}"
    yield f"M3  - {reference.kind}"
    for note in reference.notes:
        yield f"N1  - {note}"
    yield "ER  - "
    yield ""
