"""The model that is selected: by the user on our page, or by what a web UI draws with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .configs import LoadingConfig
from .device_loan import DeviceLoan
from .errors import ModelError
from .hosts.host import Host
from .model_slot import AUTO, Load, ModelSlot, ModelState, ModelStatus
from .paths import Paths
from .remembered import Remembered

if TYPE_CHECKING:
    from .models.model import Model

__all__ = ["SelectedModel"]


class SelectedModel(ModelSlot):
    """The slot of a program that lives in `host`; `load` replaces the loader in tests.

    In a web UI there is one device for two models. Ours is there only inside `on_device`, and which one it is
    follows the web UI's own choice, but never while work on it is under way.
    """

    def __init__(
        self, spec: str, host: Host, remembered: Remembered, paths: Callable[[], Paths], load: Load | None
    ) -> None:
        super().__init__(spec, load or self._load_as_chosen)
        self._host = host
        self._remembered = remembered
        self._paths = paths
        self._loan = DeviceLoan(host, self.unload)
        self._followed = ("", "")

    def names(self) -> list[str]:
        """The models that can be selected: the demo, those in our folders, and what else a web UI lists."""
        from .models.discovery import find_checkpoints

        found = {checkpoint.name: str(checkpoint.path) for checkpoint in find_checkpoints(self._paths())}
        return [*found, *(path for path in self._host.checkpoints() if path not in found.values())]

    def get(self) -> Model:
        """As `ModelSlot.get`; in a web UI it must have stepped aside before, or there is no room for ours."""
        if self._host.shares_device and not self._loan.is_taken:
            raise ModelError("No model was loaded: the web UI has the device now. Try again while we train.")
        return super().get()

    @property
    def status(self) -> ModelStatus:
        """What the page shows; read without waiting for a load."""
        self._follow_host()
        return self._status

    @contextmanager
    def on_device(self) -> Iterator[None]:
        """Work with a model happens in such blocks; waits until a web UI has finished what it draws."""
        self._follow_host()
        with self._loan.taken():
            yield

    @contextmanager
    def lent(self, spec: str, precision: str) -> Iterator[Model]:
        """As `ModelSlot.lent`, with the device."""
        with self.on_device(), super().lent(spec, precision) as model:
            yield model

    def unload(self) -> None:
        """As `ModelSlot.unload`; the device's memory is free afterwards, whoever still refers to the model.

        The page may be in the middle of a look at its tokens, so only the UNet's weights are gone.
        """
        from .models.memory import let_go

        model = self._model
        super().unload()
        if model is not None:
            for module in (model.vae, *(encoder.module for encoder in model.text_encoders)):
                module.to("cpu")
            let_go([model.unet])

    def load_in_background(self) -> None:
        """Nothing in a web UI: there a model is loaded for the work that needs it."""
        if not self._host.shares_device:
            super().load_in_background()

    def widths(self) -> dict[str, int]:
        """The width of each text encoder; read from the files where the model isn't to be loaded for it."""
        from .models.discovery import resolve
        from .models.facts import widths_of

        if self._may_load():
            return dict(self.get().widths)
        return widths_of(resolve(self.status.spec, self._paths()))

    def default_size(self) -> int:
        """The side of its pictures in pixels; read as `widths` are."""
        from .models.facts import size_of_model

        if self._may_load():
            return self.get().default_size
        return size_of_model(self.status.spec, self._paths())

    def _may_load(self) -> bool:
        return not self._host.shares_device or self.status.state is ModelState.READY

    def _follow_host(self) -> None:
        """Take what the web UI has selected; the standalone program and one without models have nothing."""
        current = "" if self._loan.is_taken else self._host.current_checkpoint()
        if current:
            if current != self._followed[0]:
                self._followed = current, self._name_of(current)
            if self._status.spec != self._followed[1]:  # else a failed load would be forgotten at once
                self.choose(self._followed[1])

    def _name_of(self, path: str) -> str:
        """The name by which this path is found again, as it stands in a run.yaml; else the path itself."""
        from .models.discovery import find_checkpoints

        names = {str(checkpoint.path): checkpoint.name for checkpoint in find_checkpoints(self._paths())}
        return names.get(path, path)

    def _load_as_chosen(self, spec: str, report: Callable[[str], None]) -> Model:
        from .models.loading import load_model

        choices = self._remembered.config("loading", LoadingConfig)
        precision = self._host.precision if self.precision == AUTO else self.precision
        return load_model(
            spec, self._paths(), device=self._host.device, report=report, choices=choices, precision=precision
        )
