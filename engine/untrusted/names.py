"""What a document calls itself, or a part of itself."""

from __future__ import annotations

import re

from engine.untrusted.orders import is_order
from engine.untrusted.plain_quotes import as_data

_LONGEST = 400  # characters
_APART = re.compile(r"[\W_]+")
_WORD = re.compile(r"[^\W_]+(?:[-_.,&'’/]+[^\W_]+)*")


def as_name(text: str) -> str:
    """A title, heading or file name on one line; nothing where it gives orders."""
    text = text[:_LONGEST]
    # "ignore_the_quotes.pdf" is as good an order as any
    return "" if is_order(text) or is_order(_APART.sub(" ", text)) else as_data(text)


def words_of_name(text: str, most: int) -> str:
    """Its first words, without anything that means more than itself in a question: no quotation
    marks, no colon of an operator, no hyphen in front."""
    return " ".join(_WORD.findall(as_name(text))[:most])
