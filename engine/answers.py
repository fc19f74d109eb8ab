"""The frozen records of answering: what is said, what it is tied to, and what it was made from.

Offsets are in Unicode code points, end exclusive, as in :mod:`engine.records`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from engine.records import Box, Hit


class Support(StrEnum):
    """What checking a claim against its sources found."""

    SUPPORTED = "supported"
    PARTLY = "partly"
    UNSUPPORTED = "unsupported"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Citation:
    """A link to a quote: ``pages[page].text[start:end] == quote`` when it was made.

    It keeps its own copy of everything shown, so that an old answer stays true when the
    document changes or goes. ``context`` says what the row of a table is about, or what its figure
    is that was asked for.
    """

    n: int
    document_id: int
    document: str
    title: str
    page: int
    label: str
    start: int
    end: int
    quote: str
    boxes: tuple[Box, ...] = ()
    context: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of the answer that states something: ``answer.text[start:end]``. ``why`` says
    in a few words what its sources lack; empty where nothing is lacking."""

    text: str
    start: int
    end: int
    support: Support
    citations: tuple[int, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds from Enter; tokens of the model, zero where no model wrote. ``reused_tokens``
    of the prompt were in the model's memory already."""

    retrieve_ms: float = 0.0
    first_token_ms: float = 0.0
    total_ms: float = 0.0
    prompt_tokens: int = 0
    output_tokens: int = 0
    tokens_per_s: float = 0.0
    reused_tokens: int = 0


@dataclass(frozen=True, slots=True)
class ContextUse:
    """What the model was given, in its own tokens: ``prompt`` of the ``room`` that prompt and
    answer share. ``quotes`` and ``turns`` (earlier questions with their answers) are in the
    prompt; ``quotes_left`` and ``turns_left`` would have been, had there been room or patience."""

    prompt: int
    room: int
    quotes: int = 0
    quotes_left: int = 0
    turns: int = 0
    turns_left: int = 0


@dataclass(frozen=True, slots=True)
class AppliedAdapter:
    """A GGUF LoRA to apply to the model. ``scale`` multiplies what it adds: 1 is as trained, and
    0 is as without it. ``name`` is what the person calls it, where that is not its file's name.
    """

    path: str
    scale: float = 1.0
    name: str = ""


@dataclass(frozen=True, slots=True)
class UsedFile:
    """A model or adapter file as it was when it was used. ``digest`` is its SHA-256 in hex,
    empty where it had not been computed."""

    path: str
    size: int
    modified_ns: int
    digest: str = ""


@dataclass(frozen=True, slots=True)
class UsedAdapter:
    """An adapter as it was applied; ``file`` is None where it had gone by then."""

    name: str
    scale: float
    file: UsedFile | None


@dataclass(frozen=True, slots=True)
class Provenance:
    """What an answer was made from, enough to make it again: ``prompt`` is (role, text) pairs as
    the model was given them, ``documents`` (document id, SHA-256 of the file) of what is cited,
    ``held`` says that writing was held to the words of the sources. ``adapters`` were applied all
    together."""

    version: str
    searched: str
    seed: int = 0
    temperature: float = 0.0
    held: bool = False
    prompt: tuple[tuple[str, str], ...] = ()
    model: UsedFile | None = None
    adapters: tuple[UsedAdapter, ...] = ()
    documents: tuple[tuple[int, str], ...] = ()


class Length(StrEnum):
    """How long a summary is to be."""

    SHORT = "short"
    MEDIUM = "medium"
    LONG = "long"


class AnswerKind(StrEnum):
    """What was asked for: an answer to a question, a summary of one document, or what every
    document says about something."""

    ANSWER = "answer"
    SUMMARY = "summary"
    SURVEY = "survey"


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer: the best quotes (numbers into ``citations``), and the model's text, if
    any, cut into claims. ``refused`` with a ``reason`` when the library holds none; the quotes
    are then the closest there is.

    ``text_leads`` says that the model is good enough for its text to come before the quotes.
    ``searched`` is what a follow-up was taken to mean, empty where the question speaks for itself.
    ``adapter`` names those that were applied, joined by " + ".
    ``doubt`` says in a few words why what was found may not answer the question; empty for none.
    """

    question: str
    quotes: tuple[int, ...]
    text: str
    claims: tuple[Claim, ...]
    citations: tuple[Citation, ...]
    refused: bool = False
    reason: str = ""
    stopped: bool = False
    notice: str = ""
    model: str = ""
    adapter: str = ""
    timings: Timings = field(default_factory=Timings)
    kind: AnswerKind = AnswerKind.ANSWER
    text_leads: bool = False
    searched: str = ""
    context: ContextUse | None = None
    provenance: Provenance | None = None
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question with its answer as a conversation keeps it; ``asked`` in Unix seconds."""

    id: int
    asked: float
    answer: Answer


@dataclass(frozen=True, slots=True)
class QuotesFound:
    """The sources, at once; sent again where better ones are found. ``searched`` as in
    :class:`Answer`; ``text_leads`` likewise."""

    quotes: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    searched: str = ""
    text_leads: bool = False


@dataclass(frozen=True, slots=True)
class PromptRead:
    """The model has read ``done`` of the ``total`` tokens of its prompt."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class TextStreamed:
    """Next piece of the text. ``claims`` are those in it that are checked already, with their
    places in the whole text; their citations have been told of before."""

    text: str
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class MapProgress:
    """``done`` of ``total`` sections or documents are worked through; ``current`` names the next.
    ``seconds_left`` is None until it can be said honestly."""

    done: int
    total: int
    current: str = ""
    seconds_left: float | None = None


AnswerEvent = QuotesFound | PromptRead | TextStreamed | MapProgress


@dataclass(frozen=True, slots=True)
class Conversation:
    """A named row of questions and answers, kept in the library. Times are Unix seconds.
    ``found`` is the place that matched, where conversations were searched."""

    id: int
    title: str
    created: float
    updated: float
    found: str = ""
