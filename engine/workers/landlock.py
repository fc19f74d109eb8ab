"""Landlock: this process, and all that it starts, may change files below some folders alone.

The kernel's own interface (Linux 5.13 and later, ``man 7 landlock``): three system calls whose
numbers and structures are fixed for good. Reading is left open. What the kernel knows of is
asked of it, so that an older one holds what it can: later ones also refuse to cut files short,
to listen or connect by TCP, and to signal or reach the sockets of processes outside.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION = 1
_PATH_BENEATH = 1

_WRITE_FILE = 1 << 1
_ALWAYS = _WRITE_FILE | sum(1 << bit for bit in range(4, 13))  # removing and making of all kinds
_SINCE = {2: 1 << 13, 3: 1 << 14}  # moving between folders, cutting short
_TCP_SINCE, _TCP = 4, 0b11  # listening, connecting
_SCOPED_SINCE, _SCOPED = 6, 0b11  # sockets without a file, signals


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def version() -> int:
    """What the kernel knows of Landlock; 0 where it has none or has it switched off."""
    try:
        return _call(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_ASK_VERSION))
    except OSError:
        return 0


def restrict(folders: Iterable[Path], files: Iterable[Path]) -> bool:
    """Let this thread, and those it starts from here on, write below ``folders`` and to ``files``
    (those that exist) and nowhere else, for good. Whether the kernel holds it to that; raises
    ``OSError`` where it should and does not.

    Privileges that could be gained anew must have been given up before.
    """
    known = version()
    if not known:
        return False
    access = _ALWAYS | sum(right for since, right in _SINCE.items() if known >= since)
    rules = _Ruleset(
        access,
        _TCP if known >= _TCP_SINCE else 0,
        _SCOPED if known >= _SCOPED_SINCE else 0,
    )
    size = 8 if known < _TCP_SINCE else 16 if known < _SCOPED_SINCE else 24
    ruleset = _call(_CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(size), ctypes.c_uint32(0))
    try:
        for folder in folders:
            _allow(ruleset, folder, access)
        for file in files:
            if file.exists():
                _allow(ruleset, file, _WRITE_FILE)
        _call(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)
    return True


def _allow(ruleset: int, path: Path, access: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = _PathBeneath(access, place)
        _call(
            _ADD_RULE,
            ctypes.c_int(ruleset),
            ctypes.c_int(_PATH_BENEATH),
            ctypes.byref(rule),
            ctypes.c_uint32(0),
        )
    finally:
        os.close(place)


def _call(number: int, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    result = int(libc.syscall(ctypes.c_long(number), *arguments))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result
