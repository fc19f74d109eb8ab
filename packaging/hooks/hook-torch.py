"""PyInstaller's own hook collects all of torch, with its sources and tests. Here it is what runs:
the modules, for torch imports many by their names; the libraries; and the one program without which
it does not start."""

from pathlib import Path

from PyInstaller.utils.hooks import (
    collect_data_files,
    collect_dynamic_libs,
    collect_submodules,
    get_package_paths,
)

_NOT = ("torch.testing._internal", "torch.utils.tensorboard", "torch.utils.benchmark")
_place = Path(get_package_paths("torch")[1])
hiddenimports = collect_submodules(
    "torch", filter=lambda name: not name.startswith(_NOT), on_error="ignore"
)
binaries = collect_dynamic_libs("torch", search_patterns=["*.dll", "*.dylib", "*.so", "*.so.*"])
binaries += [(str(file), "torch/bin") for file in _place.glob("bin/torch_shm_manager*")]
datas = collect_data_files("torch", includes=["_dynamo/*.json"])
# a second name for a library makes torch look for others beside that name
bindepend_symlink_suppression = ["**/torch/lib/*.so*"]
warn_on_missing_hiddenimports = False
