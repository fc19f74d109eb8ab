"""Numbers as a spreadsheet shows them: 1577 under ``#,##0`` is "1,577".

Format codes are those of Excel (ECMA-376 part 1, 18.8.31). Whole dates are written as ISO 8601
has them, whatever order the format has: 3/4/18 means two days, depending on who reads it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class _Number:
    """How a number is written. ``optional`` decimals are left out where they are zeros."""

    before: str
    after: str
    factor: float
    spec: str
    least: int
    optional: bool
    least_decimals: int


@dataclass(frozen=True, slots=True)
class _Section:
    """One of the up to four parts of a format code: for a moment (``signs`` are its letters), a
    number, or a text in which a general number may stand (at ``\\0``)."""

    moment: bool
    elapsed: bool
    signs: str
    number: _Number | None
    text: str


@lru_cache(4096)
def _sections(code: str) -> tuple[_Section, ...]:
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
    return tuple(map(_section, sections))


def _section(parts: list[_Part]) -> _Section:
    signs = "".join(part.text for part in parts if part.kind == "sign").lower()
    elapsed = any(part.kind == "elapsed" for part in parts)
    half = any(part.kind == "half" for part in parts)
    moment = elapsed or half or any(sign in "ymdhs" for sign in signs)
    number = None if moment or "/" in signs or not re.search("[0#?]", signs) else _number(parts)
    general_at = any(part.kind == "general" or part.text == "@" for part in parts)
    holds = general_at or not parts or "/" in signs
    if "/" in signs and not moment:
        text = "\0"  # fractions
    elif holds:
        text = "".join(part.text if part.kind == "text" else "\0" for part in parts) or "\0"
    else:
        text = " ".join("".join(part.text for part in parts).split())
    return _Section(moment, elapsed, signs, number, text)


def _number(parts: list[_Part]) -> _Number:
    before: list[str] = []
    after: list[str] = []
    digits, percents, exponent = "", 0, False
    for part in parts:
        is_digit = part.kind == "sign" and part.text in "0#?"
        if part.kind == "exponent":
            exponent = True
        elif exponent and is_digit:
            continue
        elif is_digit or (part.kind == "sign" and part.text in ".," and not after):
            digits += part.text  # those behind a text between digits are no more than a grouping
        elif not exponent or part.kind == "text" or part.text == "%":
            percents += part.kind == "sign" and part.text == "%"
            (after if digits else before).append(part.text)
    whole, _, fraction = digits.partition(".")
    thousands = re.search(r"[0#?],[0#?]", whole) is not None
    scaled = len(digits) - len(digits.rstrip(","))
    decimals = min(sum(map(fraction.count, "0#?")), _MOST_DECIMALS)
    return _Number(
        "".join(before),
        "".join(after),
        100.0 ** min(percents, 4) / 1000.0 ** min(scaled, 8),
        f".{decimals}E" if exponent else f"{',' if thousands else ''}.{decimals}f",
        0 if thousands or exponent else whole.count("0"),
        not exponent and fraction.rstrip(",").endswith(("#", "?")),
        fraction.count("0"),
    )


def shown(value: float, code: str, *, since_1904: bool = False) -> str:
    """``value`` in the format ``code``. ``since_1904`` is how old Macs counted days."""
    if not math.isfinite(value):
        return ""
    if not code or code == GENERAL:
        return general(value)
    sections = _sections(code)
    section, number = sections[0], value
    if value < 0 and len(sections) > 1:
        section, number = sections[1], -value
    elif value == 0 and len(sections) > 2:
        section = sections[2]
    if section.moment:
        return _moment(value, section, since_1904)
    if section.number is not None:
        return _written(number, section.number)
    return section.text.replace("\0", general(number), 1).replace("\0", "").strip()


def general(value: float) -> str:
    """A number without a format: at most ten digits, and none after the point in vain."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.10g}"


def _written(value: float, form: _Number) -> str:
    text = format(value * form.factor, form.spec)
    if form.optional:
        text = _trimmed(text, form.least_decimals)
    if form.least > 1:
        text = text.zfill(form.least + len(text) - len(text.partition(".")[0]))
    minus = ""
    if text.startswith("-"):
        minus = "-" if text.strip("-0.,") else ""
        text = text[1:]
    if not form.before and not form.after:
        return minus + text
    return " ".join(f"{minus}{form.before}{text}{form.after}".split())


def _trimmed(text: str, least: int) -> str:
    whole, _, fraction = text.partition(".")
    fraction = fraction[:least] + fraction[least:].rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def _moment(value: float, section: _Section, since_1904: bool) -> str:
    signs = section.signs
    if section.elapsed:
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
