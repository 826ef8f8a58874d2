"""Class pictures: what regularises a whole model teaches an embedding nothing."""

from __future__ import annotations

import dataclasses

from ..datasets.report import DatasetReport
from ..prompts.templates import NAME
from .prompt_lines import PromptRules

__all__ = ["without_class_pictures"]


def without_class_pictures(report: DatasetReport, rules: PromptRules) -> tuple[DatasetReport, str]:
    """The report without class pictures whose captions don't name the embedding, and why, or nothing.

    Only the embedding's vectors learn. A prompt without the name doesn't hold them, so its gradient is zero
    to the bit; and with a template's `[name]` in front class pictures would be learned as the subject.
    """
    classes = {number for number, folder in enumerate(report.folders) if folder.is_class}
    if not classes:
        return report, ""
    left_out = {
        image
        for image in report.images
        if image.folder in classes and not _names_embedding(image.caption, rules)
    }
    if not left_out:
        return report, ""
    kept = tuple(image for image in report.images if image not in left_out)
    number = "1 class picture is" if len(left_out) == 1 else f"{len(left_out)} class pictures are"
    said = (
        f"{number} left out, because no caption of theirs names {rules.name!r}: in textual inversion only the"
        " embedding learns, and a prompt without it gives zero gradient. What keeps an embedding from taking"
        " over its surroundings is the context regularisation: Prior loss weight, with a Context word."
    )
    return dataclasses.replace(report, images=kept), said


def _names_embedding(caption: str, rules: PromptRules) -> bool:
    return NAME in caption or rules.shows_name(caption) or rules.holds_token(caption)
