"""What a question means after the ones before it, by rules: no model is asked.

The question before (as it was understood) is the base. A fragment puts its own year, name or
thing in the place of the base's ("and in 2019?"); a bare asking word is joined to the base
("why?"); a pronoun is replaced by the one thing that the base is about, or else the base's topic
is added in brackets, so that the words are there to search for. A question that speaks for itself
is never changed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from engine.answers import Answer
from engine.followups import times
from engine.followups.dependence import leans, unfinished
from engine.followups.fragments import put
from engine.followups.languages import ENGLISH, GERMAN, Language, spoken
from engine.followups.narrowing import Narrowed
from engine.followups.phrases import Phrase, Sentence, Word, words_of
from engine.untrusted import words_of_name

_JOINING = frozenset("and but or so also und aber oder et mais y e pero".split())
_ABOUT = frozenset("about of for mit um de con pour".split())
_HELPING = frozenset(
    "is are was were do does did has have had can could will would should may must".split()
)
_PAPERS = frozenset(
    "document documents file files report paper text source page letter dokument datei fichier "
    "documento archivo".split()
)
# neither Latin nor Greek nor Cyrillic
_OTHER_SCRIPT = re.compile("[\u0590-\u1dff\u2e80-\uabff\uf900-\ufdff]")
_FEW = 4  # letters
_LONGEST = 400  # characters; more than that says enough
_BESIDE_PEOPLE = 2  # what else the base may say: a person is meant alone more often than a thing
_SHORTEST = 12
_LONGEST_FRAGMENT = 10
_LONGEST_BARE = 3
_LONGEST_SAME = 7
_OF_NAME = 8  # words of a document's title


@dataclass(frozen=True, slots=True)
class FollowUp:
    """``searched`` is the question as it is meant; ``carried`` are the words in it that come from
    what was said before."""

    searched: str
    carried: tuple[str, ...] = ()
    is_follow_up: bool = False


def follow(question: str, turns: Sequence[Answer]) -> FollowUp:
    """What a question means after ``turns``, the last of which counts. What narrows that one
    narrows the follow-up too, unless it has its own."""
    alone = FollowUp(question)
    if not turns or not question.strip():
        return alone
    if len(question) > _LONGEST:
        return alone
    base = Narrowed.parse(turns[-1].searched or turns[-1].question)
    asked = Narrowed.parse(question)
    if not base.text:
        return alone
    found = _followed(asked.text, _asked(base.text), turns[-1])
    if not found.is_follow_up:
        return alone
    return replace(found, searched=asked.after(base).around(found.searched))


def _followed(question: str, base_text: str, last: Answer) -> FollowUp:
    if _OTHER_SCRIPT.search(question):
        return _of_other_script(question, base_text)
    base_words = [word.lower for word in words_of(base_text)]
    language = spoken([word.lower for word in words_of(question)], base_words)
    asked, base = Sentence(question, language), Sentence(base_text, spoken(base_words, []))
    searched = _meant(asked, base, last)
    if searched is None:
        return FollowUp(question)
    return FollowUp(searched, carried_words(question, searched), True)


def _of_other_script(question: str, base: str) -> FollowUp:
    """In scripts whose small words we do not know, another time and hardly anything beside it."""
    left = question
    for start, end in reversed(times.time_spans(question)):
        left = left[:start] + left[end:]
    moved = times.moved(base, question, "") if times.time_spans(base) else ""
    if not moved or sum(character.isalpha() for character in left) > _FEW:
        return FollowUp(question)
    kept = (word.text for word in words_of(moved) if word.text not in question)
    return FollowUp(moved, tuple(dict.fromkeys(kept)), True)


def _meant(asked: Sentence, base: Sentence, last: Answer) -> str | None:
    """None where the question speaks for itself."""
    language = asked.language
    core, opened = _core(asked)
    words = [word.lower for word in core.words]
    if not words:
        return base.text if asked.words else None
    if _plain(asked.text) in language.more or _plain(core.text) in language.more:
        return base.text if base.topic else _aside(asked, _paper(last))
    if _bare_asking(core):
        return _joined(core, base)
    if _is_fragment(core, opened, asked.text.rstrip().endswith(("?", "？", "؟"))):
        return put(core, base) or _aside(core, _subject(base, last))
    plain = " ".join(words)
    if (
        len(words) <= _LONGEST_SAME
        and not core.names
        and any(f" {phrase} " in f" {plain} " for phrase in language.same)
    ):
        return _aside(core, _subject(base, last))
    at = leans(core)
    if at >= 0:
        return _replaced(core, at, base, last)
    if unfinished(core) or (opened and language is ENGLISH and not core.names):
        return _aside(core, _subject(base, last))
    return None


def _core(asked: Sentence) -> tuple[Sentence, bool]:
    """The question without the words that open or close it, and whether a joining word did."""
    text, language = asked.text.lstrip("¿¡ "), asked.language
    opened = bool(asked.words) and asked.words[0].lower in _JOINING
    lowered = text.lower().replace("’", "'")
    for opening in language.openings:
        if lowered.startswith(opening) and not lowered[len(opening) : len(opening) + 1].isalnum():
            rest = text[len(opening) :].lstrip(" ,:-–—…¿")
            about = opening.split()[-1] in _ABOUT
            if about and language is GERMAN and words_of(rest)[-1:] and not _capital(rest):
                break  # "was ist mit X verbunden?" is a question of its own
            text, opened = rest, opened or about
            break
    ending = text[len(text.rstrip(" ?!.…¿؟？")) :]
    body = text[: len(text) - len(ending)]
    for closing in language.closings:
        if body.lower().endswith(f" {closing}"):
            body = body[: -len(closing)].rstrip(" ,")
            break
    return Sentence(body + ending, language), opened


def _capital(text: str) -> bool:
    return words_of(text)[-1].text[0].isupper() or words_of(text)[-1].lower == "aus"


def _bare_asking(core: Sentence) -> bool:
    """ "why?", "until when?", "how much exactly?", "who signed?" """
    language = core.language
    words = [word.lower for word in core.words]
    asking = [at for at, word in enumerate(words) if word in language.asking]
    leading = language.prepositions | {"up"}
    if not asking or any(word not in leading for word in words[: asking[0]]):
        return False
    rest = core.words[asking[0] + 1 :]
    said = [word for word in rest if word.lower not in language.bare | language.prepositions]
    if not said:
        return True
    if asking[0]:  # "in which group?"
        return len(rest) <= 2 and not core.names
    return (
        len(rest) == 1
        and not core.names
        and asking[0] == 0
        and (rest[0].text.islower() or language is GERMAN)
        and not _points(rest[0], language)
    )


def _points(word: Word, language: Language) -> bool:
    return word.lower in language.subjects | language.objects


def _is_fragment(core: Sentence, opened: bool, questioned: bool) -> bool:
    """A question without an asking word or a verb that we know, and no whole search of its own."""
    language, words = core.language, [word.lower for word in core.words]
    if any(word in language.asking | language.verbs for word in words):
        return _counts(words, core)
    if len(words) > _LONGEST_FRAGMENT or leans(core) >= 0:
        return False
    if opened or times.only_times(words, core.timed) or times.shift(core.text):
        return True
    if words[0] in language.prepositions:
        return len(words) <= 5
    if words[0] in language.articles:
        return questioned and len(words) <= 4
    return questioned and len(words) <= _LONGEST_BARE and language is ENGLISH


def _counts(words: Sequence[str], core: Sentence) -> bool:
    """ "how many employees?", "which countries?" """
    return (
        core.language is ENGLISH
        and len(words) <= 4
        and not core.names
        and words[0] == "how"
        and words[1:2] in (["many"], ["much"])
        and not any(word in core.language.verbs for word in words)
    )


def _joined(core: Sentence, base: Sentence) -> str:
    """The base asked once more in another way: "..., and why?" A yes-or-no question is turned into
    one that asks for the reason."""
    asked = core.bare
    language = base.language
    first = base.words[0].lower if base.words else ""
    if (
        language is ENGLISH
        and first in _HELPING
        and len(core.words) == 1
        and core.words[0].lower in ("why", "when", "where", "how")
    ):
        return f"{asked.capitalize()} {base.text[0].lower()}{base.text[1:]}"
    joint = f", {language.also} "
    return f"{base.bare.split(joint)[0]}{joint}{_low(asked)}?"


def _replaced(core: Sentence, at: int, base: Sentence, last: Answer) -> str:
    """The question with what its pronoun stands for, where the base leaves no doubt about it;
    otherwise with the base's topic beside it."""
    pronoun, language = core.words[at].lower, core.language
    following = core.words[at + 1].lower if at + 1 < len(core.words) else ""
    if following in _PAPERS and _paper(last):
        return _aside(core, _paper(last))
    phrase = _antecedent(base, pronoun, language, following)
    if phrase is None:
        return _aside(core, _subject(base, last))
    start, end = core.words[at].start, core.words[at].end
    text = base.text[slice(*base.span(phrase.first, phrase.last))]
    if pronoun in language.possessives - {"her"} or (pronoun == "her" and following):
        if phrase.owner:
            text = base.text[slice(*base.span(phrase.first, phrase.owner))]
        elif not text.endswith(("'s", "’s")):
            text += "'s"
    elif pronoun in language.people and phrase.names:
        text = base.text[slice(*base.span(phrase.names[0], phrase.names[-1] + 1))]
        text = text.removesuffix("'s").removesuffix("’s")
    elif pronoun in language.pointing | {"that"} and following:
        if base.words[phrase.last - 1].lower == following:
            end = core.words[at + 1].end
        elif core.content(at + 1, at + 2):
            return _aside(core, _subject(base, last))
    return core.text[:start] + (_high(text) if start == 0 else text) + core.text[end:]


