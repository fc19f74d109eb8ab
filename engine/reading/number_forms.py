"""Numbers as a spreadsheet shows them: 1577 under ``#,##0`` is "1,577".

Format codes are those of Excel (ECMA-376 part 1, 18.8.31). Whole dates are written as ISO 8601
has them, whatever order the format has: 3/4/18 means two days, depending on who reads it.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

GENERAL = "General"

# 18.8.30: formats that files name by number alone
BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: '"$"#,##0;("$"#,##0)',
    6: '"$"#,##0;("$"#,##0)', 7: '"$"#,##0.00;("$"#,##0.00)', 8: '"$"#,##0.00;("$"#,##0.00)',
    9: "0%", 10: "0.00%", 11: "0.00E+00", 14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm",
    17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss",
    22: "yyyy-mm-dd h:mm", 37: "#,##0;(#,##0)", 38: "#,##0;(#,##0)", 39: "#,##0.00;(#,##0.00)",
    40: "#,##0.00;(#,##0.00)", 41: "#,##0;(#,##0)", 42: '"$"#,##0;("$"#,##0)',
    43: "#,##0.00;(#,##0.00)", 44: '"$"#,##0.00;("$"#,##0.00)', 45: "mm:ss", 46: "[h]:mm:ss",
    47: "mm:ss", 48: "0.0E+0",
}  # fmt: skip

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]'
    r"|\[(?P<elapsed>h+|m+|s+)\]|\[[^\]]*\]|_.|\*.|(?P<half>AM/PM|A/P)|(?P<general>General)"
    r"|(?P<exponent>E[+-])|(?P<sign>.)",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_CODE = 256
_LAST_DAY = 2_958_465  # 9999-12-31
_MOST_DECIMALS = 15


class _Part(NamedTuple):
    """``kind`` is "text", "elapsed", "half", "general", "exponent" or "sign"."""

    kind: str
    text: str


@lru_cache(4096)
def _sections(code: str) -> tuple[tuple[_Part, ...], ...]:
    sections: list[list[_Part]] = [[]]
    for match in _TOKEN.finditer(code[:_LONGEST_CODE]):
        if match["sign"] == ";":
            sections.append([])
            continue
        for kind in ("quoted", "escaped", "currency", "elapsed", "half", "general", "exponent"):
            if match[kind] is not None:
                name = "text" if kind in ("quoted", "escaped", "currency") else kind
                sections[-1].append(_Part(name, match[kind]))
                break
        else:
            if match["sign"]:
                sections[-1].append(_Part("sign", match["sign"]))
            elif match[0].startswith("_"):
                sections[-1].append(_Part("text", " "))
    return tuple(tuple(section) for section in sections)


def _is_moment(section: tuple[_Part, ...]) -> bool:
    return any(
        part.kind in ("elapsed", "half") or (part.kind == "sign" and part.text in "yYmMdDhHsS")
        for part in section
    )


def shown(value: float, code: str, *, since_1904: bool = False) -> str:
    """``value`` in the format ``code``. ``since_1904`` is how old Macs counted days."""
    if value != value or value in (float("inf"), float("-inf")):
        return ""
    sections = _sections(code or GENERAL)
    section, number = sections[0], value
    if value < 0 and len(sections) > 1:
        section, number = sections[1], -value
    elif value == 0 and len(sections) > 2:
        section = sections[2]
    if _is_moment(section):
        return _moment(value, section, since_1904)
    if not any(part.kind == "sign" and part.text in "0#?" for part in section):
        if any(part.kind == "general" or part.text == "@" for part in section) or not section:
            around = [part.text if part.kind == "text" else "\0" for part in section] or ["\0"]
            return "".join(around).replace("\0", general(number), 1).replace("\0", "").strip()
        return " ".join("".join(part.text for part in section).split())
    return _number(number, section)


def general(value: float) -> str:
    """A number without a format: at most ten digits, and none after the point in vain."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.10g}"


