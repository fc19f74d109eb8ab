"""BibTeX: one ``@misc`` entry for each document, in UTF-8."""

from __future__ import annotations

from collections.abc import Sequence

from engine.exporting.bibliography import Reference

# Braces count even behind a backslash, so every replacement has as many of the one as the other.
_ESCAPED = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{character: f"\\{character}" for character in "$&#%_"},
    }
)


def write(references: Sequence[Reference]) -> str:
    return "\n".join(_entry(reference) for reference in references)


def _entry(reference: Reference) -> str:
    fields = [("title", f"{{{_escaped(reference.title)}}}")]  # braces keep capitals
    if reference.authors:
        fields.append(("author", " and ".join(map(_name, reference.authors))))
    if reference.year:
        fields.append(("year", str(reference.year)))
    fields.append(("howpublished", _escaped(reference.kind)))
    fields.append(("note", _escaped(". ".join(reference.notes) + ".")))
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields)
    return f"@misc{{{reference.key},\n{lines}\n}}\n"


def _name(author: str) -> str:
    """BibTeX knows names of at most one comma; others it must take as they are."""
    name = _escaped(author)
    return f"{{{name}}}" if author.count(",") > 1 else name


def _escaped(text: str) -> str:
    return text.translate(_ESCAPED)