def _antecedent(base: Sentence, pronoun: str, language: Language, following: str) -> Phrase | None:
    """The one phrase of the base that the pronoun can stand for."""
    if not base.words or "(" in base.text:
        return None
    if language is not ENGLISH or base.language is not ENGLISH:
        return None
    phrases = [phrase for phrase in base.phrases if not phrase.counted]
    if pronoun in language.people:
        if base.words[0].lower in ("who", "whom", "whose"):
            return None  # whoever the answer was
        phrases = [phrase for phrase in phrases if phrase.names]
    if pronoun in language.pointing and following:
        same = [p for p in phrases if base.words[p.last - 1].lower == following]
        if len(same) == 1:
            return same[0]
    if len(phrases) != 1:
        return None
    held = set(range(phrases[0].first, phrases[0].last))
    beside = [at for at in base.content() if at not in held]
    most = _BESIDE_PEOPLE if pronoun in language.people else 1
    return phrases[0] if len(beside) <= most else None


def _subject(base: Sentence, last: Answer) -> str:
    """What a question that leans on the base is about."""
    if base.content() or base.timed:
        return base.topic or base.bare
    return _paper(last)


def _paper(last: Answer) -> str:
    """The title of the document that the last answer cites first: its words, and few of them, for
    they are searched for and shown to the model as if the person had asked them."""
    numbers = {n: at for at, n in enumerate(last.quotes)}
    cited = sorted(last.citations, key=lambda item: numbers.get(item.n, len(numbers)))
    if not cited:
        return ""
    return words_of_name(cited[0].title or PurePath(cited[0].document).stem, _OF_NAME)


