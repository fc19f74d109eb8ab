"""What the app says to the embedder and the generator, and hears from them."""

from __future__ import annotations

import msgspec

from engine.records import AppliedAdapter


class Describe(msgspec.Struct, frozen=True, tag="describe"):
    """Load the embedder: one ``EmbedderFacts``."""


class Embed(msgspec.Struct, frozen=True, tag="embed"):
    """Embed texts: one ``Embedded``."""

    texts: tuple[str, ...]


EmbedderRequest = Describe | Embed


class EmbedderFacts(msgspec.Struct, frozen=True, tag="facts"):
    """``fingerprint`` names the weights: equal fingerprints give comparable vectors."""

    name: str
    fingerprint: str
    dimension: int
    max_tokens: int
    arithmetic: str


class Embedded(msgspec.Struct, frozen=True, tag="embedded"):
    """Little-endian float32 of shape (number of texts, dimension), rows of unit length."""

    vectors: bytes


EmbedderReply = EmbedderFacts | Embedded


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
