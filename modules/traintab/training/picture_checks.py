"""Pictures, captions and template, checked together: will every prompt show the embedding's name?"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from ..configs import TrainingConfig
from ..datasets.report import DatasetImage, DatasetReport, Look, scan_folders
from ..errors import DatasetError, TemplateError
from ..files import kind_of, user_path
from ..paths import Paths
from ..prompts.templates import Template, check_template, find_templates, load_template
from .caption_checks import caption_advice, caption_rules, cause_told, check_wildcards, example_told
from .class_pictures import without_class_pictures
from .crop_advice import crop_advice
from .dataset_folders import folders_of
from .flip_advice import flip_advice
from .picture_masks import with_mask_files
from .picture_sizes import check_sizes
from .prompt_lines import PromptRules
from .together import names_in_run

__all__ = ["check_pictures", "find_template"]

_NAMED_AT_MOST = 10


def check_pictures(
    config: TrainingConfig, name: str, paths: Paths, look: Look | None = None
) -> tuple[DatasetReport, PromptRules, str]:
    """The usable pictures, how prompts are made of them, and what is to be said of them (or nothing).

    `look` is `scan_folders`'.

    Raises TemplateError or DatasetError when nothing could be learned.
    """
    rules = _rules(config, name, paths)
    template = rules.template
    report = scan_folders(folders_of(config), caption_rules(config), look)
    check_wildcards(rules, report.images)
    report, said_of_classes = without_class_pictures(report, rules)
    _check_name_can_show(template, rules, report)
    usable = tuple(image for image in report.images if rules.usable_lines(image.caption))
    if not usable:
        raise DatasetError(
            f"With the template {template.name} no prompt of the {len(report.images)} pictures in"
            f" {report.folder} shows {name!r}, so nothing would be learned; write [name] into the captions,"
            f" or choose a template with [name]. {cause_told(rules, report.images)}"
        )
    unshown = rules.unshown_names(usable)
    if unshown:
        raise DatasetError(unshown_told(unshown))
    said = _left_out_told(rules, [image for image in report.images if image not in usable])
    check_sizes(config, usable)
    usable, said_of_masks = with_mask_files(usable, config.masks)
    report = dataclasses.replace(report, images=usable)
    advices = (
        caption_advice(rules, usable),
        crop_advice(config, usable),
        flip_advice(report, rules, flip=config.dataset.flip_augmentation),
    )
    return report, rules, " ".join(filter(None, (said_of_classes, said, said_of_masks, *advices)))


def _rules(config: TrainingConfig, name: str, paths: Paths) -> PromptRules:
    dataset = config.dataset
    return PromptRules(
        name=name,
        template=load_template(find_template(dataset.template, paths)),
        shuffle_tags=dataset.shuffle_tags,
        tag_drop_out=dataset.tag_drop_out,
        captions=config.captions,
        others=names_in_run(config)[1:],
    )


def unshown_told(names: Sequence[str]) -> str:
    """Why a run with several embeddings doesn't start: these stand in no prompt."""
    them, it = " and ".join(map(repr, names)), "it" if len(names) == 1 else "them"
    return (
        f"No picture's prompt shows {them}, so nothing would be learned there; write {it} into the captions"
        f" of the pictures that show {it} ([name] is the embedding that a caption names), or train without"
        f" {it}."
    )


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
    in_captions = any(rules.shows_name(rules.prompt("[filewords]", i.caption)) for i in report.images)
    try:
        check_template(template, uses_caption_name=in_captions)
    except TemplateError as error:
        raise TemplateError(f"{error} {cause_told(rules, report.images)}") from error


def _left_out_told(rules: PromptRules, images: Sequence[DatasetImage]) -> str:
    """Which pictures nothing would be learned from; empty when there are none."""
    if not images:
        return ""
    names = ", ".join(image.name for image in images[:_NAMED_AT_MOST])
    more = f" and {len(images) - _NAMED_AT_MOST} more" if len(images) > _NAMED_AT_MOST else ""
    return (
        f"Left out, because the prompt would not show {' or '.join(map(repr, rules.names))}: {names}{more}."
        f" {example_told(rules, images)}"
    )
