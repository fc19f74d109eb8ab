"""One question in four ways, and many: what is asked of the model, what is checked, what is kept
when it is stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from engine.answering.answerer import Answerer
from engine.answering.verifying import Verifier
from engine.answers import Answer, AnswerEvent, AppliedAdapter, Claim, Support, Timings
from engine.comparing.comparer import Comparer
from engine.comparing.differences import differences
from engine.comparing.pace import Pace
from engine.comparing.questions import MOST, questions, read_questions
from engine.comparing.sums import sums
from engine.comparisons import (
    ComparingProgress,
    Comparison,
    Variant,
    VariantBegun,
    VariantDone,
)
from engine.errors import CancelledError, CarrelError, ModelError
from engine.models.messages import ChatMessage, Generate, Generated, ModelFacts, TokenText
from engine.retrieval import Retriever
from engine.store import Store
from engine.workers import CancelToken
from tests.engine.making import FakeEmbedder, document, embed_all, put

MODEL = Path("/models/small.gguf")
STYLE = AppliedAdapter("/adapters/terse.gguf", 0.5)
QUESTION = "When was the harbour of Emsworth dredged?"
HARBOUR = "The harbour of Emsworth was dredged in the spring of 1998 by two barges."
BRIDGE = "The bridge of Emsworth was painted green by the trustees in 1971."
INVENTED = "The harbour of Emsworth was dredged in 1932 by the navy."


class Writer:
    """A small model: what it says alone, with the adapter, with documents and with both."""

    def __init__(self) -> None:
        self.said = {
            Variant.PLAIN: INVENTED,
            Variant.ADAPTER: f"Findings:\n1. {BRIDGE}\n2. {INVENTED}",
            Variant.DOCUMENTS: HARBOUR,
            Variant.BOTH: f"1. {HARBOUR}",
        }
        self.requests: list[Generate] = []
        self.loaded: list[Sequence[AppliedAdapter]] = []
        self.hear: Callable[[Variant], None] = lambda variant: None
        self.fault = ""

    def load(
        self,
        model: Path,
        cancel: CancelToken | None = None,
        adapters: Sequence[AppliedAdapter] = (),
    ) -> ModelFacts:
        self.loaded.append(adapters)
        if self.fault:
            raise ModelError(self.fault)
        return self.facts(model)

    def facts(self, model: Path, cancel: CancelToken | None = None) -> ModelFacts:
        return ModelFacts("small", "llama", 2048, True, 135_000_000)

    def count(
        self, model: Path, conversations: Sequence[Sequence[ChatMessage]], cancel: CancelToken
    ) -> tuple[int, ...]:
        return tuple(sum(len(m.content) // 4 for m in each) for each in conversations)

    def reading_speed(self, model: Path) -> float | None:
        return None

    def generate(
        self, request: Generate, cancel: CancelToken, on_read: Callable[[int, int], None]
    ) -> Iterator[TokenText | Generated]:
        self.requests.append(request)
        documents = "Quotes:" in request.messages[-1].content
        variant = {
            (False, False): Variant.PLAIN,
            (True, False): Variant.ADAPTER,
            (False, True): Variant.DOCUMENTS,
            (True, True): Variant.BOTH,
        }[bool(request.adapters), documents]
        yield TokenText(self.said[variant])
        self.hear(variant)
        cancel.check()
        yield Generated("stop", 100, 0, 20, 0.1, 0.5)


@pytest.fixture
def writer() -> Writer:
    return Writer()


@pytest.fixture
def answerer(store: Store, writer: Writer) -> Iterator[Answerer]:
    put(store, "harbour.txt", document(HARBOUR))
    put(store, "bridge.txt", document(BRIDGE))
    embed_all(store)
    embedder = FakeEmbedder()
    retriever = Retriever(store, embedder)  # type: ignore[arg-type]
    yield Answerer(store, embedder, writer, retriever, lambda: 2.0)  # type: ignore[arg-type]
    retriever.close()


@pytest.fixture
def comparer(store: Store, writer: Writer, answerer: Answerer) -> Comparer:
    verifier = Verifier(store, answerer._embedder, answerer._retriever)
    return Comparer(answerer, verifier, writer)  # type: ignore[arg-type]


# --- with adapters --------------------------------------------------------------------------


def test_with_adapters_a_small_model_writes_in_its_own_words(
    answerer: Answerer, writer: Writer
) -> None:
    plain = answerer.ask(QUESTION, model=MODEL)
    adapted = answerer.ask(QUESTION, model=MODEL, adapters=[STYLE])
    nothing = answerer.ask(QUESTION, model=MODEL, adapters=[replace(STYLE, scale=0.0)])
    assert [bool(request.held_to) for request in writer.requests] == [True, False, True]
    assert [request.adapters for request in writer.requests] == [(), (STYLE,), ()]
    assert len({request.messages for request in writer.requests}) == 1
    assert adapted.provenance is not None
    assert not adapted.provenance.held
    assert [(each.name, each.scale) for each in adapted.provenance.adapters] == [("terse", 0.5)]
    assert (plain.adapter, adapted.adapter, nothing.adapter) == ("", "terse", "")
    assert nothing.provenance == plain.provenance
    assert _supports(adapted) == [Support.SUPPORTED]


# --- one question ---------------------------------------------------------------------------


def _supports(answer: Answer | None) -> list[Support]:
    assert answer is not None
    return [claim.support for claim in answer.claims]


def test_four_answers_that_differ_in_one_thing_each(comparer: Comparer, writer: Writer) -> None:
    made = comparer.compare(QUESTION, [STYLE], model=MODEL, seed=3)
    assert made.variants == tuple(Variant)
    assert [answer.adapter for answer in made.answers] == ["", "terse", "", "terse"]
    assert [bool(answer.quotes) for answer in made.answers] == [False, False, True, True]
    assert {(r.seed, r.temperature, r.max_tokens, r.held_to) for r in writer.requests} == {
        (3, 0.7, 200, "")
    }
    assert [bool(r.adapters) for r in writer.requests] == [False, False, True, True]
    assert {r.adapters for r in writer.requests} == {(), (STYLE,)}
    assert (made.model, made.adapters, made.seed) == ("small", (STYLE,), 3)
    assert [a.provenance.adapters[0].scale for a in made.answers[1::2] if a.provenance] == [0.5] * 2


def test_every_claim_is_checked_against_the_library(comparer: Comparer) -> None:
    made = comparer.compare(QUESTION, [STYLE], model=MODEL)
    assert _supports(made.answer(Variant.PLAIN)) == [Support.UNSUPPORTED]
    # what is true of something that was not asked for is found by itself
    adapted = made.answer(Variant.ADAPTER)
    assert _supports(adapted) == [Support.SUPPORTED, Support.UNSUPPORTED]
    assert adapted is not None
    assert [c.document for c in adapted.citations] == ["bridge.txt"]
    assert _supports(made.answer(Variant.DOCUMENTS)) == [Support.SUPPORTED]
    assert _supports(made.answer(Variant.BOTH)) == [Support.SUPPORTED]
    both = made.answer(Variant.BOTH)
    assert both is not None
    assert both.claims[0].text == HARBOUR
    assert [c.n for c in both.citations] == list(range(1, len(both.citations) + 1))
    assert both.claims[0].citations == (both.quotes[0],)


def test_a_text_is_looked_for_and_not_understood_as_a_query(
    comparer: Comparer, writer: Writer
) -> None:
    writer.said[Variant.PLAIN] = f'"{BRIDGE[:-1]}" -barges file:none.pdf.'
    made = comparer.compare(QUESTION, [STYLE], model=MODEL)
    plain = made.answer(Variant.PLAIN)
    assert plain is not None
    assert [c.document for c in plain.citations] in ([], ["bridge.txt"])
    writer.said[Variant.PLAIN] = f"“{BRIDGE}”"
    made = comparer.compare(QUESTION, [STYLE], model=MODEL)
    assert _supports(made.answer(Variant.PLAIN)) == [Support.SUPPORTED]


def test_what_the_library_does_not_hold_is_refused_with_documents_only(
    comparer: Comparer, writer: Writer
) -> None:
    made = comparer.compare("Who composed zebra quartets?", [STYLE], model=MODEL)
    assert [answer.refused for answer in made.answers] == [False, False, True, True]
    assert len(writer.requests) == 2


def test_each_is_told_as_it_comes(comparer: Comparer) -> None:
    heard: list[VariantBegun | AnswerEvent | VariantDone] = []
    made = comparer.compare(QUESTION, [STYLE], model=MODEL, on_event=heard.append)
    begun = [event.variant for event in heard if isinstance(event, VariantBegun)]
    done = [event for event in heard if isinstance(event, VariantDone)]
    assert begun == [event.variant for event in done]
    assert set(begun) == set(Variant)
    assert all(made.answer(event.variant) == event.answer for event in done)


def test_stopping_keeps_what_is_done(comparer: Comparer, writer: Writer) -> None:
    cancel = CancelToken()

    def stop(variant: Variant) -> None:
        if variant is Variant.ADAPTER:
            cancel.cancel()

    writer.hear = stop
    made = comparer.compare(QUESTION, [STYLE], model=MODEL, cancel=cancel)
    assert made.variants == (Variant.PLAIN, Variant.DOCUMENTS)
    assert made.stopped
    assert made.answer(Variant.ADAPTER) is None
    assert _supports(made.answer(Variant.DOCUMENTS)) == [Support.SUPPORTED]
    with pytest.raises(CancelledError):
        comparer.compare(QUESTION, [STYLE], model=MODEL, cancel=cancel)


def test_what_cannot_be_used_is_said_at_once(comparer: Comparer, writer: Writer) -> None:
    with pytest.raises(ModelError, match="needs a model"):
        comparer.compare(QUESTION, [STYLE], model=None)
    with pytest.raises(ModelError, match="adapter first"):
        comparer.compare(QUESTION, [], model=MODEL)
    with pytest.raises(ModelError, match="0 to 2"):
        comparer.compare(QUESTION, [replace(STYLE, scale=3.0)], model=MODEL)
    with pytest.raises(CarrelError, match="empty"):
        comparer.compare("  ", [STYLE], model=MODEL)
    writer.fault = "The adapter is damaged."
    with pytest.raises(ModelError, match="damaged"):
        comparer.compare_all([QUESTION], [STYLE], model=MODEL)
    assert writer.requests == []


# --- many -----------------------------------------------------------------------------------


def test_a_table_sums_up_each_way(comparer: Comparer, writer: Writer) -> None:
    heard: list[ComparingProgress] = []
    table = comparer.compare_all(
        [QUESTION, "file:harbour.txt", "Who composed zebra quartets?"],
        [STYLE],
        model=MODEL,
        on_progress=heard.append,
    )
    assert [made.question for made in table.comparisons] == [
        QUESTION,
        "Who composed zebra quartets?",
    ]
    ((failed, why),) = table.failures
    assert failed == "file:harbour.txt"
    assert "beside what narrows" in why
    plain, adapted, documents, both = table.sums
    assert (plain.answers, plain.claims, plain.supported, plain.refused) == (2, 2, 0, 0)
    assert (adapted.claims, adapted.supported) == (4, 2)
    assert (documents.answers, documents.claims, documents.supported) == (2, 1, 1)
    assert (documents.refused, both.refused) == (1, 1)
    assert documents.words == len(HARBOUR.split())
    assert documents.tokens == 20
    assert [(each.done, each.total) for each in heard][-1] == (12, 12)
    assert heard[0].seconds_left is None
    assert heard[4].seconds_left is not None
    # adapters are switched once a question, and prompts with quotes follow each other
    applied = [bool(request.adapters) for request in writer.requests]
    assert applied == [False, False, True, True, True, False]


def test_a_stopped_table_keeps_what_is_done(comparer: Comparer, writer: Writer) -> None:
    cancel = CancelToken()

    def stop(variant: Variant) -> None:
        if len(writer.requests) == 6:
            cancel.cancel()

    writer.hear = stop
    table = comparer.compare_all([QUESTION, BRIDGE, HARBOUR], [STYLE], model=MODEL, cancel=cancel)
    assert table.stopped
    assert [made.stopped for made in table.comparisons] == [False, True]
    assert {each.answers for each in table.sums} == {1}


def _comparison(*answers: Answer) -> Comparison:
    return Comparison("Q", answers, "m", (STYLE,), 0, 1.0)


def test_saying_that_there_is_no_answer_is_a_refusal() -> None:
    text = "The quotes do not say."
    declined = Answer(
        "Q", (), text, (Claim(text, 0, len(text), Support.UNCHECKED),), (), timings=Timings()
    )
    failed = Answer("Q", (), "", (), (), notice="The model could not answer.")
    refused = replace(failed, refused=True, reason="Not found.")
    plain, adapted, documents, both = sums([_comparison(declined, failed, refused, declined)])
    assert (plain.refused, plain.claims, plain.answers) == (1, 0, 1)
    assert (adapted.answers, adapted.refused) == (0, 0)
    assert (documents.answers, documents.refused, documents.words) == (1, 1, 0.0)
    assert both.words == 5


def test_the_time_left_goes_by_what_each_way_took() -> None:
    now = [0.0]
    pace = Pace(3, lambda: now[0])
    took = {Variant.PLAIN: 1.0, Variant.ADAPTER: 2.0, Variant.DOCUMENTS: 3.0, Variant.BOTH: 4.0}
    for variant, seconds in took.items():
        assert pace.progress("Q").seconds_left is None
        now[0] += seconds
        pace.done(variant)
    assert pace.progress("Q") == ComparingProgress(4, 12, "Q", 20.0)
    now[0] += 100  # between two questions
    pace.begin()
    now[0] += 4.0
    pace.done(Variant.BOTH)
    assert pace.progress("Q").seconds_left == 10.0 + 1.0 + 2.0 + 3.0
    pace.left_out(1)
    assert pace.progress("Q") == ComparingProgress(8, 12, "Q", 10.0)


# --- differences ----------------------------------------------------------------------------


def test_words_that_differ_are_marked() -> None:
    first = "The rent is 1,850 euros a month."
    second = "the rent was 1,950 euros  a month, in advance."
    found = differences(first, second)
    assert [first[a:b] for a, b in found.first] == ["is 1,850"]
    assert [second[a:b] for a, b in found.second] == ["was 1,950", ", in advance"]
    assert 0.5 < found.alike < 1
    assert differences(first, first).first == ()
    assert differences("", "One.").second == ((0, 4),)
    assert differences("", "").alike == 1.0


# --- lists of questions ---------------------------------------------------------------------


def test_one_question_on_each_line() -> None:
    text = "1. What is it?\n\n- Who did it?\n  What  is it? \nHow -file:a?\r\n"
    assert questions(text) == ("What is it?", "Who did it?", "How -file:a?")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "What?\nWho?\n"),
        ("b.csv", "What?,x\nWho?,y\n"),
        ("c.csv", 'id;Question\n1;What?\n2;"Who?"\n3;\n'),
        ("d.jsonl", '{"question": "What?", "id": 1}\n\n{"question": "Who?"}\n'),
        ("e.tsv", "questions\tn\nWhat?\t1\nWho?\t2\n"),
        ("f.txt", "\ufeffWhat?\nWho?"),
    ],
)
def test_files_of_questions(tmp_path: Path, name: str, content: str) -> None:
    file = tmp_path / name
    file.write_text(content, encoding="utf-8")
    assert read_questions(file) == ("What?", "Who?")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.txt", b"\n \n", "no question"),
        ("b.jsonl", b'{"question": "What?"}\n{"prompt": "x"}\n', "Line 2"),
        ("c.jsonl", b"[" * 100_000, "Line 1"),
        ("d.txt", b"\n".join(b"%d?" % n for n in range(MOST + 1)), "at most"),
        ("e.txt", b"x" * 3000, "too long"),
        ("f.txt", b"x\n" * 3_000_000, "too large"),
        ("g.csv", b'"' + b"x" * 200_000, "no table"),
    ],
)
def test_what_is_no_list_of_questions(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(CarrelError, match=reason):
        read_questions(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CarrelError, match=r"none\.txt"):
        read_questions(tmp_path / "none.txt")
