"""`captions shared`: asks about the tags that nearly all pictures have, and does what is answered."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ..errors import InputError
from .caption_selection import add_folder, add_selection, opened, selected
from .caption_writing import add_dry_run, save_edit
from .command import Command
from .context import Context

if TYPE_CHECKING:
    from ..datasets.caption_editing import CaptionSet, SharedTag, Side

__all__ = ["SHARED"]

_WHAT_TO_DO = (
    "What captions say isn't learned. Is a tag part of what the embedding should learn? Then take it out of"
    " all captions: --concept TAG. Is it only by chance in all pictures, such as the same shirt? Then put it"
    " into all: --accidental TAG."
)


def _configure(parser: ArgumentParser) -> None:
    add_folder(parser)
    parser.add_argument(
        "--concept", action="append", metavar="TAG", help="part of what is learned: out of all captions"
    )
    parser.add_argument(
        "--accidental", action="append", metavar="TAG", help="there by chance: into all captions"
    )
    parser.add_argument(
        "--share", type=_share, metavar="X", help="how many of the pictures: 0 to 1 (default 0.8)"
    )
    parser.add_argument(
        "--preset",
        type=_preset,
        metavar="NAME",
        help="what you train: character, object or style; tells the likelier side, and decides nothing",
    )
    parser.add_argument(
        "--ignore", action="append", metavar="TAG", help="what stands for the embedding: isn't asked about"
    )
    add_dry_run(parser)
    add_selection(parser)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 < share <= 1:
        raise InputError(f"--share is {text!r}; expected a number above 0 and up to 1, such as 0.8.")
    return share


def _preset(text: str) -> str:
    from ..datasets.caption_editing import preselected_side

    if preselected_side(text) is None:
        raise InputError(f"--preset is {text!r}; expected character, object or style.")
    return text


def _run(arguments: Namespace, context: Context) -> int:
    from ..datasets.caption_editing import settle_shared

    editor = opened(arguments, context)
    names = selected(arguments, editor.captions)
    answers = _answers(arguments)
    if not answers:
        _ask(arguments, context, editor.captions, names)
        return 0
    label = ", ".join(f"{tag} is {side}" for tag, side in answers.items())
    editor.edit(lambda captions: settle_shared(captions, answers, selection=names), label)
    if not editor.unsaved:
        context.output.log("No caption changes.")
    return save_edit(editor, label, arguments, context)


def _answers(arguments: Namespace) -> dict[str, Side]:
    """The sides by tag; raises InputError for a tag on both."""
    from ..datasets.caption_editing import tag_key

    concept, accidental = arguments.concept or [], arguments.accidental or []
    both = {tag_key(tag) for tag in concept} & {tag_key(tag) for tag in accidental}
    if both:
        raise InputError(f"{', '.join(sorted(both))} can't be both: give --concept or --accidental.")
    return {**dict.fromkeys(concept, "concept"), **dict.fromkeys(accidental, "accidental")}


def _ask(arguments: Namespace, context: Context, captions: CaptionSet, names: tuple[str, ...]) -> None:
    from ..datasets.caption_editing import SHARED_FROM, preselected_side, shared_tags

    side, reason = preselected_side(arguments.preset or "") or ("", "")
    share = SHARED_FROM if arguments.share is None else arguments.share
    found = shared_tags(captions, share=share, selection=names, ignored=arguments.ignore or ())
    for shared in found:
        context.output.record({**_mapping(shared), "preselected": side or None, "why": reason})
        lacking = f", not {', '.join(shared.lacking)}" if shared.lacking else ""
        context.output.line(f"{shared.count:5}  {shared.share:4.0%}  {shared.tag}{lacking}")
    if not found:
        context.output.log(f"No tag is in {share:.0%} of the pictures.")
        return
    context.output.log(_WHAT_TO_DO)
    if side:
        context.output.log(f"Likelier --{side}: {reason}")


def _mapping(shared: SharedTag) -> dict[str, object]:
    return {
        "tag": shared.tag,
        "count": shared.count,
        "share": round(shared.share, 4),
        "lacking": list(shared.lacking),
    }


SHARED = Command(
    name="captions shared",
    help="the tags that nearly all pictures have: part of the concept, or accidental?",
    configure=_configure,
    run=_run,
)
