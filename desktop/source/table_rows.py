"""Rows of a table as text: cells set in columns without moving a single offset."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QFontMetricsF, QTextOption

from engine.records import Block, BlockKind

_BETWEEN = " | "  # as the readers join cells
_TABBED = "\u200b\t\u200b"  # as long, so that every offset stays where it is
_GAP = 20.0
_WIDEST = 620.0  # pixels at which a table is better read as lines


def tab_stops(
    text: str, blocks: Sequence[Block], metrics: QFontMetricsF
) -> dict[int, list[QTextOption.Tab]]:
    """For each table row, by its start: where its columns begin. Rows of a table that is too wide
    for columns are left out."""
    stops: dict[int, list[QTextOption.Tab]] = {}
    table: list[Block] = []
    for block in (*blocks, None):
        if block is not None and block.kind is BlockKind.TABLE_ROW:
            table.append(block)
            continue
        if table:
            tabs = _columns([text[row.start : row.end] for row in table], metrics)
            if tabs:
                stops |= {row.start: tabs for row in table}
            table = []
    return stops


def in_columns(row: str) -> str:
    """The row's text with tabs between its cells; as long as before."""
    return row.replace(_BETWEEN, _TABBED)


def _columns(rows: list[str], metrics: QFontMetricsF) -> list[QTextOption.Tab]:
    widths: list[float] = []
    for row in rows:
        for column, cell in enumerate(row.split(_BETWEEN)):
            width = metrics.horizontalAdvance(cell) + _GAP
            if column == len(widths):
                widths.append(width)
            widths[column] = max(widths[column], width)
    if len(widths) < 2 or sum(widths) > _WIDEST * metrics.averageCharWidth() / 7:
        return []
    left, tabs = 0.0, []
    for width in widths[:-1]:
        left += width
        tabs.append(QTextOption.Tab(left, QTextOption.TabType.LeftTab))
    return tabs
