"""Where each setting of *Train* stands: ten in sight, the others in seven folds."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from .field_groups import FieldGroup, build_fold
from .form import Form

__all__ = ["GROUPS", "IN_SETTINGS", "IN_SIGHT", "train_groups"]

IN_SIGHT = (
    *("embedding_name", "data_dir", "template", "learning_rate", "steps", "batch_size", "width", "height"),
    *("preview_every", "save_every"),
)
"""What every training is about; `train_panel` lays it out."""

IN_SETTINGS = (
    *("move_to_ram", "save_optimizer_state", "filename_word_regex", "filename_join_string"),
    *("write_csv_every", "tensorboard"),
)
"""What A1111 keeps under Settings, Training, and we do too."""

GROUPS = (
    FieldGroup(
        "Dataset",
        (),
        elem_id="train_group_dataset",
        sections=(
            FieldGroup(
                "Folders and repeats",
                (
                    ("subfolders",),
                    ("folder_repeats",),
                    ("more_data_dirs",),
                    ("dataset_config",),
                    ("class_data_dir",),
                ),
            ),
            FieldGroup(
                "Prompts and captions",
                (
                    ("shuffle_tags",),
                    ("tag_drop_out",),
                    ("keep_tags", "tag_separator"),
                    ("caption_extension", "token_string"),
                    ("caption_prefix", "caption_suffix"),
                    ("caption_drop_out",),
                    ("wildcards",),
                    ("template_line",),
                ),
            ),
            FieldGroup(
                "Sizes and variants of pictures",
                (
                    ("resize_mode",),
                    ("resolutions", "transparency_color"),
                    ("bucket_step", "bucket_min", "bucket_max"),
                    ("bucket_no_upscale",),
                    ("flip_augmentation",),
                    ("random_crop", "color_jitter"),
                    ("grayscale_copies", "picture_variants"),
                    ("latent_sampling_method",),
                ),
            ),
        ),
    ),
    FieldGroup(
        "Vectors",
        (
            ("more_embeddings",),
            ("clip_skip", "ema_decay"),
            ("norm_control",),
        ),
        elem_id="train_group_vectors",
    ),
    FieldGroup(
        "Optimisation",
        (),
        elem_id="train_group_optimisation",
        sections=(
            FieldGroup(
                "Optimizer",
                (
                    ("optimizer", "weight_decay"),
                    ("optimizer_betas", "optimizer_eps"),
                    ("optimizer_arguments",),
                    ("gradient_accumulation_steps", "seed"),
                    ("clip_grad_mode", "clip_grad_value"),
                ),
            ),
            FieldGroup(
                "Course of the learning rate",
                (
                    ("lr_scheduler", "lr_warmup"),
                    ("lr_cycles", "lr_power"),
                    ("scale_lr",),
                ),
            ),
            FieldGroup(
                "When to stop",
                (
                    ("max_epochs",),
                    ("automatic_stop",),
                    ("automatic_stop_window", "automatic_stop_threshold"),
                ),
            ),
        ),
    ),
    FieldGroup(
        "Loss",
        (),
        elem_id="train_group_loss",
        sections=(
            FieldGroup(
                "How the loss is measured",
                (
                    ("loss_type", "huber_delta", "huber_schedule"),
                    ("min_snr_gamma",),
                    ("debiased_weights",),
                    ("loss_mask", "unmasked_weight"),
                ),
            ),
            FieldGroup(
                "Noise and timesteps",
                (
                    ("min_timestep", "max_timestep"),
                    ("timesteps_per_picture", "stratified_timesteps"),
                    ("noise_offset", "input_perturbation"),
                    ("random_noise_strength",),
                    ("pyramid_noise_iterations", "pyramid_noise_discount"),
                ),
            ),
            FieldGroup(
                "Context regularisation",
                (
                    ("prior_loss_weight", "context_word"),
                    ("context_prompts", "context_prompts_per_step"),
                ),
            ),
            FieldGroup("Evaluation", (("evaluate_every", "evaluation_samples"),)),
        ),
    ),
    FieldGroup(
        "Memory",
        (
            ("precision", "gradient_checkpointing"),
            ("train_with_selected_vae",),
            ("deterministic",),
        ),
        elem_id="train_group_memory",
    ),
    FieldGroup(
        "Saving",
        (
            ("save_every_epochs", "save_precision"),
            ("keep_last", "keep_every"),
            ("comment",),
            ("save_image_with_stored_embedding",),
        ),
        elem_id="train_group_saving",
    ),
    FieldGroup(
        "Preview",
        (
            ("preview_prompt",),
            ("preview_negative_prompt",),
            ("preview_sampler", "preview_seed"),
            ("preview_steps", "preview_guidance_scale"),
            ("preview_width", "preview_height"),
            ("preview_every_epochs",),
            ("preview_prompts",),
            ("preview_prompts_file",),
        ),
        {"train_preview_from_txt2img": "Read parameters (prompt, etc...) from txt2img tab"},
        elem_id="train_group_preview",
    ),
)

# gradio's keywords for fields that need more than their option tells.
_KEYWORDS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "preview_prompt": {"max_lines": 3, "placeholder": "empty: the prompt just trained on"},
        "preview_negative_prompt": {"max_lines": 3},
        "more_data_dirs": {"lines": 2, "max_lines": 6, "placeholder": "/pictures/more: 2"},
        "dataset_config": {"placeholder": "empty: the dataset directory"},
        "resolutions": {"placeholder": "512, 768"},
        "bucket_min": {"placeholder": "half"},
        "bucket_max": {"placeholder": "twice"},
        "preview_width": {"placeholder": "as in training"},
        "preview_height": {"placeholder": "as in training"},
        "preview_prompts": {"lines": 2, "max_lines": 12, "placeholder": "a photo of [name] --d 1"},
        "preview_prompts_file": {"placeholder": "path of a text file"},
        "comment": {"max_lines": 3},
        "clip_grad_mode": {"min_width": 240},
        "context_word": {"placeholder": "dog, woman, painting, …"},
        "lr_warmup": {"placeholder": "0, 100 or 10%"},
        "optimizer_betas": {"placeholder": "the optimizer's own"},
        "optimizer_eps": {"placeholder": "the optimizer's own"},
        "optimizer_arguments": {"placeholder": "such as d_coef=2"},
        "more_embeddings": {"placeholder": "empty: this one alone"},
    }
)


def train_groups(form: Form) -> dict[str, Any]:
    """Make the folds and their fields in the layout where this is called; gives the buttons by their ids."""
    buttons = {}
    for group in GROUPS:
        buttons.update(build_fold(form, group, _KEYWORDS))
    return buttons
