"""Whether a question is about whole documents, told by how it is put.

Rules in English, German, French and Spanish, for the beginning of a question and what must follow.
They would rather miss a question than mistake one: "Summarise this lease" is a wish for a summary,
"How did the court summarise the lease?" is not, and neither is "Give a summary of the risks that
page 4 names" taken for one of a document.
"""

from __future__ import annotations

import re

from engine.answers import AnswerKind

_LONGEST = 300
_PLEASE = (
    r"^\W*(?:please,?\s+|bitte,?\s+|(?:can|could|would) you\s+(?:please\s+)?|"
    r"(?:i|we) (?:want|need|would like|'d like)\s+(?:you to\s+)?)?"
)
_DOCUMENT = (
    r"(?:documents?|files?|pdfs?|papers?|articles?|reports?|contracts?|agreements?|lease|leases|"
    r"letters?|e-?mails?|minutes|book|handbook|manual|filings?|10-?[kq]s?|8-?ks?|study|survey|thesis|"
    r"chapters?|memo|memorandum|deed|will|policy|judge?ment|brief|transcript|presentation|slides|"
    r"spreadsheet|text|notes?|whole thing)"
)
_WHICH = r"(?:(?:this|that|the|my|our|these|those|all|each|every|whole|entire|of)\s+){1,3}"
_ONE = rf"{_WHICH}(?:(?!(?:of|in|on|for|from|about|that|which)\s)[\w’'&.,-]+\s+){{0,4}}?{_DOCUMENT}"
_GIST = (
    r"(?:summary|overview|synopsis|outline|abstract|gist|digest|précis|tl;?dr|"
    r"executive summary|recap|main points|key points|key takeaways|essentials)"
)
_SUMMARY = tuple(
    re.compile(_PLEASE + pattern, re.IGNORECASE)
    for pattern in (
        r"(?:summari[sz]e|sum up|recap|tl;?dr)\W*$",
        rf"(?:summari[sz]e|sum up|recap|outline)\s+{_ONE}\b(?!\s+(?:says?|said|about|on)\b)",
        r"(?:summari[sz]e|sum up)\s+(?:it|this|that|everything)\W*$",
        r"(?:summari[sz]e|sum up)\s+[“\"«„].+[”\"»“]\W*$",
        r"(?:summari[sz]e|sum up)\s+\S.{0,120}\.(?:pdf|docx?|odt|rtf|txt|md|html?|epub|eml|msg|"
        r"pptx?|xlsx?|csv)\W*$",
        rf"(?:(?:give|write|show|make|get|provide|create|prepare)\s+(?:me\s+|us\s+)?)?"
        rf"(?:an?\s+|the\s+)?(?:\w+\s+)?{_GIST}\s+(?:of|for)\s+{_ONE}\W*$",
        rf"(?:give|write|show|make)\s+(?:me\s+|us\s+)?(?:an?\s+|the\s+)?(?:\w+\s+)?{_GIST}\W*$",
        rf"(?:an?\s+|the\s+)?(?:\w+\s+)?{_GIST},?\s*(?:please)?\W*$",
        rf"what(?:\s+is|['’]s|\s+are)\s+(?:the\s+)?{_GIST}\s+(?:of|in)\s+{_ONE}\W*$",
        rf"what\s+(?:is|are|['’]s)\s+{_ONE}\s+(?:all\s+)?about\W*$",
        rf"what\s+does\s+{_ONE}\s+say\W*$",
        r"(?:fasse?|fass)\s+.{1,60}\s+zusammen\W*$",
        r"(?:(?:gib|schreib|erstelle)e?\s+(?:mir\s+|uns\s+)?)?(?:eine?n?\s+|die\s+)?"
        r"(?:kurze\s+|knappe\s+)?(?:zusammenfassung|übersicht|überblick)\b"
        r"(?:\s+(?:des|der|dieses|dieser|von|über)\s+(?:[\w„“\"-]+\s*){1,4})?\W*$",
        r"(?:résume[rz]?|fais(?:-moi)? un résumé (?:de|du))\s+(?:ce|cet|cette|le|la|les|du|l['’])",
        r"(?:resume|resumir|haz(?:me)? un resumen (?:de|del))\s+(?:este|esta|el|la|los|las|del)\b",
    )
)
_ALL = (
    rf"(?:(?:each|every|all|any|the various|the different)\s+(?:of\s+)?(?:(?:the|my|our|these)\s+)*"
    rf"{_DOCUMENT}|(?:the|my|our|these)\s+(?:documents|files|sources))"
)
_SAY = (
    r"(?:say|says|said|tell us|write|state|mention|contain|hold|have to say|report|provide|"
    r"describe|think|speak)"
)
_SURVEY = (
    re.compile(
        rf"{_PLEASE}what\s+(?:do|does|did|is|are|has|have)\s+{_ALL}\s+(?:\w+\s+)?{_SAY}\s+"
        rf"(?:about|on|of|regarding|concerning)?\s*(?P<about>.+)$",
        re.IGNORECASE | re.DOTALL,
    ),
    re.compile(
        rf"{_PLEASE}which\s+(?:of\s+(?:the|my|our|these)\s+)?"
        r"(?:documents?|files?|pdfs?|reports?|papers|contracts?|agreements?|leases?|letters?|filings?)\s+"
        r"(?:mentions?|say|says|discuss(?:es)?|speaks?(?:\s+of)?|talks?\s+about|deals?\s+with|"
        r"covers?|address(?:es)?)\s+(?:anything\s+|something\s+)?(?:about\s+|on\s+|of\s+)?"
        r"(?P<about>.+)$",
        re.IGNORECASE | re.DOTALL,
    ),
    re.compile(
        rf"{_PLEASE}(?P<about>.+?),?\s+(?:across|in|through(?:out)?)\s+"
        rf"(?:all|each|every)\s+(?:of\s+)?(?:(?:the|my|our|these)\s+)*"
        r"(?:documents|files|pdfs|reports|papers|contracts|agreements|leases|letters|filings|"
        r"document|file|sources)\W*$",
        re.IGNORECASE | re.DOTALL,
    ),
    re.compile(
        rf"{_PLEASE}(?:across|throughout)\s+(?:all\s+)(?:of\s+)?(?:(?:the|my|our|these)\s+)*"
        rf"{_DOCUMENT}\s*[,:]?\s*(?P<about>.+)$",
        re.IGNORECASE | re.DOTALL,
    ),
    re.compile(
        r"^\W*was\s+(?:sagt|sagen|steht|schreiben)\s+(?:in\s+)?(?:alle[nr]?|jede[sm]?)\s+"
        r"(?:der\s+)?(?:Dokumente?n?|Dateien?|Verträgen?|Berichten?)\s+(?:über|zu[rm]?|von)\s+"
        r"(?P<about>.+)$",
        re.IGNORECASE | re.DOTALL,
    ),
)
_END = re.compile(  # how, not what
    r"(?:,?\s*(?:please|bitte|for me|briefly|shortly|in (?:short|brief|detail|plain english)|"
    r"in (?:\w+ ){1,3}(?:sentences?|words|lines|paragraphs?|points|bullets)|kurz))+\W*$",
    re.IGNORECASE,
)
_THEY = re.compile(r"^(?:they|it|everyone|we|people|the (?:documents|authors|sources))$", re.I)
_SAID = re.compile(
    r"^what\s+(?:do(?:es)?|did|has|have)\s+(?P<who>.+?)\s+(?:say|said|write|think)\s+"
    r"(?:about|on|of)\s+(?P<what>.+)$",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"^(?:what\s+is\s+(?:said|written|stated)\s+(?:about|on|of)\s+|"
    r"(?:compare|find|list|show|collect|tell\s+me)\s+(?:me\s+)?"
    r"(?:everything\s+|what(?:ever)?\s+is\s+(?:said|written)\s+)?(?:about\s+)?)",
    re.IGNORECASE,
)


def wanted_kind(question: str) -> AnswerKind:
    """What a question asks for: a summary, a survey, or an answer."""
    text = _END.sub("", _plain(question))
    if any(pattern.search(text) for pattern in _SURVEY):
        return AnswerKind.SURVEY
    if any(pattern.search(text) for pattern in _SUMMARY):
        return AnswerKind.SUMMARY
    return AnswerKind.ANSWER


def subject(question: str) -> str:
    """What a survey is about: "What does each document say about the deposit?" is about the
    deposit. A question that is not put as one is about itself."""
    for pattern in _SURVEY:
        if (match := pattern.search(_plain(question))) is not None:
            about = match["about"].strip(" ,:;?!.")
            if (said := _SAID.match(about)) is not None:
                who = "" if _THEY.match(said["who"]) else said["who"]
                return f"{who} {said['what']}".strip()
            return _ASKS.sub("", about) or question
    return question


def _plain(question: str) -> str:
    """On one line; nothing of what is too long to be a wish, so that no rule takes long."""
    text = " ".join(question.split())
    return text if len(text) <= _LONGEST else ""
