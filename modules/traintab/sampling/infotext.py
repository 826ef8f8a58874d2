"""The text in a picture that tells how it was drawn, as A1111 writes and reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from .. import __version__
from ..configs import GenerationConfig
from ..models.model import Model

__all__ = ["infotext", "parse_infotext"]

_NEGATIVE = "Negative prompt: "
_FEWEST_PARAMETERS = 3
_PARAMETER = re.compile(r'\s*(?P<key>\w[\w \-/]*):\s*(?P<value>"(?:\\.|[^"\\])*"|[^,]*)(?:,|$)')
_NOT_IN_NAMES = re.compile(r"[:,]")


def infotext(config: GenerationConfig, model: Model, hashes: Mapping[str, str]) -> str:
    """A1111's three parts: the prompt, a line with the negative prompt if there is one, the parameters.

    `config` has its seed, size and guidance filled in; `hashes` maps each embedding used to the first 12
    hex digits of its file's sha256.
    """
    parameters = {
        "Steps": config.num_inference_steps,
        "Sampler": config.sampler,
        "CFG scale": f"{config.guidance_scale:g}",
        "Seed": config.seed,
        "Size": f"{config.width}x{config.height}",
        "Model hash": model.checkpoint_hash,
        "Model": model.name,
        "TI hashes": ", ".join(f"{_NOT_IN_NAMES.sub('', name)}: {digest}" for name, digest in hashes.items()),
        "Version": f"Train Tab {__version__}",
    }
    lines = [config.prompt]
    if config.negative_prompt:
        lines.append(_NEGATIVE + config.negative_prompt)
    lines.append(
        ", ".join(f"{key}: {_quoted(str(value))}" for key, value in parameters.items() if value != "")
    )
    return "\n".join(lines).strip()


def parse_infotext(text: str) -> dict[str, str]:
    """`Prompt`, `Negative prompt` and the parameters by A1111's names, from what any version of it wrote.

    Never fails: text that isn't an infotext is all prompt.
    """
    lines = text.strip().split("\n")
    parameters = {match["key"]: _unquoted(match["value"].strip()) for match in _PARAMETER.finditer(lines[-1])}
    if len(parameters) < _FEWEST_PARAMETERS:
        parameters = {}
    else:
        lines.pop()
    start = next((i for i, line in enumerate(lines) if line.startswith(_NEGATIVE.strip())), len(lines))
    negative = "\n".join(lines[start:]).removeprefix(_NEGATIVE.strip())
    return {
        "Prompt": "\n".join(lines[:start]).strip(),
        "Negative prompt": negative.strip(),
        **parameters,
    }


def _quoted(value: str) -> str:
    """A value with a comma, colon or line break is a JSON string."""
    return json.dumps(value, ensure_ascii=False) if re.search(r"[,:\n]", value) else value


def _unquoted(value: str) -> str:
    if not (len(value) > 1 and value[0] == value[-1] == '"'):
        return value
    try:
        return str(json.loads(value))
    except ValueError:
        return value
