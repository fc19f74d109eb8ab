"""How sources, support and models are put into words, in the window and outside."""

from __future__ import annotations

import re
import time
from pathlib import PurePath

from engine.answers import Citation, Support

_QUANTISATION = re.compile(r"[-._](?:i?q\d[\w]*|f16|bf16|f32)$", re.IGNORECASE)
_NUMBER = re.compile(r"\d[\w.-]*|[A-Za-z]?[-.]?\d+|[ivxlcdm]+")
_LONGEST_NUMBER = 6

# what no file format can hold, and what nobody sees: tag characters spell hidden text
_UNSHOWABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_INVISIBLE = re.compile("[\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")
_BREAKS = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")

_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff]")
_LETTER = re.compile(r"[^\W\d_]")

MARKS = {
    Support.PARTLY: "only partly in the documents",
    Support.UNSUPPORTED: "not in the documents",
    Support.UNCHECKED: "not checked",
}


def place(page: int, label: str, title: str = "") -> str:
    """Where a quote stands: "p. 12", or "Sheet2" where pages have names rather than numbers.

    A page that is called like its document (``title``) goes by its number.
    """
    label = label.strip()
    if not label or label == title.strip():
        return f"p. {page}"
    short = len(label) <= _LONGEST_NUMBER and _NUMBER.fullmatch(label)
    return f"p. {label}" if short else label


def title_of(citation: Citation) -> str:
    return citation.title.strip() or PurePath(citation.document).name


def model_name(model: str) -> str:
    """What a person calls the model: its file's name without folder, ending and bit width."""
    name = PurePath(model).name
    name = name[: -len(".gguf")] if name.lower().endswith(".gguf") else name
    return _QUANTISATION.sub("", name)


def readable(text: str) -> str:
    """The text as it can be shown anywhere. Characters that no file format holds become U+FFFD;
    those that nobody sees, or that turn the direction of what follows, are left out."""
    text = _BREAKS.sub("\n", text)
    return _INVISIBLE.sub("", _UNSHOWABLE.sub("\ufffd", text))


def one_line(text: str) -> str:
    """As :func:`readable`, on one line."""
    return " ".join(readable(text).split())


def reads_from_right(text: str) -> bool:
    """Whether the first letter of the text belongs to a script that is written from the right."""
    letter = _LETTER.search(text)
    return letter is not None and _RIGHT_TO_LEFT.match(letter[0]) is not None


def has_letters_from_right(text: str) -> bool:
    return _RIGHT_TO_LEFT.search(text) is not None


def date(seconds: float) -> str:
    """Unix time as "2026-11-21 03:37", local."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