def _aside(core: Sentence, topic: str) -> str:
    """The question with a topic in brackets before its question mark."""
    text = _high(core.bare)
    return f"{text} ({topic})?" if topic else f"{text}?"


def carried_words(question: str, searched: str) -> tuple[str, ...]:
    """The words of ``searched`` that say something and are not in the question."""
    asked = words_of(question)
    new = words_of(searched)
    own = {word.lower.removesuffix("'s") for word in asked}
    small = spoken([word.lower for word in new], []).small
    carried = [
        word.text.removesuffix("'s").removesuffix("’s")
        for word in new
        if word.lower not in small and word.lower.removesuffix("'s") not in own
    ]
    return tuple(dict.fromkeys(carried))


def _asked(text: str) -> str:
    """A question without what comes after its question mark (how to answer it); a pasted paragraph
    is about what it begins with."""
    head, mark, _ = text.partition("? ")
    text = f"{head}?" if mark and len(head) >= _SHORTEST else text
    return text if len(text) <= _LONGEST else text[:_LONGEST].rsplit(maxsplit=1)[0]


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("’", "'").strip(" ?!.…¿¡").split())


def _high(text: str) -> str:
    return text[:1].upper() + text[1:]


def _low(text: str) -> str:
    first = text.split(maxsplit=1)[0]
    return text[:1].lower() + text[1:] if first[1:] == first[1:].lower() else text
