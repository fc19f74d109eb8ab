"""Files that are known by their first bytes, and that Carrel can only say something about."""

from __future__ import annotations

from pathlib import Path

from engine.records import DocumentState

_ENVELOPED = bytes.fromhex("2a864886f70d010703")  # PKCS #7 enveloped data

_KNOWN = (
    (
        b"\x78\x9f\x3e\x22",
        DocumentState.UNSUPPORTED,
        "This is what Outlook wraps attachments in (TNEF); Carrel cannot open it. Save what is in "
        "it from the mail program to index it.",
    ),
    (
        b"!BDN",
        DocumentState.UNSUPPORTED,
        "This is a store of Outlook's; messages exported from it as MSG, EML or MBOX can be read.",
    ),
    (
        b"-----BEGIN PGP MESSAGE-----",
        DocumentState.LOCKED,
        "The file is encrypted (PGP); Carrel cannot read it without its key.",
    ),
    (
        b"\xeaDRMION\xee",
        DocumentState.LOCKED,
        "The book is locked by the shop it came from (DRM); Carrel cannot open it.",
    ),
    (
        b"TPZ0",
        DocumentState.UNSUPPORTED,
        "This is a Kindle book of pictures (Topaz); Carrel cannot read it.",
    ),
)


def verdict(path: Path, head: bytes) -> tuple[DocumentState, str] | None:
    """What to say of such a file; None for any other."""
    for start, state, sentence in _KNOWN:
        if head.startswith(start):
            return state, sentence
    if path.suffix.lower() in (".p7m", ".p7e", ".p7") and _ENVELOPED in head[:64]:
        return (
            DocumentState.LOCKED,
            "The file is encrypted (S/MIME); Carrel cannot read it without its key.",
        )
    return None
