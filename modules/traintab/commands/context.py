"""What every subcommand is handed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..configs import LoadingConfig
from ..paths import Paths
from .output import Output
from .stop import StopRequest

if TYPE_CHECKING:
    from ..models.model import Model

__all__ = ["Context"]


@dataclass(frozen=True, kw_only=True)
class Context:
    """Where files lie, where answers go, and whether the user asked to stop."""

    paths: Paths
    output: Output
    stop: StopRequest

    def load_model(
        self,
        spec: str,
        *,
        quietly: bool = False,
        choices: LoadingConfig | None = None,
        precision: str = "auto",
    ) -> Model:
        """The model `spec` means; raises ModelError, and KeyboardInterrupt when the user stops it."""
        from ..models.loading import load_model

        said: list[str] = []

        def say_once(line: str) -> None:
            """The first line tells the model and the device; the parts that follow take no time."""
            if not said and not quietly:
                self.output.log(line)
            said.append(line)

        return load_model(
            spec, self.paths, report=say_once, choices=choices or LoadingConfig(), precision=precision
        )
