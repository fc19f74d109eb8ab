"""What the app says to the embedder and the generator, and hears from them."""

from __future__ import annotations

import msgspec

from engine.answers import AppliedAdapter


class Describe(msgspec.Struct, frozen=True, tag="describe"):
    """Load the embedder in ``folder``: one ``EmbedderFacts``, or ``Unprepared`` where its model
    has never been used on this computer and ``prepare`` does not ask for that."""

    folder: str
    prepare: bool = False


class Embed(msgspec.Struct, frozen=True, tag="embed"):
    """Embed texts with the embedder in ``folder``: one ``Embedded``. ``queries`` says whether
    they are asked for or looked through; some models treat these differently."""

    folder: str
    texts: tuple[str, ...]
    queries: bool


class Inspect(msgspec.Struct, frozen=True, tag="inspect"):
    """Say what a folder holds, load it and prepare it: one ``ModelFound``."""

    folder: str


class Score(msgspec.Struct, frozen=True, tag="score"):
    """Score texts against a query with the reranker in ``folder``: one ``Scored``."""

    folder: str
    query: str
    texts: tuple[str, ...]


EmbedderRequest = Describe | Embed | Inspect | Score


class EmbedderFacts(msgspec.Struct, frozen=True, tag="facts"):
    """``fingerprint`` names the weights: equal fingerprints give comparable vectors. ``rates``
    are the passages per second of everything that was tried here."""

    name: str
    fingerprint: str
    dimension: int
    max_tokens: int
    arithmetic: str
    rates: dict[str, float] = {}


class Unprepared(msgspec.Struct, frozen=True, tag="unprepared"):
    """The model has to be prepared first; a child that does it stays large and slow."""


class Embedded(msgspec.Struct, frozen=True, tag="embedded"):
    """Little-endian float32 of shape (number of texts, dimension), rows of unit length."""

    vectors: bytes


class ModelFound(msgspec.Struct, frozen=True, tag="found"):
    """``kind`` is "embedder" or "reranker"; ``dimension`` is 1 for a reranker."""

    kind: str
    name: str
    dimension: int
    max_tokens: int
    arithmetic: str


class Scored(msgspec.Struct, frozen=True, tag="scored"):
    """A reranker's logit for each text: comparable with each other only."""

    scores: tuple[float, ...]


EmbedderReply = EmbedderFacts | Unprepared | Embedded | ModelFound | Scored


class ChatMessage(msgspec.Struct, frozen=True):
    role: str
    content: str


class LoadModel(msgspec.Struct, frozen=True, tag="load"):
    """Load a GGUF file, unless it is loaded already: one ``ModelFacts``."""

    path: str


class CountTokens(msgspec.Struct, frozen=True, tag="count"):
    """Count the tokens of whole conversations by the model's own chat template and
    tokenizer: one ``TokenCounts``."""

    path: str
    conversations: tuple[tuple[ChatMessage, ...], ...]


class Generate(msgspec.Struct, frozen=True, tag="generate"):
    """Write on: ``TokenText`` as it comes, then one ``Generated``.

    ``temperature`` 0 is greedy; ``seed`` matters above it.
    """

    path: str
    messages: tuple[ChatMessage, ...]
    max_tokens: int
    temperature: float = 0.0
    seed: int = 0
    adapter: AppliedAdapter | None = None


GeneratorRequest = LoadModel | CountTokens | Generate


class ModelFacts(msgspec.Struct, frozen=True, tag="model"):
    """``context`` is the number of tokens that prompt and answer share."""

    name: str
    architecture: str
    context: int
    has_template: bool


class TokenCounts(msgspec.Struct, frozen=True, tag="counts"):
    counts: tuple[int, ...]


class TokenText(msgspec.Struct, frozen=True, tag="text"):
    text: str


class Generated(msgspec.Struct, frozen=True, tag="generated"):
    """The end of a text. ``reason`` is "stop", "length" or "cancelled"; seconds."""

    reason: str
    prompt_tokens: int
    reused_tokens: int
    output_tokens: int
    first_token_s: float
    total_s: float


GeneratorReply = ModelFacts | TokenCounts | TokenText | Generated
