"""The folders a library follows, its documents, and what became of each."""
