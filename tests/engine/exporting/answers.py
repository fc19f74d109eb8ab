"""Makes answers to take away, friendly and hostile ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.answers import Answer, Citation, Claim, Support

HOSTILE = (
    "<script>alert(1)</script>",
    "\\end{document} \\input{/etc/passwd} %} @article{x, title={y}}",
    "[click](https://evil.example/a) ![pixel](https://evil.example/p.png)",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "# heading\n- list\n1. one\n> quote\n```\ncode\n```",
    "\u202egnp.exe\u2066 isolated \u2069 over\u202cdone",
    "NUL \x00 and \x0b escape \x1b[31m red \ufffe \udc80",
    "&lt;b&gt; &amp; &#x3c;img src=x onerror=alert(1)&#x3e;",
    "]]> --> </style></p></body> <!-- <![CDATA[",
    "www.evil.example http://evil.example/ file:///etc/passwd javascript:alert(1)",
    "*bold* _it_ `code` ~~gone~~ $x^2$ ^up^ \\* ||hidden||",
    "line one\r\nER  - \r\nTY  - BOOK\u2028TI  - forged",
    "hidden \U000e0049\U000e0067\U000e006e tags \u200b",
    "= setext\n===\n---\n***\n+ plus\n2) two",
    "«Größe» العربية في عام 2019 中文段落 עברית",
)


def citation(n: int, quote: str, **changes: Any) -> Citation:
    values: dict[str, Any] = {
        "document_id": 1,
        "document": "reports/annual.pdf",
        "title": "Annual report",
        "page": 4,
        "label": "2",
        "start": 10 * n,
        "end": 10 * n + len(quote),
    }
    return Citation(n=n, quote=quote, **(values | changes))


def answer(
    question: str = "What was the revenue?",
    text: str = "",
    claims: Sequence[tuple[str, Support, tuple[int, ...]]] = (),
    citations: Sequence[Citation] = (),
    **changes: Any,
) -> Answer:
    """Claims are (text, support, citations), found in ``text`` in turn; all citations lead
    unless told."""
    made, at = [], 0
    for words, support, numbers in claims:
        start = text.index(words, at)
        at = start + len(words)
        made.append(Claim(words, start, at, support, numbers))
    values: dict[str, Any] = {"quotes": tuple(c.n for c in citations)}
    if text:
        values["model"] = "SmolLM2-135M-Instruct.Q4_1"
    return Answer(
        question=question,
        text=text,
        claims=tuple(made),
        citations=tuple(citations),
        **(values | changes),
    )


def mixed() -> Answer:
    """A supported, a partly supported and an unsupported claim."""
    return answer(
        text="Revenue was 15.77 billion. It grew fast. The moon is cheese.",
        claims=[
            ("Revenue was 15.77 billion.", Support.SUPPORTED, (1,)),
            ("It grew fast.", Support.PARTLY, (2,)),
            ("The moon is cheese.", Support.UNSUPPORTED, ()),
        ],
        citations=[
            citation(1, "Revenue reached 15.77 billion in 2019."),
            citation(2, "Growth was fast in one region.", page=5, label="3"),
        ],
    )


def refusal() -> Answer:
    return answer(
        "Who walked on Mars?",
        citations=[citation(1, "The mission to Mars was planned.", page=9, label="ix")],
        refused=True,
        reason="Not found in the 412 documents that could be read; 3 could not be read.",
    )


def hostile() -> list[Answer]:
    """One answer for each hostile text, which stands wherever a text may stand."""
    return [
        answer(
            question=text,
            text=f"{text} And so on.",
            claims=[(text, Support.UNSUPPORTED, (1,)), ("And so on.", Support.SUPPORTED, (1,))],
            citations=[citation(1, text, document=f"dir/{text}.pdf", title=text, label=text)],
            notice=text,
            searched=text,
            model=text,
            adapter=text,
        )
        for text in HOSTILE
    ]
