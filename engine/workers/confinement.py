"""What the operating system holds a child to that handles files nobody vouches for.

On Linux, for this process and all that it starts, and for good:

- no privileges that the process does not have (no_new_privs): what it starts is held to the same;
- files are written and removed in the child's own temporary folder alone, and in one more where
  its work is to leave something there (:mod:`.landlock`).
  Reading stays open, because a child reads many files in turn, as well as fonts and its own
  program; what it reads it can hand to nobody but Carrel;
- no network, and no way to other processes (:mod:`.seccomp`). ``engine.offline`` refuses the
  same to everything that is written in Python, on every system.

Where a kernel lacks one of these the others hold, and :func:`confine` says which do.

Not on macOS: its sandbox has no interface that programs may rely on, except for applications
that are signed and come with their entitlements, which is the installer's business. Not on
Windows: a process cannot confine itself there, and a restricted token or an AppContainer, under
which it would have to be started, also keeps it from the files that it is to read. There the
child is another process without network in Python, with limits where the system has them.
"""

from __future__ import annotations

import contextlib
import ctypes
import sys
from enum import StrEnum
from pathlib import Path

from engine.workers import landlock, seccomp

_NO_NEW_PRIVILEGES = 38  # of prctl
_ALSO_WRITTEN = (Path("/dev/null"),)


class Confined(StrEnum):
    """What a child is held to."""

    PRIVILEGES = "privileges"
    FILES = "files"
    NETWORK = "network"


def confine(*folders: Path) -> frozenset[Confined]:
    """Hold this process to what it needs, ``folders`` being all that it may change; what holds.

    To be called while the process has one thread: the others are let go on as they are.
    """
    if not sys.platform.startswith("linux"):
        return frozenset()
    if ctypes.CDLL(None, use_errno=True).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return frozenset()
    held = {Confined.PRIVILEGES}
    with contextlib.suppress(OSError):
        if landlock.restrict(folders, _ALSO_WRITTEN):
            held.add(Confined.FILES)
    with contextlib.suppress(OSError):
        if seccomp.restrict():
            held.add(Confined.NETWORK)
    return frozenset(held)
