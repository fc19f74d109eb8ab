"""No way out of this computer.

Every Carrel process imports ``engine`` first, and importing it calls :func:`enforce`: the hub
libraries are told to stay offline before they are imported, and an audit hook (which Python
cannot take away again) raises on every socket call that would leave this machine. Local
sockets stay open: event loops and X servers need them.
"""

from __future__ import annotations

import functools
import ipaddress
import os
import socket
import sys
from collections.abc import Callable
from typing import Any

from engine.errors import OfflineError

ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_XET": "1",
    "DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "ANONYMIZED_TELEMETRY": "False",
    "ORT_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
}

# packages that only send usage statistics: importing one fails, and who wanted it does without
_SENDERS = ("openvino_telemetry",)

_ADDRESSED = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"}
_INTERNET = {int(socket.AF_INET), int(socket.AF_INET6)}
_UNIX = int(getattr(socket, "AF_UNIX", -1))
_NAMED = {
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.gethostbyaddr",
    "socket.getnameinfo",
}
_LOCAL_NAMES = {"", "localhost", "localhost.localdomain", "ip6-localhost"}
_enforced = False


def enforce() -> None:
    """Close the network for the rest of this process's life. Calling it again does nothing."""
    global _enforced
    if _enforced:
        return
    os.environ.update(ENVIRONMENT)
    for name in _SENDERS:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    sys.addaudithook(_guard)
    for method, address_at in (
        ("connect", 0), ("connect_ex", 0), ("bind", 0), ("sendto", -1), ("sendmsg", 3)
    ):  # fmt: skip
        _guard_first(method, address_at)
    _enforced = True


def _guard_first(method: str, address_at: int) -> None:
    """Python looks a name up before it tells the audit hook of the connection, and the look-up
    is a message too. So sockets ask before anything is done."""
    event = f"socket.{method.removesuffix('_ex')}"
    original: Callable[..., Any] = getattr(socket.socket, method)

    @functools.wraps(original)
    def guarded(self: socket.socket, *args: Any) -> Any:
        if len(args) > address_at:
            _guard(event, (self, args[address_at]))
        return original(self, *args)

    setattr(socket.socket, method, guarded)


def is_local(host: object) -> bool:
    """Whether ``host`` (a name or address as sockets take it) is this computer."""
    if host is None:
        return True
    if isinstance(host, (bytes, bytearray)):
        host = bytes(host).decode("ascii", "replace")
    name = str(host).lower()
    if name in _LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _guard(event: str, args: tuple[Any, ...]) -> None:
    if not event.startswith("socket."):
        return
    if event in _ADDRESSED:
        family, address = int(args[0].family), args[1] if len(args) > 1 else None
        if family == _UNIX or address is None:  # None: to whom the socket is connected already
            return
        host = address[0] if isinstance(address, tuple) and address else address
        # to bind to no address is to listen on all of them
        listens = event == "socket.bind" and host == ""
        if family not in _INTERNET or listens or not is_local(host):
            raise OfflineError(f"Carrel is offline: a connection to {host!r} was refused.")
    elif event in _NAMED:
        host = args[0][0] if args and isinstance(args[0], tuple) else (args[0] if args else None)
        if not is_local(host):
            raise OfflineError(f"Carrel is offline: looking up {host} was refused.")
