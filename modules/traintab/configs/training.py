"""What a training run does, in parts."""

from __future__ import annotations

from dataclasses import dataclass, field

from .evaluation import EvaluationConfig
from .loading import LoadingConfig
from .memory import MemoryConfig
from .option import option, size_option
from .samplers import OLD_SAMPLER_NAMES, SAMPLER_NAMES
from .techniques import TechniquesConfig

__all__ = ["DatasetConfig", "OptimizationConfig", "OutputsConfig", "PreviewConfig", "TrainingConfig"]


@dataclass(frozen=True, kw_only=True)
class DatasetConfig:
    """The pictures and the prompts they are shown with."""

    data_dir: str = option(
        "",
        "Dataset directory",
        "The folder with your training pictures.",
        elem_id="train_dataset_directory",
        flag="--data",
        required=True,
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


@dataclass(frozen=True, kw_only=True)
class OptimizationConfig:
    """How the vectors are learned."""

    steps: int = option(
        1000,
        "Max steps",
        "Training ends when the embedding has seen this many steps in all.",
        unit="steps",
        minimum=1,
        maximum=10_000_000,
        step=1,
        elem_id="train_steps",
    )
    learning_rate: str = option(
        "0.005",
        "Embedding Learning rate",
        "One rate, or a schedule: 0.005:100, 1e-3:1000, 1e-5. Too high breaks it, too low learns nothing.",
        elem_id="train_embedding_learn_rate",
        required=True,
    )
    batch_size: int = option(
        4,
        "Batch size",
        "Pictures in one pass; more is steadier and takes more memory. The web UI's own default is 1.",
        minimum=1,
        maximum=1024,
        step=1,
        elem_id="train_batch_size",
    )
    gradient_accumulation_steps: int = option(
        1,
        "Gradient accumulation steps",
        "Passes before each update: a larger batch without the memory.",
        minimum=1,
        maximum=1024,
        step=1,
        elem_id="train_gradient_step",
    )
    clip_grad_mode: str = option(
        "disabled",
        "Gradient Clipping",
        "Bound the gradient by value or by norm.",
        choices=("disabled", "value", "norm"),
        elem_id="train_clip_grad_mode",
    )
    clip_grad_value: str = option(
        "0.1",
        "Gradient clip value",
        "The bound, or a schedule of bounds.",
        elem_id="train_clip_grad_value",
        required=True,
    )
    move_to_ram: bool = option(
        False,
        "Move VAE and text encoder to RAM",
        "The VAE waits in main memory while training, which frees video memory; previews take a little"
        " longer. The text encoder stays: every step goes through it.",
        elem_id="train_move_to_ram",
    )


@dataclass(frozen=True, kw_only=True)
class OutputsConfig:
    """What is written while training."""

    save_every: int = option(
        500,
        "Save a copy of embedding to log directory every N steps, 0 to disable",
        "Copies to go back to; the state to resume from is saved as often.",
        unit="steps",
        minimum=0,
        maximum=10_000_000,
        step=1,
        elem_id="train_save_embedding_every",
    )
    save_image_with_stored_embedding: bool = option(
        True,
        "Save images with embedding in PNG chunks",
        "Pictures that are embeddings themselves, to show and to share.",
        elem_id="train_save_image_with_stored_embedding",
    )
    save_optimizer_state: bool = option(
        False,
        "Save Optimizer state as separate *.optim file",
        "What the optimizer remembers, beside each .pt: A1111 and a later training go on with it. It is found"
        " there whether this is on or off.",
        elem_id="train_save_optimizer_state",
    )
    write_csv_every: int = option(
        10,
        "Save a loss row to the CSV file every N steps, 0 to disable",
        "The loss, step by step, for a spreadsheet.",
        unit="steps",
        minimum=0,
        maximum=10_000_000,
        step=1,
        elem_id="training_write_csv_every",
    )


@dataclass(frozen=True, kw_only=True)
class PreviewConfig:
    """The pictures drawn while training; `preview_seed` is fixed, so that they can be compared."""

    preview_every: int = option(
        500,
        "Save an image to log directory every N steps, 0 to disable",
        "A picture of what has been learned so far.",
        unit="steps",
        minimum=0,
        maximum=10_000_000,
        step=1,
        elem_id="train_create_image_every",
    )
    preview_prompt: str = option(
        "",
        "Preview prompt",
        "What previews show; [name] is the embedding. Empty: the prompt just trained on.",
        elem_id="train_preview_prompt",
    )
    preview_negative_prompt: str = option(
        "", "Preview negative prompt", "What previews keep out.", elem_id="train_preview_negative_prompt"
    )
    preview_steps: int = option(
        20,
        "Preview sampling steps",
        "Sampling steps of a preview.",
        minimum=1,
        maximum=150,
        step=1,
        elem_id="train_preview_steps",
    )
    preview_guidance_scale: float | None = option(
        None,
        "Preview CFG Scale",
        "How strictly previews follow the prompt. Empty: the model's own, mostly 7.",
        minimum=1.0,
        maximum=30.0,
        step=0.5,
        elem_id="train_preview_cfg_scale",
    )
    preview_sampler: str = option(
        "Euler a",
        "Preview sampling method",
        "The sampler of previews.",
        choices=(*SAMPLER_NAMES, *OLD_SAMPLER_NAMES),
        elem_id="train_preview_sampler",
    )
    preview_seed: int = option(
        1,
        "Preview seed",
        "The same for every preview, so that they can be compared; -1: a new one each time.",
        minimum=-1,
        maximum=2**32 - 1,
        step=1,
        elem_id="train_preview_seed",
    )


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """A whole run. `run.yaml` in the log directory holds one, and reruns the run."""

    embedding_name: str = option(
        "", "Embedding", "The embedding to train.", elem_id="train_embedding", flag="NAME", required=True
    )
    seed: int = option(
        0,
        "Training seed",
        "The same seed, pictures and settings train the same vectors.",
        minimum=0,
        maximum=2**32 - 1,
        step=1,
        elem_id="train_seed",
    )
    model: str = option(
        "demo", "Model", "The Stable Diffusion model to train on.", elem_id="train_model", required=True
    )
    loading: LoadingConfig = field(default_factory=LoadingConfig)
    dataset: DatasetConfig = field(default_factory=DatasetConfig)
    optimization: OptimizationConfig = field(default_factory=OptimizationConfig)
    techniques: TechniquesConfig = field(default_factory=TechniquesConfig)
    memory: MemoryConfig = field(default_factory=MemoryConfig)
    outputs: OutputsConfig = field(default_factory=OutputsConfig)
    preview: PreviewConfig = field(default_factory=PreviewConfig)
    evaluation: EvaluationConfig = field(default_factory=EvaluationConfig)
