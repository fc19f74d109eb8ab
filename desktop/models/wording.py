"""What the facts of a model are called, and what they mean for the person who waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QLocale
from PySide6.QtGui import QColor

from desktop.plain import one_line
from desktop.theme import Colours
from engine.models.entries import Fit, GgufFacts, ModelEntry, ModelKind, Speed

# English prose, by the tokenizers of the common models.
WORDS_PER_TOKEN = 0.75
_SOURCES = 500  # words of quotes and question that a typical prompt holds
_ANSWER = 80  # words of a typical answer
_MOST_LETTERS = 40  # of something that a file says of itself, in a list
_LICENCES = {
    "apache-2.0": "Apache-2.0",
    "mit": "MIT",
    "gemma": "Gemma terms",
    "llama3": "Llama 3 licence",
    "llama3.1": "Llama 3.1 licence",
    "llama3.2": "Llama 3.2 licence",
    "llama3.3": "Llama 3.3 licence",
    "cc-by-nc-4.0": "CC BY-NC 4.0, not for commercial use",
}


@dataclass(frozen=True, slots=True)
class FitWords:
    """``icon`` by its name, ``tone`` the name of a colour in the theme."""

    short: str
    meaning: str
    icon: str
    tone: str

    def colour(self, tones: Colours) -> QColor:
        colour: QColor = getattr(tones, self.tone)
        return colour


FITS = {
    Fit.FITS: FitWords("Fits", "It fits into memory.", "check-circle-outline", "good"),
    Fit.TIGHT: FitWords(
        "Tight",
        "It fits into memory only while other programs leave room. Close large ones first, or "
        "choose a smaller model.",
        "alert-circle-outline",
        "warning",
    ),
    Fit.TOO_LARGE: FitWords(
        "Too large",
        "It does not fit into the memory of this computer: it would crawl, or stop the computer. "
        "Choose a smaller one, or the same one in a smaller quantisation.",
        "close-circle-outline",
        "danger",
    ),
}


def said(text: str) -> str:
    """Something that a file says of itself, on one line of bearable length."""
    line = one_line(text)
    return line if len(line) <= _MOST_LETTERS else f"{line[: _MOST_LETTERS - 1].rstrip()}…"


def parameters(count: int, *, short: bool = False) -> str:
    """A count in words: "135 million", or "135M"; empty where it is not known."""
    if count <= 0:
        return ""
    if count >= 950_000_000:
        number, unit = f"{count / 1e9:.1f}", "B" if short else " billion"
    elif count >= 1_000_000:
        number, unit = f"{count / 1e6:.0f}", "M" if short else " million"
    else:
        number, unit = f"{count / 1e3:.0f}", "k" if short else " thousand"
    return f"{number}{unit}"


def context(tokens: int) -> str:
    """How much a model can read at once, the way makers of models say it."""
    if tokens <= 0:
        return ""
    return f"{round(tokens / 1024)}k context" if tokens >= 1024 else f"{tokens} tokens of context"


def licence(name: str) -> str:
    return _LICENCES.get(name.strip().lower()) or said(name)


def language(code: str) -> str:
    """An English name for "en" or "eng"; anything else as it was written."""
    code = code.strip()
    found = QLocale.codeToLanguage(code) if 2 <= len(code) <= 3 else QLocale.Language.AnyLanguage
    if found in (QLocale.Language.AnyLanguage, QLocale.Language.C):
        return said(code)
    return QLocale.languageToString(found)


def languages(codes: tuple[str, ...], most: int = 3) -> str:
    """The first few by name, and how many more; empty where the model does not say."""
    names = list(dict.fromkeys(name for code in codes if (name := language(code))))
    if len(names) > most + 1:
        return f"{', '.join(names[:most])} and {len(names) - most} more languages"
    return ", ".join(names)


def file_size(count: int) -> str:
    """Bytes in decimal units, as file managers show them, with no digit too many."""
    if count < 1_000_000:
        return f"{count / 1e3:.0f} kB"
    if count < 1_000_000_000:
        return f"{count / 1e6:.0f} MB"
    return f"{count / 1e9:.1f} GB" if count < 100_000_000_000 else f"{count / 1e9:,.0f} GB"


def joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def summary(entry: ModelEntry) -> str:
    """What a model is, on one line, the most telling first."""
    facts = entry.facts
    if facts is not None:
        count = parameters(facts.parameters, short=True)
        return joined(
            f"{count} parameters" if count else "",
            said(facts.quantisation),
            file_size(facts.size) if facts.size else "",
            context(facts.context),
            "" if facts.has_template else "no chat template",
            licence(facts.licence),
            languages(facts.languages),
        )
    return joined(f"{entry.dimension} dimensions" if entry.dimension else "", place(entry))


def words_per_second(tokens: float) -> str:
    """A rate that people can picture, no more exact than the measurement."""
    words = tokens * WORDS_PER_TOKEN
    if words < 10:
        return f"{words:.1f}"
    return f"{round(words) if words < 100 else round(words, -1):,.0f}"


def pace(speed: Speed) -> str:
    reads, writes = words_per_second(speed.prefill), words_per_second(speed.decode)
    return f"reads {reads}, writes {writes} words/s"


def wait(speed: Speed) -> str:
    """What a measured speed means for one question."""
    first = _SOURCES / WORDS_PER_TOKEN / speed.prefill
    rest = _ANSWER / WORDS_PER_TOKEN / speed.decode
    return (
        f"With {_SOURCES} words of sources it begins to answer after about {seconds(first)}, and "
        f"has written {_ANSWER} words after about {seconds(first + rest)}."
    )


def seconds(duration: float) -> str:
    if duration < 1:
        return "a second" if duration > 0.75 else "half a second" if duration > 0.3 else "a moment"
    if duration < 90:
        count = round(duration)
        return "a second" if count == 1 else f"{count} seconds"
    return f"{round(duration / 60)} minutes"


def ability(facts: GgufFacts) -> str:
    """What can be expected of a model of this size."""
    count = facts.parameters
    if count <= 0:
        return ""
    if count < 500_000_000:
        return (
            "A very small model: quick everywhere, but it words answers poorly and mixes things "
            "up. Read the quotes first."
        )
    if count < 2_000_000_000:
        return (
            "A small model: it answers plain questions from good sources, and stumbles where "
            "several have to be put together."
        )
    if count < 6_000_000_000:
        return "A good size for most computers: it follows its sources and words answers well."
    if count < 16_000_000_000:
        return "A strong model: it puts several sources together. It wants 16 GB of memory."
    return "A very strong model, for computers with 32 GB of memory or more."


def meaning(entry: ModelEntry) -> str:
    """What all of it means in plain words, for the details."""
    facts = entry.facts
    parts: list[str] = []
    if entry.remark:
        parts.append(entry.remark)
    if facts is not None:
        parts.append(ability(facts))
        if not facts.has_template and not entry.remark:
            parts.append(
                "It brings no chat template, so it was not taught to answer questions: expect it "
                "to ramble. Look for a file with “Instruct” or “it” in its name."
            )
        if entry.fit is not None and entry.fit is not Fit.FITS:
            parts.append(FITS[entry.fit].meaning)
        if entry.speed is not None and entry.speed.prefill > 0 and entry.speed.decode > 0:
            parts.append(wait(entry.speed))
    elif entry.kind is ModelKind.EMBEDDER:
        parts.append(
            "Finds passages that mean what you ask, whatever their words. Each library keeps to "
            "one; another one has to learn every passage anew."
        )
    elif entry.kind is ModelKind.RERANKER:
        parts.append(
            "Reads the best passages together with your question and puts them in a better order. "
            "Every search takes longer for it."
        )
    return " ".join(part for part in parts if part)


def memory(entry: ModelEntry, room: int) -> str:
    """The numbers behind a fit; ``room`` is this computer's memory in bytes."""
    if entry.facts is None or not entry.facts.memory:
        return ""
    needs = f"about {file_size(entry.facts.memory)} when it runs"
    return f"{needs}; this computer has {file_size(room)}" if room else needs


def place(entry: ModelEntry) -> str:
    return "Comes with Carrel" if entry.shipped else short_path(Path(entry.place))


def short_path(path: Path) -> str:
    """As people write paths: their own folder is "~"."""
    try:
        return f"~/{path.relative_to(Path.home()).as_posix()}"
    except ValueError:
        return str(path)
