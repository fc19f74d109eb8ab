"""Words that say the opposite of each other, by stem."""

from __future__ import annotations

from functools import cache

from engine.answering.words import stem
from engine.paths import resource

_MORE = (
    ("increase", "reduce"), ("rise", "decline"), ("rose", "fell"), ("grew", "shrank"),
    ("grow", "shrink"), ("gain", "loss"), ("profit", "loss"), ("higher", "lower"),
    ("more", "fewer"), ("more", "less"), ("before", "after"), ("until", "after"),
    ("largest", "smallest"), ("highest", "lowest"), ("longest", "shortest"),
    ("earliest", "latest"), ("oldest", "youngest"), ("best", "worst"), ("most", "least"),
    ("maximum", "minimum"), ("won", "lost"), ("bought", "sold"), ("lend", "borrow"),
    ("creditor", "debtor"), ("landlord", "tenant"), ("lessor", "lessee"),
    ("plaintiff", "defendant"), ("seller", "buyer"), ("employer", "employee"),
    ("asset", "liability"), ("revenue", "expense"), ("inflow", "outflow"), ("import", "export"),
    ("over", "under"), ("above", "under"), ("inside", "outside"), ("permit", "prohibit"),
    ("allow", "forbid"), ("agree", "disagree"), ("with", "without"), ("all", "few"),
    ("many", "few"), ("most", "few"), ("every", "no"), ("always", "never"), ("often", "rarely"),
    ("northern", "southern"), ("eastern", "western"), ("early", "late"), ("begin", "end"),
    ("start", "finish"), ("open", "close"), ("opened", "closed"), ("upper", "lower"),
    ("short-term", "long-term"), ("former", "latter"), ("include", "exclude"),
)  # fmt: skip


@cache
def opposites() -> dict[str, frozenset[str]]:
    """Each stem's opposites: WordNet's antonyms, and pairs that matter in reports and contracts."""
    lines = resource("words", "antonyms.txt").read_text(encoding="utf-8").splitlines()
    pairs = [tuple(line.split()) for line in lines if not line.startswith("#")]
    found: dict[str, set[str]] = {}
    for a, b in (*_MORE, *pairs):
        first, second = stem(a), stem(b)
        if first != second:
            found.setdefault(first, set()).add(second)
            found.setdefault(second, set()).add(first)
    return {word: frozenset(others) for word, others in found.items()}


def opposed(a: str, b: str) -> bool:
    return b in opposites().get(a, frozenset())
