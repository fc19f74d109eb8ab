"""A model compiled for this processor by OpenVINO: the only place that imports it.

OpenVINO computes small batches several times as fast as torch does on a processor with bfloat16
(AMX, AVX512-BF16), starts in a fraction of the time, and its threads do not spin: a question is
embedded in milliseconds also while other programs hold the cores.
"""

from __future__ import annotations

import os
import queue
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openvino
from numpy.typing import NDArray

from engine.models.inputs import Batch

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
    """Arrays of tokens in, one row of numbers for each row of them.

    What comes one batch at a time is computed by all cores together; of many batches, each core
    computes its own, which is a quarter faster because no core waits for another.
    """

    def __init__(self, file: Path, arithmetic: str) -> None:
        """``arithmetic`` is one of ``native_arithmetics()``. Raises ``RuntimeError``."""
        self._file = file
        self._hint = {"float32": "f32", "bfloat16": "bf16"}[arithmetic]
        compiled = self._compiled("LATENCY", {})
        self.inputs = tuple(port.any_name for port in compiled.inputs)
        self._one = compiled.create_infer_request()
        self._many: openvino.AsyncInferQueue | None = None

    def run(
        self, batches: Iterable[Batch], *, many: bool
    ) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
        """(places, rows of numbers) for each batch, in any order. ``many`` says that there are
        enough to be worth the other way, which is compiled when it is first needed."""
        if many:
            return self._run_many(batches)
        return self._run_one_by_one(batches)

    def _run_one_by_one(
        self, batches: Iterable[Batch]
    ) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
        for batch in batches:
            found = self._one.infer(batch.arrays, share_inputs=True)[0]
            yield batch.rows, _rows(found, len(batch.rows))

    def _run_many(
        self, batches: Iterable[Batch]
    ) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
        if self._many is None:
            cores = os.cpu_count() or 1
            streams = {"NUM_STREAMS": str(cores), "INFERENCE_NUM_THREADS": cores}
            self._many = openvino.AsyncInferQueue(self._compiled("THROUGHPUT", streams), cores)
        done: queue.SimpleQueue[tuple[list[int], NDArray[np.float32]]] = queue.SimpleQueue()

        def keep(request: openvino.InferRequest, rows: list[int]) -> None:
            done.put((rows, _rows(request.get_output_tensor(0).data, len(rows))))

        self._many.set_callback(keep)
        try:
            for batch in batches:
                self._many.start_async(batch.arrays, batch.rows)
                while not done.empty():
                    yield done.get()
        finally:
            self._many.wait_all()
        while not done.empty():
            yield done.get()

    def _compiled(self, hint: str, more: dict[str, Any]) -> openvino.CompiledModel:
        properties = {"INFERENCE_PRECISION_HINT": self._hint, "PERFORMANCE_HINT": hint}
        return openvino.Core().compile_model(str(self._file), _DEVICE, properties | more)


def _rows(found: NDArray[Any], count: int) -> NDArray[np.float32]:
    """A copy: the tensor is used again."""
    return np.array(found, np.float32).reshape(count, -1)
