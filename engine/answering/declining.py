"""A model's own words for having found no answer, told apart from what it claims.

"The quotes do not say." states nothing that a source could bear out. A sentence that goes on to
say something all the same ("…, but it was built in 1931") is a claim like any other.
"""

from __future__ import annotations

import re

_SOURCES = (
    r"(?:quote|quotation|document|source|text|passage|excerpt|context|information|material|"
    r"snippet|extract)s?"
)
_THE = r"(?:(?:the|these|those|this|your|any of the|none of the|provided|given|available|above) )*"
_WHERE = rf"{_THE}{_SOURCES}(?: (?:provided|given|above|shown|available|you (?:gave|provided)))?"
_NOT = r"(?:(?:do|does|did|could|can|is|are|was|were)(?: not|n['’]t)|cannot)"
_HOW = r"(?:(?:explicitly|directly|specifically|clearly|actually|seem to|appear to|itself) )*"
_SAYS = (
    r"(?:say|mention|state|specify|provide|contain|include|tell|indicate|give|discuss|describe|"
    r"address|answer|hold|explain|reveal|list|name|cover|refer|identify|show|define|offer|have)"
)
_SAID = (
    r"(?:mentioned|stated|specified|provided|given|found|included|discussed|described|addressed|"
    r"answered|explained|contained|listed|named|covered|available|clear|known|present|"
    r"there|determined|indicated)"
)
_FIND = r"(?:find|determine|answer|tell|locate|see|say|give|provide|identify|know|confirm)"
_UNABLE = (
    r"(?:cannot|can(?: not|['’]t)|could(?: not|n['’]t)|do(?: not|n['’]t)|did(?: not|n['’]t)|"
    r"(?:am|['’]m|was|are|were) (?:not able|unable) to)"
)
_OPENING = (
    r"^\W*(?:(?:unfortunately|sorry|i['’]?(?: a)?m sorry|however|but|based on|according to|from|"
    rf"given|in)\b(?: {_WHERE})?,? ?(?:but )?)*"
)
_DECLINES = tuple(
    re.compile(_OPENING + pattern, re.IGNORECASE)
    for pattern in (
        rf"{_WHERE} {_NOT} {_HOW}{_SAYS}\b",
        rf"{_THE}none of {_THE}{_SOURCES} {_HOW}{_SAYS}s?\b",
        rf"{_WHERE} (?:lacks?|fails? to {_SAYS}|says? nothing|(?:is|are) silent)\b",
        rf"(?:i|we) {_UNABLE} {_HOW}{_FIND}\b",
        r"(?:there (?:is|are|was|were) )?(?:no|not any|not enough|insufficient) (?:\w+ )?"
        rf"(?:information|mention|answers?|details?|data|indication|quotes?)\b"
        rf"(?: (?:(?:is|are|was|were) )?(?:{_SAID}|in|about|regarding|on|to|of|for)\b|\W*$)",
        r"(?:the answer|that|this|it|the (?:requested )?information|this information)"
        rf" (?:is|are|was|were|could|can|has)(?: not|n['’]t)(?: been| be)? {_HOW}(?:{_SAID}|in)\b"
        rf"(?:.*\b{_SOURCES}\b|[^,;]*$)",
        r"it (?:is|was) (?:not possible|impossible|unclear)\b",
        rf".{{1,160}} (?:is|are|was|were)(?: not|n['’]t) {_HOW}{_SAID} "
        rf"(?:in|by|within|from|anywhere in) {_WHERE}\W*$",
        rf".{{1,160}} (?:cannot|can['’]t|can not) be {_SAID} (?:from|by|with|based on) "
        rf"{_WHERE}\W*$",
        r"not (?:mentioned|stated|specified|found|given|provided|in the quotes)\b[^,;]*$",
        r"unknown\W*$",
    )
)
_GOES_ON = re.compile(
    r"[,;:–—.] ?(?:but|however|although|though|yet|only|instead|while|whereas|they|it|he|she)\b",
    re.IGNORECASE,
)
_LONGEST = 400


def declines(sentence: str) -> bool:
    """Whether it says that there is no answer, and nothing else."""
    text = " ".join(sentence.split())
    if len(text) > _LONGEST:
        return False
    for pattern in _DECLINES:
        found = pattern.match(text)
        if found is not None:
            return _GOES_ON.search(text, _first_word(text)) is None
    return False


def _first_word(text: str) -> int:
    """Past an opening "I'm sorry, but …", which goes on to nothing."""
    opening = re.match(_OPENING, text, re.IGNORECASE)
    return opening.end() if opening is not None else 0
