"""Where the sentences of a text begin and end.

One regular expression finds every place that might end a sentence; a few rules on the words
around it decide. The spans are exact offsets, so a quote can be cut out of the page's own text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST = 600
"""Characters; a longer stretch without an end (a table, a list of names) is cut at line ends."""

_CLOSERS = "\"'”’»›)\\]}」』）】》"
_OPENERS = "\"'“‘«‹([{「『（【《¿¡"

_CANDIDATE = re.compile(
    rf"[.!?…؟۔]+[{_CLOSERS}]*(?=\s|$)"
    rf"|[。！？｡]+[{_CLOSERS}]*"
    r"|\n[^\S\n]*(?:\n\s*"
    r"|(?=[^\S\n]*(?:[-–—*+•◦▪‣·●○■□o]"
    r"|\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{2,5})[.)])[^\S\n]+\S))"
)
_AFTER = re.compile(rf"\s*[{re.escape(_OPENERS)}]*([^\W_]+)?")
_BEFORE = re.compile(r"[^\W_]+(?:[.&'’-][^\W_]+)*$")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Never the last word of a sentence: something must follow it.
_LEADING = _words(
    "mr mrs ms dr prof rev hon gen col capt lt sgt maj cmdr sen rep gov pres st mt messrs mme "
    "mlle fig figs eq eqs cf vs v viz e.g i.e eg ie approx ca resp incl excl esp bzw z.b d.h "
    "u.a vgl"
)
# Only before a number.
_NUMBERED = _words(
    "no nos nr vol vols sec secs ch chap art arts p pp para paras pt ed app ex cl tab n ref "
    "refs item bd s"
)
# Often last, often not: the next word decides.
_EITHER = _words(
    "inc corp ltd co llc plc bros etc al jr sr ph.d m.d b.a m.a dept est univ assn ave blvd "
    "rd jan feb mar apr jun jul aug sep sept oct nov dec a.m p.m u.s u.k u.n e.u d.c u.s.a "
    "n.v s.a a.g gmbh cos mfg intl gov't"
)
_STARTERS = _words(
    "The A An This That These Those It Its He She They We I You Our Their His Her In On At As "
    "By For From To With Of And But Or If When While Where What Who Why How However Although "
    "After Before Since Because During Under Over There Here No Not All Any Some Such Each "
    "Both Most Many More Also Further Furthermore Moreover Additionally Therefore Thus Then "
    "Once Until Unless Upon Please See Yes Is Are Was Were Do Does Did Can Will Would Should"
)


def sentences(text: str) -> list[tuple[int, int]]:
    """The ``(start, end)`` of each sentence, in order, without the whitespace around it.

    Together they hold everything in ``text`` that is not whitespace.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _CANDIDATE.finditer(text):
        end = match.end()
        if text[match.start()] in "\n。！？｡" or _ends(text, start, match):
            _add(text, start, end, spans)
            start = end
    _add(text, start, len(text), spans)
    return spans


def _ends(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether the full stop, question mark or dots at ``match`` end the sentence."""
    at, end = match.span()
    following = _AFTER.match(text, end)
    after = (following.group(1) or "") if following else ""
    if after[:1].islower():
        return False
    if match.group()[0] != "." or text.startswith("..", at):
        return True
    before = _BEFORE.search(text, max(start, at - 16), at)
    if before is None:
        return True
    word = before.group()
    if word.isdecimal() or len(word) == 1:
        if before.start() == start or not text[start : before.start()].strip(" \t\n(["):
            return False  # "1." or "A." opens a list item
        return word.isdecimal() or not word.isupper() or after in _STARTERS
    folded = word.lower()
    if folded in _LEADING:
        return False
    if folded in _NUMBERED:
        return not after[:1].isdecimal()
    if folded in _EITHER or "." in word:
        return not after or after in _STARTERS
    return True


def _add(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> None:
    stretch = text[start:end]
    left = len(stretch) - len(stretch.lstrip())
    if left == len(stretch):
        return
    start, end = start + left, start + len(stretch.rstrip())
    if end - start <= LONGEST:
        spans.append((start, end))
    else:
        spans.extend(cut(text, start, end, LONGEST))


def cut(text: str, start: int, end: int, longest: int) -> Iterator[tuple[int, int]]:
    """``text[start:end]`` in parts of at most ``longest`` characters: at a line end where there
    is one, else at a space, else anywhere. Neither the parts nor the cuts keep whitespace."""
    while end - start > longest:
        limit = start + longest + 1
        at = text.rfind("\n", start, limit)
        if at <= start:
            at = max(text.rfind(" ", start, limit), text.rfind("\t", start, limit))
        if at <= start:
            at = start + longest
        part = text[start:at].rstrip()
        if part:
            yield start, start + len(part)
        rest = text[at:end]
        start = at + len(rest) - len(rest.lstrip())
    if start < end:
        yield start, end
