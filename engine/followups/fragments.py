"""A fragment ("in 2019", "the rent", "Pfizer") put in the place of its like in another question."""

from __future__ import annotations

from engine.followups import times
from engine.followups.languages import GERMAN, PLACES
from engine.followups.phrases import Phrase, Sentence

_WHERE = frozenset("in from within across to outside inside at near".split())
_CONCERNING = frozenset("for of at by für von bei pour de chez para".split())


def put(core: Sentence, base: Sentence) -> str:
    """The base with what the fragment says; empty where nothing in it is like the fragment."""
    lowered = [word.lower for word in core.words]
    within = base.language.within
    if (times.shift(core.text) and not core.timed) or times.only_times(lowered, core.timed):
        return times.moved(base.text, core.text, within)
    thing = core
    if lowered[0] == "how":  # "how many customers", and not "how many dropped out"
        if lowered[1] == "many" and not lowered[-1].endswith(("s", "men", "people", "ren")):
            return ""
        thing = Sentence(core.text[core.words[2].start :], core.language)
        return _put_noun(
            base, [phrase for phrase in base.phrases if phrase.counted], thing.bare, False
        )
    if core.timed:  # "the rent in 2019": first when, then what
        moved = times.moved(base.text, core.text, within)
        first = min(core.timed)
        while first and lowered[first - 1] in core.language.prepositions | {"fiscal", "year"}:
            first -= 1
        base = Sentence(moved, base.language)
        if first == 0:
            return ""
        thing = Sentence(core.text[: core.words[first - 1].end], core.language)
    return _put_thing(thing, base)


def _put_thing(thing: Sentence, base: Sentence) -> str:
    words, language = thing.words, thing.language
    preposition = words[0].lower if words[0].lower in language.prepositions else ""
    first = 1 if preposition else 0
    if first == len(words):
        return ""
    text = thing.text[words[first].start : words[-1].end]
    article = words[first].lower in language.articles | language.possessives
    named = _named(thing, first)
    content = thing.content(first)
    phrases = [phrase for phrase in base.phrases if phrase.first > 0 or phrase.names]
    head = words[-1].lower
    for phrase in phrases:
        if len(content) > 1 and base.words[phrase.last - 1].lower == head:
            start = max(phrase.first + phrase.article, phrase.last - len(content))
            if article and phrase.article and start == phrase.first + 1:
                start = phrase.first
            elif article:
                text = thing.text[words[first + 1].start : words[-1].end]
            return _over(base, start, phrase.last, text)
    if preposition:
        like = [p for p in phrases if p.preposition == preposition and bool(p.names) == named]
        if not like and named and preposition in _CONCERNING:
            whose = [p for p in phrases if p.names and p.preposition in _CONCERNING | {""}]
            if put_in := _put_name(base, whose, text):
                return put_in
        if not like:
            return f"{base.bare} {thing.text[words[0].start : words[-1].end]}?"
        inner = like[-1].first + (1 if like[-1].article and not article else 0)
        return _over(base, inner, like[-1].last, text)
    if text.lower().removeprefix("the ") in PLACES:
        where = [p for p in phrases if p.names and p.preposition in _WHERE]
        if len(where) == 1:
            return _put_name(base, where, text)
        return "" if where else f"{base.bare} {base.language.within}{text}?"
    if named and article:  # "the CFO" for "the CEO"
        like = [phrase for phrase in phrases if phrase.article and phrase.names]
        if like:
            return _put_name(base, like[:1], text.split(maxsplit=1)[1])
    if thing.language is GERMAN and not article:
        return ""  # every noun has a capital: it may be a name or a thing
    if named:
        return _put_name(base, [phrase for phrase in phrases if phrase.names], text)
    return _put_noun(base, phrases, text, article)


def _named(thing: Sentence, first: int) -> bool:
    """Whether the fragment is a name; its first word is no sentence's."""
    said = [
        at
        for at in thing.content(first)
        if thing.is_name(at) or (thing.language is not GERMAN and thing.words[at].text[0].isupper())
    ]
    return bool(said) and len(said) == len(thing.content(first))


def _put_name(base: Sentence, phrases: list[Phrase], text: str) -> str:
    """For the one name that it can stand in the place of; empty where there are several."""
    shouted = text == text.upper()
    if len(phrases) > 1:  # "EBITDA" and "the Treasury" are no names of what is asked about
        phrases = [
            phrase
            for phrase in phrases
            if not phrase.article
            and (shouted or not all(_shouted(base.words[at].text) for at in phrase.names))
        ]
    if len(phrases) != 1:
        return ""
    first, last = phrases[0].names[0], phrases[0].names[-1] + 1
    start, end = base.span(first, last)
    old = base.text[start:end]
    if old.endswith(("'s", "’s")) and not text.endswith(("'s", "’s")):
        text += "'s"
    return base.text[:start] + text + base.text[end:]


def _shouted(word: str) -> bool:
    """An abbreviation in capitals: "EBITDA", "COGS", "VIEs"; "3M" is none."""
    letters = word.rstrip("s")
    return letters.isupper() and not any(c.isdigit() for c in letters)


def _put_noun(base: Sentence, phrases: list[Phrase], text: str, article: bool) -> str:
    if not article and base.text[1:] == base.text[1:].lower():
        return ""  # written without capitals: it may be a name or a thing
    for phrase in phrases:
        if phrase.owner:
            owned = text.split(maxsplit=1)[1] if article and " " in text else text
            return _over(base, phrase.owner, phrase.last, owned)
    for phrase in phrases:
        if phrase.counted and not article and base.words[phrase.first - 1].lower != "what":
            return _over(base, phrase.first, phrase.last, text)
    plain = [phrase for phrase in phrases if phrase.article and not phrase.names]
    if plain:
        inner = plain[0].first + (0 if article else 1)
        return _over(base, inner, plain[0].last, text)
    bare = [p for p in phrases if not (p.article or p.names or p.preposition or p.counted)]
    if len(bare) == 1 and (base.names or article):
        return _over(base, bare[0].first, bare[0].last, text)
    return ""


def _over(base: Sentence, first: int, last: int, text: str) -> str:
    start, end = base.span(first, last)
    return base.text[:start] + text + base.text[end:]
