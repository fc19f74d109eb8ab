"""Looking into a GGUF, measuring one, and trying an adapter on one, in a child of its own.

The child that answers questions is not used: a file that nobody has tried yet may end it.
"""

from __future__ import annotations

from pathlib import Path

from engine.errors import ChildCrashedError, ChildFailedError, ChildTimedOutError, ModelError
from engine.model_facts import GgufFacts, Speed
from engine.models.gguf_facts import plain_line
from engine.models.messages import (
    AdapterTried,
    GeneratorReply,
    InspectModel,
    MeasureModel,
    ModelInspected,
    ModelMeasured,
    TryAdapter,
)
from engine.workers import CancelToken, ChildProcess

_LONGEST_LOAD = 300.0
_LONGEST_MEASUREMENT = 120.0
_LONGEST_REASON = 600
_STOP = 0.3


def inspect_generator(
    path: Path, most_memory: int, cancel: CancelToken | None = None
) -> tuple[GgufFacts, str]:
    """What the GGUF is, and a remark, mostly empty. It is loaded and made to write a word, unless
    it is larger than ``most_memory`` bytes. Raises ``ModelError`` with why it cannot be used."""
    request = InspectModel(str(path), most_memory)
    reply = _asked(path, request, _LONGEST_LOAD, cancel)
    assert isinstance(reply, ModelInspected)
    return reply.facts, reply.remark


def measure_generator(path: Path, cancel: CancelToken | None = None) -> Speed:
    """Raises ``ModelError``."""
    reply = _asked(path, MeasureModel(str(path)), _LONGEST_MEASUREMENT, cancel)
    assert isinstance(reply, ModelMeasured)
    return reply.speed


def try_adapter(adapter: Path, model: Path, cancel: CancelToken | None = None) -> float:
    """How far the model's numbers move with the adapter. Raises ``ModelError`` with why it cannot
    be applied."""
    reply = _asked(adapter, TryAdapter(str(model), str(adapter)), _LONGEST_LOAD, cancel)
    assert isinstance(reply, AdapterTried)
    return reply.change


def _asked(
    path: Path,
    request: InspectModel | MeasureModel | TryAdapter,
    longest: float,
    cancel: CancelToken | None,
) -> GeneratorReply:
    name = plain_line(path.name)
    child: ChildProcess[GeneratorReply] = ChildProcess("generator", GeneratorReply)
    try:
        return child.ask(request, silence=longest, cancel=cancel, patience=_STOP)
    except ChildFailedError as error:
        raise ModelError(plain_line(str(error), _LONGEST_REASON)) from error
    except ChildTimedOutError as error:
        raise ModelError(
            f"“{name}” cannot be used: it was still loading after {longest / 60:.0f} minutes."
        ) from error
    except ChildCrashedError as error:
        raise ModelError(
            f"“{name}” cannot be used: the process that tried it ended ({_said(error)}). The "
            "file is damaged, made for another llama.cpp, or made to do harm."
        ) from error
    finally:
        child.close()


def _said(error: Exception) -> str:
    text = str(error).rstrip(".")
    return text[:1].lower() + text[1:]
