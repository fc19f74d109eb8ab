"""Says what is missing before anything is built. Runs on any Python 3."""

import shutil
import sys

problems = []
if sys.version_info < (3, 11):  # noqa: UP036 - it is the older ones that must be told
    problems.append(
        "Python 3.11 or newer is needed; this is {}.{}. "
        "Name another one with: make PYTHON=python3.12".format(*sys.version_info[:2])
    )
try:
    import ensurepip  # noqa: F401
    import venv  # noqa: F401
except ImportError:
    problems.append("Python's venv module is missing. On Debian: apt-get install python3-venv")
if not any(shutil.which(name) for name in ("c++", "g++", "clang++")):
    problems.append(
        "A C++ compiler is needed to build llama.cpp. On Debian: apt-get install g++; "
        "on macOS: xcode-select --install"
    )
for problem in problems:
    print(problem, file=sys.stderr)
sys.exit(1 if problems else 0)
