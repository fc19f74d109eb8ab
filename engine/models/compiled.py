"""A model compiled for this processor by OpenVINO: the only place that imports it.

OpenVINO computes small batches several times as fast as torch does on a processor with bfloat16
(AMX, AVX512-BF16), starts in a fraction of the time, and its threads do not spin: a question is
embedded in milliseconds also while other programs hold the cores.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import openvino
from numpy.typing import NDArray

VERSION: str = openvino.__version__
_DEVICE = "CPU"


def processor() -> str:
    return str(openvino.Core().get_property(_DEVICE, "FULL_DEVICE_NAME"))


def native_arithmetics() -> tuple[str, ...]:
    """What OpenVINO computes natively on this processor, the exact one first."""
    offered = openvino.Core().get_property(_DEVICE, "OPTIMIZATION_CAPABILITIES")
    return ("float32", "bfloat16") if "BF16" in offered else ("float32",)


def convert(module: Any, example: dict[str, Any], file: Path) -> None:
    """Trace a torch module with the ``example`` tensors and save it, exact, as ``file`` (.xml)
    with its weights beside it (.bin). Raises whatever OpenVINO raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about every branch that a trace fixes; the probe tells
        model = openvino.convert_model(module, example_input=example)
    for port, name in zip(model.inputs, example, strict=True):
        port.get_tensor().set_names({name})
        port.get_node().set_partial_shape(openvino.PartialShape([-1, -1]))
        port.get_node().set_element_type(openvino.Type.i64)
    model.validate_nodes_and_infer_types()
    openvino.save_model(model, str(file), compress_to_fp16=False)


class CompiledModel:
    """Arrays of tokens in, one row of numbers for each row of them."""

    def __init__(self, file: Path, arithmetic: str) -> None:
        """``arithmetic`` is one of ``native_arithmetics()``. Raises ``RuntimeError``."""
        hint = {"float32": "f32", "bfloat16": "bf16"}[arithmetic]
        compiled = openvino.Core().compile_model(
            str(file), _DEVICE, {"INFERENCE_PRECISION_HINT": hint, "PERFORMANCE_HINT": "LATENCY"}
        )
        self.inputs = tuple(port.any_name for port in compiled.inputs)
        self._request = compiled.create_infer_request()

    def run(self, arrays: dict[str, NDArray[np.int64]]) -> NDArray[np.float32]:
        """(rows, width) of float32."""
        found = self._request.infer(arrays, share_inputs=True)[0]
        return np.array(found, np.float32).reshape(len(found), -1)
