"""Follow-ups written out by a model that is good enough for it, and checked.

Smaller models change what was asked: the rules then do better. What a model writes is taken only
where it is a question that keeps the typed one's words, carries half or more of what the rules
carry, and adds none but words of the conversation; the text of documents in earlier answers can
therefore not ask for anything new. Where to look is never the model's to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from engine.answers import Answer
from engine.errors import ModelError
from engine.followups.languages import spoken
from engine.followups.narrowing import Narrowed
from engine.followups.phrases import words_of
from engine.followups.recent import said
from engine.followups.rules import FollowUp, carried_words
from engine.model_facts import ABLE
from engine.models.generator import Generator
from engine.models.messages import ChatMessage, Generate, TokenText
from engine.paths import resource
from engine.untrusted import as_data
from engine.workers import CancelToken

_TURNS = 3
_SHOWN = 300  # characters of an earlier answer
_MOST_TOKENS = 64
_MOST_CHARACTERS = 400
_ENDING = 3  # letters by which forms of a word may differ


class FollowUps:
    """Improves on what the rules make of a follow-up, with a model of at least
    ``least_parameters``."""

    def __init__(self, generator: Generator, least_parameters: int = ABLE) -> None:
        self._generator = generator
        self._least = least_parameters
        self._task = resource("prompts", "follow_up.txt").read_text(encoding="utf-8").strip()

    def improved(
        self,
        found: FollowUp,
        question: str,
        turns: Sequence[Answer],
        model: Path | None,
        cancel: CancelToken | None = None,
    ) -> FollowUp:
        """The question as the model understands it; ``found`` where it is no follow-up, where the
        model is too small or fails, and where its text does not pass. Loads the model and takes
        it seconds: what ``found`` says can be searched for meanwhile. Raises ``CancelledError``.
        """
        if model is None or not found.is_follow_up:
            return found
        try:
            if self._generator.facts(model, cancel).parameters < self._least:
                return found
            asked = Narrowed.parse(question).text
            text = self._written(asked, turns, model, cancel)
        except ModelError:
            return found
        searched = checked(text, asked, turns[-_TURNS:], found.carried)
        if not searched:
            return found
        narrowed = Narrowed.parse(found.searched)
        return FollowUp(narrowed.around(searched), carried_words(asked, searched), True)

    def _written(
        self, question: str, turns: Sequence[Answer], model: Path, cancel: CancelToken | None
    ) -> str:
        lines = []
        for turn in turns[-_TURNS:]:
            # what was searched for may hold the name of a document
            before = as_data(turn.searched) or _one_line(turn.question)
            lines.append(f"Question: {Narrowed.parse(before).text}")
            lines.append(f"Answer: {said(turn)[:_SHOWN]}")
        content = "\n".join([*lines, "", f"Last question: {_one_line(question)}"])
        request = Generate(
            str(model),
            (ChatMessage("system", self._task), ChatMessage("user", content)),
            max_tokens=_MOST_TOKENS,
        )
        replies = self._generator.generate(request, cancel)
        return "".join(reply.text for reply in replies if isinstance(reply, TokenText))


def checked(text: str, question: str, turns: Sequence[Answer], carried: Sequence[str] = ()) -> str:
    """The question that a model wrote, on one line; empty where it is not to be trusted.
    ``carried`` are the words that the rules would carry over."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    if len(lines) != 1 or len(lines[0]) > _MOST_CHARACTERS:
        return ""
    rewritten = lines[0].strip('"“”„«» ')
    if not rewritten.endswith(("?", "？", "؟")) or not Narrowed.parse(rewritten).plain:
        return ""
    own, new = _words(question), _words(rewritten)
    small = spoken(own, []).small | spoken(new, []).small
    said_before = _words(" ".join(t for turn in turns for t in _told(turn)))
    kept = all(_among(word, new) for word in own if word not in small)
    added = [word for word in new if word not in small and not _among(word, own)]
    shared = sum(_among(word.lower(), new) for word in carried)
    if not kept or not added or 2 * shared < len(carried):
        return ""
    if not all(_among(word, said_before) for word in added):
        return ""
    return rewritten


def _told(turn: Answer) -> tuple[str, ...]:
    return turn.question, turn.searched, said(turn)[:_SHOWN]


def _words(text: str) -> list[str]:
    return [word.lower.removesuffix("'s").rstrip("'") for word in words_of(text)]


def _among(word: str, others: Iterable[str]) -> bool:
    """Whether it is one of them, or another form of one; figures have no forms."""
    if any(character.isdigit() for character in word):
        return word in others
    least = max(_ENDING + 1, len(word) - _ENDING)
    return any(
        word == other or (len(word) >= least and word[:least] == other[:least]) for other in others
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
