"""One question answered in four ways, side by side; and a table of many."""

from engine.comparing.comparer import Comparer

__all__ = ["Comparer"]
