"""What an HTML element looks like, as far as it decides whether a reader sees its text.

Styles are taken from ``style`` attributes, from the old attributes for colours, and from the
rules of the file's own ``<style>`` elements that name one element, class or id. What is drawn in
the colour of its background counts as hidden only where that background is known: nothing else
in the file, and no style sheet beside it, may have set another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

_RULE = re.compile(r"([^{}]{1,500})\{([^{}]{0,4000})\}")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SIMPLE = re.compile(r"(?:[a-z][a-z0-9]*|\*)?(?:[.#][\w-]+)?", re.IGNORECASE)
_NUMBER = re.compile(r"(-?\d*\.?\d+)\s*(px|pt|em|rem|ex|ch|mm|cm|in|pc|vw|vh|%)?", re.IGNORECASE)
_CLIPPED = re.compile(r"rect\(\s*0|inset\(\s*(?:50|100)%")
_HEX = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})(?![0-9a-f])", re.IGNORECASE)
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})(?:[\s,/]+([\d.]+%?))?\s*\)")
_NAMED = {
    "white": 0xFFFFFF, "snow": 0xFFFAFA, "ivory": 0xFFFFF0, "ghostwhite": 0xF8F8FF,
    "whitesmoke": 0xF5F5F5, "floralwhite": 0xFFFAF0, "mintcream": 0xF5FFFA, "azure": 0xF0FFFF,
    "aliceblue": 0xF0F8FF, "seashell": 0xFFF5EE, "black": 0, "navy": 0x80, "blue": 0xFF,
    "red": 0xFF0000, "green": 0x8000, "lime": 0xFF00, "yellow": 0xFFFF00, "gray": 0x808080,
    "grey": 0x808080, "silver": 0xC0C0C0, "maroon": 0x800000, "purple": 0x800080,
    "teal": 0x8080, "orange": 0xFFA500,
}  # fmt: skip
_WHITE, _BLACK, _UNKNOWN = 0xFFFFFF, 0, -1
_ALIKE = 24
_FAR = 400  # points or pixels off the screen


@dataclass(frozen=True, slots=True)
class Look:
    """``unseen`` for reasons of its own or those above it; colours are RGB, -1 where unknown."""

    unseen: bool = False
    colour: int = _BLACK
    ground: int = _WHITE

    @property
    def hidden(self) -> bool:
        return self.unseen or (
            self.colour != _UNKNOWN
            and self.ground != _UNKNOWN
            and all(
                abs((self.colour >> shift & 255) - (self.ground >> shift & 255)) <= _ALIKE
                for shift in (0, 8, 16)
            )
        )


class Looks:
    """The looks that one file gives its elements. ``gone`` elements are not laid out at all."""

    def __init__(self, root: Any) -> None:
        self._rules: dict[str, dict[str, str]] = {}
        outside = any("stylesheet" in (link.get("rel") or "").lower() for link in root.iter("link"))
        self._start = Look(ground=_UNKNOWN if outside else _WHITE)
        for sheet in root.iter("style"):
            for selector, declarations in _RULE.findall(_COMMENT.sub("", sheet.text or "")):
                self._add(selector, _declared(declarations))

    @property
    def start(self) -> Look:
        return self._start

    def gone(self, element: Any) -> bool:
        """Whether the element takes no part in the page."""
        if "hidden" in element.attrib:
            return True
        style = self._style(element)
        return style.get("display", "") == "none" or style.get("visibility", "") in (
            "hidden",
            "collapse",
        )

    def of(self, element: Any, above: Look) -> Look:
        """The look of an element inside one that looks like ``above``."""
        style = self._style(element)
        attributes = element.attrib
        if not style and not attributes:
            return above
        look = above
        ground = (
            style.get("background-color")
            or style.get("background")
            or attributes.get("bgcolor", "")
        )
        if "background-image" in style or attributes.get("background"):
            look = replace(look, ground=_UNKNOWN)
        elif ground:
            look = replace(look, ground=_colour(ground, look.ground))
        inks = style.get("color") or (
            attributes.get("color", "") if element.tag == "font" else attributes.get("text", "")
        )
        if inks.strip() in ("transparent", "rgba(0,0,0,0)"):
            look = replace(look, unseen=True)
        elif inks:
            look = replace(look, colour=_colour(inks, look.colour))
        return replace(look, unseen=True) if _is_unseen(style) else look

    def _add(self, selectors: str, declarations: dict[str, str]) -> None:
        for selector in selectors.split(","):
            selector = selector.strip()
            if _SIMPLE.fullmatch(selector) and selector != "*":
                self._rules.setdefault(selector, {}).update(declarations)
            elif any(name.startswith("background") for name in declarations):
                self._start = Look(ground=_UNKNOWN)

    def _style(self, element: Any) -> dict[str, str]:
        own = element.attrib.get("style", "")
        if not self._rules:
            return _declared(own) if own else {}
        found: dict[str, str] = {}
        for name in _names(element):
            found.update(self._rules.get(name, ()))
        if own:
            found.update(_declared(own))
        return found


def _names(element: Any) -> Iterator[str]:
    """The simple selectors that mean an element, the weakest first."""
    tag = element.tag
    yield tag
    for name in (element.get("class") or "").split()[:20]:
        yield f".{name}"
        yield f"{tag}.{name}"
    if name := element.get("id"):
        yield f"#{name}"
        yield f"{tag}#{name}"


def _declared(text: str) -> dict[str, str]:
    found = {}
    for each in text[:4000].split(";"):
        name, colon, value = each.partition(":")
        if colon:
            plain = value.lower().replace("!important", "").strip()
            found[name.strip().lower()] = plain
    return found


def _is_unseen(style: dict[str, str]) -> bool:
    if _is_tiny(style.get("font-size") or _font_size(style.get("font", ""))):
        return True
    if (opacity := _length(style.get("opacity", ""))) is not None and opacity <= 0.05:
        return True
    if (_length(style.get("text-indent", "")) or 0.0) < -_FAR:
        return True
    moved = style.get("position", "") in ("absolute", "fixed", "relative")
    for side in ("left", "top", "right", "bottom"):
        at = (_length(style.get(side, "")) or 0.0) if moved else 0.0
        if at < -_FAR or at > 5 * _FAR or (_length(style.get(f"margin-{side}", "")) or 0.0) < -_FAR:
            return True
    if _CLIPPED.match(style.get("clip", "") or style.get("clip-path", "")):
        return True
    cut = style.get("overflow", "") in ("hidden", "clip")
    return cut and any(_length(style.get(side, "")) == 0 for side in ("width", "height"))


def _is_tiny(size: str) -> bool:
    found = _NUMBER.match(size)
    if found is None:
        return False
    relative = (found.group(2) or "px").lower() not in ("px", "pt")
    most = 5.0 if found.group(2) == "%" else 0.05 if relative else 1.0
    return float(found.group(1)) <= most


def _font_size(font: str) -> str:
    found = _NUMBER.search(font)
    return found.group() if found else ""


def _length(text: str) -> float | None:
    found = _NUMBER.match(text.strip())
    return float(found.group(1)) if found else None


def _colour(text: str, before: int) -> int:
    """The colour that a value names; ``before`` where it keeps that, -1 where it cannot be
    said."""
    text = text.strip().lower()
    if text in ("inherit", "transparent", "none", "currentcolor", "initial", "unset"):
        return before
    if "url(" in text or "gradient" in text:
        return _UNKNOWN
    if found := _HEX.search(text):
        digits = found.group(1)
        return int(digits if len(digits) == 6 else "".join(2 * digit for digit in digits), 16)
    if found := _RGB.search(text):
        red, green, blue = (min(int(part), 255) for part in found.groups()[:3])
        return red << 16 | green << 8 | blue
    first = text.split()[0] if text else ""
    return _NAMED.get(first, _UNKNOWN)
