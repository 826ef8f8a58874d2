"""Forge, and Forge Neo: databases in the loaded model's text engines, one more for lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .a1111 import webui
from .parts import Database, FakeHost, Model


class EngineDatabase(Database):
    """Reads whenever it is asked."""

    def load_textual_inversion_embeddings(self) -> None:
        self.read()


class ListedDatabase(Database):
    """What the page lists; it would look at the model unless told not to."""

    def load_textual_inversion_embeddings(
        self, force_reload: bool = False, sync_with_sd_model: bool = True
    ) -> None:
        if sync_with_sd_model:
            self.host.violations.append("the listing asked for the model")
        if force_reload:
            self.read()


def forge(root: Path, name: str = "forge") -> FakeHost:
    """Nothing is loaded at first but a stand-in."""
    host = FakeHost(root, name, label="Train")
    webui(host, cache_length=3)

    class FakeInitialModel:
        cond_stage_model = None

    def unload_model_weights(sd_model: Any = None, info: Any = None) -> None:
        host.check_held("unload")
        host.model_data.sd_model.to("cpu")

    host.model_data.forge_loading_parameters = {}
    host.model_data.sd_model = FakeInitialModel()
    host.modules["sd_models"].has(
        "free VRAM",
        FakeInitialModel=FakeInitialModel,
        unload_model_weights=unload_model_weights,
        send_model_to_device=lambda m: host.events.append("send to device"),
    ).lacks("free VRAM", "load_model_to_device")
    host.modules["modules_forge"] = host.part("modules_forge")
    listed = ListedDatabase(host, needs_model=False)
    host.databases.append(listed)
    host.module("ui_extra_networks_textual_inversion").has("UI/API list DB", embedding_db=listed)
    hijack = host.part("sd_hijack.model_hijack").lacks("TI DB used for generation", "embedding_db")
    host.module("sd_hijack").has("read: modules/sd_hijack.py", model_hijack=hijack)
    inversion = host.module("textual_inversion.textual_inversion")
    inversion.lacks('builtin "Train" tab: none', "train_embedding")
    host.load_model = lambda: _load(host, "text_processing_engine")  # type: ignore[method-assign]
    return host


def forge_neo(root: Path) -> FakeHost:
    """An SDXL model is loaded there: two engines. The embeddings lie under `models`."""
    host = forge(root, "forge")
    host.embeddings_dir = root / "models" / "embeddings"
    host.embeddings_dir.mkdir()
    host.modules["shared"].cmd_opts.has("section 6, Forge Neo", embeddings_dir=str(host.embeddings_dir))
    engines = ("text_processing_engine_l", "text_processing_engine_g")
    host.load_model = lambda: _load(host, *engines)  # type: ignore[method-assign]
    return host


def _load(host: FakeHost, *engines: str) -> Model:
    parts: dict[str, Any] = {}
    for name in engines:
        database = EngineDatabase(host)
        host.databases.append(database)
        parts[name] = host.part(name).has("TI DB used for generation", embeddings=database)
    host.model_data.sd_model = model = Model(**parts)
    return model
