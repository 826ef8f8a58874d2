"""Finding the subject of a picture with the optional rembg, which knows many models by name."""

from __future__ import annotations

import importlib.util
import sys
import threading
from typing import Any

from PIL import Image, ImageChops

from ..errors import InputError, ModelError, WorkError
from ..models.onnx_sessions import onnx_errors_told, onnx_runtime, providers_for
from .background_files import KNOWN_MODELS
from .captioners.captioner import CaptionerMeans

__all__ = ["RembgBackground", "check_rembg"]

_DOING = "Removing backgrounds"
# They want a path or points in the picture as well.
_NEED_MORE = ("sam", "u2net_custom", "dis_custom", "ben_custom")


def check_rembg(name: str) -> None:
    """Raise InputError, naming the command and the other way, when rembg isn't installed."""
    if importlib.util.find_spec("rembg") is None:
        raise InputError(
            f"The background model {name!r} needs rembg, which is not installed. Choose one of"
            f" {', '.join(KNOWN_MODELS)}, give the path of an .onnx file, or run"
            f' `{sys.executable} -m pip install "rembg[cpu]"`; in a web UI that may change the versions of'
            " numpy and Pillow."
        )


class RembgBackground:
    """Calling it with an RGB picture gives an "L" mask of the same size: 255 is subject, 0 background."""

    def __init__(self, name: str, means: CaptionerMeans) -> None:
        """Load a model by rembg's name for it, which rembg fetches to its own folder when it isn't there.

        Raises InputError when rembg is missing or broken, doesn't know the name, can't fetch the model, or
        would send the pictures to a service.
        """
        check_rembg(name)
        runtime = onnx_runtime(_DOING)  # without it rembg ends the program
        try:
            import rembg
            from rembg.sessions import sessions_class
        except ImportError as error:
            raise InputError(
                f"rembg is installed but can't be loaded ({error}). Install it again, or give the path of an"
                " .onnx file as background model."
            ) from error
        _refuse_unsuited(name, {kind.name(): kind for kind in sessions_class})
        means.report(f"Loading {name}; rembg fetches it first where it isn't there, which can take minutes.")
        try:
            with onnx_errors_told(f"Loading {name} by rembg", ModelError):
                self._session: Any = rembg.new_session(name, providers=providers_for(runtime, means.device))
        except OSError as error:
            raise ModelError(
                f"rembg could not fetch its model {name!r}: {_reason(error)}. Check the network connection"
                " and the free disk space, or give the path of an .onnx file as background model."
            ) from error
        self._name = name
        self._turn = threading.Lock()

    def __call__(self, image: Image.Image) -> Image.Image:
        """What any of the model's masks shows: some tell clothes apart."""
        with self._turn, onnx_errors_told(f"Running {self._name} by rembg", WorkError):
            if self._session is None:
                raise WorkError(f"The background model {self._name} was closed already.")
            found, *others = self._session.predict(image)
        mask: Image.Image = found.convert("L")
        for other in others:
            mask = ImageChops.lighter(mask, other.convert("L"))
        return mask

    def close(self) -> None:
        """Give the model's memory back."""
        with self._turn:
            self._session = None


def _refuse_unsuited(name: str, known: dict[str, Any]) -> None:
    usable = sorted(each for each, kind in known.items() if _is_local(kind) and each not in _NEED_MORE)
    if name in usable:
        return
    if name in known and not _is_local(known[name]):
        reason = "sends your pictures to a service on the internet"
    elif name in known:
        reason = "wants more than a picture"
    else:
        reason = "is not known to this rembg"
    raise InputError(
        f"The background model {name!r} {reason}. Choose one of {', '.join(usable)}, or give the path of an"
        " .onnx file."
    )


def _reason(error: OSError) -> str:
    """The cause in a few words: what the network's libraries say names every layer it came through."""
    if error.strerror:
        return error.strerror
    return "no connection to the server" if "Max retries" in str(error) else str(error)


def _is_local(kind: Any) -> bool:
    """Whether the pictures stay on this machine; older versions of rembg have no others."""
    return all(
        (
            getattr(kind, "is_local", lambda: True)(),
            not getattr(kind, "requires_credentials", lambda: False)(),
        )
    )
