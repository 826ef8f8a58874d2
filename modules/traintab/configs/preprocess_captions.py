"""How *Preprocess images* makes new captions."""

from __future__ import annotations

from dataclasses import dataclass

from .option import option

__all__ = ["CAPTIONERS", "CaptioningConfig", "TaggingConfig"]

CAPTIONERS = ("none", "filename", "blip", "tags", "blip and tags", "model")


@dataclass(frozen=True, kw_only=True)
class CaptioningConfig:
    """Sentences from BLIP or another image-to-text model, and what becomes of words in flipped copies."""

    caption_model: str = option(
        "",
        "Caption model",
        "A Hugging Face id, fetched at first use, or a folder of model files. Empty:"
        " Salesforce/blip-image-captioning-large (1.9 GB; -base is half as large).",
        elem_id="preprocess_caption_model",
    )
    caption_prompt: str = option(
        "",
        "Caption prompt",
        "What BLIP goes on from, such as 'a photo of', Florence-2's task, such as <DETAILED_CAPTION>, or what"
        " a chat model is asked.",
        elem_id="preprocess_caption_prompt",
    )
    caption_beams: int = option(
        1,
        "BLIP: num_beams",
        "How many wordings are followed at once; 3 to 5 read better and take that many times as long.",
        minimum=1,
        maximum=16,
        step=1,
        elem_id="preprocess_caption_beams",
    )
    caption_min_length: int = option(
        24,
        "BLIP: caption min length",
        "The fewest tokens of a caption of BLIP; long minimums make it invent things.",
        minimum=1,
        maximum=128,
        step=1,
        elem_id="preprocess_caption_min_length",
    )
    caption_max_length: int = option(
        48,
        "BLIP: caption max length",
        "The most tokens of any model's caption; one that is cut ends with its last whole sentence. A prompt"
        " holds 75 before it takes a second part.",
        minimum=1,
        maximum=256,
        step=1,
        elem_id="preprocess_caption_max_length",
    )
    caption_batch_size: int = option(
        4,
        "Pictures captioned at once",
        "More is faster on a graphics card and needs more memory; what doesn't fit is halved.",
        minimum=1,
        maximum=64,
        step=1,
        elem_id="preprocess_caption_batch_size",
    )
    swap_left_and_right: bool = option(
        False,
        "Swap left and right in captions of flipped copies",
        "'looking left' becomes 'looking right' where the copy is mirrored.",
        elem_id="preprocess_swap_left_and_right",
    )


@dataclass(frozen=True, kw_only=True)
class TaggingConfig:
    """Tags in the deepbooru style, from a WD tagger."""

    tagger_model: str = option(
        "",
        "Tagger model",
        "A Hugging Face id or a folder with model.onnx and selected_tags.csv. Empty:"
        " SmilingWolf/wd-vit-tagger-v3 (380 MB, fetched at first use).",
        elem_id="preprocess_tagger_model",
    )
    tag_threshold: float = option(
        0.75,
        "Tag threshold",
        "How sure the tagger must be. 0.35 finds much and errs; 0.75 is nearly always right.",
        minimum=0.0,
        maximum=1.0,
        step=0.05,
        elem_id="preprocess_tag_threshold",
    )
    tag_order: str = option(
        "confidence",
        "Tag order",
        "confidence: the surest first.",
        choices=("confidence", "alphabetical"),
        elem_id="preprocess_tag_order",
    )
    tag_underscores: bool = option(
        False,
        "Keep underscores in tags",
        "long_hair in place of long hair.",
        elem_id="preprocess_tag_underscores",
    )
    tag_plain_brackets: bool = option(
        False,
        "Leave brackets in tags as they are",
        "Otherwise they are escaped, so that prompts don't take them for emphasis.",
        elem_id="preprocess_tag_plain_brackets",
    )
    filtered_tags: str = option(
        "",
        "Tags to leave out",
        "Separated by commas, with spaces or underscores: what the embedding is to learn itself.",
        elem_id="preprocess_filtered_tags",
    )
