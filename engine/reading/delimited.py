"""Tables as plain text (CSV, TSV): delimiter and encoding are what the text looks like."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator

from engine.reading.document import Reading, Source
from engine.reading.encoding import decode, first_bytes
from engine.reading.sheets import Allowance, Row, Sheet, reading
from engine.reading.text import paged

_DELIMITERS = ",;\t|"
_LOOKED_AT = 50
_SAMPLE = 64_000  # characters
_NAMED = "sep="


def read(source: Source) -> Reading:
    data, omitted = first_bytes(source.path)
    text = decode(data, whole=not omitted)
    del data
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    delimiter = delimiter_of(text)
    if not delimiter:
        return paged(text, "spreadsheet", "", omitted)
    allowance = Allowance()
    found = reading(source, "spreadsheet", "", [_sheet(text, delimiter, allowance)], allowance)
    said = " ".join(filter(None, (omitted, found.omitted)))
    return Reading(found.facts, found.pages, said)


def delimiter_of(text: str) -> str:
    """What stands between the cells: what splits most of the first lines into the same number
    of them. Empty where nothing does."""
    first, _, _ = text.partition("\n")
    if first.lower().startswith(_NAMED) and len(first) == len(_NAMED) + 1:
        return first[-1]
    best, most = "", 0.0
    for delimiter in _DELIMITERS:
        rows = list(_first_rows(text[:_SAMPLE], delimiter))
        counts = Counter(len(row) for row in rows)
        counts.pop(0, None)
        if not counts:
            continue
        width, times = max(counts.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]))
        share = times / sum(counts.values())
        if width > 1 and share >= 0.6 and share * (1 + width / 1000) > most:
            best, most = delimiter, share * (1 + width / 1000)
    return best


def _first_rows(text: str, delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(text.split("\n")[:_LOOKED_AT], delimiter=delimiter)
    except csv.Error:
        return


def _sheet(text: str, delimiter: str, allowance: Allowance) -> Sheet:
    sheet = Sheet("")
    lines = (line + "\n" for line in text.split("\n"))
    rows = csv.reader(lines, delimiter=delimiter)
    while True:
        number = rows.line_num + 1
        try:
            row = next(rows, None)
        except csv.Error:  # a field of endless length, or a quotation mark that never closes
            continue
        if row is None:
            break
        if number == 1 and len(row) == 2 and row[0].lower() == _NAMED:
            continue
        cells = {column: text for column, cell in enumerate(row) if (text := cell.strip())}
        if not cells:
            continue
        if not allowance.take(len(cells)):
            break
        sheet.rows.append(Row(number, cells))
    return sheet
