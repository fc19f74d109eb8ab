"""Text as the keyword index takes it, for documents and for queries alike.

The index cuts at everything that is neither letter nor digit, folds case, and stems English. What
it cannot do is done here, on both sides: compatibility forms (ligatures, full-width digits) become
plain and accents go; scripts that put no spaces between words are cut into their
characters, and a query asks for pairs of neighbours (as Lucene's CJKBigramFilter does); Arabic
loses its optional signs, and the commonest prefixes and suffixes (the "light10" stemmer: Larkey,
Ballesteros, Connell, "Light Stemming for Arabic Information Retrieval", 2007).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# Thai to Lao, Burmese, Khmer, kana, Han with its extensions, Hangul
_UNSPACED = (
    "\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af\U00020000-\U0003ffff"
)
_CHARACTER = re.compile(f"[{_UNSPACED}]")
_RUN = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")
# signs that belong to the letters before them (Indic vowels, Thai tones), which \\w leaves out
_MARKS = (
    "\u0300-\u036f\u0900-\u0903\u093a-\u094f\u0951-\u0dff\u0e31-\u0e4e\u0eb1-\u109f\u17b4-\u17d3"
)
_LETTERS = rf"[^\W_](?:[^\W_]|[{_MARKS}])*"
WORD = re.compile(rf"{_LETTERS}(?:(?:[.'’&-]|(?<=\d),(?=\d)){_LETTERS})*")
_PART = re.compile(_LETTERS)
_SHORTEST_PART = 3
_SIGNS = re.compile("[\u00ad\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")
_ARABIC = re.compile("[\u0621-\u064a\u0671-\u06d3]{3,}")
_ARABIC_PREFIX = re.compile("^(?:وال|بال|كال|فال|ال|لل|و)(?=..)")
_ARABIC_SUFFIX = re.compile("(?<=..)(?:ها|ان|ات|ون|ين|يه|ه|ي)$")
_ARABIC_LETTERS = str.maketrans("أإآٱىةؤئیک", "ااااىهوييك")
_FOLDED = re.compile("[\u0300-\u036f]")
_PLAIN = {ord("đ"): "d", ord("ł"): "l", ord("ø"): "o", ord("ς"): "σ"} | {
    start + value: str(value) for start in (0x0660, 0x06F0, 0x0966) for value in range(10)
}


def indexed(text: str) -> str:
    """The text with spaces where words end and in one spelling; other lengths and offsets."""
    if text.isascii():
        return text
    text = _FOLDED.sub("", unicodedata.normalize("NFKD", _SIGNS.sub("", text)))
    text = unicodedata.normalize("NFC", text).casefold().translate(_PLAIN)
    text = _ARABIC.sub(lambda match: _light(match[0]), text)
    return _CHARACTER.sub(r" \g<0> ", text)


def expressions(words: str) -> tuple[str, ...]:
    """FTS5 expressions for one word of a query, any of which is a find: several for words of
    scripts without spaces, and for a compound ("non-small-cell"), which counts as a whole and by
    its parts."""
    found: list[str] = []
    for run in _RUN.findall(words):
        if not _CHARACTER.match(run):
            found.append(quoted(run))
            parts = _PART.findall(run)
            if len(parts) > 1:
                found.extend(quoted(part) for part in parts if len(part) >= _SHORTEST_PART)
        else:
            pairs = [run[at : at + 2] for at in range(max(1, len(run) - 1))]
            found.extend(quoted(pair) for pair in pairs)
    return tuple(dict.fromkeys(found))


def parts(expression: str) -> tuple[str, ...]:
    """The expressions of a compound's parts; none for a single word, and for neighbours in a
    script without spaces, which are no compound."""
    if _CHARACTER.search(expression):
        return ()
    found = _PART.findall(expression)
    return tuple(quoted(part) for part in found) if len(found) > 1 else ()


def quoted(text: str) -> str:
    """Words in their order: an FTS5 string, which is never syntax."""
    words = indexed(text).replace('"', '""').replace("\x00", " ")
    return '"' + " ".join(words.split()) + '"'


def name_words(name: str) -> str:
    """A name such as "3M_2023Q2_10-K" as the words that a person may call it by: with and
    without the joints between letters and digits, and at capitals."""
    plain = re.sub(r"[\W_]+", " ", name).strip()
    parts = re.sub(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)|(?<=[a-z])(?=[A-Z])", " ", plain)
    return plain if parts == plain else f"{plain} {parts}"


def joined(words: list[str]) -> Iterator[str]:
    """Two or three neighbours written as one: how names are often written in file names."""
    for size in (2, 3):
        for at in range(len(words) - size + 1):
            yield "".join(words[at : at + size])


def _light(word: str) -> str:
    word = word.translate(_ARABIC_LETTERS)
    return _ARABIC_SUFFIX.sub("", _ARABIC_PREFIX.sub("", word))
