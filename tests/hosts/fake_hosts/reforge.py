"""reForge: A1111's databases and Train tab, and its own way to make room."""

from __future__ import annotations

from pathlib import Path

from .a1111 import databases_of_a1111, own_train_tab, webui
from .parts import FakeHost, Model


def reforge(root: Path) -> FakeHost:
    host = FakeHost(root, "reforge", label="Train Tab")
    webui(host, cache_length=3)
    databases_of_a1111(host)
    own_train_tab(host)

    def unload_model_weights(model: Model | None = None) -> str:
        host.check_held("unload")
        return str((model or host.model_data.sd_model).to("cpu"))

    def load_model_to_device(model: Model | None = None) -> str:
        host.check_held("load to device")
        return str((model or host.model_data.sd_model).to("cuda"))

    host.modules["sd_models"].has(
        "free VRAM; modules/sd_models.py",
        unload_model_weights=unload_model_weights,
        load_model_to_device=load_model_to_device,
        send_model_to_device=lambda m: None,
    ).lacks("free VRAM; modules/sd_models.py", "FakeInitialModel")
    host.modules["modules_forge"] = host.part("modules_forge")
    return host
