"""SD.Next: a regular package, relative folders, a model that is dropped, and a cache of its own."""

from __future__ import annotations

import os
from collections import OrderedDict
from pathlib import Path
from typing import Any

from .a1111 import add_shared
from .parts import Database, FakeHost, Model, Part


class ModelDatabase(Database):
    """Hangs on the loaded model."""

    def load_textual_inversion_embeddings(self, force_reload: bool = False) -> None:
        if force_reload:
            self.read()


def sdnext(root: Path) -> FakeHost:
    host = FakeHost(root, "sdnext", label="Train")
    host.embeddings_dir = root / "models" / "embeddings"
    host.embeddings_dir.mkdir()
    add_shared(host, _state(host))
    relative = os.path.relpath(host.embeddings_dir)
    host.settings.update(
        embeddings_dir=relative, ckpt_dir=os.path.relpath(root / "models" / "Stable-diffusion")
    )
    given = host.modules["shared"].cmd_opts
    given.has("embeddings dir", embeddings_dir=relative).has("read: modules/cmd_args.py", auth=None)
    given.has("read: modules/cmd_args.py", auth_file=None)
    host.module("call_queue").has("lock while training", queue_lock=host.lock)
    host.module("devices").has("device/dtype", device="cuda", dtype="torch.bfloat16")
    paths = host.module("paths")
    paths.has("read: modules/paths.py", data_path=os.path.relpath(root))
    paths.has("read: modules/paths.py", models_path=os.path.relpath(root / "models"))
    host.module("modeldata").has("read: modules/modeldata.py", model_data=host.model_data)
    cache: OrderedDict[str, Any] = OrderedDict()
    host.caches = lambda: list(cache.values())
    host.module("prompt_parser_diffusers").has("read: modules/prompt_parser_diffusers.py", cache=cache)
    cache["a prompt"] = [None]
    host.module("processing").lacks(
        "read: modules/processing.py has no cached_*",
        *("StableDiffusionProcessing", "StableDiffusionProcessingTxt2Img"),
        "StableDiffusionProcessingImg2Img",
    )
    host.module("ui_extra_networks_textual_inversion").lacks("UI/API list DB: same object", "embedding_db")
    _models(host)
    host.load_model = lambda: _load(host)  # type: ignore[method-assign]
    return host


def _load(host: FakeHost) -> Model:
    database = ModelDatabase(host)
    host.databases.append(database)
    host.model_data.sd_model = Model(embedding_db=database)
    return host.model_data.sd_model


def _models(host: FakeHost) -> None:
    def unload_model_weights(op: str = "model") -> None:
        host.check_held(f"unload {op}")
        if op == "model":
            host.model_data.sd_model = None

    def select_checkpoint(op: str = "model", sd_model_checkpoint: str | None = None) -> Any:
        return host.select_checkpoint() if host.checkpoints else None

    host.module("sd_models").has(
        "checkpoint path",
        checkpoints_list=host.checkpoints,
        select_checkpoint=select_checkpoint,
        model_data=host.model_data,
    ).has("free VRAM", unload_model_weights=unload_model_weights).has(
        "read: modules/sd_checkpoint.py", model_path=str(host.root / "models" / "Stable-diffusion")
    ).lacks("read: modules/sd_models.py", "FakeInitialModel", "load_model_to_device", "send_model_to_device")


def _state(host: FakeHost) -> Part:
    state = host.part("shared.state")

    def begin(title: str = "", task_id: int = 0, api: bool | None = None) -> str:
        host.check_held(f"begin {title}")
        state.has("state", interrupted=False)
        return "id"

    def end(task_id: str | None = None, api: bool | None = None) -> None:
        host.check_held("end")
        if task_id != "id":
            host.violations.append("the job was ended without its id")

    return state.has("state", begin=begin, end=end, interrupted=False)
