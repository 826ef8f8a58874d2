"""Stage 4: the UNet, v-prediction on encoded latents with captions drawn anew at every pass.

Two processes make batches of 64 on the processor, one makes 512 on a card; the learning rate is the same.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from diffusers import DDIMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor, nn

from .device import is_card, on_processor, prepared, reduced_precision, training_device
from .encoding import CaptionEncoder, Known, known_at
from .latent_reader import Proofreader
from .latents import Latents
from .made_up_names import NameComposer, NameInjection
from .pace import Pace, Report, descend, set_learning_rate
from .pair import Pair
from .pool import load_pool
from .tokenizer import LENGTH, load_tokenizer
from .train_text_encoder import WIDTH, Lesson, caption_for, labels_for, new_text_encoder
from .world import Attributes

BATCH, CARD_BATCH = 32, 512
EMPTY_SHARE = 0.1
MADE_UP_SHARE = 0.6
SHARES = (0.25, 0.15, 0.2, 0.15, 0.2, 0.05)
"""How much of a batch is plain, unusual, plain toys, plain objects with a pattern, plain two-tone hair, and
anything.
"""
SNR_LIMIT = 6.0
STATED_WEIGHT = 0.1
"""So much counts what is stated and not found: then its gradient is a little longer than the other one."""


def new_noise_scheduler() -> DDIMScheduler:
    """The noise scheduler of the demo model: v-prediction, almost no signal left at the last timestep."""
    return DDIMScheduler(
        num_train_timesteps=1000,
        beta_schedule="scaled_linear",
        beta_start=0.00085,
        beta_end=0.02,
        prediction_type="v_prediction",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
    )


def new_unet() -> UNet2DConditionModel:
    """An untrained UNet whose residual branches start at zero."""
    unet = UNet2DConditionModel(
        sample_size=16,
        in_channels=8,
        out_channels=8,
        block_out_channels=(80, 128, 160),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        layers_per_block=1,
        cross_attention_dim=WIDTH,
        attention_head_dim=4,
        norm_num_groups=16,
    )
    for name, module in unet.named_modules():
        if name.endswith(("conv2", "proj_out")) or name == "conv_out":
            for parameter in module.parameters():
                nn.init.zeros_(parameter)
    return unet


class Conditioning:
    """Prompt embeddings of random captions, by the frozen text encoder."""

    def __init__(self, work_dir: Path, attributes: Sequence[Attributes]) -> None:
        tokenizer = load_tokenizer(work_dir / "tokenizer")
        weights = torch.load(work_dir / "text_encoder.pt", weights_only=True)
        self._attributes = attributes
        self._encoder = CaptionEncoder(tokenizer)
        self._device = training_device()
        self._text_encoder = new_text_encoder(tokenizer).eval()
        self._text_encoder.load_state_dict(weights["text_encoder"])
        composer = NameComposer(WIDTH)
        composer.load_state_dict(weights["composer"])
        self._text_encoder.to(self._device)
        composer.to(self._device)
        self._injection = NameInjection(self._text_encoder, composer)

    def write(self, indices: Sequence[int], rng: random.Random) -> Lesson:
        """Fresh captions of the pictures at `indices`; one in ten is empty."""
        captions = [
            [] if rng.random() < EMPTY_SHARE else caption_for(self._attributes[i], i, rng, MADE_UP_SHARE)
            for i in indices
        ]
        return Lesson(self._encoder.encode(captions), *labels_for(self._attributes, indices))

    @torch.no_grad()
    def embed(self, lesson: Lesson) -> Tensor:
        """Prompt embeddings of the captions that `write` made: float32 [batch, 77, width]."""
        batch, classes, numbers = lesson.to(self._device)
        self._injection.expect(batch, classes, numbers)
        with reduced_precision(self._device):
            embeds: Tensor = self._text_encoder(batch.ids).last_hidden_state
        return embeds.float()


def spread_timesteps(count: int) -> Tensor:
    """Random timesteps, one in each of `count` equal parts of 0 to 999, shuffled: int64 [count]."""
    parts = (torch.arange(count) + torch.rand(count)) * 1000 / count
    return parts.long()[torch.randperm(count)]


class Choice:
    """Draws the pictures of a batch: many in the plain style, which shows colours best and is asked for most,
    many with what is rare in the world and hard to draw, few of all.
    """

    def __init__(self, attributes: Sequence[Attributes], size: int = BATCH) -> None:
        self._size = size
        everything = range(len(attributes))
        plain = [i for i in everything if attributes[i]["style"] == "anime"]
        self._groups = (
            plain,
            [i for i in everything if is_unusual(attributes[i])],
            [i for i in plain if attributes[i].get("shape") == "toy"] or plain,
            [i for i in plain if attributes[i].get("thing pattern", "plain") != "plain"] or plain,
            [i for i in plain if "second hair color" in attributes[i]] or plain,
            everything,
        )

    def draw(self, rng: random.Random) -> list[int]:
        """The indices of a batch, in order, as a disk likes it."""
        groups = rng.choices(self._groups, SHARES, k=self._size)
        return sorted(rng.choice(group) for group in groups)


def is_unusual(picture: Attributes) -> bool:
    """Whether eyes differ, hair has two colours, the style has no name, or it is an object."""
    odd_eyes = picture.get("eye color") != picture.get("other eye color")
    return odd_eyes or "second hair color" in picture or picture["style"] == "other" or "shape" in picture


def face_cells(height: int, width: int) -> Tensor:
    """How much each cell of the latents counts: float32 [height, width], eyes 2.5 times the rest, mean 1.

    Eyes are a thirtieth of the picture, and their colour is what a character is known by.
    """
    weights = torch.ones(height, width)
    weights[height * 5 // 16 : height * 11 // 16, width // 4 : width - width // 4] = 2.5
    return weights / weights.mean()


def v_loss(
    unet: nn.Module, scheduler: DDIMScheduler, latents: Tensor, embeds: Tensor
) -> tuple[Tensor, Tensor]:
    """The loss of v-prediction (Salimans and Ho 2022), weighted by min(snr + 1, 6) / (snr + 1), and the clean
    latents [batch, 8, height, width] that the prediction stands for.
    """
    noise, timesteps = torch.randn_like(latents), spread_timesteps(len(latents)).to(latents.device)
    noisy = scheduler.add_noise(latents, noise, timesteps)
    with reduced_precision(latents.device):
        predicted = unet(noisy, timesteps, embeds).sample
    predicted = predicted.float()
    target = scheduler.get_velocity(latents, noise, timesteps)
    signal = scheduler.alphas_cumprod.to(latents.device)[timesteps]
    ratio = signal / (1 - signal)
    weight = (ratio + 1).clamp(max=SNR_LIMIT) / (ratio + 1)
    cells = face_cells(*latents.shape[2:]).to(latents.device)
    error = ((predicted - target).square() * cells).mean(dim=(1, 2, 3))
    share = signal[:, None, None, None]
    return (error * weight).mean(), share.sqrt() * noisy - (1 - share).sqrt() * predicted


class Objective:
    """What a batch costs: the loss of v-prediction, and what its captions state that can't be found in the
    prediction.
    """

    def __init__(self, work_dir: Path, attributes: Sequence[Attributes]) -> None:
        self.conditioning = Conditioning(work_dir, attributes)
        self._latents, self._proofreader = Latents(work_dir), Proofreader(work_dir, attributes)
        self._scheduler = new_noise_scheduler()

    def losses(self, unet: nn.Module, indices: Sequence[int], lesson: Lesson) -> tuple[Tensor, Tensor]:
        """The loss of v-prediction, and that of what is told and not found."""
        embeds = self.conditioning.embed(lesson)
        loss, predicted = v_loss(unet, self._scheduler, self._latents.draw(indices), embeds)
        at_the_end = torch.full((len(indices), 1), LENGTH - 1)
        told = known_at(lesson.captions, lesson.classes, at_the_end)
        told = Known(told.values[:, 0], told.numbers[:, 0])
        return loss, self._proofreader.loss(predicted, indices, told)


def update_average(average: nn.Module, model: nn.Module, step: int) -> None:
    """Move the exponential moving average of the weights one step, faster in the beginning."""
    decay = min(0.999, (step + 1) / (step + 10))
    with torch.no_grad():
        torch._foreach_lerp_(list(average.parameters()), list(model.parameters()), 1 - decay)


def train_unet(work_dir: Path, minutes: float, report: Report) -> None:
    """Train for `minutes`, or until a file `stop` appears in `work_dir`; writes `unet.pt`, the averaged
    weights.
    """
    done = work_dir / "unet.pt"
    if done.exists():
        return
    pair = Pair(work_dir / "unet_meeting")
    torch.manual_seed(100 + pair.rank)
    _, attributes = load_pool(work_dir / "pool")
    objective = Objective(work_dir, attributes)
    pace = Pace("unet", minutes, work_dir / "unet_resume.pt", report)
    unet, average = _new_pair()
    optimizer = torch.optim.AdamW(unet.parameters(), betas=(0.9, 0.99), weight_decay=0.01, fused=True)
    _resume(pace, unet, average, optimizer)
    pair.copy_from_first(list(unet.parameters()))
    batches = _batches(attributes, objective.conditioning, pace.step, pair.rank)
    fraction, means = 0.0, torch.ones(2)
    while fraction < 1:
        fraction = pair.agree(1.0 if (work_dir / "stop").exists() else pace.fraction)
        indices, lesson = next(batches)
        loss, missed = objective.losses(unet, indices, lesson)
        set_learning_rate(optimizer, pace.learning_rate(1.2e-3, fraction))
        cost = loss + STATED_WEIGHT * missed
        descend(cost, optimizer, lambda: pair.average_gradients(list(unet.parameters())))
        pace.step += 1
        if pair.is_first:
            update_average(average, unet, pace.step)
            means += (torch.stack([loss, missed]).detach().cpu() - means) / 50
            if pace.is_report_due():
                pace.tell("mean loss {:.4f}, {:.4f} for what is missed".format(*means.tolist()))
            if pace.is_save_due():
                _save(pace, unet, average, optimizer)
    if pair.is_first:
        _save(pace, unet, average, optimizer)
        torch.save(on_processor(average.state_dict()), done)
    pair.close()


def _new_pair() -> tuple[UNet2DConditionModel, UNet2DConditionModel]:
    """Two untrained UNets where the training is: the one to train, and its average."""
    device = training_device()
    unet, average = new_unet().to(device), new_unet().to(device)
    if not is_card(device):
        unet.set_attn_processor(AttnProcessor())  # with the fused one a step in bfloat16 takes a third longer
    return unet, average


def _batches(
    attributes: Sequence[Attributes], conditioning: Conditioning, first: int, rank: int
) -> Iterator[tuple[list[int], Lesson]]:
    """The indices and captions of every batch from step `first` on."""
    device, shared = training_device(), random.Random(1000 * first + rank)
    choice = Choice(attributes, CARD_BATCH if is_card(device) else BATCH)

    def write(step: int) -> tuple[list[int], Lesson]:
        rng = random.Random(step) if is_card(device) else shared
        indices = choice.draw(rng)
        return indices, conditioning.write(indices, rng)

    return prepared(write, first, device)


def _resume(pace: Pace, unet: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    state = pace.load()
    if state is None:
        average.load_state_dict(unet.state_dict())
        return
    unet.load_state_dict(state["unet"])
    average.load_state_dict(state["average"])
    optimizer.load_state_dict(state["optimizer"])


def _save(pace: Pace, unet: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    pace.save(
        {"unet": unet.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict()}
    )
