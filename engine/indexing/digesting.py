"""What a file's content is known by."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path


def digest_of(file: Path, check: Callable[[], None]) -> str:
    """SHA-256 of the content, hexadecimal; ``OSError`` where it cannot be read. ``check`` is
    called now and then, and may raise."""
    digest = hashlib.sha256()
    buffer = bytearray(1 << 20)
    view = memoryview(buffer)
    with file.open("rb", buffering=0) as stream:
        while count := stream.readinto(buffer):
            digest.update(view[:count])
            check()
    return digest.hexdigest()
