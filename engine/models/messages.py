"""What the app says to the embedder and the generator, and hears from them."""

from __future__ import annotations

import msgspec

from engine.answers import AppliedAdapter
from engine.model_facts import GgufFacts, Speed


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


class InspectModel(msgspec.Struct, frozen=True, tag="look"):
    """Say what a GGUF is, and try whether it can be loaded and writes, unless it is larger than
    ``most_memory`` bytes: one ``ModelInspected``."""

    path: str
    most_memory: int


class MeasureModel(msgspec.Struct, frozen=True, tag="measure"):
    """Find out how fast a GGUF runs here and with how many threads: one ``ModelMeasured``."""

    path: str


class TryAdapter(msgspec.Struct, frozen=True, tag="try"):
    """Load a GGUF, apply an adapter to it and compare what it computes: one ``AdapterTried``."""

    path: str
    adapter: str


class LoadModel(msgspec.Struct, frozen=True, tag="load"):
    """Load a GGUF file, unless it is loaded already: one ``ModelFacts``. ``threads`` is the most
    that compute, 0 for all cores."""

    path: str
    threads: int = 0


class PrimeModel(msgspec.Struct, frozen=True, tag="prime"):
    """Read the beginning that prompts share, ``messages`` up to where the next person's text
    begins, into the model's memory: one ``Primed``."""

    path: str
    messages: tuple[ChatMessage, ...]
    adapter: AppliedAdapter | None = None
    threads: int = 0


class CountTokens(msgspec.Struct, frozen=True, tag="count"):
    """Count the tokens of whole conversations by the model's own chat template and
    tokenizer: one ``TokenCounts``."""

    path: str
    conversations: tuple[tuple[ChatMessage, ...], ...]
    threads: int = 0


class Generate(msgspec.Struct, frozen=True, tag="generate"):
    """Write on: ``TokenText`` as it comes, then one ``Generated``.

    ``temperature`` 0 is greedy; ``seed`` matters above it. ``held_to`` is a text whose clauses
    are all that may be written, in their order; empty for writing freely.
    """

    path: str
    messages: tuple[ChatMessage, ...]
    max_tokens: int
    temperature: float = 0.0
    seed: int = 0
    adapter: AppliedAdapter | None = None
    threads: int = 0
    held_to: str = ""


GeneratorRequest = (
    InspectModel | MeasureModel | TryAdapter | LoadModel | PrimeModel | CountTokens | Generate
)


class ModelInspected(msgspec.Struct, frozen=True, tag="looked"):
    """``remark`` is a sentence on what to know before using it; mostly there is none."""

    facts: GgufFacts
    remark: str


class ModelMeasured(msgspec.Struct, frozen=True, tag="measured"):
    speed: Speed


class AdapterTried(msgspec.Struct, frozen=True, tag="tried"):
    """``change`` is how far a logit moved at the most."""

    change: float


class Primed(msgspec.Struct, frozen=True, tag="primed"):
    """``tokens`` of the beginning are in memory; ``read`` of them were read just now, in
    ``seconds``."""

    tokens: int
    read: int
    seconds: float


class ModelFacts(msgspec.Struct, frozen=True, tag="model"):
    """``context`` is the number of tokens that prompt and answer share; ``parameters`` a count."""

    name: str
    architecture: str
    context: int
    has_template: bool
    parameters: int = 0


class TokenCounts(msgspec.Struct, frozen=True, tag="counts"):
    counts: tuple[int, ...]


class PromptProgress(msgspec.Struct, frozen=True, tag="reading"):
    """``done`` of the ``total`` tokens of the prompt are read."""

    done: int
    total: int


class TokenText(msgspec.Struct, frozen=True, tag="text"):
    """What was written since the last one: a token or several."""

    text: str


class Generated(msgspec.Struct, frozen=True, tag="generated"):
    """The end of a text. ``reason`` is "stop", "length" or "cancelled"; seconds. ``read_s`` is
    what reading the prompt took, less what was ``reused`` of it."""

    reason: str
    prompt_tokens: int
    reused_tokens: int
    output_tokens: int
    first_token_s: float
    total_s: float
    read_s: float = 0.0


GeneratorReply = (
    ModelInspected
    | ModelMeasured
    | AdapterTried
    | Primed
    | ModelFacts
    | TokenCounts
    | PromptProgress
    | TokenText
    | Generated
)
