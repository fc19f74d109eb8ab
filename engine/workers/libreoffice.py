"""LibreOffice, where the machine has it: turns old files into ones that Carrel reads.

It runs in a folder of its own that is thrown away, with a profile of its own in which macros,
links, updates and the network are switched off. On Linux it runs besides without any network, in
its own room of processes that ends with the reader (where the system lets one have such a room),
and under the limits of the reader, which it inherits.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import quoteattr

_POLL = 0.05
_RESTART = (79, 81)  # what a first start with a new profile ends with
_PLACES = (
    "/usr/lib/libreoffice/program",
    "/usr/lib64/libreoffice/program",
    "/opt/libreoffice/program",
    "/Applications/LibreOffice.app/Contents/MacOS",
    r"C:\Program Files\LibreOffice\program",
    r"C:\Program Files (x86)\LibreOffice\program",
)
_PROGRAMS = (
    ("soffice.com", "soffice.exe") if sys.platform == "win32" else ("soffice.bin", "soffice")
)

_COMMON, _INET = "org.openoffice.Office.Common", "org.openoffice.Inet"
_SETTINGS = (
    (f"/{_COMMON}/Security/Scripting", "DisableMacrosExecution", "true"),
    (f"/{_COMMON}/Security/Scripting", "MacroSecurityLevel", "3"),
    (f"/{_COMMON}/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    (f"/{_COMMON}/Security/Scripting", "DisableActiveContent", "true"),
    (f"/{_COMMON}/Misc", "FirstRun", "false"),
    ("/org.openoffice.Office.Writer/Content/Update", "Link", "2"),  # never
    ("/org.openoffice.Office.Calc/Content/Update", "Link", "2"),
    # a proxy where nobody listens
    (f"/{_INET}/Settings", "ooInetProxyType", "2"),
    (f"/{_INET}/Settings", "ooInetHTTPProxyName", "127.0.0.1"),
    (f"/{_INET}/Settings", "ooInetHTTPProxyPort", "9"),
    (f"/{_INET}/Settings", "ooInetHTTPSProxyName", "127.0.0.1"),
    (f"/{_INET}/Settings", "ooInetHTTPSProxyPort", "9"),
    (f"/{_INET}/Settings", "ooInetFTPProxyName", "127.0.0.1"),
    (f"/{_INET}/Settings", "ooInetFTPProxyPort", "9"),
)
_ARGUMENTS = (
    "--headless --invisible --nocrashreport --nodefault --nofirststartwizard --nolockcheck "
    "--nologo --norestore"
).split()
_DIES_WITH_US = ("setpriv", "--pdeathsig", "KILL", "--")
_ROOM = (
    "unshare", "--user", "--map-root-user", "--net", "--pid", "--fork", "--kill-child=KILL", "--"
)  # fmt: skip


class TookTooLongError(Exception):
    """The conversion was not done in the time that it had."""


@functools.cache
def program() -> Path | None:
    """Where LibreOffice is on this machine; None where it is not."""
    for name in _PROGRAMS:
        for place in _PLACES:
            if (found := Path(place, name)).is_file():
                return found
    found_by_name = shutil.which("soffice") or shutil.which("libreoffice")
    return Path(found_by_name) if found_by_name else None


def convert(
    source: Path,
    suffix: str,
    folder: Path,
    *,
    seconds: float,
    cancelled: Callable[[], bool] = lambda: False,
) -> Path | None:
    """``source`` as a file of the kind that ``suffix`` names ("odt", "pdf"), in ``folder``, which
    is empty and the caller's to throw away. None where LibreOffice cannot read it, is not there,
    or nobody wants the file any more. Raises ``TookTooLongError``."""
    office = program()
    if office is None:
        return None
    # a name of our own: LibreOffice leaves a lock beside what it opens
    opened = folder / f"document{source.suffix.lower()[:12]}"
    shutil.copyfile(source, opened)
    profile, made = folder / "profile", folder / "made"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_profile(), encoding="utf-8")
    command = [
        *_wrapping(),
        str(office),
        *_ARGUMENTS,
        f"-env:UserInstallation={profile.as_uri()}",
        "--convert-to",
        suffix,
        "--outdir",
        str(made),
        str(opened),
    ]
    until = time.monotonic() + seconds
    code = _run(command, folder, until, cancelled)
    if code in _RESTART:
        _run(command, folder, until, cancelled)
    found = made / f"{opened.stem}.{suffix}"
    return found if found.is_file() and found.stat().st_size else None


def _run(
    command: list[str], folder: Path, until: float, cancelled: Callable[[], bool]
) -> int | None:
    """The exit status; None where it was stopped because nobody wants it any more."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=sys.platform != "win32",
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    try:
        while (code := process.poll()) is None:
            if time.monotonic() > until:
                raise TookTooLongError
            if cancelled():
                return None
            time.sleep(_POLL)
        return code
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """The process and all that it started."""
    if sys.platform == "win32":
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(5.0)


@functools.cache
def _wrapping() -> tuple[str, ...]:
    """What shuts LibreOffice in, as far as this system has and allows it."""
    if not sys.platform.startswith("linux"):
        return ()
    for wrapping in ((*_DIES_WITH_US, *_ROOM), _DIES_WITH_US):
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            tried = subprocess.run(
                [*wrapping, "true"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=10,
                check=False,
            )
            if tried.returncode == 0:
                return wrapping
    return ()


def _environment(folder: Path) -> dict[str, str]:
    """No display, no session, no way out; and nothing of this user's."""
    kept = ("PATH", "SYSTEMROOT", "LANG", "LC_ALL", "LC_CTYPE")
    nowhere = "http://127.0.0.1:9"
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        **dict.fromkeys(("HOME", "USERPROFILE", "TMPDIR", "TMP", "TEMP"), str(folder)),
        **dict.fromkeys(("http_proxy", "https_proxy", "ftp_proxy", "all_proxy"), nowhere),
        "SAL_USE_VCLPLUGIN": "svp",
    }


def _profile() -> str:
    items = "".join(
        f"<item oor:path={quoteattr(path)}><prop oor:name={quoteattr(name)} oor:op='fuse'>"
        f"<value>{value}</value></prop></item>"
        for path, name, value in _SETTINGS
    )
    return (
        "<?xml version='1.0' encoding='UTF-8'?><oor:items "
        "xmlns:oor='http://openoffice.org/2001/registry' "
        "xmlns:xs='http://www.w3.org/2001/XMLSchema' "
        f"xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>{items}</oor:items>"
    )
