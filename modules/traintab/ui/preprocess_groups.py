"""Where each setting of *Preprocess images* stands: the usual ones in sight, the others folded.

A group that matters only with a switch is in sight while the switch is on. style.css does that by the group's
element id, so that nothing waits for the server and no value gets lost.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import gradio as gr

from .field_groups import FieldGroup, build_fold, build_rows
from .form import Form
from .picture_upload import PictureUpload

__all__ = ["FOLDS", "IN_SIGHT", "build_preprocess_fields", "order_html"]

IN_SIGHT = (
    FieldGroup("Source directory", (("source",),)),
    FieldGroup("Folders", (("destination",), ("width", "height"))),
    FieldGroup(
        "Pictures",
        (("split", "focal_crop", "auto_size", "keep_original_size"),),
        inside=(
            FieldGroup(
                "Split oversized images",
                (("split_threshold", "split_overlap"),),
                elem_id="preprocess_split_details",
            ),
            FieldGroup(
                "Auto focal point crop",
                (("face_weight", "entropy_weight", "edges_weight"), ("focal_debug",)),
                elem_id="preprocess_focal_crop_details",
            ),
            FieldGroup(
                "Auto-sized crop",
                (
                    ("dimension_lower", "dimension_upper"),
                    ("area_lower", "area_upper"),
                    ("auto_size_objective", "auto_size_threshold"),
                ),
                elem_id="preprocess_multicrop_details",
            ),
        ),
    ),
    FieldGroup(
        "Copies",
        (("flip",),),
        inside=(
            FieldGroup("Mirrored copies", (("swap_left_and_right",),), elem_id="preprocess_flip_details"),
        ),
    ),
    FieldGroup(
        "Captions",
        (("caption",), ("existing_caption", "caption_to")),
        inside=(
            FieldGroup(
                "Sentences",
                (
                    ("caption_model",),
                    ("caption_prompt", "caption_beams"),
                    ("caption_min_length", "caption_max_length"),
                ),
                elem_id="preprocess_sentences_details",
            ),
            FieldGroup(
                "Tags",
                (
                    ("tagger_model",),
                    ("tag_threshold", "tag_order"),
                    ("filtered_tags",),
                    ("tag_underscores", "tag_plain_brackets"),
                ),
                elem_id="preprocess_tags_details",
            ),
            FieldGroup("Batches", (("caption_batch_size",),), elem_id="preprocess_batches_details"),
        ),
    ),
)

FOLDS = (
    FieldGroup(
        "Colours and transparency",
        (
            ("contrast", "brightness"),
            ("grayscale_copies",),
            ("transparency_color", "keep_transparency"),
        ),
    ),
    FieldGroup(
        "Background",
        (("background",),),
        inside=(
            FieldGroup(
                "Background colour", (("background_color",),), elem_id="preprocess_background_color_details"
            ),
            FieldGroup("Background model", (("background_model",),), elem_id="preprocess_background_details"),
        ),
    ),
    FieldGroup(
        "Files",
        (("subfolders", "overwrite"), ("output_format", "quality"), ("workers",)),
    ),
)

# gradio's keywords for fields that need more than their option tells.
_KEYWORDS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "source": {"placeholder": "folder with your pictures"},
        "destination": {"placeholder": "new folder for the training pictures"},
        "width": {"placeholder": "model's own"},
        "height": {"placeholder": "model's own"},
        "flip": {"radio": True},
        "caption": {"radio": True},
        "background": {"radio": True},
        "caption_model": {"placeholder": "Salesforce/blip-image-captioning-large"},
        "caption_prompt": {"placeholder": "empty: none"},
        "tagger_model": {"placeholder": "SmilingWolf/wd-vit-tagger-v3"},
        "filtered_tags": {"max_lines": 4, "placeholder": "1girl, blue hair"},
        "workers": {"placeholder": "one for each processor"},
    }
)


def build_preprocess_fields(form: Form) -> PictureUpload:
    """Make all fields in the layout where this is called; gives the button below the first."""
    source, *others = IN_SIGHT
    with gr.Column(elem_id="preprocess_fields"):
        build_rows(form, source.rows, _KEYWORDS)
        upload = PictureUpload()
        for group in others:
            build_rows(form, group.rows, _KEYWORDS)
            for inner in group.inside:
                with gr.Column(elem_id=inner.elem_id, elem_classes=["traintab-switched"]):
                    build_rows(form, inner.rows, _KEYWORDS)
        for group in FOLDS:
            build_fold(form, group, _KEYWORDS)
        with gr.Accordion("The order in which this is done", open=False):
            gr.HTML(order_html(), elem_id="preprocess_order", elem_classes=["traintab-slot"])
    return upload


def order_html() -> str:
    """All operations in their order, which no setting changes."""
    from ..preprocessing.derive import OPERATIONS

    steps = "".join(f"<li>{html.escape(operation.label)}</li>" for operation in OPERATIONS)
    return (
        "<p>Each picture goes through what is switched on, from the top to the bottom. The ways to crop add"
        f" pictures of their own instead of changing each other's.</p><ol>{steps}</ol>"
    )
