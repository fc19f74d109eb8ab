"""Telling formats apart by their content."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.reading.sniff import is_html


@pytest.mark.parametrize("start", [b"<!-- note -->\n" * 400, b"<!-- a\n-->  " * 400])
def test_comments_alone_are_no_html_and_cost_no_time(start: bytes) -> None:
    # once this took longer than the universe has
    assert not is_html(Path("notes.txt"), start + b"Some text.")
    assert is_html(Path("notes.txt"), start + b"<!DOCTYPE html><html>")
