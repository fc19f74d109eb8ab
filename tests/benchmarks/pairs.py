"""Claims of which it is known whether their sources bear them out.

True ones: sentences of the sources as they stand, the same shortened to what they mainly say, and
answers that people wrote from the sources (ClapNQ). False ones: true ones with a number, a name
or a direction exchanged, a negation put in or taken out, or the beginning of one sentence joined
to the end of another; and sentences about the same subject that the sources do not hold.

Harder ones are in other words than the sources. True: questions made into statements with the
answers that people gave. False: the same with the answer to another question about the paragraph,
or with what only seems to answer a question that the paragraph does not (SQuAD 2.0), and people's
own wordings with something exchanged. Thresholds were set on every second article or example;
these pairs are of the others.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.answering.words import content_stems
from engine.sentences import sentences
from tests.benchmarks.restating import restated

_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-zé]+(?: [A-Z][a-zé]+)*")
_NUMBER = re.compile(r"\b\d[\d,]*(?:\.\d+)?\b")
_TRAILING = re.compile(r"(?:, (?:which|who|where|although|while|including|such as)\b|; | \().*$")
_VERB = re.compile(r"\b(is|are|was|were|has|have|had|can|could|will|would|must|may)\b(?! not)")
_NOT = re.compile(r"\b(is|are|was|were|has|have|had|can|could|will|would|must|may|do|does) not\b")
_POINTING = re.compile(r"(?:it|its|this|that|these|those|they|their|he|she|his|her|there)\b", re.I)
_DIRECTIONS = (
    ("increased", "decreased"), ("increase", "decrease"), ("higher", "lower"), ("more", "less"),
    ("before", "after"), ("north", "south"), ("east", "west"), ("first", "last"),
    ("largest", "smallest"), ("above", "below"), ("rise", "fall"), ("early", "late"),
    ("high", "low"), ("large", "small"), ("strong", "weak"), ("all", "few"), ("won", "lost"),
    ("northern", "southern"), ("eastern", "western"), ("minimum", "maximum"), ("old", "new"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pair:
    """``claim`` is borne out by ``sources`` (text of passages) or not; ``kind`` says how it was
    made."""

    question: str
    claim: str
    sources: tuple[str, ...]
    true: bool
    kind: str


def labelled_pairs(data: Path, each: int = 150, seed: int = 11) -> list[Pair]:
    """About ``each`` pairs of every kind, the same ones each time."""
    made: dict[str, list[Pair]] = {}
    for pair in _all(data, random.Random(seed)):
        made.setdefault(pair.kind, []).append(pair)
    chosen = []
    for kind in sorted(made):
        random.Random(f"{seed}{kind}").shuffle(made[kind])
        chosen += made[kind][:each]
    return chosen


def _all(data: Path, rng: random.Random) -> Iterator[Pair]:
    articles = json.loads((data / "squad-v2" / "dev.json").read_text(encoding="utf-8"))["data"]
    for article in articles:
        paragraphs = [p["context"] for p in article["paragraphs"]]
        names = sorted({name for text in paragraphs for name in _NAME.findall(text)})
        for paragraph in article["paragraphs"]:
            asked = [q["question"].strip() for q in paragraph["qas"]]
            if asked:
                yield from _of(paragraph["context"], rng.choice(asked), paragraphs, names, rng)
    lines = (data / "clapnq" / "clapnq_dev_answerable.jsonl").read_text(encoding="utf-8")
    examples = [json.loads(line) for line in lines.splitlines()]
    for number, example in enumerate(examples):
        text = _joined(example["passages"][0]["text"])
        for answer in example["output"][:1]:
            for start, end in sentences(answer["answer"]):
                claim = answer["answer"][start:end]
                yield Pair(example["input"], claim, (text,), True, "true: written by people")
                other = _joined(examples[(number + 1) % len(examples)]["passages"][0]["text"])
                yield Pair(example["input"], claim, (other,), False, "false: other sources")


def harder_pairs(data: Path, *, held_out: bool = True, seed: int = 11) -> list[Pair]:
    """All of every second article or example: those that nothing was set on, or the others."""
    rng = random.Random(seed)
    return [*_restated(data, held_out, rng), *_people_s(data, held_out, rng)]


def _restated(data: Path, odd: bool, rng: random.Random) -> Iterator[Pair]:
    for file in (data / "squad-v2" / "dev.json", data / "xquad" / "xquad.en.json"):
        for article in json.loads(file.read_text(encoding="utf-8"))["data"][odd::2]:
            for paragraph in article["paragraphs"]:
                text, asked = paragraph["context"], paragraph["qas"]
                given = [q["answers"][0]["text"] for q in asked if q["answers"]]
                for item in asked:
                    question = item["question"].strip()
                    nearly = bool(item.get("is_impossible"))
                    for answer in item["plausible_answers" if nearly else "answers"][:1]:
                        said = restated(question, answer["text"])
                        kind = "false: nearly answered" if nearly else "true: question restated"
                        if said:
                            yield Pair(question, said, (text,), not nearly, kind)
                    if not nearly and item["answers"]:
                        yield from _with_other_answer(question, given, item, text, rng)


def _with_other_answer(
    question: str,
    given: Sequence[str],
    item: dict,
    text: str,
    rng: random.Random,  # type: ignore[type-arg]
) -> Iterator[Pair]:
    right = [answer["text"] for answer in item["answers"]]
    said = restated(question, right[0])
    wrong = [g for g in given if not any(g in r or r in g for r in right) and g not in said]
    other = restated(question, rng.choice(wrong)) if said and wrong else ""
    if other:
        yield Pair(question, other, (text,), False, "false: another question's answer")


def _people_s(data: Path, odd: bool, rng: random.Random) -> Iterator[Pair]:
    lines = (data / "clapnq" / "clapnq_dev_answerable.jsonl").read_text(encoding="utf-8")
    examples = [json.loads(line) for line in lines.splitlines()]
    texts = [_joined(example["passages"][0]["text"]) for example in examples]
    names = sorted({name for text in texts for name in _NAME.findall(text)})
    for example, text in list(zip(examples, texts, strict=True))[odd::2]:
        question, answer = example["input"], _joined(example["output"][0]["answer"])
        for start, end in sentences(answer):
            claim = answer[start:end]
            yield Pair(question, claim, (text,), True, "true: people's wording")
            for kind, wrong in (
                ("number", _other_number(claim, rng)),
                ("name", _other_name(claim, text, names, rng)),
                ("direction", _other_direction(claim)),
                ("negation", _negated(claim)),
            ):
                if wrong:
                    yield Pair(question, wrong, (text,), False, f"false: people's wording, {kind}")


def _of(
    text: str, question: str, paragraphs: Sequence[str], names: Sequence[str], rng: random.Random
) -> Iterator[Pair]:
    spans = [text[a:b] for a, b in sentences(text) if b - a > 40]
    if not spans:
        return
    sources = (text,)
    said = rng.choice(spans)
    yield Pair(question, said, sources, True, "true: as it stands")
    shorter = _TRAILING.sub(".", said)
    if shorter != said and len(shorter) > 40:
        yield Pair(question, shorter, sources, True, "true: shortened")
    for kind, wrong in (
        ("number", _other_number(rng.choice(spans), rng)),
        ("name", _other_name(rng.choice(spans), text, names, rng)),
        ("direction", _other_direction(rng.choice(spans))),
        ("negation", _negated(rng.choice(spans))),
        ("joined halves", _halves(spans, rng)),
    ):
        if wrong:
            yield Pair(question, wrong, sources, False, f"false: {kind}")
    elsewhere = rng.choice([p for p in paragraphs if p != text])
    foreign = [elsewhere[a:b] for a, b in sentences(elsewhere) if b - a > 40]
    if foreign:
        yield Pair(question, rng.choice(foreign), sources, False, "false: said elsewhere")


def _other_number(text: str, rng: random.Random) -> str:
    found = list(_NUMBER.finditer(text))
    if not found:
        return ""
    match = rng.choice(found)
    digits = match.group()
    at = rng.choice([i for i, c in enumerate(digits) if c.isdigit()])
    other = rng.choice([c for c in "123456789" if c != digits[at]])
    wrong = digits[:at] + other + digits[at + 1 :]
    return text[: match.start()] + wrong + text[match.end() :]


def _other_name(text: str, around: str, names: Sequence[str], rng: random.Random) -> str:
    """Half of the time a name that the same paragraph holds, where there is one."""
    found = list(_NAME.finditer(text))
    if not found:
        return ""
    match = rng.choice(found)
    near = [n for n in names if n in around and n not in text]
    others = near if near and rng.random() < 0.5 else [n for n in names if n not in text]
    return text[: match.start()] + rng.choice(others) + text[match.end() :] if others else ""


def _other_direction(text: str) -> str:
    for pair in _DIRECTIONS:
        for a, b in (pair, pair[::-1]):
            changed = re.sub(rf"\b{a}\b", b, text, count=1)
            if changed != text:
                return changed
    return ""


def _negated(text: str) -> str:
    if _NOT.search(text):
        return _NOT.sub(r"\1", text, count=1)
    if _VERB.search(text):
        return _VERB.sub(r"\1 not", text, count=1)
    return ""


def _halves(spans: Sequence[str], rng: random.Random) -> str:
    """The subject of one sentence with what another says of something else. Subjects that only
    point at another sentence, or that share a word with the other's, are left alone."""
    cut = [(s[: m.start()], s[m.start() :]) for s in spans if (m := _VERB.search(s))]
    named = [(a, b) for a, b in cut if len(content_stems(a)) > 1 and not _POINTING.match(a)]
    rng.shuffle(named)
    for subject, own in named:
        for other, said in named:
            apart = set(content_stems(subject)).isdisjoint(content_stems(f"{other} {said}"))
            if apart and said != own:
                return f"{subject}{said}"
    return ""


def _joined(text: str) -> str:
    """ClapNQ's passages have their words set apart."""
    text = re.sub(r" ([.,;:!?%)\]])", r"\1", text.replace("`` ", "“").replace(" ''", "”"))
    text = re.sub(r"([(\[$]) ", r"\1", text).replace(" 's", "'s").replace(" n't", "n't")
    return re.sub(r"(\d) - (\w)|(\w) - (\w)", r"\1\3-\2\4", text).replace(" -- ", " – ")
