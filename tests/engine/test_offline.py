"""Nothing leaves this computer: from the app, from a child, or by an import."""

from __future__ import annotations

import ast
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import engine
from engine.errors import OfflineError
from engine.offline import ENVIRONMENT, is_local
from engine.workers.child import SERVICES

ROOT = Path(engine.__file__).parent.parent
OUTSIDE = ("192.0.2.1", 9)  # TEST-NET-1: never anybody's
NAME = "carrel.invalid"


def refused(attempt: Callable[[], object]) -> None:
    with pytest.raises(OfflineError, match="offline"):
        attempt()


def test_no_socket_leaves_this_computer() -> None:
    with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagram:
        refused(lambda: stream.connect(OUTSIDE))
        refused(lambda: stream.connect_ex(OUTSIDE))
        # names are looked up before Python tells of the connection: that too would be a message
        refused(lambda: stream.connect((NAME, 80)))
        refused(lambda: stream.connect_ex((NAME, 80)))
        refused(lambda: stream.bind((NAME, 80)))
        refused(lambda: datagram.sendto(b"x", (NAME, 9)))
        refused(lambda: datagram.sendmsg([b"x"], [], 0, (NAME, 9)))
        refused(lambda: datagram.sendto(b"x", OUTSIDE))
        refused(lambda: datagram.sendto(b"x", 0, OUTSIDE))
        refused(lambda: datagram.sendmsg([b"x"], [], 0, OUTSIDE))
        refused(lambda: datagram.connect(("255.255.255.255", 9)))
    refused(lambda: socket.create_connection(OUTSIDE, timeout=1))


@pytest.mark.skipif(not socket.has_ipv6, reason="this computer has no IPv6")
def test_nor_does_ipv6() -> None:
    with socket.socket(socket.AF_INET6) as stream:
        refused(lambda: stream.connect(("2001:db8::1", 9)))
        refused(lambda: stream.bind(("::", 0)))
        refused(lambda: stream.connect(("::ffff:192.0.2.1", 9)))


def test_no_name_is_looked_up() -> None:
    refused(lambda: socket.getaddrinfo(NAME, 80))
    refused(lambda: socket.getaddrinfo(NAME.encode(), None))
    refused(lambda: socket.gethostbyname(NAME))
    refused(lambda: socket.gethostbyname_ex(NAME))
    refused(lambda: socket.gethostbyaddr("192.0.2.1"))
    refused(lambda: socket.getnameinfo(OUTSIDE, 0))
    refused(lambda: socket.getaddrinfo("127.0.0.1%carrel.invalid", 80))
    assert socket.getaddrinfo("127.0.0.1", 80)
    assert socket.getaddrinfo("localhost", 80)


def test_nobody_outside_is_listened_to() -> None:
    for host in ("", "0.0.0.0", "192.0.2.1"):
        with socket.socket() as stream:
            refused(lambda stream=stream, host=host: stream.bind((host, 0)))


def test_this_computer_may_talk_to_itself(tmp_path: Path) -> None:
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "s"))
        server.listen()
        client.connect(str(tmp_path / "s"))
    a, b = socket.socketpair()
    with a, b:
        a.sendall(b"x")
        assert b.recv(1) == b"x"


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        (b"LOCALHOST", True),
        (None, True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("169.254.169.254", False),
        ("localhost.example.com", False),
        ("127.0.0.1.example.com", False),
        ("127.0.0.1%example.com", False),
        ("[localhost", False),
        ("127.0.0.1\x00example.com", False),
        ("<broadcast>", False),
    ],
)
def test_what_is_local(host: object, local: bool) -> None:
    assert is_local(host) is local


def test_importing_the_engine_tells_the_hub_libraries() -> None:
    for name, value in ENVIRONMENT.items():
        assert os.environ[name] == value
    assert os.environ["HF_HUB_OFFLINE"] == os.environ["TRANSFORMERS_OFFLINE"] == "1"


CHILD = """
import json, os, socket, sys
seen = {}
def hook(event, args):
    if event == "import":
        name = args[0].partition(".")[0]
        if name in ("huggingface_hub", "transformers", "sentence_transformers", "torch"):
            seen.setdefault(name, os.environ.get("HF_HUB_OFFLINE"))
sys.addaudithook(hook)
from engine.workers import child
class Service:
    request_type = dict
    def handle(self, request, exchange):
        with socket.socket() as stream:
            try:
                stream.connect(("192.0.2.1", 9))
            except Exception as error:
                exchange.reply(f"{type(error).__name__}")
import importlib
importlib.import_module(sys.argv[1])
answers = []
class Exchange:
    def reply(self, message): answers.append(message)
Service().handle({}, Exchange())
print(json.dumps([seen, answers, os.environ.get("HF_HUB_OFFLINE")]))
"""


PREPARING = "engine.models.preparing"  # what the embedder imports when it meets a new model


@pytest.mark.parametrize(
    "module",
    [*sorted(set(SERVICES.values())), pytest.param(PREPARING, marks=pytest.mark.model)],
)
def test_every_child_is_offline_before_it_imports_anything_else(module: str) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ENVIRONMENT}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CHILD, module],
        capture_output=True, text=True, timeout=60, env=environment, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    seen, answers, offline = json.loads(done.stdout.splitlines()[-1])
    assert answers == ["OfflineError"]
    assert offline == "1"
    assert set(seen.values()) <= {"1"}
    assert (module == PREPARING) == ("sentence_transformers" in seen)


FORBIDDEN = {
    "requests", "httpx", "aiohttp", "urllib3", "http", "urllib", "ftplib", "smtplib", "telnetlib",
    "poplib", "imaplib", "xmlrpc", "socketserver", "websockets", "huggingface_hub", "webbrowser",
    "pycurl", "paramiko",
}  # fmt: skip


def imported(source: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return names


def test_no_module_imports_a_network_client() -> None:
    files = [*ROOT.glob("engine/**/*.py"), *ROOT.glob("desktop/**/*.py")]
    assert len(files) > 50
    offenders = {
        f"{file.relative_to(ROOT)}: {name}"
        for file in files
        for name in imported(file.read_text(encoding="utf-8"))
        if (name.partition(".")[0] in FORBIDDEN and not name.startswith("urllib.parse"))
        or "QtNetwork" in name
        or "WebEngine" in name
    }
    assert offenders == set()


def test_the_scan_would_find_one() -> None:
    assert imported("import requests\nfrom http import client") >= {"requests", "http.client"}