def _number(value: float, section: tuple[_Part, ...]) -> str:
    before: list[str] = []
    after: list[str] = []
    digits = ""
    percents, exponent = 0, False
    for part in section:
        if part.kind == "exponent":
            exponent = True
        elif part.kind == "sign" and part.text == "/":
            return general(value)  # fractions
        elif exponent and part.kind == "sign" and part.text in "0#?":
            continue
        elif part.kind == "sign" and part.text in "0#?.," and not after:
            digits += part.text
        elif part.kind == "sign" and part.text in "0#?":
            digits += part.text  # digits behind a text between digits: no more than a grouping
        elif not exponent or part.kind == "text" or part.text == "%":
            percents += part.kind == "sign" and part.text == "%"
            (after if digits else before).append(part.text)
    whole, _, fraction = digits.partition(".")
    thousands = re.search(r"[0#?],[0#?]", whole) is not None
    scaled = len(digits) - len(digits.rstrip(","))
    try:
        value = value * 100**percents / 1000**scaled
        decimals = min(sum(map(fraction.count, "0#?")), _MOST_DECIMALS)
        if exponent:
            text = f"{value:.{decimals}E}"
        else:
            text = f"{value:{',' if thousands else ''}.{decimals}f}"
            if fraction.rstrip(",").endswith(("#", "?")):
                text = _trimmed(text, fraction.count("0"))
            least = whole.count("0")
            if not thousands and least > 1:
                text = text.zfill(least + (len(text) - len(text.partition(".")[0])))
    except OverflowError:
        return general(value)
    if text.startswith("-"):
        if not any(character in "123456789" for character in text):
            text = text[1:]
        else:
            before, text = ["-", *before], text[1:]
    return " ".join(("".join(before) + text + "".join(after)).split())


def _trimmed(text: str, least: int) -> str:
    whole, _, fraction = text.partition(".")
    fraction = fraction[:least] + fraction[least:].rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def _moment(value: float, section: tuple[_Part, ...], since_1904: bool) -> str:
    signs = [part.text.lower() for part in section if part.kind == "sign"]
    if any(part.kind == "elapsed" for part in section):
        seconds = round(value * 86400)
        sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
        return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    hours, seconds_too = "h" in signs, "s" in signs
    clock = hours or seconds_too
    at = as_datetime(value, since_1904=since_1904)
    if at is None:
        return general(value)
    year, day = "y" in signs, "d" in signs
    month = "m" in signs and (not clock or year or day)
    days = ""
    if year and month and day:
        days = at.date().isoformat()
    elif year and month:
        days = f"{at:%b} {at.year}"
    elif month and day:
        days = f"{at.day} {at:%b}"
    elif month:
        days = f"{at:%B}"
    elif year:
        days = str(at.year)
    elif day:
        days = f"{at:%A}" if signs.count("d") > 2 else str(at.day)
    if not clock or (days and at.time() == time()):
        return days
    return f"{days} {at:%H:%M:%S}".strip() if seconds_too else f"{days} {at:%H:%M}".strip()


def as_datetime(value: float, *, since_1904: bool = False) -> datetime | None:
    """The moment that a number of days stands for; None where it stands for none."""
    if not 0 <= value <= _LAST_DAY:
        return None
    if since_1904:
        start = datetime(1904, 1, 1)
    else:
        # Excel takes 1900 for a leap year
        start = datetime(1899, 12, 30) if value >= 60 else datetime(1899, 12, 31)
    try:
        return start + timedelta(days=int(value), seconds=round(value % 1 * 86400))
    except OverflowError:
        return None


def plain(value: object) -> str:
    """A value of Python as a person would write it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (int, float)):
        return shown(float(value), GENERAL)
    if isinstance(value, datetime):
        clock = value.time() != time()
        return value.isoformat(" ", "seconds") if clock else value.date().isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value)
