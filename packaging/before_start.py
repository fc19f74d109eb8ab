"""Runs in the frozen program before anything of Carrel does.

Programs that Carrel starts (LibreOffice, the file manager) are to find their own libraries, not
those of this package: what PyInstaller told the loader is known to it by now, and is taken back.
"""

import os
import sys
from pathlib import Path

for _name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"):
    _before = os.environ.pop(f"{_name}_ORIG", None)
    if _before is not None:
        os.environ[_name] = _before
    else:
        os.environ.pop(_name, None)

if sys.platform == "win32" and Path(sys.executable).name.lower() == "carrelw.exe":
    # the window's program has no standard streams; children speak through them
    sys.executable = str(Path(sys.executable).with_name("carrel.exe"))
