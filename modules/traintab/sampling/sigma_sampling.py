"""A solver in sigmas, told a model's way: timesteps, scaled latents and what the UNet predicts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from .evaluation import Evaluation, Evaluations, draw_noise
from .noise_levels import NoiseLevels, Spacing
from .solvers import Question, Solver

__all__ = ["SigmaSampling"]


class SigmaSampling:
    """One run of a solver of `solvers` over a spacing, for a UNet of this prediction type."""

    def __init__(self, solver: Solver, spacing: Spacing, levels: NoiseLevels, prediction_type: str) -> None:
        self.num_steps = len(spacing.timesteps)
        self._solver = solver
        self._sigmas = spacing.sigmas
        self._levels = levels
        self._predicts_velocity = prediction_type == "v_prediction"
        pairs = zip(spacing.sigmas.tolist(), spacing.timesteps.tolist(), strict=False)
        self._timesteps: dict[float, float] = dict(pairs)

    def start(self, noise: torch.Tensor, clean: torch.Tensor | None = None) -> torch.Tensor:
        """Noise of the first level, over `clean` latents if there are any; all `[b, c, h, w]`."""
        noise = noise * self._sigmas[0]
        return noise if clean is None else clean + noise

    def run(self, latents: torch.Tensor, generators: Sequence[torch.Generator]) -> Evaluations:
        """From `start` to the picture's latents; see `Sampling`."""
        solution = self._solver(latents, self._sigmas, lambda: draw_noise(latents, generators))
        question = next(solution)
        while True:
            prediction = yield self._evaluation(question)
            try:
                question = solution.send(self._clean(question, prediction))
            except StopIteration as end:
                result: torch.Tensor = end.value
                return result

    def _evaluation(self, question: Question) -> Evaluation:
        sigma = float(question.sigma)
        timestep = self._timesteps.get(sigma)
        if timestep is None:
            timestep = float(self._levels.timesteps_of(np.array([sigma]))[0])
        return Evaluation(
            model_input=question.latents / ((question.sigma**2 + 1) ** 0.5),
            timestep=torch.tensor(timestep, dtype=torch.float32, device=question.latents.device),
            step=question.step,
        )

    def _clean(self, question: Question, prediction: torch.Tensor) -> torch.Tensor:
        """Clean latents from predicted noise, or from predicted velocity (Salimans and Ho, 2022)."""
        sigma = question.sigma
        if self._predicts_velocity:
            return prediction * (-sigma / (sigma**2 + 1) ** 0.5) + question.latents / (sigma**2 + 1)
        return question.latents - sigma * prediction
