"""Files into the library: scan, read in children, store, then embed.

Everything that a killed run had finished stays, because a document is one transaction, and what
it had not finished is found again by the next run: files by their date and size, attachments by
their names in the document that holds them, vectors by the passages that lack one. Keyword
search works on a document as soon as it is stored.
"""

from engine.indexing.indexer import READER_LIMITS, Indexer
from engine.indexing.jobs import READER_VERSION

__all__ = ["READER_LIMITS", "READER_VERSION", "Indexer"]
