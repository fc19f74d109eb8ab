"""No way out of this computer.

Every Carrel process imports ``engine`` first, and importing it calls :func:`enforce`: the hub
libraries are told to stay offline before they are imported, and an audit hook (which Python
cannot take away again) raises on every socket call that would leave this machine. Local
sockets stay open: event loops and X servers need them.
"""

from __future__ import annotations

import ipaddress
import os
import sys
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

_ADDRESSED = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"}
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
    sys.addaudithook(_guard)
    _enforced = True


def is_local(host: object) -> bool:
    """Whether ``host`` (a name or address as sockets take it) is this computer."""
    if host is None:
        return True
    if isinstance(host, (bytes, bytearray)):
        host = bytes(host).decode("ascii", "replace")
    name = str(host).strip("[]").split("%")[0].lower()
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
        address = args[1] if len(args) > 1 else None
        # str and bytes are Unix-domain paths, int and None are not internet addresses
        if isinstance(address, tuple) and address and not is_local(address[0]):
            raise OfflineError(f"Carrel is offline: a connection to {address[0]} was refused.")
    elif event in _NAMED:
        host = args[0][0] if args and isinstance(args[0], tuple) else (args[0] if args else None)
        if not is_local(host):
            raise OfflineError(f"Carrel is offline: looking up {host} was refused.")
