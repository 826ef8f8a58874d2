"""What a user would want to know before a training starts, each with its reason and what to do.

One function a matter: it gives a sentence, or nothing when there is nothing to say.
"""

from __future__ import annotations

import re

from ..datasets.batches import BatchOrder
from ..datasets.report import DatasetReport
from ..prompts.captions import FROM_FILE_NAME
from ..prompts.templates import FILEWORDS
from .plan import TrainingPlan
from .prompt_lines import PromptRules

__all__ = ["start_advice"]

_FEW_VECTORS = 4
_PICTURES_A_VECTOR = 2
_FEWEST_SHOWINGS, _USUAL_SHOWINGS, _MOST_SHOWINGS = 10, 100, 2000
_COPIES_WORTH_HAVING = 10
_LETTERS = re.compile(r"[^\W\d_]+")
# What cameras, telephones and browsers call their files.
_SAYS_NOTHING = frozenset(
    (
        *("img", "image", "dsc", "dscn", "dscf", "dcim", "pxl", "mvimg", "photo", "pic", "picture", "scan"),
        *("screenshot", "untitled", "unnamed", "download", "downloaded", "file", "copy", "frame", "output"),
        *("jpg", "jpeg", "png", "webp"),
    )
)


def start_advice(plan: TrainingPlan, order: BatchOrder) -> list[str]:
    """All there is to say of a plan whose pictures come in `order`."""
    told = (
        _too_many_vectors(plan),
        _showings(plan, order),
        _unused_captions(plan.dataset, plan.rules),
        _empty_captions(plan.dataset, plan.rules),
        _nothing_on_the_way(plan),
    )
    return [sentence for sentence in told if sentence]


def _too_many_vectors(plan: TrainingPlan) -> str:
    """More vectors than the pictures can fill with what they share."""
    pictures = len({image.path for image in plan.dataset.images})
    most = max(_FEW_VECTORS, pictures // _PICTURES_A_VECTOR)
    large = [one for one in plan.trained if one.num_vectors > most]
    if not large:
        return ""
    one = large[0]
    return (
        f"{one.name} has {one.num_vectors} vectors for {_pictures(pictures)}: so many learn the pictures by"
        f" heart instead of what they have in common. Up to {most} suit these; create it anew with fewer, or"
        " add pictures."
    )


def _showings(plan: TrainingPlan, order: BatchOrder) -> str:
    """Far fewer or far more showings of each picture than an embedding needs."""
    steps, shown = plan.total_steps - plan.start_step, order.batch_size * order.accumulation
    pictures = len(plan.dataset.images)
    each = steps * shown / max(pictures, 1)
    if steps < 1:
        return ""
    if each < _FEWEST_SHOWINGS and plan.start_step == 0:
        enough = -(-_USUAL_SHOWINGS * pictures // shown)
        return (
            f"Each picture is shown about {each:.2g} times in {steps:,} steps, where 50 to 200 are usual: it"
            f" may hardly be learned. Raise Max steps, to {enough:,} for {_USUAL_SHOWINGS} showings."
        )
    if each > _MOST_SHOWINGS and not plan.config.evaluation.automatic_stop:
        return (
            f"Each picture is shown about {each:,.0f} times in {steps:,} steps, where 50 to 200 are usual:"
            " long before the end it may only repeat your pictures (overfitting). Switch on Stop"
            " automatically, lower Max steps, or take an earlier copy by the previews."
        )
    return ""


def _unused_captions(dataset: DatasetReport, rules: PromptRules) -> str:
    """Captions were written, and the template has no place for them."""
    if any(FILEWORDS in line for line in rules.template.lines):
        return ""
    written = sum(image.caption_source != FROM_FILE_NAME for image in dataset.images)
    if not written:
        return ""
    have = "1 picture has a caption" if written == 1 else f"{written:,} pictures have captions"
    return (
        f"{have}, but no line of {rules.template.name} has {FILEWORDS}, so nothing of that is used. Captions"
        " keep what the embedding shouldn't learn out of it: choose a template that ends in _filewords."
    )


def _empty_captions(dataset: DatasetReport, rules: PromptRules) -> str:
    """Captions come from names that a camera gave."""
    if not any(FILEWORDS in line for line in rules.template.lines):
        return ""
    empty = [i for i in dataset.images if i.caption_source == FROM_FILE_NAME and _says_nothing(i.caption)]
    if 2 * len(empty) <= len(dataset.images):
        return ""
    example = next((image for image in empty if image.caption), empty[0])
    such = f", such as {example.caption!r}" if example.caption else ""
    return (
        f"{_pictures(len(empty))} without captions take the words of the file name{such}, which tell the"
        " model nothing. Write captions in Preprocess images, or choose a template without _filewords."
    )


def _says_nothing(caption: str) -> bool:
    return all(word.casefold() in _SAYS_NOTHING or len(word) < 2 for word in _LETTERS.findall(caption))


def _nothing_on_the_way(plan: TrainingPlan) -> str:
    """The first preview or copy would come after the end."""
    outputs, first, last = plan.config.outputs, plan.start_step, plan.total_steps
    wanted = (("preview", plan.config.preview.preview_every), ("copy", outputs.save_every))
    missed = [what for what, every in wanted if every and last // every == first // every]
    if not missed:
        return ""
    often = max(1, (last - first) // _COPIES_WORTH_HAVING)
    nothing = "No preview is drawn" if missed == ["preview"] else "No copy is made"
    if len(missed) > 1:
        nothing = "Neither a preview nor a copy is made"
    return (
        f"{nothing} before the end at step {last:,}: every"
        f" {max(every for what, every in wanted if what in missed):,} steps is too seldom. Every {often:,}"
        " shows how it comes along, and where it was best."
    )


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count:,} pictures"
