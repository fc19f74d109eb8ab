"""What the packages say about themselves. The version has one place: ``pyproject.toml``."""

from __future__ import annotations

import os
import subprocess
import time
import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
BUILD = ROOT / "build" / "package"
DIST = ROOT / "dist"
MAINTAINER = "The Carrel project <carrel@carrel.invalid>"


@cache
def version() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


@cache
def epoch() -> int:
    """Seconds; the time that everything in the packages bears: that of the last commit, unless
    ``SOURCE_DATE_EPOCH`` says another."""
    if told := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(told)
    command = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return int(found.stdout) if found.returncode == 0 else int(time.time())


def date() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(epoch()))


def filled(template: Path) -> str:
    """``template`` with ``@VERSION@`` and ``@DATE@`` replaced."""
    text = template.read_text(encoding="utf-8")
    return text.replace("@VERSION@", version()).replace("@DATE@", date())
