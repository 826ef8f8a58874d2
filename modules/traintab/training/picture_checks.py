"""Pictures, captions and template, checked together: will every prompt show the embedding's name?"""

from __future__ import annotations

import dataclasses
from pathlib import Path

from ..configs import TrainingConfig
from ..datasets.report import DatasetReport, scan
from ..errors import DatasetError, TemplateError
from ..files import kind_of, user_path
from ..paths import Paths
from ..prompts.captions import CaptionRules
from ..prompts.templates import Template, check_template, find_templates, load_template
from .flip_advice import flip_advice
from .prompt_lines import PromptRules

__all__ = ["check_pictures", "find_template"]


def check_pictures(config: TrainingConfig, name: str, paths: Paths) -> tuple[DatasetReport, PromptRules, str]:
    """The usable pictures, how prompts are made of them, and what is to be said of them (or nothing).

    Raises TemplateError or DatasetError when nothing could be learned.
    """
    dataset = config.dataset
    template = load_template(find_template(dataset.template, paths))
    rules = PromptRules(
        name=name,
        template=template,
        shuffle_tags=dataset.shuffle_tags,
        tag_drop_out=dataset.tag_drop_out,
    )
    captions = CaptionRules(word_regex=dataset.filename_word_regex, join_string=dataset.filename_join_string)
    report = scan(user_path(dataset.data_dir), captions)
    _check_name_can_show(template, rules, report)
    usable = tuple(image for image in report.images if rules.usable_lines(image.caption))
    if not usable:
        raise DatasetError(
            f"With the template {template.name} no prompt of the {len(report.images)} pictures in"
            f" {report.folder} shows {name!r}, so nothing would be learned; write [name] into the captions,"
            " or choose a template with [name]."
        )
    left_out = [image.path.name for image in report.images if image not in usable]
    said = f"Left out, because the prompt would not show {name!r}: {', '.join(left_out)}." if left_out else ""
    report = dataclasses.replace(report, images=usable)
    advice = flip_advice(report, rules, flip=dataset.flip_augmentation)
    return report, rules, " ".join(filter(None, (said, advice)))


def find_template(wanted: str, paths: Paths) -> Path:
    """The template of this file name, with or without `.txt`, or at this path; raises TemplateError."""
    known = find_templates(paths.template_dirs)
    for name in (wanted, f"{wanted}.txt"):
        if name in known:
            return known[name]
    path = user_path(wanted)
    if kind_of(path) == "file":
        return path
    raise TemplateError(
        f"There is no prompt template {wanted!r}; choose one of"
        f" {', '.join(known) or 'your own, by its path'}."
    )


def _check_name_can_show(template: Template, rules: PromptRules, report: DatasetReport) -> None:
    if any(rules.shows_name(line) for line in template.lines):
        return
    in_captions = any("[name]" in i.caption or rules.shows_name(i.caption) for i in report.images)
    check_template(template, uses_caption_name=in_captions)
