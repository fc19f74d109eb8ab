"""One or two sentences made of several by the model, kept only where the sources hold them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from engine.answering.composing import Composition, Stated, one_line
from engine.answering.grounding import Grounding
from engine.answering.quotes import Sentence
from engine.answers import Support
from engine.errors import ChildError, ModelError
from engine.model_facts import ABLE
from engine.models.generator import Generator
from engine.models.messages import ChatMessage, Generate, Generated, TokenText
from engine.paths import resource
from engine.untrusted import as_data, is_order
from engine.workers import CancelToken

SOURCES = 6
_TOKENS = 110
_SENTENCES = 2
_BULLET = re.compile(r"^[-–•*]\s+")
_ENDS = re.compile(r"[.!?…。！？؟۔][\"'”’»)\]」]*$")


class Condenser:
    """Writes with one model, if that is able to; ``problem`` says why it does not."""

    def __init__(
        self, generator: Generator, model: Path | None, instructions: str, *, able: int = ABLE
    ) -> None:
        """``instructions`` names a file of ``resources/prompts``."""
        self._generator = generator
        self._model = model
        self._system = resource("prompts", instructions).read_text(encoding="utf-8").strip()
        self._able = able
        self._known: bool | None = None
        self.problem = ""

    def writes(self, cancel: CancelToken) -> bool:
        """Whether the model's sentences are wanted; loads it at the first call. Raises
        ``CancelledError``."""
        if self._model is None or self.problem:
            return False
        if self._known is None:
            try:
                self._known = self._generator.facts(self._model, cancel).parameters >= self._able
            except (ModelError, ChildError) as error:
                self._failed(error)
                return False
        return self._known

    def write(
        self,
        about: str,
        sources: Sequence[Sentence],
        quotes: Sequence[Sentence],
        into: Composition,
        cancel: CancelToken,
    ) -> list[Stated]:
        """What the ``sources``, best first, say about something: the model's first two sentences
        that they support, or the ``quotes`` themselves. Raises ``CancelledError``."""
        instead = [Stated.quoted(quote) for quote in quotes]
        sources = [source for source in sources if not is_order(source.text)]
        if not sources or not self.writes(cancel):
            return instead
        try:
            text = self._written(about, sources, into, cancel)
        except (ModelError, ChildError) as error:
            self._failed(error)
            return instead
        kept: dict[str, Stated] = {}
        for claim in Grounding(about, sources).check(text):
            said = _BULLET.sub("", one_line(claim.text))
            whole = _ENDS.search(said)  # else the writing was cut off in it
            if whole and claim.support is Support.SUPPORTED and claim.sources:
                kept.setdefault(said, Stated(said, claim.sources))
        return list(kept.values())[:_SENTENCES] or instead

    def _written(
        self, about: str, sources: Sequence[Sentence], into: Composition, cancel: CancelToken
    ) -> str:
        assert self._model is not None
        room = self._generator.facts(self._model, cancel).context - _TOKENS
        choices = [self._messages(about, sources[:n]) for n in range(len(sources), 0, -1)]
        counts = self._generator.count(self._model, choices, cancel)
        fitting = [c for c, tokens in zip(choices, counts, strict=True) if tokens <= room]
        if not fitting:
            return ""
        parts: list[str] = []
        request = Generate(str(self._model), fitting[0], max_tokens=_TOKENS)
        for reply in self._generator.generate(request, cancel):
            if isinstance(reply, TokenText):
                parts.append(reply.text)
            elif isinstance(reply, Generated):
                into.wrote(reply, request.messages)
        return "".join(parts)

    def _messages(self, about: str, sources: Sequence[Sentence]) -> tuple[ChatMessage, ...]:
        inside = sorted(sources, key=lambda each: (each.hit.page, each.start))
        lines = [f"- {as_data(source.text)}" for source in inside]
        content = "Quotes:\n" + "\n".join(lines) + f"\n\nSubject: {as_data(about)}"
        return (ChatMessage("system", self._system), ChatMessage("user", content))

    def _failed(self, error: Exception) -> None:
        self.problem = f"The model could not write, so the document's own sentences stand: {error}"
