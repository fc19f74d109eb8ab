"""The lines above a mail that say from whom, to whom and when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from desktop.source.cells import Span
from engine.records import Block, BlockKind

_FIELD = re.compile(
    r"(?P<name>From|To|Cc|Bcc|Reply-To|Sender|Date|Sent|Subject|Attach(?:ed|ments?))"
    r"(?:[ \t]*:|(?= \| ))(?:[ \t]*\|)?[ \t]*(?P<value>.*)",
    re.IGNORECASE,
)
_AMONG_FIRST = 4  # blocks: the subject may stand above


@dataclass(frozen=True, slots=True)
class MailHead:
    """The fields' names and values, which ``blocks[first:last]`` hold, and nothing else."""

    first: int
    last: int
    fields: tuple[tuple[Span, Span], ...]


def mail_head(text: str, blocks: Sequence[Block]) -> MailHead | None:
    """That of a page's first blocks: "From" and at least one more, each on a line of its own."""
    for first in range(min(_AMONG_FIRST, len(blocks))):
        fields: list[tuple[Span, Span]] = []
        last = first
        while last < len(blocks) and (found := _fields(text, blocks[last])):
            fields += found
            last += 1
        names = {text[start:end].casefold() for (start, end), _ in fields}
        if len(fields) > 1 and names & {"from", "sender"}:
            return MailHead(first, last, tuple(fields))
        if fields:
            return None
    return None


def _fields(text: str, block: Block) -> list[tuple[Span, Span]]:
    """The block's lines as fields; an empty list where one of them is none."""
    if block.kind not in (BlockKind.PARAGRAPH, BlockKind.TABLE_ROW):
        return []
    found: list[tuple[Span, Span]] = []
    at = block.start
    for line in text[block.start : block.end].split("\n"):
        match = _FIELD.match(text, at, at + len(line))
        if match is None:
            return []
        found.append((match.span("name"), match.span("value")))
        at += len(line) + 1
    return found
