"""Seccomp: this process, and all that it starts, cannot reach another one.

A filter of system calls (``man 2 seccomp``) that the kernel runs before each. It refuses

- sockets, but for streams within this computer, and every connection with those. LibreOffice does
  not start without a socket at which others can find it: it is told that it listens, and nothing
  is there;
- to look into other processes or to take their files over;
- new namespaces, mounts and keys, and io_uring, which does all of that past any filter;
- parts of the kernel that no reader of documents needs and that its holes are found in.

The numbers of the calls belong to a processor; for others than the two that Carrel's parts are
built for there is no filter.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys

_SET_MODE_FILTER = 1
_ALL_THREADS = 1

_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | errno.EPERM
_UNKNOWN = 0x00050000 | errno.ENOSYS
_FEIGN = 0x00050000

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16
_X32 = 0x40000000
_UNIX, _STREAM, _TYPE_BITS = 1, 1, 0xF
_NEW_NAMESPACES = 0x7E020000

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_SECCOMP = {"x86_64": 317, "aarch64": 277}
# calls that the filter looks at, with their numbers in the order of the architectures
_TABLE = """
socket 41 198, socketpair 53 199, bind 49 200, listen 50 201, clone 56 220, clone3 435 435,
connect 42 203, ptrace 101 117, process_vm_readv 310 270, process_vm_writev 311 271,
pidfd_getfd 438 438, io_uring_setup 425 425, io_uring_enter 426 426,
io_uring_register 427 427, unshare 272 97, setns 308 268, mount 165 40, umount2 166 39,
pivot_root 155 41, chroot 161 51, move_mount 429 429, open_tree 428 428, fsopen 430 430,
fsmount 432 432, mount_setattr 442 442, add_key 248 217, request_key 249 218, keyctl 250 219,
bpf 321 280, perf_event_open 298 241, userfaultfd 323 282, shmget 29 194, msgget 68 186,
semget 64 190, mq_open 240 180, open_by_handle_at 304 265, kexec_load 246 104,
init_module 175 105, finit_module 313 273, delete_module 176 106
"""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def restrict() -> bool:
    """Put the filter on every thread of this process, for good. Whether there is one for this
    computer; raises ``OSError`` where the kernel refuses it.

    Privileges that could be gained anew must have been given up before.
    """
    machine = platform.machine()
    if machine not in _ARCHITECTURES or sys.maxsize < 1 << 32:
        return False
    code = program(machine)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    result = libc.syscall(
        ctypes.c_long(_SECCOMP[machine]),
        ctypes.c_uint(_SET_MODE_FILTER),
        ctypes.c_uint(_ALL_THREADS),
        ctypes.byref(_Program(len(code) // 8, code)),
    )
    if result:
        error = ctypes.get_errno()
        if error in (errno.ENOSYS, errno.EINVAL):  # a kernel built without filters
            return False
        raise OSError(error, os.strerror(error))
    return True


def numbers(machine: str) -> dict[str, int]:
    """The calls that the filter looks at, by name, as a processor numbers them."""
    at = 1 + list(_ARCHITECTURES).index(machine)
    rows = (row.split() for row in _TABLE.split(","))
    return {row[0]: int(row[at]) for row in rows}


def program(machine: str) -> bytes:
    """The filter for a processor, as the kernel's instructions of 8 bytes."""
    allow, refuse = _step(_RETURN, _ALLOW), _step(_RETURN, _REFUSE)
    unknown, feign = _step(_RETURN, _UNKNOWN), _step(_RETURN, _FEIGN)
    # each check stands alone: a jump is never longer than the check that it leaves
    sockets = (
        _load(_ARGUMENTS_AT),
        _step(_EQUAL, _UNIX, 0, 4),
        _load(_ARGUMENTS_AT + 8),
        _step(_AND, _TYPE_BITS),
        _step(_EQUAL, _STREAM, 0, 1),
        allow,
        refuse,
    )
    checks = {
        "socket": sockets,
        "socketpair": sockets,
        "clone": (_load(_ARGUMENTS_AT), _step(_ANY_BIT, _NEW_NAMESPACES, 0, 1), refuse, allow),
        "bind": (feign,),
        "listen": (feign,),
        "clone3": (unknown,),  # its flags are out of a filter's sight; libraries fall back to clone
    }
    steps = [
        _load(_ARCHITECTURE_AT),
        _step(_EQUAL, _ARCHITECTURES[machine], 1, 0),
        refuse,
        _load(_NUMBER_AT),
        _step(_AT_LEAST, _X32, 0, 1),
        refuse,
    ]
    for name, number in numbers(machine).items():
        check = checks.get(name, (refuse,))
        steps += [_step(_EQUAL, number, 0, len(check)), *check]
    return b"".join([*steps, allow])


def _load(offset: int) -> bytes:
    """The low half of what is at ``offset`` of the kernel's ``seccomp_data``."""
    return _step(_LOAD, offset)


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)
