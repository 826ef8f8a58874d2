"""A list of previews: one picture a line, with settings of its own behind two dashes, as kohya reads it.

For example `[name] in the rain --w 512 --h 768 --s 28 --l 7.5 --d 42 --n blurry, [name]-neg`.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..configs import GenerationConfig, PreviewConfig, TrainingConfig, options_of, replace_fields
from ..configs.validation import check_value
from ..errors import ConfigError
from ..files import user_path
from ..prompts.text_files import read_text

__all__ = ["PreviewLine", "preview_lines", "preview_pictures"]

_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("w", "width"), "width"),
        **dict.fromkeys(("h", "height"), "height"),
        **dict.fromkeys(("s", "steps"), "num_inference_steps"),
        **dict.fromkeys(("l", "cfg"), "guidance_scale"),
        **dict.fromkeys(("d", "seed"), "seed"),
        **dict.fromkeys(("n", "negative"), "negative_prompt"),
        **dict.fromkeys(("ss", "sampler"), "sampler"),
    }
)
_FLAG = re.compile(r"(?:^|\s)--(?=[A-Za-z])")
_NAME = "[name]"
_OTHER_KINDS = (".json", ".toml")  # which kohya's trainers take too


@dataclass(frozen=True, kw_only=True)
class PreviewLine:
    """One picture: its prompt, empty for what previews show without a list, and its own settings.

    The settings are fields of GenerationConfig.
    """

    prompt: str
    settings: Mapping[str, Any] = field(default_factory=dict)


def preview_lines(config: PreviewConfig) -> tuple[PreviewLine, ...]:
    """The pictures of list and file, in their order; none without either.

    Empty lines and those that begin with `#` are passed over. Raises ConfigError, which tells every mistake
    with its line.
    """
    lines = [*_parsed(config.preview_prompts, "Preview prompt list")]
    if config.preview_prompts_file.strip():
        path = user_path(config.preview_prompts_file.strip())
        found = [*_parsed(_text_of(path), f"Preview prompt file {path}")]
        if not any(isinstance(line, PreviewLine) for line in found):
            found.append(f"Preview prompt file {path} holds no prompt; write one a line.")
        lines += found
    mistakes = [line for line in lines if isinstance(line, str)]
    if mistakes:
        raise ConfigError("\n".join(mistakes), field="preview_prompts")
    return tuple(line for line in lines if isinstance(line, PreviewLine))


def preview_pictures(
    config: TrainingConfig, lines: Sequence[PreviewLine], last_prompt: str
) -> list[GenerationConfig]:
    """What is to be drawn; `last_prompt` stands in where no prompt was given.

    `[name]` is the embedding, in prompts and negative prompts alike.
    """
    preview, name = config.preview, config.embedding_name
    base = GenerationConfig(
        prompt=preview.preview_prompt.replace(_NAME, name) or last_prompt,
        negative_prompt=preview.preview_negative_prompt.replace(_NAME, name),
        num_inference_steps=preview.preview_steps,
        guidance_scale=preview.preview_guidance_scale,
        seed=preview.preview_seed,
        sampler=preview.preview_sampler,
        width=preview.preview_width or config.dataset.width,
        height=preview.preview_height or config.dataset.height,
        clip_skip=config.vectors.clip_skip,
    )
    return [_picture(base, line, name) for line in lines] or [base]


def _picture(base: GenerationConfig, line: PreviewLine, name: str) -> GenerationConfig:
    settings = {
        key: value.replace(_NAME, name) if key == "negative_prompt" else value
        for key, value in line.settings.items()
    }
    return dataclasses.replace(base, prompt=line.prompt.replace(_NAME, name) or base.prompt, **settings)


def _text_of(path: Path) -> str:
    if path.suffix.lower() in _OTHER_KINDS:
        raise ConfigError(
            f"Preview prompt file {path} is a {path.suffix}; prompts are read from a text file, one a line"
            " with its settings behind it: a cat --w 512 --d 42.",
            field="preview_prompts_file",
        )
    try:
        return read_text(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError(
            f"Preview prompt file {path} can't be read: {reason}. Choose a text file with one prompt a line,"
            " or leave the field empty.",
            field="preview_prompts_file",
        ) from error


def _parsed(text: str, source: str) -> Iterator[PreviewLine | str]:
    """The lines, and for each mistake a sentence."""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        prompt, *flags = _FLAG.split(line)
        settings, where = {}, f"{source}, line {number}"
        for flag in flags:
            name, *value = flag.split(maxsplit=1)
            try:
                settings.update(_setting(name.lower(), "".join(value).strip()))
            except ConfigError as error:
                yield f"{where}: {error}"
        yield PreviewLine(prompt=prompt.strip(), settings=settings)


def _setting(name: str, text: str) -> dict[str, Any]:
    """The checked GenerationConfig fields that `--name text` sets; raises ConfigError."""
    if name not in _FIELDS:
        known = ", ".join(f"--{known}" for known in _FIELDS)
        raise ConfigError(f"--{name} is no setting of a preview; there are {known}.")
    fieldname = _FIELDS[name]
    if not text and fieldname != "negative_prompt":
        raise ConfigError(f"--{name} has no value; write it behind a blank.")
    changed = replace_fields(GenerationConfig(), {fieldname: text})
    check_value(options_of(GenerationConfig)[fieldname], getattr(changed, fieldname))
    if fieldname == "sampler":
        return {"sampler": changed.sampler, "schedule_type": changed.schedule_type}
    return {fieldname: getattr(changed, fieldname)}
