"""The pictures of a training and the prompts they are shown with."""

from __future__ import annotations

from dataclasses import dataclass

from .option import option, size_option

__all__ = ["DatasetConfig"]


@dataclass(frozen=True, kw_only=True)
class DatasetConfig:
    """The pictures and the prompts they are shown with."""

    data_dir: str = option(
        "",
        "Dataset directory",
        "The folder with your training pictures.",
        elem_id="train_dataset_directory",
        flag="--data",
    )
    template: str = option(
        "style_filewords.txt",
        "Prompt template",
        "A file of prompts with [name] and [filewords], or a path of your own; subject suits characters.",
        elem_id="train_template_file",
        required=True,
    )
    width: int | None = size_option("Width", elem_id="train_width")
    height: int | None = size_option("Height", elem_id="train_height")
    shuffle_tags: bool = option(
        False,
        "Shuffle tags by ',' when creating prompts.",
        "The caption's tags in a new order at each showing.",
        elem_id="train_shuffle_tags",
    )
    tag_drop_out: float = option(
        0.0,
        "Drop out tags when creating prompts.",
        "The share of tags left out at each showing.",
        minimum=0.0,
        maximum=1.0,
        step=0.1,
        elem_id="train_tag_drop_out",
    )
    latent_sampling_method: str = option(
        "once",
        "Choose latent sampling method",
        "once: one sample a picture; deterministic: the mean; random: a new sample each time.",
        choices=("once", "deterministic", "random"),
        elem_id="train_latent_sampling_method",
    )
    flip_augmentation: bool = option(
        False,
        "Flip pictures at random",
        "Each showing is mirrored by an even chance: more from few pictures. Off for what has a left and a"
        " right, such as writing or a parting.",
        elem_id="train_flip_augmentation",
    )
    train_with_selected_vae: bool = option(
        False,
        "Train with the selected VAE",
        "Off: the model's own VAE sees the pictures, whatever SD VAE is selected for drawing. On: the"
        " selected one; the embedding suits that one then.",
        elem_id="train_with_selected_vae",
    )
    filename_word_regex: str = option(
        "",
        "Filename word regex",
        "Which parts of a file name are words, when a picture has no .txt.",
        elem_id="dataset_filename_word_regex",
    )
    filename_join_string: str = option(
        " ", "Filename join string", "What joins those words.", elem_id="dataset_filename_join_string"
    )
