"""Words as they are compared: stems that matter, and figures as values."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

import snowballstemmer

from engine.paths import resource
from engine.query import STOP_WORDS

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_stemmer = snowballstemmer.stemmer("english")


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """English, without accents; "rose" has the stem of "rise"."""
    lower = word.lower().removesuffix("'s").removesuffix("’s")
    if not lower.isascii():
        lower = _ACCENTS.sub("", unicodedata.normalize("NFKD", lower))
    return str(_stemmer.stemWord(_irregular().get(lower, lower)))


@cache
def _irregular() -> dict[str, str]:
    lines = resource("words", "irregular_verbs.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split() for line in lines if not line.startswith("#"))


def is_spelled_out(name: str, text: str) -> bool:
    """Whether an abbreviation's words stand in the text: "United Kingdom" for "UK"."""
    letters = re.sub(r"['’]s$", "", name).replace(".", "")
    if not (2 <= len(letters) <= 6 and letters.isalpha() and letters.isupper()):
        return False
    words = [rf"{letter}[^\W\d_]+" for letter in letters]
    between = r"[\s-]+(?:(?:of|the|and|for)\s+)*"
    return re.search(rf"\b{between.join(words)}", text) is not None


def content_stems(text: str) -> list[str]:
    """Stems of the words that carry meaning, in order, figures included."""
    return [stem(word) for word in _WORD.findall(text) if word.lower() not in STOP_WORDS]


def all_stems(text: str) -> list[str]:
    """Stems of all words, "before" and "more" included."""
    return [stem(word) for word in _WORD.findall(text)]


def figures(text: str) -> set[str]:
    """The numbers in a text, written one way: "1,577.0" and "1577" are the same figure and
    "15.77" is another."""
    found = set()
    for match in _FIGURE.findall(text):
        whole = (
            match.replace(",", "")
            if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", match)
            else (match.replace(",", ".") if match.count(",") == 1 and "." not in match else match)
        )
        thousands = re.fullmatch(r"\d{1,3}\.\d{3}", whole)  # or three decimals: who knows
        if whole.count(".") == 1 and not thousands:
            whole = whole.rstrip("0").rstrip(".")
        found.add(whole.lstrip("0") or "0")
    return found
