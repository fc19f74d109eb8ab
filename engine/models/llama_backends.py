"""The libraries with which llama.cpp computes, where it was built with a choice of them.

A llama.cpp that is compiled on the computer where it runs has its arithmetic built in. The one in
Carrel's packages has a library for each family of processors beside it, and takes the best of those
that the processor can run, once it is told where they lie.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

import llama_cpp
from llama_cpp._ggml import libggml
from llama_cpp.llama_cpp import _lib as libllama

from engine.errors import ModelError


def load_backends() -> None:
    """Load them unless there are some. Only the folder of llama.cpp itself is looked in: left to
    itself it would also take libraries from the folder that happens to be the current one.

    Raises ``ModelError`` where none runs here.
    """
    # asked by way of llama.cpp's library: a wheel holds ggml's under several names, and what is
    # loaded under another name is another one; on Windows there is only one name
    ggml = libggml if sys.platform == "win32" else libllama
    count = ggml.ggml_backend_reg_count
    count.restype = ctypes.c_size_t
    if count():
        return
    folder = Path(llama_cpp.__file__).parent / "lib"
    load = ggml.ggml_backend_load_all_from_path
    load.argtypes = (ctypes.c_char_p,)
    load.restype = None
    load(str(folder).encode())
    if not count():
        raise ModelError(
            "llama.cpp has no library that runs on this processor. Carrel needs a 64-bit processor "
            "and all files of its package; installing it again may help."
        )
