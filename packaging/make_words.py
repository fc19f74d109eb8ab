"""Write resources/words/ from WordNet's files: pairs of opposites, and irregular verbs.

    python packaging/make_words.py FOLDER

``FOLDER`` holds WordNet 3.0's ``data.adj``, ``data.adv``, ``data.noun``, ``data.verb`` and
``verb.exc`` (Debian has them in the package wordnet-base, under /usr/share/wordnet).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

KINDS = {"n": "noun", "v": "verb", "a": "adj", "s": "adj", "r": "adv"}
HEAD = """\
# {what}, from WordNet 3.0.
# WordNet 3.0 Copyright 2006 by Princeton University. All rights reserved.
# Free to use, copy, modify and distribute for any purpose, provided that this notice stays;
# provided "as is", without warranty of any kind. See https://wordnet.princeton.edu/license-and-commercial-use
"""


def synsets(folder: Path) -> dict[tuple[str, str], tuple[list[str], list[list[str]]]]:
    """(kind, offset) to the words and the pointers of each synset; see wndb(5WN)."""
    found = {}
    for kind in sorted(set(KINDS.values())):
        for line in (folder / f"data.{kind}").read_text(encoding="ascii").splitlines():
            if line.startswith("  "):
                continue
            fields = line.split(" | ")[0].split()
            count = int(fields[3], 16)
            words = [fields[4 + 2 * i] for i in range(count)]
            at = 4 + 2 * count
            pointers = [fields[at + 1 + 4 * i : at + 5 + 4 * i] for i in range(int(fields[at]))]
            found[kind, fields[0]] = (words, pointers)
    return found


def antonyms(folder: Path) -> Iterator[tuple[str, str]]:
    all_of_them = synsets(folder)
    for words, pointers in all_of_them.values():
        for symbol, offset, kind, ends in pointers:
            if symbol != "!":
                continue
            source = words[int(ends[:2], 16) - 1]
            target = all_of_them[KINDS[kind], offset][0][int(ends[2:], 16) - 1]
            pair = tuple(word.split("(")[0].lower() for word in (source, target))
            if all(word.isalpha() for word in pair):
                yield min(pair), max(pair)


def irregular_verbs(folder: Path) -> Iterator[tuple[str, str]]:
    """("rose", "rise") and their like."""
    for line in (folder / "verb.exc").read_text(encoding="ascii").splitlines():
        form, verb, *_ = line.split()
        if form.isalpha() and verb.isalpha() and form != verb:
            yield form, verb


def write(name: str, what: str, pairs: Iterator[tuple[str, str]]) -> None:
    lines = [f"{a} {b}\n" for a, b in sorted(set(pairs))]
    place = Path(__file__).parents[1] / "resources" / "words" / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(HEAD.format(what=what) + "".join(lines), encoding="utf-8")
    print(f"{name}: {len(lines):,} pairs")


def main() -> None:
    folder = Path(sys.argv[1])
    write("antonyms.txt", "Pairs of opposites", antonyms(folder))
    write("irregular_verbs.txt", "Irregular forms of verbs", irregular_verbs(folder))


if __name__ == "__main__":
    main()
