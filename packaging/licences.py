"""Writes what the package holds of others, and under which licences, as one text.

The window shows it (Help, About Carrel), and the packages put it beside their own licence. First a
line for each part, then every text once, with the names of all whose text it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from shipped import Part

HEAD = """\
What is in Carrel's package besides Carrel itself, and under which licences.

Carrel is free software under the GNU Affero General Public License, version 3 or later. Parts that
offer a choice of licences are used under one that goes together with it.
"""
_RULE = "=" * 78


def text(parts: Sequence[Part]) -> str:
    lines = [HEAD]
    for kind, title in (("library", "Libraries"), ("model", "Models"), ("data", "Data")):
        lines.append(f"{title}\n")
        lines += [
            f"  {part.name} {part.version}: {part.licence}" for part in parts if part.kind == kind
        ]
        lines.append("")
    owners: dict[str, list[str]] = {}
    for part in parts:
        for words in part.texts:
            tidy = "\n".join(line.rstrip() for line in words.strip().splitlines())
            names = owners.setdefault(tidy, [])
            if part.name not in names:
                names.append(part.name)
    for words, names in owners.items():
        lines += [_RULE, ", ".join(names), _RULE, "", words, ""]
    return "\n".join(lines) + "\n"


def write(parts: Sequence[Part], file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text(parts), encoding="utf-8")
    return file
