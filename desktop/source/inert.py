"""A page's text as characters that take exactly one place each, so that offsets stay true."""

from __future__ import annotations

from engine.hidden import Spans, drawn

LINE_END = "\u2028"  # inside a block, as Qt has it

# Qt takes some characters for structure and would add or swallow positions.
_INERT = str.maketrans(
    {"\r": " ", "\n": LINE_END, "\u2029": LINE_END, "\ufdd0": " ", "\ufdd1": " ", "\x00": " "}
)
_TAGS = range(0xE0020, 0xE007F)
_UNDRAWN = "·"


def inert(text: str, hidden: Spans = ()) -> str:
    """``text``, code point by code point. In what is ``hidden``, characters that are never drawn
    are given a shape: tag characters that of the letter they stand for."""
    if hidden:
        parts: list[str] = []
        at = 0
        for start, end in hidden:
            parts += text[at:start], "".join(map(_shape, text[start:end]))
            at = end
        text = "".join((*parts, text[at:]))
    return text.translate(_INERT)


def _shape(character: str) -> str:
    if character.isascii():
        return character
    if ord(character) in _TAGS:
        return chr(ord(character) - _TAGS.start + ord(" "))
    return character if drawn(character) else _UNDRAWN
