"""From a question to an answer: retrieve, quote, weigh, write, check."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from engine.answering.chance import Chance, ChanceOf
from engine.answering.citing import Citations
from engine.answering.evidence import Evidence, Standing, weigh
from engine.answering.grounding import Grounding
from engine.answering.prompt import ANSWER_TOKENS, Prompt, PromptWriter
from engine.answering.provenance import Provenances
from engine.answering.quotes import QuoteFinder, Sentence
from engine.answering.turn import Listener, Turn
from engine.answers import (
    Answer,
    AppliedAdapter,
    Claim,
    PromptRead,
    QuotesFound,
    Support,
    TextStreamed,
)
from engine.applied import in_effect, names
from engine.errors import CancelledError, CarrelError, ChildError, ModelError
from engine.followups import FollowUps, follow
from engine.model_facts import ABLE
from engine.models.embedder import Embedder
from engine.models.generator import Generator
from engine.models.messages import Generate, Generated
from engine.query import valid
from engine.question import sought
from engine.records import Hit, Scope, SearchMode, SearchResult
from engine.retrieval import Retriever
from engine.scoping import READ, UNREAD
from engine.store import Store
from engine.untrusted import is_order
from engine.workers import CancelToken

HITS = 12
LEADING_QUOTES = 3
_CHECKED_AGAINST = 60
_NEXT_TO_BEST = 0.65
_OTHERWISE = 0.7  # temperature for another seed than 0, which asks for the likeliest words
_DECLINED = "the model found no answer in these quotes"
_ORDERS = (
    "What was found gives orders to whoever answers rather than an answer; the model was not shown "
    "it, and the quotes stand for themselves."
)


class Answerer:
    """Answers questions over one store. One question at a time. ``patience`` gives the seconds
    within which a person wants to see the first word."""

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        generator: Generator,
        retriever: Retriever,
        patience: Callable[[], float],
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._generator = generator
        self._retriever = retriever
        self._finder = QuoteFinder(store.keywords, store.documents, embedder)
        self._prompts = PromptWriter(generator, patience)
        self._provenances = Provenances(store)
        self._follow_ups = FollowUps(generator)
        self._chance = ChanceOf(self._best_by_chance, self._embedded, store.remembered)

    def warm(self, model: Path | None, adapters: Sequence[AppliedAdapter] = ()) -> None:
        """Measure what chance brings up, and let the model read what all prompts begin with.
        What fails here says so when it is needed."""
        if self._embedder.ready:
            self._chance.measure()
        if model is not None:
            self.expect(model, adapters)

    def expect(self, model: Path, adapters: Sequence[AppliedAdapter]) -> None:
        """Load the model and the adapters, and let it read with them what all prompts begin
        with. Raises ``ModelError``."""
        applied = in_effect(adapters)
        # not to be begun again when a question comes meanwhile
        self._generator.load(model, adapters=applied)
        self._generator.prime(model, self._prompts.beginning, adapters=applied)

    def ask(
        self,
        question: str,
        *,
        model: Path | None,
        scope: Scope | None = None,
        use_documents: bool = True,
        turns: Sequence[Answer] = (),
        adapters: Sequence[AppliedAdapter] = (),
        freely: bool = False,
        seed: int = 0,
        on_event: Listener | None = None,
        cancel: CancelToken | None = None,
    ) -> Answer:
        """The answer; ``on_event`` hears of the quotes at once and of the text as it is written.
        ``turns`` are the conversation so far, the oldest first.

        ``adapters`` are applied to the model all together. With them, or where ``freely`` says so,
        it writes in its own words: a small one is held to those of the sources otherwise, and an
        adapter could not show. Its claims are checked all the same.

        With no ``model`` the quotes are the answer. A model that fails leaves the quotes and a
        notice. Cancelling while the model writes gives what there is, with ``stopped`` set;
        before that it raises ``CancelledError``.
        """
        question = valid(question).strip()
        if not question:
            raise CarrelError("The question is empty.")
        turn = Turn(question, model, on_event, cancel, seed, adapters)
        if not use_documents:
            return self._without_documents(turn)
        self._understand(turn, turns)
        turn.words = self._retriever.scoped(turn.searched, scope).query.text
        if not turn.words:
            raise CarrelError("There is no question beside what narrows the search. Add one.")
        sentences, found = self._sources(turn, scope)
        evidence = self._weigh(turn, sentences)
        if evidence.standing is Standing.NOTHING:
            return self._refuse(turn, sentences, found, scope, evidence)
        cited = Citations(self._retriever)
        quotes = tuple(cited.number(sentence) for sentence in _leading(sentences))
        doubt = evidence.why if evidence.standing is Standing.DOUBTFUL else ""
        answer = Answer(
            turn.question,
            quotes,
            "",
            (),
            cited.all(),
            notice=found.notice,
            searched=turn.follows,
            doubt=doubt,
        )
        prompt: Prompt | None = None
        held = ""
        if model is not None:
            try:
                able = self._is_able(turn)
                answer = replace(answer, text_leads=able)
                if able:
                    turn.tell(QuotesFound(cited.all(), found.hits, turn.follows, able))
                prompt = self._prompts.with_quotes(
                    model, turn.words, sentences, turns, turn.cancel, turn.adapters
                )
                if prompt.quotes:
                    held = "" if able or freely or turn.adapters else prompt.quotes[0]
                    answer = self._write(turn, prompt, answer, held)
                    answer = self._check(turn, answer, sentences, cited)
                else:
                    answer = replace(answer, notice=_ORDERS)
            except CancelledError:  # while the model was still being loaded
                answer = replace(answer, stopped=True)
            except (ModelError, ChildError) as error:
                answer = replace(answer, notice=f"The model could not answer: {error}")
        return self._finished(turn, answer, prompt, held=bool(held))

    # --- what is asked, and what there is ---------------------------------------------------

    def _understand(self, turn: Turn, turns: Sequence[Answer]) -> None:
        """A question that follows others is searched for as what it means."""
        if not turns:
            return
        found = follow(turn.question, turns)
        guessed = found.is_follow_up and not found.carried
        if guessed and turn.model is not None and self._is_able(turn):
            found = self._follow_ups.improved(found, turn.question, turns, turn.model, turn.cancel)
        if found.is_follow_up:
            turn.searched = found.searched

    def _is_able(self, turn: Turn) -> bool:
        """Whether the model's own sentences are worth more than the quotes."""
        if turn.model is None:
            return False
        try:
            return self._generator.facts(turn.model, turn.cancel).parameters >= ABLE
        except (ModelError, ChildError):  # said when it is to write
            return False

    def _sources(self, turn: Turn, scope: Scope | None) -> tuple[list[Sentence], SearchResult]:
        if not self._embedder.ready:
            # something to read at once, while the embedder starts
            early = self._search(turn, scope, hurried=True)
            self._show(turn, self._finder.rank(turn.words, early.hits, turn.cancel), early.hits)
        found = self._search(turn, scope)
        if not found.hits and self._embedder.ready:  # what a refusal shows as the closest
            found = self._search(turn, scope, mode=SearchMode.SEMANTIC)
        sentences = self._finder.rank(turn.words, found.hits, turn.cancel)
        self._show(turn, sentences, found.hits)
        return sentences, found

    def _show(self, turn: Turn, sentences: Sequence[Sentence], hits: tuple[Hit, ...]) -> None:
        leading = _leading(sentences)
        if leading:
            cited = Citations(self._retriever)
            for sentence in leading:
                cited.number(sentence)
            turn.retrieved()
            turn.tell(QuotesFound(cited.all(), hits, turn.follows))

    def _search(
        self,
        turn: Turn,
        scope: Scope | None,
        *,
        mode: SearchMode = SearchMode.HYBRID,
        hurried: bool = False,
    ) -> SearchResult:
        return self._retriever.search(
            turn.searched, limit=HITS, mode=mode, scope=scope, hurried=hurried, cancel=turn.cancel
        )

    # --- whether that answers it ------------------------------------------------------------

    def _weigh(self, turn: Turn, sentences: Sequence[Sentence]) -> Evidence:
        measured = any(sentence.meaning is not None for sentence in sentences)
        chance = self._by_chance(turn.cancel) if measured else None
        return weigh(sought(turn.words), sentences, chance)

    def _by_chance(self, cancel: CancelToken) -> Chance | None:
        try:
            return self._chance.known() or self._chance.measure(cancel)
        except ChildError:
            return None

    def _best_by_chance(self, question: str) -> Sequence[Sentence]:
        search = partial(self._retriever.search, question, limit=HITS, rerank=False)
        hits = search().hits or search(mode=SearchMode.SEMANTIC).hits
        return self._finder.rank(question, hits)

    def _embedded(self) -> tuple[int, int]:
        serving = self._store.embedder.serving().id
        return (serving, self._store.vectors.made(serving)) if serving is not None else (0, 0)

    def _refuse(
        self,
        turn: Turn,
        sentences: Sequence[Sentence],
        found: SearchResult,
        scope: Scope | None,
        evidence: Evidence,
    ) -> Answer:
        turn.retrieved()
        cited = Citations(self._retriever)
        closest = tuple(cited.number(sentence) for sentence in _leading(sentences))
        turn.tell(QuotesFound(cited.all(), found.hits, turn.follows))
        reason = self._reason(turn.searched, scope)
        if evidence.why:
            reason += f" {evidence.why[0].upper()}{evidence.why[1:]}."
        answer = Answer(
            turn.question,
            closest,
            "",
            (),
            cited.all(),
            refused=True,
            reason=reason,
            notice=found.notice,
            searched=turn.follows,
        )
        return self._finished(turn, answer, None)

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

    # --- what the model says ----------------------------------------------------------------

    def _without_documents(self, turn: Turn) -> Answer:
        if turn.model is None:
            raise CarrelError("Without documents a model must answer; none is chosen.")
        turn.retrieved()
        prompt = self._prompts.plain(turn.model, turn.question, turn.cancel)
        answer = self._write(turn, prompt, Answer(turn.question, (), "", (), ()))
        claims = tuple(
            Claim(item.text, item.start, item.end, Support.UNCHECKED)
            for item in Grounding(turn.question, ()).check(answer.text)
        )
        return self._finished(turn, replace(answer, claims=claims, text_leads=True), prompt)

    def _write(self, turn: Turn, prompt: Prompt, answer: Answer, held: str = "") -> Answer:
        assert turn.model is not None
        request = Generate(
            str(turn.model),
            prompt.messages,
            max_tokens=ANSWER_TOKENS,
            temperature=temperature(turn.seed),
            seed=turn.seed,
            adapters=turn.adapters,
            held_to=held,
        )
        parts: list[str] = []
        stopped, notice = False, answer.notice

        def read(done: int, total: int) -> None:
            turn.tell(PromptRead(done, total))

        try:
            for reply in self._generator.generate(request, turn.cancel, read):
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
            adapter=names(turn.adapters),
            context=prompt.context,
        )

    def _check(
        self,
        turn: Turn,
        answer: Answer,
        sentences: Sequence[Sentence],
        cited: Citations,
    ) -> Answer:
        sources = [sentence for sentence in sentences if not is_order(sentence.text)]
        embed = self._embedder.embed if self._embedder.ready else None
        checked = Grounding(turn.words, sources[:_CHECKED_AGAINST], embed).check(answer.text)
        claims = tuple(cited.claim(item) for item in checked)
        declined = any(item.declines for item in checked) and not any(
            item.sources for item in checked
        )
        doubt = "; ".join(filter(None, (answer.doubt, _DECLINED if declined else "")))
        return replace(answer, claims=claims, citations=cited.all(), doubt=doubt)

    def _finished(
        self, turn: Turn, answer: Answer, prompt: Prompt | None, *, held: bool = False
    ) -> Answer:
        messages = () if prompt is None else prompt.messages
        made = self._provenances.of(
            turn,
            answer,
            messages,
            temperature=temperature(turn.seed),
            held=held and bool(messages),
        )
        return replace(answer, timings=turn.timings(), provenance=made)


def temperature(seed: int) -> float:
    """0 is greedy: the same question gives the same answer."""
    return _OTHERWISE if seed else 0.0


def _leading(sentences: Sequence[Sentence]) -> list[Sentence]:
    """The best quotes, and none that says little next to the best."""
    if not sentences:
        return []
    least = _NEXT_TO_BEST * sentences[0].score
    return [s for s in sentences[:LEADING_QUOTES] if s.score >= least]
