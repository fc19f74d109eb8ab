"""Taking answers away: documents, bibliographies and records that can be checked later."""

from engine.exporting.clipboard import markdown

__all__ = ["markdown"]
