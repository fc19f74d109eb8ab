"""Which rows of a table are its heads."""

from __future__ import annotations

import pytest

from engine.reading.table_heads import head_rows, is_number, is_unit


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        ([["", "2018", "2017"], ["Revenue", "1,577", "1,432"]], 1),
        ([["USD m", "FY2018"], ["", "actual"], ["Revenue", "1,577"]], 2),
        ([["Revenue", "1,577"], ["Costs", "(1,432)"]], 0),
        ([["Revenue", "1,577"]], 0),
        ([["a", "b"], ["c", "d"]], 0),
        ([[], []], 0),
    ],
)
def test_words_over_numbers_are_heads(rows: list[list[str]], count: int) -> None:
    assert head_rows(rows) == count


def test_a_sheet_of_words_has_a_head_too() -> None:
    rows = [["Name", "City"], ["Ada Lovelace", "London"], ["Emmy Noether", "Erlangen"]]
    assert head_rows(rows, words_suffice=True) == 1
    assert head_rows([["The quick", "brown"], ["fox", "jumps"]] * 2) == 0


def test_amounts_and_units() -> None:
    for cell in ("1,577", "(1,577)", "$ 1.50", "25 %", "-3", "1.5E+07", "—", "2018-03-04"):
        assert is_number(cell), cell
    for cell in ("2018", "FY2018", "Q3 2019", "Revenue", "Article 3", ""):
        assert not is_number(cell), cell
    assert is_unit("(in millions)")
    assert is_unit("(USD)")
    assert not is_unit("Invoices of the year")
