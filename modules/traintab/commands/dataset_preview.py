"""`train --debug-dataset`: what the model will see of each picture, as lines for people or JSON lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .output import Output

if TYPE_CHECKING:
    from ..training.dataset_preview import DatasetPreview, PreviewedPicture, PreviewedPrompt

__all__ = ["report_preview"]


def report_preview(preview: DatasetPreview, output: Output) -> None:
    """Say it all: the facts that go for every picture first."""
    output.record(
        {
            "event": "dataset_preview",
            "num_pictures": len(preview.pictures),
            "placeholder_ids": preview.placeholder_ids,
            "notices": list(preview.notices),
        }
    )
    for line in (*preview.notices, *_ids_told(preview.placeholder_ids)):
        output.line(line)
    for number, picture in enumerate(preview.pictures, start=1):
        output.record(_mapping(picture))
        output.line("")
        for line in _told(f"{number}/{len(preview.pictures)}", picture, preview):
            output.line(line)
    _unshown_told(preview, output)


def _ids_told(placeholder_ids: Mapping[str, Mapping[str, tuple[int, ...]]]) -> Iterator[str]:
    """One sentence an embedding, where all text encoders number it alike, as CLIP's do."""
    for encoder, own in placeholder_ids.items():
        for name, ids in own.items():
            alike = all(other.get(name) == ids for other in placeholder_ids.values())
            if alike and encoder != next(iter(placeholder_ids)):
                continue
            where = "" if alike else f" in {encoder}"
            what = f"{ids[0]} to {ids[-1]}" if len(ids) > 1 else f"{ids[0]}"
            yield f"The tokens of {name}{where}: {what}, marked with brackets below."


def _told(number: str, picture: PreviewedPicture, preview: DatasetPreview) -> Iterator[str]:
    image, (width, height) = picture.image, picture.size
    often = f", {picture.repeats} times an epoch" if picture.repeats > 1 else ""
    yield f"{number} {image.name}: {image.width} x {image.height} pixels, shown at {width} x {height}{often}"
    yield f"    caption ({image.caption_source}): {image.caption}"
    if image.mask_path is not None:
        yield f"    mask: {image.mask_path.name}"
    for prompt in picture.prompts:
        yield f"    {'for example' if preview.varies else 'prompt'}: {prompt.text}"
        yield from (f"    {line}" for line in _tokens_told(prompt, preview))


def _tokens_told(prompt: PreviewedPrompt, preview: DatasetPreview) -> Iterator[str]:
    """The ids, once for text encoders that divide the prompt alike."""
    told: list[tuple[tuple[int, ...], ...]] = []
    for encoder, chunks in prompt.chunks.items():
        if chunks in told:
            continue
        told.append(chunks)
        marked = {id for own in preview.placeholder_ids[encoder].values() for id in own}
        ids = " | ".join(" ".join(f"[{id}]" if id in marked else str(id) for id in chunk) for chunk in chunks)
        where = f" in {encoder}" if len(told) > 1 else ""
        room = f"{sum(map(len, chunks))} of {preview.capacity * len(chunks)}"
        yield f"tokens{where} ({room}): {ids}"
    if not prompt.is_shown:
        yield "    ! This prompt doesn't show the embedding as a word of its own."


def _unshown_told(preview: DatasetPreview, output: Output) -> None:
    unshown = [picture.image.name for picture in preview.unshown]
    if unshown:
        many = f"{len(unshown)} pictures have" if len(unshown) > 1 else "1 picture has"
        output.complain(
            f"{many} a prompt that doesn't show the embedding as a word of its own (first: {unshown[0]}):"
            " training would stop there. Put spaces around [name] in the template and the captions."
        )


def _mapping(picture: PreviewedPicture) -> dict[str, Any]:
    image = picture.image
    return {
        "event": "picture",
        "path": str(image.path),
        "caption": image.caption,
        "caption_source": image.caption_source,
        "width": image.width,
        "height": image.height,
        "shown_width": picture.size[0],
        "shown_height": picture.size[1],
        "repeats": picture.repeats,
        "mask": None if image.mask_path is None else str(image.mask_path),
        "prompts": [
            {
                "prompt": prompt.text,
                "token_ids": prompt.chunks,
                "names": list(prompt.names),
                "is_shown": prompt.is_shown,
            }
            for prompt in picture.prompts
        ],
    }
