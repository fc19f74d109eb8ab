"""Answers as text to paste elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from engine.answers import Answer
from engine.exporting import as_markdown
from engine.exporting.content import content


def markdown(answers: Sequence[Answer], *, title: str = "", asked: Sequence[float] = ()) -> str:
    """One answer or a conversation as Markdown with numbered sources: document, page, quote.
    ``asked`` are the times of the questions in Unix seconds, where they are known."""
    return as_markdown.write(content(answers, title=title, asked=asked))
