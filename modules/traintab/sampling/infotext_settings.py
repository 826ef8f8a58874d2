"""From the text in a picture, or in the clipboard, to the settings that draw it again."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ..configs import GenerationConfig, options_of, replace_fields
from ..configs.samplers import AUTOMATIC
from ..configs.validation import check_value
from ..errors import ConfigError

__all__ = ["config_from_infotext", "parse_infotext", "without_separators", "without_surrogates"]

_NEGATIVE = "Negative prompt:"
_FEWEST_PARAMETERS = 3
# Names are bounded, or a long text without a colon would be searched from each of its letters to its end.
_PARAMETER = re.compile(r'(?P<key>\w[\w \-/]{0,99}):[ \t]*(?P<value>"(?:\\.|[^"\\])*"|[^,]*)(?:,|$)')
_NOT_IN_NAMES = re.compile(r"[:,]")
_SIZE = re.compile(r"(\d{1,6})x(\d{1,6})")

_PROMPTS = {"prompt": "Prompt", "negative_prompt": "Negative prompt"}
_FIELDS = {
    "Steps": "num_inference_steps",
    "CFG scale": "guidance_scale",
    "Seed": "seed",
    "Denoising strength": "denoising_strength",
    "Clip skip": "clip_skip",
}
# What changes nothing, is looked up by name, or tells of the batch that the picture was drawn in.
_NOT_SETTINGS = frozenset(
    {
        *("Prompt", "Negative prompt", "Sampler", "Schedule type", "Size", "Size-1", "Size-2"),
        *("Model", "Model hash", "VAE", "VAE hash", "Hashes", "TI hashes", "Lora hashes", "TI", "Lora"),
        *("Batch size", "Batch pos", "Version", "User"),
    }
)


def parse_infotext(text: str) -> dict[str, str]:
    """`Prompt`, `Negative prompt` and the parameters by A1111's names, from what any version of it wrote.

    Never fails: text that isn't an infotext is all prompt.
    """
    lines = without_surrogates(text).replace("\r\n", "\n").strip().split("\n")
    parameters = {match["key"]: _unquoted(match["value"].strip()) for match in _PARAMETER.finditer(lines[-1])}
    if len(parameters) < _FEWEST_PARAMETERS:
        parameters = {}
    else:
        lines.pop()
    start = next((i for i, line in enumerate(lines) if line.startswith(_NEGATIVE)), len(lines))
    negative = "\n".join(lines[start:]).removeprefix(_NEGATIVE)
    return {
        **parameters,
        "Prompt": "\n".join(lines[:start]).strip(),
        "Negative prompt": negative.strip(),
    }


def config_from_infotext(
    text: str, *, model: str = "", vae: str | None = None, embeddings: Collection[str] | None = None
) -> tuple[dict[str, Any], list[str]]:
    """The fields of GenerationConfig that the text tells, checked, and sentences on what it tells besides.

    A text without parameters is a prompt, and the other fields stay as they are. One with parameters tells
    *Schedule type*, *Clip skip* and the negative prompt by leaving them out, too; batch count and batch size
    stay, because it is the text of one picture. With `model`, the name of the chosen model, `vae`, the file
    name of its VAE (empty: its own), and `embeddings`, the names of those there are, sentences tell of a
    picture that had others. Never fails: what can't be used is left out, and a sentence says so.
    """
    found = parse_infotext(text)
    if len(found) == len(_PROMPTS):
        values: dict[str, Any] = {field: found[name] for field, name in _PROMPTS.items() if found[name]}
        return values, ["The text holds no settings; it is taken for a prompt." if values else "It is empty."]
    values, notes = {field: found[name] for field, name in _PROMPTS.items()}, list[str]()
    numbers = {field: found[name] for name, field in _FIELDS.items() if name in found}
    for part in (_sampler(found, notes), {"clip_skip": "1", **numbers}, _size(found, notes)):
        values.update(_usable(part, notes))
    return values, [*notes, *_other_vae(found, vae), *_lacking(found, model, embeddings)]


def _other_vae(found: Mapping[str, str], vae: str | None) -> Iterator[str]:
    """A text without a VAE tells nothing: A1111 names it only when it is set to do so."""
    used = found.get("VAE", "")
    if vae is not None and used and used != vae:
        yield f"The picture was drawn with the VAE {used}; {vae or 'the one of the model'} is in use."


def _lacking(found: Mapping[str, str], model: str, embeddings: Collection[str] | None) -> Iterator[str]:
    """Why the picture may come out differently."""
    used = found.get("Model")
    if model and used and used != model:
        yield f"The picture was drawn with the model {used}; {model} is chosen."
    if embeddings is not None:
        here = {without_separators(name).lower() for name in embeddings}
        named = (pair.rpartition(":")[0].strip() for pair in found.get("TI hashes", "").split(","))
        missing = [name for name in named if name and name.lower() not in here]
        if missing:
            yield f"The picture used embeddings that aren't here: {', '.join(missing)}."
    unknown = [name for name in found if name not in _FIELDS and name not in _NOT_SETTINGS]
    if unknown:
        names = ", ".join(unknown)
        yield f"These settings of the picture don't exist here, so it may come out differently: {names}."


def without_separators(name: str) -> str:
    """A name as A1111 writes it before a hash."""
    return _NOT_IN_NAMES.sub("", name)


def _sampler(found: Mapping[str, str], notes: list[str]) -> dict[str, str]:
    """Sampler and schedule type under the spelling they have here; `DPM++ 2M Karras` of old is both."""
    wanted = {}
    if "Sampler" in found:
        named = replace_fields(GenerationConfig(schedule_type=AUTOMATIC), {"sampler": found["Sampler"]})
        wanted = {"sampler": named.sampler, "schedule_type": named.schedule_type}
    if "Schedule type" in found:
        wanted["schedule_type"] = found["Schedule type"]
    spelt = {}
    for field, name in wanted.items():
        declared = options_of(GenerationConfig)[field]
        known = {choice.lower(): choice for choice in declared.choices}
        if name.lower() in known:
            spelt[field] = known[name.lower()]
        else:
            notes.append(f"{declared.label} {name!r} isn't known here; the one that is chosen stays.")
    return spelt


def _size(found: Mapping[str, str], notes: list[str]) -> dict[str, str]:
    if "Size" not in found:
        return {}
    match = _SIZE.fullmatch(found["Size"])
    if match is None:
        notes.append(f"Size is {found['Size']!r}; it must be like 512x768. It is left as it is.")
        return {}
    return {"width": match[1], "height": match[2]}


def _usable(texts: Mapping[str, str], notes: list[str]) -> dict[str, Any]:
    """The values of fields as their types, less those that are out of range."""
    options, values = options_of(GenerationConfig), {}
    for field, text in texts.items():
        value = getattr(replace_fields(GenerationConfig(), {field: text}), field)
        try:
            check_value(options[field], value)
        except ConfigError as error:
            notes.append(f"{error} It is left as it is.")
        else:
            values[field] = value
    return values


def _unquoted(value: str) -> str:
    if not (len(value) > 1 and value[0] == value[-1] == '"'):
        return value
    try:
        return without_surrogates(str(json.loads(value)))
    except ValueError:
        return value


def without_surrogates(text: str) -> str:
    """The text as UTF-8 can carry it: halves of characters become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")
