"""Models in ONNX files, run by the optional ONNX Runtime."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError, MemoryShortageError, ModelError, WorkError
from ..files import kind_of

__all__ = [
    "OnnxModel",
    "check_onnx_runtime",
    "load_onnx",
    "onnx_errors_told",
    "onnx_runtime",
    "providers_for",
]

Numbers = np.ndarray[tuple[int, ...], np.dtype[Any]]

_PACKAGE = "onnxruntime"
# What the builds of ONNX Runtime call torch's `cuda`: NVIDIA, AMD (old and new), any card under Windows.
_CARDS = (
    "CUDAExecutionProvider",
    "ROCMExecutionProvider",
    "MIGraphXExecutionProvider",
    "DmlExecutionProvider",
)
_PROCESSOR = "CPUExecutionProvider"
# They have no common base.
_ERRORS = (
    "EPFail",
    "EngineError",
    "Fail",
    "InvalidArgument",
    "InvalidGraph",
    "InvalidProtobuf",
    "NoModel",
    "NoSuchFile",
    "NotImplemented",
    "RuntimeException",
)
_SIGNS_OF_SHORTAGE = ("failed to allocate", "out of memory", "bad allocation", "alloc_failed", "bad_alloc")
# Of a file that is newer than the library.
_SIGNS_OF_AGE = ("unsupported model ir version", "is under development")
_PLACE = re.compile(r"^\S+\.(?:cc|h):\d+ .*\) (?=[^)]*$)", re.DOTALL)
_DTYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(double)": np.float64}
_MOST_THREADS = 16
_ONLY_FATAL = 4


class OnnxModel:
    """One model with one input of real numbers; any thread may run it, one at a time does.

    `input_shape` holds None for each axis that the model takes in any length. `on_processor` is whether it
    runs without the graphics card.
    """

    def __init__(self, path: Path, session: Any) -> None:
        self.path = path
        self.on_processor: bool = session.get_providers()[:1] == [_PROCESSOR]
        given = session.get_inputs()
        if len(given) != 1 or given[0].type not in _DTYPES:
            wanted = ", ".join(f"{each.name} {each.type}" for each in given)
            raise ModelError(
                f"{path.name} is no model of pictures alone: it wants {wanted or 'nothing'}; one input of"
                " real numbers was expected. Choose another model."
            )
        self.input_shape = tuple(
            axis if isinstance(axis, int) and axis > 0 else None for axis in given[0].shape
        )
        self._input: str = given[0].name
        self._dtype = _DTYPES[given[0].type]
        self._output: str = session.get_outputs()[0].name
        self._session: Any = session
        # A run takes all processors already, and the memory of one picture is enough.
        self._turn = threading.Lock()

    def run(self, values: Numbers) -> Numbers:
        """The model's first output for `values`, as float32; real numbers of any width are taken.

        Raises MemoryShortageError when that doesn't fit, WorkError when the model fails otherwise.
        """
        with self._turn, onnx_errors_told(f"Running {self.path.name}", WorkError):
            if self._session is None:
                raise WorkError(f"{self.path.name} was closed already.")
            found = self._session.run([self._output], {self._input: values.astype(self._dtype)})[0]
        return np.asarray(found, dtype=np.float32)

    def close(self) -> None:
        """Give the memory back; closing twice does no harm."""
        with self._turn:
            self._session = None


def check_onnx_runtime(doing: str) -> None:
    """Raise InputError, naming the command, when ONNX Runtime isn't installed; `doing` begins the sentence:
    `Making tags`.
    """
    if importlib.util.find_spec(_PACKAGE) is None:
        raise InputError(
            f"{doing} needs ONNX Runtime, which is not installed. Install it with"
            f" `{sys.executable} -m pip install {_PACKAGE}`, and start again."
        )


def onnx_runtime(doing: str) -> Any:
    """The library, loaded; raises InputError when it is missing or broken. `doing` begins the sentence."""
    check_onnx_runtime(doing)
    try:
        import onnxruntime
    except ImportError as error:
        raise InputError(
            f"{doing} needs ONNX Runtime, which is installed but can't be loaded ({error}). Install it again"
            f" with `{sys.executable} -m pip install --force-reinstall --no-deps {_PACKAGE}`."
        ) from error
    onnxruntime.disable_telemetry_events()
    return onnxruntime


def load_onnx(path: Path, device: str) -> OnnxModel:
    """The model of an .onnx file, on a device by torch's name: `cpu`, `cuda`, `cuda:1`.

    Where this ONNX Runtime can't use the device the processor is taken. Raises InputError without ONNX
    Runtime, ModelError when the file is missing, broken or of another kind.
    """
    runtime = onnx_runtime(f"Reading {path.name}")
    if kind_of(path) != "file":
        raise ModelError(f"There is no model file {path}; check the path, or fetch the file again.")
    with onnx_errors_told(f"Loading {path.name}", ModelError):
        session = runtime.InferenceSession(
            str(path), _session_options(runtime), providers=providers_for(runtime, device)
        )
    return OnnxModel(path, session)


def _session_options(onnxruntime: Any) -> Any:
    """A thread for each processor that this program may use.

    They sleep between pictures, for others decode then: spinning as they usually do they left a decoding
    thread 116 pictures a second of 190, and were no faster themselves (2 cores).
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(_MOST_THREADS, _processors())
    options.inter_op_num_threads = 1
    options.log_severity_level = _ONLY_FATAL  # what goes wrong is raised, and told in our words
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _processors() -> int:
    """Those this process may use, where the system tells."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def providers_for(onnxruntime: Any, device: str) -> list[Any]:
    """What may run a model, the best first, as ONNX Runtime's sessions take it; the processor is the last.

    `device` is torch's name: `cpu`, `cuda:1`.
    """
    kind, _, index = device.partition(":")
    if kind != "cuda":
        return [_PROCESSOR]
    found = [name for name in _CARDS if name in onnxruntime.get_available_providers()]
    if _CARDS[0] in found and hasattr(onnxruntime, "preload_dlls"):
        onnxruntime.preload_dlls()  # torch brings what the card needs
    return [*((name, {"device_id": int(index or 0)}) for name in found), _PROCESSOR]


@contextmanager
def onnx_errors_told(doing: str, kind: type[ModelError | WorkError]) -> Iterator[None]:
    """Turn what ONNX Runtime raises inside the block into MemoryShortageError or an error of `kind`.

    The sentence begins with `doing`: `Loading u2net.onnx`.
    """
    from onnxruntime.capi import onnxruntime_pybind11_state as states

    raised = tuple(getattr(states, name) for name in _ERRORS if hasattr(states, name))
    try:
        yield
    except (*raised, MemoryError, RuntimeError, ValueError) as error:
        reason = _reason(error)
        if isinstance(error, MemoryError) or _is_any(_SIGNS_OF_SHORTAGE, error):
            raise MemoryShortageError(
                f"{doing} ran out of memory: {reason}. Take fewer pictures at once, or close other programs."
            ) from error
        remedy = "Fetch the file again, or choose another model."
        if _is_any(_SIGNS_OF_AGE, error):
            remedy = f"Update ONNX Runtime: `{sys.executable} -m pip install --upgrade {_PACKAGE}`."
        raise kind(f"{doing} failed: {reason}. {remedy}") from error


def _is_any(signs: tuple[str, ...], error: BaseException) -> bool:
    return any(sign in str(error).lower() for sign in signs)


def _reason(error: BaseException) -> str:
    """What went wrong, without the number and the place in ONNX Runtime's own files that it begins with."""
    text = str(error)
    for beginning in (" : ", " failed:", "Status Message: "):
        text = text.rpartition(beginning)[2]
    return " ".join(_PLACE.sub("", text).split()).rstrip(".") or type(error).__name__
