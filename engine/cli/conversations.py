"""``carrel conversations``: listed, found, shown, renamed, deleted and brought back."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from engine.answers import Conversation, Turn
from engine.cli import output
from engine.errors import CarrelError
from engine.library import Library
from engine.workers import CancelToken

WORDS = "SEARCH | show ID | rename ID TITLE | delete ID | restore ID"
_CHANGES = ("rename", "delete", "restore")


def run(library: Library, options: argparse.Namespace, cancel: CancelToken) -> int:
    """The words are what to search for unless they begin with what to do and a number."""
    words: list[str] = options.words
    if len(words) > 1 and words[1].isascii() and words[1].isdigit():
        if words[0] == "show" and len(words) == 2:
            return _show(library, int(words[1]), options.json)
        if words[0] in _CHANGES:
            return _change(library, words[0], int(words[1]), words[2:], options.json)
    return _list(library, " ".join(words), options.json)


def _list(library: Library, search: str, as_json: bool) -> int:
    found = library.conversations(search)
    if as_json:
        output.print_json({"conversations": [_json(talk) for talk in found]})
        return 0
    for talk in found:
        print(f"{talk.id:>4}  {_day(talk.updated)}  {output.shown(talk.title)}")
        if talk.found:
            print(f"      {output.shown(talk.found)}")
    if not found:
        print("No conversation holds these words." if search else "There are no conversations.")
    return 0


def _show(library: Library, number: int, as_json: bool) -> int:
    talk, turns = library.conversation(number), library.history(number)
    if as_json:
        output.print_json(_json(talk) | {"turns": [_turn_json(turn) for turn in turns]})
        return 0
    print(f"{output.shown(talk.title)}  ({_day(talk.created)})")
    for turn in turns:
        print(f"\n> {output.shown(' '.join(turn.answer.question.split()))}")
        print(output.answer_text(turn.answer))
    return 0


def _change(library: Library, what: str, number: int, words: Sequence[str], as_json: bool) -> int:
    if words and what != "rename":
        raise CarrelError(f"{what} takes the number of one conversation, nothing else.")
    if what == "rename":
        library.rename_conversation(number, " ".join(words))
        said = f"Conversation {number} is called “{library.conversation(number).title}”."
    elif what == "delete":
        library.delete_conversation(number)
        said = f"Deleted. For an hour it comes back with: carrel conversations restore {number}"
    else:
        library.restore_conversation(number)
        said = f"“{library.conversation(number).title}” is back."
    if not as_json:
        print(output.shown(said))
    elif what == "delete":
        output.print_json({"deleted": number})
    else:
        output.print_json(_json(library.conversation(number)))
    return 0


def _json(talk: Conversation) -> dict[str, Any]:
    return {
        "id": talk.id,
        "title": talk.title,
        "created": talk.created,
        "updated": talk.updated,
        "found": talk.found,
    }


def _turn_json(turn: Turn) -> dict[str, Any]:
    return {"turn": turn.id, "asked": turn.asked} | output.answer_json(turn.answer)


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")
