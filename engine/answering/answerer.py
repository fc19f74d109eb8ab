"""From a question to an answer: retrieve, quote, write, check."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from engine.answering.grounding import CheckedClaim, Grounding
from engine.answering.prompt import ANSWER_TOKENS, Prompt, PromptWriter
from engine.answering.quotes import QuoteFinder, Sentence
from engine.answers import (
    Answer,
    AnswerEvent,
    AppliedAdapter,
    Citation,
    Claim,
    QuotesFound,
    Support,
    TextStreamed,
    Timings,
)
from engine.errors import CancelledError, CarrelError, ChildError, ModelError
from engine.models.embedder import Embedder
from engine.models.generator import Generator
from engine.models.messages import Generate, Generated
from engine.query import valid
from engine.records import Hit, Scope, SearchMode, SearchResult
from engine.retrieval import Retriever
from engine.scoping import READ, UNREAD
from engine.store import Store
from engine.workers import CancelToken

HITS = 12
LEADING_QUOTES = 3
CLOSEST = 3
_CHECKED_AGAINST = 60
_LEAST_WORDS = 0.2
_LEAST_MEANING = 0.25

Listener = Callable[[AnswerEvent], None]


class Answerer:
    """Answers questions over one store. One question at a time."""

    def __init__(
        self, store: Store, embedder: Embedder, generator: Generator, retriever: Retriever
    ) -> None:
        self._embedder = embedder
        self._generator = generator
        self._retriever = retriever
        self._finder = QuoteFinder(store.keywords, embedder)
        self._prompts = PromptWriter(generator)

    def ask(
        self,
        question: str,
        *,
        model: Path | None,
        scope: Scope | None = None,
        use_documents: bool = True,
        adapter: AppliedAdapter | None = None,
        seed: int = 0,
        on_event: Listener | None = None,
        cancel: CancelToken | None = None,
    ) -> Answer:
        """The answer; ``on_event`` hears of the quotes at once and of the text as it is written.

        With no ``model`` the quotes are the answer. A model that fails leaves the quotes and a
        notice. Cancelling while the model writes gives what there is, with ``stopped`` set;
        before that it raises ``CancelledError``.
        """
        question = valid(question).strip()
        if not question:
            raise CarrelError("The question is empty.")
        turn = _Turn(question, model, on_event or _nobody, cancel or CancelToken(), seed, adapter)
        if not use_documents:
            return self._without_documents(turn)
        turn.words = self._retriever.scoped(question, scope).query.text
        if not turn.words:
            raise CarrelError("There is no question beside what narrows the search. Add one.")
        sentences, hits, notice = self._sources(turn, scope)
        if not _is_evidence(sentences):
            return replace(self._refuse(turn, sentences, hits, scope), notice=notice)
        cited = _Citations(self._retriever)
        quotes = tuple(cited.number(sentence) for sentence in _leading(sentences))
        turn.retrieved()
        turn.tell(QuotesFound(cited.all(), tuple(hits)))
        answer = Answer(question, quotes, "", (), cited.all(), notice=notice)
        if model is not None:
            try:
                prompt = self._prompts.with_quotes(model, turn.words, sentences, turn.cancel)
                answer = self._write(turn, prompt, answer)
                checked = Grounding(turn.words, sentences[:_CHECKED_AGAINST]).check(answer.text)
                claims = tuple(_claim(item, cited) for item in checked)
                answer = replace(answer, claims=claims, citations=cited.all())
            except CancelledError:  # while the model was still being loaded
                answer = replace(answer, stopped=True)
            except (ModelError, ChildError) as error:
                answer = replace(answer, notice=f"The model could not answer: {error}")
        return replace(answer, timings=turn.timings())

    # --- parts ------------------------------------------------------------------------------

    def _sources(
        self, turn: _Turn, scope: Scope | None
    ) -> tuple[list[Sentence], Sequence[Hit], str]:
        if not self._embedder.ready:
            # something to read at once, while the embedder starts
            early = self._search(turn, scope, hurried=True)
            sentences = self._finder.rank(turn.words, early.hits, turn.cancel)
            if _is_evidence(sentences):
                cited = _Citations(self._retriever)
                for sentence in _leading(sentences):
                    cited.number(sentence)
                turn.retrieved()
                turn.tell(QuotesFound(cited.all(), early.hits))
        found = self._search(turn, scope)
        if not found.hits and self._embedder.ready:  # what a refusal shows as the closest
            found = self._search(turn, scope, mode=SearchMode.SEMANTIC)
        sentences = self._finder.rank(turn.words, found.hits, turn.cancel)
        return sentences, found.hits, found.notice

    def _search(
        self,
        turn: _Turn,
        scope: Scope | None,
        *,
        mode: SearchMode = SearchMode.HYBRID,
        hurried: bool = False,
    ) -> SearchResult:
        return self._retriever.search(
            turn.question, limit=HITS, mode=mode, scope=scope, hurried=hurried, cancel=turn.cancel
        )

    def _refuse(
        self,
        turn: _Turn,
        sentences: Sequence[Sentence],
        hits: Sequence[Hit],
        scope: Scope | None,
    ) -> Answer:
        turn.retrieved()
        cited = _Citations(self._retriever)
        closest = tuple(cited.number(sentence) for sentence in _leading(sentences)[:CLOSEST])
        turn.tell(QuotesFound(cited.all(), tuple(hits)))
        return Answer(
            turn.question,
            closest,
            "",
            (),
            cited.all(),
            refused=True,
            reason=self._reason(turn.question, scope),
            timings=turn.timings(),
        )

    def _reason(self, question: str, scope: Scope | None) -> str:
        scoped = self._retriever.scoped(question, scope)
        states = self._retriever.states(scoped)
        if not sum(states.values()):
            if scoped.documents is not None:
                return "No document of the library is in what was chosen to be searched."
            return "The library is empty. Add a folder with documents, then ask again."
        read = sum(states[state] for state in READ)
        missing = sum(states[state] for state in UNREAD)
        documents = "the one document" if read == 1 else f"the {read:,} documents"
        unread = f"; {missing:,} could not be read" if missing else ""
        return f"Not found in {documents} that could be read{unread}."

    def _without_documents(self, turn: _Turn) -> Answer:
        if turn.model is None:
            raise CarrelError("Without documents a model must answer; none is chosen.")
        turn.retrieved()
        prompt = self._prompts.plain(turn.model, turn.question, turn.cancel)
        answer = self._write(turn, prompt, Answer(turn.question, (), "", (), ()))
        claims = tuple(
            replace(_claim(item, None), support=Support.UNCHECKED)
            for item in Grounding(turn.question, ()).check(answer.text)
        )
        return replace(answer, claims=claims, timings=turn.timings())

    def _write(self, turn: _Turn, prompt: Prompt, answer: Answer) -> Answer:
        assert turn.model is not None
        request = Generate(
            str(turn.model),
            prompt.messages,
            max_tokens=ANSWER_TOKENS,
            seed=turn.seed,
            adapter=turn.adapter,
        )
        parts: list[str] = []
        stopped, notice = False, answer.notice
        try:
            for reply in self._generator.generate(request, turn.cancel):
                if isinstance(reply, Generated):
                    turn.wrote(reply)
                else:
                    turn.first_token()
                    parts.append(reply.text)
                    turn.tell(TextStreamed(reply.text))
        except CancelledError:
            stopped = True
        except (ModelError, ChildError) as error:
            what = "stopped in the middle" if parts else "could not answer"
            notice = f"The model {what}: {error}"
        return replace(
            answer,
            text="".join(parts).strip(),
            stopped=stopped,
            notice=notice,
            model=turn.model.stem,
            adapter="" if turn.adapter is None else Path(turn.adapter.path).stem,
        )


class _Turn:
    """One question's listener, wish to stop and clock. ``words`` is the question without the
    operators that narrow where to look."""

    def __init__(
        self,
        question: str,
        model: Path | None,
        tell: Listener,
        cancel: CancelToken,
        seed: int,
        adapter: AppliedAdapter | None,
    ) -> None:
        self.question = self.words = question
        self.model = model
        self.tell = tell
        self.cancel = cancel
        self.seed = seed
        self.adapter = adapter
        self._started = time.perf_counter()
        self._retrieve = self._first = 0.0
        self._generated: Generated | None = None

    def retrieved(self) -> None:
        """The first sources are known; later ones only mend them."""
        self._retrieve = self._retrieve or self._elapsed()

    def first_token(self) -> None:
        self._first = self._first or self._elapsed()

    def wrote(self, generated: Generated) -> None:
        self._generated = generated

    def timings(self) -> Timings:
        done = self._generated
        seconds = done.total_s - done.first_token_s if done is not None else 0.0
        return Timings(
            retrieve_ms=round(self._retrieve, 1),
            first_token_ms=round(self._first, 1),
            total_ms=round(self._elapsed(), 1),
            prompt_tokens=done.prompt_tokens if done is not None else 0,
            output_tokens=done.output_tokens if done is not None else 0,
            tokens_per_s=round((done.output_tokens - 1) / seconds, 1)
            if done is not None and seconds > 0 and done.output_tokens > 1
            else 0.0,
        )

    def _elapsed(self) -> float:
        return (time.perf_counter() - self._started) * 1000


class _Citations:
    """Numbers sources in the order in which they are first cited."""

    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever
        self._numbers: dict[tuple[int, int, int, int], int] = {}
        self._citations: list[Citation] = []

    def number(self, sentence: Sentence) -> int:
        hit = sentence.hit
        key = (hit.document_id, hit.page, sentence.start, sentence.end)
        if key not in self._numbers:
            self._numbers[key] = len(self._citations) + 1
            self._citations.append(sentence.cited(self._numbers[key], self._retriever.boxes))
        return self._numbers[key]

    def all(self) -> tuple[Citation, ...]:
        return tuple(self._citations)


def _leading(sentences: Sequence[Sentence]) -> list[Sentence]:
    """The best quotes, and none that says little next to the best."""
    if not sentences:
        return []
    least = 0.55 * sentences[0].score
    return [s for s in sentences[:LEADING_QUOTES] if s.score >= least]


def _is_evidence(sentences: Sequence[Sentence]) -> bool:
    """Whether anything found is about the question at all. Deliberately easy to pass: to refuse
    wrongly hides what is there."""
    return any(
        s.words >= _LEAST_WORDS or (s.meaning is not None and s.meaning >= _LEAST_MEANING)
        for s in sentences[:LEADING_QUOTES]
    )


def _claim(item: CheckedClaim, cited: _Citations | None) -> Claim:
    numbers = tuple(cited.number(s) for s in item.sources) if cited is not None else ()
    return Claim(item.text, item.start, item.end, item.support, numbers)


def _nobody(event: AnswerEvent) -> None:
    """Listens to nothing."""
