"""Whether a page's stored text is language at all.

Fonts that lack a true table of their characters give letters of the private-use area, letters
shifted by a constant, or those of another alphabet. What gives it away needs no dictionary: some
pairs of letters are frequent in every language that is written in the Latin alphabet, few words
lack a vowel, and no writing mixes alphabets inside its words. Lists of part numbers look alike;
so this is a suspicion, and who has it compares the text with what the page shows.
"""

from __future__ import annotations

import re
import unicodedata

import numpy as np
from numpy.typing import NDArray

_SAMPLE = 2000  # characters
_FEWEST = 60  # letters, to judge by pairs
_UNREADABLE_SHARE = 0.2
_FEW_PAIRS = 0.28
_FEWER_PAIRS = 0.37  # Welsh has 0.34
_NO_VOWEL = 0.25  # of the words
_ACCENTED = 0.55  # of the letters: Vietnamese has a third
_MIXED = 0.3  # of the words
_MOJIBAKE = 0.004
_SYMBOLS = 0.55
_SAMPLES = 20
_NO_CHARACTERS = 0.05

# Unassigned to any character, or a control: what broken fonts give
_UNREADABLE = re.compile("[\ufffd\ue000-\uf8ff\x80-\x9f\x01-\x08\x0e-\x1f]")
_ODD = re.compile("[\ufffd\ue000-\uf8ff\x80-\x9f\x01-\x08\x0e-\x1fÃÂÄÅÐÑâ]")
_TWICE_ENCODED = re.compile(
    "(?:[ÃÂÄÅÐÑ][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€[\x80-\xbf™œ“”¦¢])"
)
_WORDS = re.compile(r"[^\W\d_]{2,}")
_LATIN = re.compile("[a-zA-Z\u00c0-\u024f\u1e00-\u1eff]")
_ALPHABETS = tuple(
    re.compile(f"[{span}]")
    for span in (
        "a-zA-Z\u00c0-\u024f\u1e00-\u1eff",
        "\u0370-\u03ff",
        "\u0400-\u052f",
        "\u0590-\u06ff",
    )
)
_VOWEL = re.compile(
    "[aeiouy\u00e0-\u00e6\u00e8-\u00ef\u00f2-\u00f8\u00f9-\u00ff\u0101-\u0173]", re.I
)
_RUNS = re.compile(r"(.)\1{2,}|[.·•_|‒–—-]+(?:\s[.·•_|‒–—-]+)+")

# The most frequent pairs in English, German, French, Spanish, Italian, Dutch, Portuguese,
# Polish, Turkish and Finnish taken together
_FREQUENT = (
    "th he in er an re on en es nt te ti or st de ar nd al is ra se ou le me it et at ed to ve "
    "ha hi ng ea as ri ro co li la el ne ta io si ch di ie ei un ge sc ic be ma ce ur us ad do "
    "os da ci no na ac ca qu lo pr em ec tr po so sa ni il za ow wi rz sz ka ki ko ya ki bi ya "
    "ll ai au ss tt il am om id ho of mo po pa pe ol ul ut tu su ss ke va vo nn mi ns nc nk ia "
    "ct rs ly ee ss vi av ev uu aa ii ks is nt"
).split()


def _table() -> NDArray[np.bool_]:
    table = np.zeros((128, 128), dtype=np.bool_)
    for pair in _FREQUENT:
        table[ord(pair[0]), ord(pair[1])] = True
    return table


_PAIRS = _table()


def is_garbage(text: str) -> bool:
    """Whether the text is not likely to be what the page shows."""
    text = text[:_SAMPLE]
    frequent = _frequent(text)
    if _FEWER_PAIRS < frequent < 1 and _ODD.search(text) is None:
        return False  # nearly every page leaves here
    solid = sum(map(len, text.split()))
    unreadable = len(_UNREADABLE.findall(text))
    if unreadable > _UNREADABLE_SHARE * solid and unreadable >= 3:
        return True
    plain = _RUNS.sub(" ", text)
    words = _WORDS.findall(plain)
    letters = sum(map(len, words))
    if not plain.isascii() and letters:
        twice = len(_TWICE_ENCODED.findall(plain))
        if twice >= 3 and twice > _MOJIBAKE * letters:
            return True
        if letters >= _FEWEST and _is_mixed(words, letters):
            return True
    if letters < _FEWEST:
        solid = sum(map(len, plain.split()))
        symbols = sum(not (c.isalnum() or c.isspace()) for c in plain)
        return solid >= 2 * _FEWEST and symbols > _SYMBOLS * solid
    return frequent <= _FEWER_PAIRS and _is_no_language(words, frequent)


def is_nonsense(text: str) -> bool:
    """Whether the text of a whole file is what a program makes of a file that it takes for one of
    another kind: most of it garbage, or many characters that stand for nothing."""
    solid = "".join(text[: _SAMPLES * _SAMPLE].split())
    nothing = sum(unicodedata.category(each) in ("Cc", "Cn", "Co", "Cs") for each in solid)
    if nothing > _NO_CHARACTERS * len(solid):
        return True
    samples = [text[at : at + _SAMPLE] for at in range(0, len(text), _SAMPLE)][:_SAMPLES]
    return 2 * sum(map(is_garbage, samples)) > len(samples)


def _frequent(text: str) -> float:
    """The share of frequent pairs among the pairs of plain letters; 1 where these are few."""
    codes = np.frombuffer(text.lower().encode("ascii", "replace"), dtype=np.uint8)
    letter = (codes >= ord("a")) & (codes <= ord("z"))
    inside = letter[:-1] & letter[1:]
    if np.count_nonzero(inside) < _FEWEST // 2:
        return 1.0
    return float(_PAIRS[codes[:-1][inside], codes[1:][inside]].mean())


def _is_mixed(words: list[str], letters: int) -> bool:
    """Whether words mix alphabets, or are made of accented letters."""
    accented = sum(len(re.findall("[\u00c0-\u00ff]", word)) for word in words)
    if accented > _ACCENTED * letters:
        return True
    mixed = sum(sum(a.search(word) is not None for a in _ALPHABETS) > 1 for word in words)
    return mixed > _MIXED * len(words)


def _is_no_language(words: list[str], frequent: float) -> bool:
    """Whether words in the Latin alphabet have neither the pairs of letters nor the vowels
    that they have in every language."""
    latin = [word for word in words if _LATIN.match(word)]
    if sum(map(len, latin)) < _FEWEST or len(latin) * 2 < len(words):
        return False
    if frequent <= _FEW_PAIRS:
        return True
    long = [word for word in latin if len(word) > 2]
    without = sum(_VOWEL.search(word) is None for word in long)
    return bool(long) and without > _NO_VOWEL * len(long)
