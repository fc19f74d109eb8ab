"""Notices what happens in the folders that a library follows."""

from __future__ import annotations


class Watch:
    """A watch over folders, until it is closed."""

    def close(self) -> None:
        """Stop watching."""
