"""The library file: the only room that talks to SQLite."""

from engine.store.store import Store

__all__ = ["Store"]
