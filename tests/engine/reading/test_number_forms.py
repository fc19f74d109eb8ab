"""Numbers as spreadsheets show them."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from engine.reading.number_forms import plain, shown


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (1577, "General", "1577"),
        (0.1 + 0.2, "General", "0.3"),
        (1577, "#,##0", "1,577"),
        (-1577.4, "#,##0;(#,##0)", "(1,577)"),
        (-1577.4, "#,##0_);(#,##0)", "(1,577)"),
        (0, '#,##0;(#,##0);"-"', "-"),
        (0.253, "0.0%", "25.3%"),
        (1234.5, '"$"#,##0.00', "$1,234.50"),
        (1234.5, "[$€-407] #,##0.00", "€ 1,234.50"),
        (1234.5, "[Red]-#,##0.0", "-1,234.5"),
        (1_577_000, '#,##0,"k"', "1,577k"),
        (7, "00000", "00007"),
        (2.5, "0.##", "2.5"),
        (3, "0.##", "3"),
        (1234567, "0.00E+00", "1.23E+06"),
        (0.5, "# ?/?", "0.5"),
        (43101, "yyyy-mm-dd", "2018-01-01"),
        (43101, "m/d/yy", "2018-01-01"),
        (43101, "[$-409]d-mmm-yyyy;@", "2018-01-01"),
        (43101.75, "m/d/yy h:mm", "2018-01-01 18:00"),
        (43160, "mmm-yy", "Mar 2018"),
        (0.75, "h:mm AM/PM", "18:00"),
        (43101, "yyyy-mm-dd h:mm:ss", "2018-01-01"),
        (1.5, "[h]:mm:ss", "36:00:00"),
        (59, "yyyy-mm-dd", "1900-02-28"),  # Excel's own 1900
        (61, "yyyy-mm-dd", "1900-03-01"),
        (1e300, "yyyy-mm-dd", "1e+300"),
        (12, '"Q"0', "Q12"),
        (12, "@", "12"),
        (-0.001, "0.0", "0.0"),
        (float("nan"), "0", ""),
        (1e300, "0." + "0" * 200, None),
        (5, "0" * 5000, None),
        (5, ";" * 5000, None),
    ],
)
def test_numbers_under_their_formats(value: float, code: str, text: str | None) -> None:
    found = shown(value, code)
    assert text is None or found == text


def test_macs_counted_from_1904() -> None:
    assert shown(0, "yyyy-mm-dd", since_1904=True) == "1904-01-01"


def test_values_without_a_format() -> None:
    values = [None, True, 3.0, 2.5, datetime(2020, 1, 2), datetime(2020, 1, 2, 3, 4), "words"]
    expected = ["", "TRUE", "3", "2.5", "2020-01-02", "2020-01-02 03:04:00", "words"]
    assert [plain(value) for value in values] == expected
    assert (plain(date(2020, 1, 2)), plain(time(3, 4))) == ("2020-01-02", "03:04:00")
