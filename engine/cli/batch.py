"""Requests on standard input, one a line: JSON objects or plain text."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

from engine.cli.output import print_json
from engine.errors import CancelledError, CarrelError
from engine.workers import CancelToken


def serve(key: str, answer: Callable[[dict[str, Any]], dict[str, Any]], cancel: CancelToken) -> int:
    """Answer every line in order with one line of JSON, flushed at once. ``key`` is the field
    that a plain line stands for. A request that fails is answered with an "error"; the exit
    status is then 1."""
    status = 0
    for request in _requests(key):
        cancel.check()
        try:
            print_json(answer(request))
        except CancelledError:
            raise
        except CarrelError as error:
            status = 1
            print_json({key: request.get(key, ""), "error": str(error)})
    return status


def text(request: dict[str, Any], key: str, default: str = "") -> str:
    """Raises ``CarrelError`` where the field is there and is not text."""
    value = request.get(key, default)
    if not isinstance(value, str):
        raise CarrelError(f"“{key}” must be text.")
    return value


def number(request: dict[str, Any], key: str, default: int) -> int:
    value = request.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise CarrelError(f"“{key}” must be a whole number.")
    return value


def _requests(key: str) -> Iterator[dict[str, Any]]:
    for line in sys.stdin:
        stripped = line.strip()
        request: Any = None
        if stripped.startswith("{"):
            try:
                request = json.loads(stripped)
            except (ValueError, RecursionError):
                request = None  # a question may begin with a brace
        yield request if isinstance(request, dict) else {key: stripped}
