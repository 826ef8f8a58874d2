"""The samplers of k-diffusion's family, in the variables of their papers.

Each goes through noise levels `sigmas` `[n + 1]` that fall to 0, from latents `x` `[b, c, h, w]` with
noise of `sigmas[0]`. It asks for the model's idea of the clean latents by yielding a `Question`, is sent
the answer, and returns the picture's latents. `noise()` is standard normal noise of the latents' shape.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from itertools import pairwise
from typing import NamedTuple

from torch import Tensor

__all__ = [
    "Question",
    "Solution",
    "Solver",
    "dpm2",
    "dpm2_ancestral",
    "dpm_plus_2s_ancestral",
    "dpm_plus_sde",
    "euler",
    "euler_ancestral",
    "heun",
    "lms",
]


class Question(NamedTuple):
    """What are the clean latents, seeing `latents` `[b, c, h, w]` with noise of `sigma` `[]` at `step`?"""

    latents: Tensor
    sigma: Tensor
    step: int


Solution = Generator[Question, Tensor, Tensor]
Noise = Callable[[], Tensor]
Solver = Callable[[Tensor, Tensor, Noise], Solution]


def euler(x: Tensor, sigmas: Tensor, _noise: Noise) -> Solution:
    """Euler's method: straight on to the next level (Karras et al., 2022, algorithm 2 without churn)."""
    for step, (sigma, lower) in enumerate(_pairs(sigmas)):
        clean = yield Question(x, sigma, step)
        x = x + (x - clean) / sigma * (lower - sigma)
    return x


def heun(x: Tensor, sigmas: Tensor, _noise: Noise) -> Solution:
    """Heun's method: the mean of the slopes at both ends (Karras et al., 2022, algorithm 2)."""
    for step, (sigma, lower) in enumerate(_pairs(sigmas)):
        clean = yield Question(x, sigma, step)
        slope = (x - clean) / sigma
        ahead = x + slope * (lower - sigma)
        if lower == 0:
            return ahead
        clean = yield Question(ahead, lower, step)
        x = x + (slope + (ahead - clean) / lower) / 2 * (lower - sigma)
    return x


def euler_ancestral(x: Tensor, sigmas: Tensor, noise: Noise) -> Solution:
    """Euler's method further down than the next level, and back up to it with fresh noise."""
    for step, (sigma, lower) in enumerate(_pairs(sigmas)):
        clean = yield Question(x, sigma, step)
        down, up = _ancestral(sigma, lower)
        x = x + (x - clean) / sigma * (down - sigma)
        if lower > 0:
            x = x + noise() * up
    return x


def lms(x: Tensor, sigmas: Tensor, _noise: Noise) -> Solution:
    """The linear multistep method of Adams and Bashforth over the last four slopes."""
    slopes: deque[Tensor] = deque(maxlen=4)
    levels = [float(sigma) for sigma in sigmas]
    for step, (sigma, _lower) in enumerate(_pairs(sigmas)):
        clean = yield Question(x, sigma, step)
        slopes.append((x - clean) / sigma)
        known = levels[step + 1 - len(slopes) : step + 1]
        for slope, weight in zip(slopes, _adams_bashforth(known, levels[step + 1]), strict=True):
            x = x + slope * weight
    return x


def dpm2(x: Tensor, sigmas: Tensor, _noise: Noise) -> Solution:
    """DPM-Solver-2 (Lu et al., 2022): on with the slope of half way, in logarithms."""
    for step, (sigma, lower) in enumerate(_pairs(sigmas)):
        x = yield from _midpoint_step(x, sigma, lower, step)
    return x


def dpm2_ancestral(x: Tensor, sigmas: Tensor, noise: Noise) -> Solution:
    """DPM-Solver-2 further down than the next level, and back up to it with fresh noise."""
    for step, (sigma, lower) in enumerate(_pairs(sigmas)):
        down, up = _ancestral(sigma, lower)
        x = yield from _midpoint_step(x, sigma, down, step)
        if lower > 0:
            x = x + noise() * up
    return x


def dpm_plus_2s_ancestral(x: Tensor, sigmas: Tensor, noise: Noise) -> Solution:
    """DPM-Solver++(2S) (Lu et al., 2022), with fresh noise up to the next level."""
    for step, (sigma, lower) in enumerate(_pairs(sigmas)):
        clean = yield Question(x, sigma, step)
        if lower == 0:
            return clean
        down, up = _ancestral(sigma, lower)
        middle = (sigma * down).sqrt()
        half_way = _towards(clean, x, sigma, middle)
        clean = yield Question(half_way, middle, step)
        x = _towards(clean, x, sigma, down) + noise() * up
    return x


def dpm_plus_sde(x: Tensor, sigmas: Tensor, noise: Noise) -> Solution:
    """DPM-Solver++ for the stochastic equation, with a step half way in logarithms.

    The noise of the whole step contains that of its first half, as on one path of Brownian motion.
    """
    for step, (sigma, lower) in enumerate(_pairs(sigmas)):
        clean = yield Question(x, sigma, step)
        if lower == 0:
            return clean
        middle = (sigma * lower).sqrt()
        first, second = noise(), noise()
        down, up = _ancestral(sigma, middle)
        half_way = _towards(clean, x, sigma, down) + first * up
        clean = yield Question(half_way, middle, step)
        whole = ((sigma - middle).sqrt() * first + (middle - lower).sqrt() * second) / (sigma - lower).sqrt()
        down, up = _ancestral(sigma, lower)
        x = _towards(clean, x, sigma, down) + whole * up
    return x


def _pairs(sigmas: Tensor) -> list[tuple[Tensor, Tensor]]:
    return list(pairwise(sigmas))


def _ancestral(sigma: Tensor, lower: Tensor) -> tuple[Tensor, Tensor]:
    """How far down to go, and how much noise then makes up the level `lower`."""
    up = (lower**2 * (sigma**2 - lower**2) / sigma**2) ** 0.5
    return (lower**2 - up**2).clamp(min=0) ** 0.5, up


def _midpoint_step(x: Tensor, sigma: Tensor, lower: Tensor, step: int) -> Solution:
    """From `sigma` to `lower` with the slope half way between their logarithms."""
    clean = yield Question(x, sigma, step)
    slope = (x - clean) / sigma
    if lower == 0:
        return x + slope * (lower - sigma)
    middle = (sigma * lower).sqrt()
    half_way = x + slope * (middle - sigma)
    clean = yield Question(half_way, middle, step)
    return x + (half_way - clean) / middle * (lower - sigma)


def _towards(clean: Tensor, x: Tensor, sigma: Tensor, lower: Tensor) -> Tensor:
    """The exact solution from `sigma` to `lower` if the clean latents stay what they are."""
    kept = lower / sigma
    return kept * x + (1 - kept) * clean


def _adams_bashforth(known: list[float], target: float) -> list[float]:
    """For slopes known at these sigmas, the weights of their polynomial's integral from the last to `target`.

    Gauss and Legendre's two nodes are exact for the four slopes' polynomial of third degree.
    """
    middle, half = (known[-1] + target) / 2, (target - known[-1]) / 2
    nodes = (middle - half / 3**0.5, middle + half / 3**0.5)
    return [half * sum(_lagrange(known, chosen, node) for node in nodes) for chosen in range(len(known))]


def _lagrange(known: list[float], chosen: int, at: float) -> float:
    """The polynomial that is 1 at the chosen sigma and 0 at the others."""
    product = 1.0
    for index, sigma in enumerate(known):
        if index != chosen:
            product *= (at - sigma) / (known[chosen] - sigma)
    return product
