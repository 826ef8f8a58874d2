"""A1111 1.10, and what reForge and Forge have in common with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .parts import Database, FakeHost, Model, OptionInfo, Options, Part


def a1111(root: Path) -> FakeHost:
    host = FakeHost(root, "a1111", label="Train Tab")
    webui(host, cache_length=2)
    databases_of_a1111(host)
    own_train_tab(host)

    def unload_model_weights(sd_model: Any = None, info: Any = None) -> Any:
        host.check_held("unload")
        model = sd_model or host.load_model()
        if sd_model is None:
            host.violations.append("the host loaded a model to unload it")
        return model.to("cpu")

    def send_model_to_device(m: Model) -> None:
        host.check_held("send to device")
        m.to("cuda")

    host.modules["sd_models"].has(
        "free VRAM", unload_model_weights=unload_model_weights, send_model_to_device=send_model_to_device
    ).lacks("free VRAM", "load_model_to_device", "FakeInitialModel")
    return host


def databases_of_a1111(host: FakeHost) -> None:
    """One for prompts and lists alike, beside the model."""

    class EmbeddingDatabase(Database):
        def load_textual_inversion_embeddings(self, force_reload: bool = False) -> None:
            if force_reload:
                self.read()

    database = EmbeddingDatabase(host)
    host.databases.append(database)
    hijack = host.part("sd_hijack.model_hijack").has("TI DB used for generation", embedding_db=database)
    host.module("sd_hijack").has("TI DB used for generation", model_hijack=hijack)
    listing = host.module("ui_extra_networks_textual_inversion")
    listing.lacks("UI/API list DB: same object", "embedding_db")


def own_train_tab(host: FakeHost) -> None:
    inversion = host.module("textual_inversion.textual_inversion")
    inversion.has('builtin "Train" tab; modules/textual_inversion/textual_inversion.py', train_embedding=None)


def webui(host: FakeHost, *, cache_length: int) -> None:
    """What A1111, reForge and Forge share."""
    add_shared(host, state_of_a1111(host))
    call_queue = host.module("call_queue")
    call_queue.has("lock while training", queue_lock=host.lock)
    host.module("devices").has("device/dtype", device="cuda:1", dtype="torch.float16")
    host.module("paths").has(
        "read: modules/paths.py", data_path=str(host.root), models_path=str(host.root / "models")
    )
    host.module("sd_models").has(
        "checkpoint path",
        checkpoints_list=host.checkpoints,
        select_checkpoint=host.select_checkpoint,
        model_data=host.model_data,
    ).has("read: modules/sd_models.py", model_path=str(host.root / "models" / "Stable-diffusion"))
    conditioning_caches(host, cache_length)


def conditioning_caches(host: FakeHost, length: int) -> None:
    class StableDiffusionProcessing:
        cached_c: list[Any] = [None] * length
        cached_uc: list[Any] = [None] * length
        sampler_name = None

    class StableDiffusionProcessingTxt2Img(StableDiffusionProcessing):
        cached_hr_c: list[Any] = [None] * length
        cached_hr_uc: list[Any] = [None] * length

    class StableDiffusionProcessingImg2Img(StableDiffusionProcessing):
        pass

    base, txt2img = StableDiffusionProcessing, StableDiffusionProcessingTxt2Img
    host.caches = lambda: [base.cached_c, base.cached_uc, txt2img.cached_hr_c, txt2img.cached_hr_uc]
    host.module("processing").has(
        "clear it",
        StableDiffusionProcessing=base,
        StableDiffusionProcessingTxt2Img=txt2img,
        StableDiffusionProcessingImg2Img=StableDiffusionProcessingImg2Img,
    )


def state_of_a1111(host: FakeHost) -> Part:
    state = host.part("shared.state")

    def begin(job: str = "(unknown)") -> None:
        host.check_held(f"begin {job}")
        state.has("state", interrupted=False)

    def end() -> None:
        host.check_held("end")

    return state.has("state", begin=begin, end=end, interrupted=False)


def add_shared(host: FakeHost, state: Part) -> None:
    """`shared`, without `sd_model`: to read it loads a model, so nobody may."""
    given = host.part("shared.cmd_opts")
    given.has("embeddings dir", embeddings_dir=str(host.embeddings_dir))
    given.has(
        "read: modules/cmd_args.py",
        ckpt_dir=None,
        vae_dir=None,
        lora_dir=str(host.root / "models" / "Lora"),
        textual_inversion_templates_dir=str(host.root / "textual_inversion_templates"),
        api=True,
        api_auth=None,
        gradio_auth=None,
        gradio_auth_path=None,
    )
    given.lacks(
        "read: modules/cmd_args.py",
        *("ckpt_dirs", "vae_dirs", "lora_dirs", "diffusers_dir", "auth", "auth_file", "traintab_log_dir"),
    )
    shared = host.module("shared").has("options", opts=Options(host), OptionInfo=OptionInfo)
    shared.has("embeddings dir", cmd_opts=given).has("state", state=state)
