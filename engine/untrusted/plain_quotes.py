"""A quote as it stands in a prompt: data on one line, and nothing that a model takes for more.

The generator tokenizes a message's text without control tokens, so a document that prints
``<|im_start|>`` opens no turn. Small models follow such markers all the same: they have seen them
as text, too. What goes is therefore, in this order:

- what is not drawn (control characters, zero-width ones, tag characters, bidi marks);
- line breaks, which would end the quote's line and begin another of the prompt;
- images and links in Markdown or HTML, of which the text stays: a model copies their addresses;
- chat markers of all families of templates, with or without their angle brackets filled in;
- ``[1]`` where it is a reference mark (right behind a word, or behind a sentence): among an
  answer's own numbers it would look like one of them. Any other number stays, in round brackets
  or in none: drafts write "within [30] days";
- the colon of role names ("System:", "Question:") where a line or sentence begins with one.

The words of the quote stay as they are and in their order, and offsets are never taken from the
result: a citation names the place in the page's own text.
"""

from __future__ import annotations

import re

from engine.hidden import drawn

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufff9-\ufffb]")
_LINKED = re.compile(
    r"!?\[([^\[\]\n]{0,300})\]"
    r"\(\s*(?:[^()\s]|\([^()\s]{0,200}\)){1,2000}(?:\s+[\"'][^\"'\n]*[\"'])?\s*\)"
)
_ROLES = (
    "system|user|assistant|human|ai|bot|model|tool|developer|instructions?|input|output|prompt|"
    "context|quotes?|sources?|question|answer|response|reply"
)
_MARKERS = re.compile(
    r"<[|｜][^<>|｜]{1,40}[|｜]>"  # <|im_start|>, <|eot_id|>, <|end|>, <｜Assistant｜>
    r"|<</?sys>>|\[/?(?:inst|system_prompt|available_tools|tool_calls|tool_results)\]"
    r"|</?(?:s|bos|eos|unk|pad|sep|cls|mask|start_of_turn|end_of_turn|im_start|im_end"
    r"|start_header_id|end_header_id|eot_id|begin_of_text|end_of_text|endoftext|think(?:ing)?"
    rf"|tool_call|tool_response|function_call|{_ROLES})>"
    r"|<[|｜]|[|｜]>"
    r"|</?(?:a|audio|base|button|embed|form|iframe|img|input|link|meta|object|script|style|svg"
    r"|video)(?:\s[^<>]*)?>",
    re.IGNORECASE,
)
_HEADED = re.compile(rf"#{{2,}}[ \t]*({_ROLES})\b\s*:?", re.IGNORECASE)
_NUMBER = r"\[\d{1,3}(?:\s{0,3}[,;–-]\s{0,3}\d{1,3}){0,40}\]"
_NUMBERS = re.compile(rf"{_NUMBER}(?:\s{{0,3}}{_NUMBER})*")
_CURRENCY = re.compile(r"(?:[$€£¥₹]|\b(?:EUR|USD|GBP|CHF|JPY|CAD|AUD|INR))\s?$")
_UNIT = re.compile(
    r"\s{0,3}(?:[%‰$€£¥₹]|per\s?cent\b|Prozent\b|pour\scent\b|por\sciento\b)", re.IGNORECASE
)
_MARKED = re.compile(r"[\w.!?,;:…%)\"'”’»。！？]$")
_SENTENCE_ENDED = re.compile(r"[.!?…][\"'”’»)]{0,3}\s{1,3}$")
_ANOTHER_BEGINS = re.compile(r"\s*(?:$|[^\W\d_a-zß-öø-ÿ]|[\"'“‘„«(])")
_NEAR = 8  # characters beside a number that tell what it is
_LABEL = re.compile(rf"(^|[.!?\"”»)\]\n]\s+|\n\s*)({_ROLES})\s*:(?=\s|$)", re.IGNORECASE)


def as_data(text: str) -> str:
    """``text`` on one line, for a prompt."""
    text = _CONTROL.sub(" ", drawn(text))
    # a marker may stand inside another, so that taking one out makes one
    for _ in range(4):
        plain = _HEADED.sub(r" \1 – ", _MARKERS.sub(" ", _LINKED.sub(r"\1", text)))
        if plain == text:
            break
        text = plain
    else:
        text = text.translate(_BRACKETS)
    text = _NUMBERS.sub(_number, text)
    return " ".join(_LABEL.sub(r"\1\2 –", text).split())


def _number(found: re.Match[str]) -> str:
    """What stands in a prompt for a number in square brackets, or for several in a row."""
    before = found.string[max(0, found.start() - _NEAR) : found.start()]
    after = found.string[found.end() : found.end() + 2 * _NEAR]
    numbers = found[0]
    # in round brackets an amount would be below zero
    if _CURRENCY.search(before) or _UNIT.match(after):
        return numbers.translate(_BRACKETS).strip()
    if _MARKED.search(before) and not after[:1].isalnum():
        return ""
    if _SENTENCE_ENDED.search(before) and _ANOTHER_BEGINS.match(after):
        return ""
    return numbers.translate(_ROUND)


_BRACKETS = str.maketrans("<>[]|", "     ")
_ROUND = str.maketrans("[]", "()")
