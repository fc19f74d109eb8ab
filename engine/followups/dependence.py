"""Whether a question leans on the one before it: by a pronoun that nothing in it stands for.

A question that brings its own name, or a clause of its own before the pronoun, speaks for itself;
so does one whose "it" stands for nothing at all ("is it true that").
"""

from __future__ import annotations

from engine.followups.languages import ENGLISH, FRENCH, SPANISH
from engine.followups.phrases import Sentence

_CLAUSES = frozenset(
    "when while if because although though since whether that which who where after before until "
    "and or but as than so".split()
)
_AUXILIARIES = frozenset(
    "is are was were do does did has have had can could will would shall should may might must "
    "isn't wasn't doesn't didn't".split()
)
_JUDGED = frozenset(
    "true possible necessary allowed legal illegal common likely unlikely important safe hard easy "
    "difficult better best required customary usual believed thought said known called about clear "
    "estimated considered assumed argued claimed normal".split()
)
_WEATHER = frozenset("rain snow hail clear dark cold hot".split())
_EMPTY_AFTER = frozenset("to that for when if where who how why what whether".split())
_AFTER_OBJECT = frozenset(
    "in on at by for from to of with without within during before after until since about for and "
    "or then now too again first last originally exactly compared than".split()
)
_BEING = frozenset("is are was were".split())
# of something that has to be named
_OF_SOMETHING = frozenset(
    "reason reasons cause causes result results consequence consequences outcome outcomes effect "
    "effects exception exceptions condition conditions details total difference differences "
    "alternatives amount increase decrease decline rise drop growth change changes".split()
)
_SHORT = 5  # words
_KINDS = frozenset("kind type sort form".split())
_MANY = 4  # content words after "they" with which a question speaks for itself


def leans(question: Sentence) -> int:
    """The index of the word by which it does; -1 where it speaks for itself."""
    for at in range(len(question.words)):
        if _may_stand_for_another(question, at):
            if _explained_before(question, at):
                return -1
            if _leans_by(question, at):
                return at
    return -1


def unfinished(question: Sentence) -> bool:
    """Whether a short question names nothing to ask about: "which was most effective?", "what was
    decided?", "what were the reasons?" """
    words = [word.lower for word in question.words]
    if question.language is not ENGLISH or question.names:
        return False
    if words[0] in _BEING and words[1:2] == ["there"] and len(words) <= _SHORT + 1:
        return len(question.content()) <= 1  # "is there a maximum?"
    if question.timed:
        return False
    if not 3 <= len(words) <= _SHORT or words[0] not in question.language.asking:
        return False
    return (
        (words[0] == "which" and words[1] in _BEING)
        or (
            (words[0] in ("what", "who") and words[1] in _BEING and words[2:] == [words[-1]])
            and words[-1].endswith("ed")
        )
        or (words[-2] == "the" and words[-1] in _OF_SOMETHING)
    )


def _may_stand_for_another(question: Sentence, at: int) -> bool:
    language, word = question.language, question.words[at].lower
    if language is not ENGLISH and word in language.articles:
        return _alone(question, at)
    return word in (language.subjects | language.objects | language.possessives | language.pointing)


def _alone(question: Sentence, at: int) -> bool:
    """Whether an article is none: "wo steht das?", "¿quién lo firmó?", "qui l'a signé ?" """
    language, words = question.language, question.words
    last = at + 1 == len(words)
    if language is SPANISH:
        return at == 1 and len(words) <= 4 and words[0].lower in language.asking and not last
    if language is FRENCH:
        return at == 1 and not last and words[at + 1].lower in language.verbs
    return words[at].lower in language.subjects and (last or words[at + 1].lower == "auch")


def _explained_before(question: Sentence, at: int) -> bool:
    """Whether a name, a comma or another clause comes before the word."""
    if any(name < at for name in question.names):
        return True
    opening = question.text[: question.words[at].start]
    if "," in opening and question.content(0, at):
        return True
    clauses = _CLAUSES | question.language.asking
    return any(
        question.words[index].lower in clauses and question.content(0, index)
        for index in range(1, at)
    )


def _leans_by(question: Sentence, at: int) -> bool:
    if question.language is not ENGLISH:
        return len(question.content()) <= 2 and not any(name < at for name in question.names)
    language, word = question.language, question.words[at].lower
    before = question.words[at - 1].lower if at else ""
    follows = question.words[at + 1].lower if at + 1 < len(question.words) else ""
    described = bool(question.content(at + 1, at + 2))  # "its costs", "this company"
    said = len(question.content(0, at))
    if word in language.possessives and (described or follows == "own") and word != "her":
        return _possesses(question, at, before, said)
    if word in language.pointing | {"that"} and (described or follows in ("same", "one")):
        if word in ("this", "these"):
            return said <= 1 and before not in ("all", "of", "") and follows not in _KINDS
        return said <= (before == "of") and (before in _AUXILIARIES or before in ("of", "in", "at"))
    if before in _AUXILIARIES and word in language.subjects | {"her"}:
        return not _empty(question, at) and not (word in ("that", "this") and said > 1)
    if at and said == 0 and word in ("it", "they", "he", "she") and follows and not question.names:
        return not _empty(question, at)  # "what if it fails"
    if before == "of" and word in ("them", "these", "those"):
        return said <= 2  # "did any of them fail"
    most = 3 if before in language.prepositions and not follows else 2
    if word not in language.objects or said > (1 if word == "there" else most):
        return False
    return not follows or (
        word != "that" and (follows in _AFTER_OBJECT or at + 1 in question.timed)
    )


def _possesses(question: Sentence, at: int, before: str, said: int) -> bool:
    if at == 0:
        return len(question.words) <= 4
    return before in _AUXILIARIES and (said == 0 or before in ("do", "does", "did"))


def _empty(question: Sentence, at: int) -> bool:
    """Whether the word stands for nothing said before: "is it true that", "how long does it take
    to", "where do they film a series of many seasons", "is this the last race"."""
    word, words = question.words[at].lower, [each.lower for each in question.words[at + 1 :]]
    after = len(question.content(at + 1))
    if word == "there":
        return True
    if not words:
        return False
    if word == "they":
        return after >= _MANY
    if word in ("this", "these"):
        return words[0] in ("the", "a", "is", "doing") and after > 1
    if word != "it":
        return False
    described = words[1:] if words[0] == "be" else words
    return (
        any(each in _EMPTY_AFTER - {"for", "to", "when"} for each in described[:4])
        or (words[0] in ("take", "mean", "cost") and bool(_EMPTY_AFTER & set(words[1:5])))
        or (words[0] == "take" and after > 2)
        or bool(_WEATHER & set(words[:2]))
        or bool(_JUDGED & set(described[:1]) and _EMPTY_AFTER & set(described[1:4]))
    )
