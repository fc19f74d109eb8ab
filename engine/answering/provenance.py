"""What an answer was made from, so that it can be made and checked again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.answering.turn import Turn
from engine.answers import Answer, AppliedAdapter, Provenance, UsedAdapter, UsedFile
from engine.applied import name_of
from engine.errors import ModelError
from engine.models.gguf_facts import parts
from engine.models.messages import ChatMessage
from engine.store import Store
from engine.version import version


class Provenances:
    def __init__(self, store: Store) -> None:
        self._store = store

    def of(
        self,
        turn: Turn,
        answer: Answer,
        prompt: Sequence[ChatMessage],
        *,
        temperature: float,
        held: bool,
    ) -> Provenance:
        """``prompt`` is empty where no model was asked."""
        known = self._store.cited.numbered({c.document_id for c in answer.citations})
        return Provenance(
            version=version(),
            searched=turn.searched,
            seed=turn.seed,
            temperature=temperature,
            held=held,
            prompt=tuple((message.role, message.content) for message in prompt),
            model=used_file(turn.model) if prompt and turn.model is not None else None,
            adapters=tuple(map(_used, turn.adapters)) if prompt else (),
            documents=tuple((document.id, document.digest) for document in known.values()),
        )


def _used(adapter: AppliedAdapter) -> UsedAdapter:
    return UsedAdapter(name_of(adapter), adapter.scale, used_file(Path(adapter.path)))


def used_file(path: Path) -> UsedFile | None:
    """The file as it is now, all parts of a split one together; None where it has gone."""
    try:
        states = [part.stat() for part in parts(path)]
    except (OSError, ModelError):
        return None
    size = sum(state.st_size for state in states)
    return UsedFile(str(path), size, max(state.st_mtime_ns for state in states))
