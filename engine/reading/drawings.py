"""What the drawings of Office files say: shapes with text, diagrams, and the numbers of charts."""

from __future__ import annotations

from typing import Any

from engine.reading.archive import Archive, below, child, children, local

_MOST_POINTS = 2_000


def paragraphs(body: Any) -> list[str]:
    """The paragraphs of a text body (``txBody``), without empty ones."""
    found = (paragraph_text(paragraph) for paragraph in below(body, "p"))
    return [text for text in found if text.strip()]


def paragraph_text(paragraph: Any) -> str:
    parts: list[str] = []
    for run in paragraph:
        match local(run):
            case "r" | "fld":
                text = child(run, "t")
                parts.append((text.text or "") if text is not None else "")
            case "br":
                parts.append("\n")
    return "".join(parts)


def diagram(archive: Archive, part: str) -> list[str]:
    """The texts of a SmartArt's nodes, in their order."""
    root = archive.tree(part)
    points = child(root, "ptLst")
    found: list[str] = []
    for point in children(points, "pt") if points is not None else ():
        text = child(point, "t")
        if text is not None:
            found += paragraphs(text)
    return found


def chart(archive: Archive, part: str) -> tuple[list[str], list[list[str]]]:
    """A chart's titles, and its numbers as a table: the head first, then a row for each name on
    the axis. It shows what the file remembers of them; the source is not opened."""
    root = archive.tree(part)
    if root is None:
        return [], []
    titles = [
        text
        for title in below(root, "title")
        if (rich := child(title, "tx", "rich")) is not None
        for text in paragraphs(rich)
    ]
    names: list[str] = [""]
    rows: dict[int, list[str]] = {}
    for series in below(root, "ser"):
        name = child(series, "tx")
        names.append(" ".join(_points(name).values()) if name is not None else "")
        for axis in ("cat", "xVal"):
            labels = child(series, axis)
            for at, text in _points(labels).items() if labels is not None else ():
                rows.setdefault(at, [text])
        for axis in ("val", "yVal"):
            values = child(series, axis)
            for at, text in _points(values).items() if values is not None else ():
                row = rows.setdefault(at, [str(at + 1)])
                row += [""] * (len(names) - 1 - len(row)) + [text]
    if not rows:
        return titles, []
    return titles, [names, *(rows[at] for at in sorted(rows))]


def _points(element: Any) -> dict[int, str]:
    found: dict[int, str] = {}
    for point in below(element, "pt"):
        value, at = child(point, "v"), point.get("idx") or ""
        if value is not None and at.isdecimal() and len(found) < _MOST_POINTS:
            found.setdefault(int(at), (value.text or "").strip())
    if not found:
        found = dict(enumerate(v.text or "" for v in children(element, "v")))
    return found
