"""A web UI as bare as can be, with our tab in it: what the tests of other gradio versions start.

    python bare_host.py DATA_DIR PORT MODEL       serve until it is ended
    python bare_host.py DATA_DIR                  build the page only, and print what it holds as JSON

It does what the web UIs do: one `gr.Blocks` with a tab for each extension, whose own `gr.Blocks` is rendered
there; `queue(64)`; every file of `javascript/` in the head of the page, served by gradio.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

HELPERS = """
<script>
  function gradioApp() {
    const app = document.getElementsByTagName("gradio-app")[0];
    return app && app.shadowRoot ? app.shadowRoot : document;
  }
  const traintabTold = { loaded: [], updated: [] };
  function onUiLoaded(callback) { traintabTold.loaded.push(callback); }
  function onUiUpdate(callback) { traintabTold.updated.push(callback); }
  function updateInput(target) {
    const event = new Event("input", { bubbles: true });
    Object.defineProperty(event, "target", { value: target });
    target.dispatchEvent(event);
  }
  document.addEventListener("DOMContentLoaded", () => {
    let isLoaded = false;
    new MutationObserver(() => {
      traintabTold.updated.forEach((callback) => callback());
      if (!isLoaded && gradioApp().querySelector("#txt2img_prompt")) {
        isLoaded = true;
        traintabTold.loaded.forEach((callback) => callback());
      }
    }).observe(gradioApp(), { childList: true, subtree: true });
  });
</script>
"""


def load_traintab() -> None:
    """By its place, as `scripts/traintab_tab.py` does."""
    folder = ROOT / "modules" / "traintab"
    spec = importlib.util.spec_from_file_location(
        "traintab", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None and spec.loader is not None
    sys.modules["traintab"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["traintab"])


def host_page(studio: Any) -> Any:
    import gradio as gr

    from traintab.ui.host_page import build_host_tab

    tab = build_host_tab(studio)
    with gr.Blocks(analytics_enabled=False, title="Stable Diffusion") as page:
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab("txt2img", id="txt2img", elem_id="tab_txt2img"):
                _own_fields(gr)
            with gr.Tab("Train Tab", id="traintab", elem_id="tab_traintab"):
                tab.render()
        gr.Button("Restart", elem_id="host_restart")
    return page


def _own_fields(gr: Any) -> None:
    """The host's txt2img, by the ids that all web UIs have.

    None of them is of an event here: gradio 3 would show those that have a value as fields to be read only.
    """
    own = {"interactive": True}
    gr.Textbox(label="Prompt", elem_id="txt2img_prompt", lines=3, **own)
    gr.Textbox(label="Negative prompt", elem_id="txt2img_neg_prompt", lines=3, **own)
    gr.Dropdown(["Euler a", "DPM++ 2M", "DDIM"], value="Euler a", elem_id="txt2img_sampling", **own)
    gr.Slider(1, 150, 20, step=1, label="Steps", elem_id="txt2img_steps", **own)
    gr.Slider(1, 30, 7, step=0.5, label="CFG Scale", elem_id="txt2img_cfg_scale", **own)
    gr.Slider(64, 2048, 512, step=8, label="Width", elem_id="txt2img_width", **own)
    gr.Slider(64, 2048, 512, step=8, label="Height", elem_id="txt2img_height", **own)
    gr.Number(-1, label="Seed", elem_id="txt2img_seed", **own)


def inject(head: str) -> None:
    """Put `head` into the page's, as the web UIs do: by wrapping what makes the answer."""
    import gradio.routes as routes

    original = routes.templates.TemplateResponse

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        answer = original(*args, **kwargs)
        answer.body = answer.body.replace(b"</head>", f"{head}</head>".encode())
        answer.init_headers()
        return answer

    routes.templates.TemplateResponse = wrapped


def head() -> str:
    """Each file of its own, as hosts serve an extension's."""
    from traintab.ui.gradio_compat import api_prefix

    below = f"{api_prefix()}/".lstrip("/")
    scripts = "".join(
        f'<script type="text/javascript" src="{below}file={path}?{path.stat().st_mtime}"></script>\n'
        for path in sorted((ROOT / "javascript").glob("*.js"))
    )
    return HELPERS + scripts


def is_public(event: Mapping[str, Any]) -> bool:
    """gradio 6 gives a name to those that are not, too."""
    return bool(event["api_name"]) and event.get("api_visibility", "public") == "public"


def main() -> None:
    load_traintab()
    import gradio as gr

    from traintab.hosts import StandaloneHost
    from traintab.paths import Paths
    from traintab.studio import Studio

    paths = Paths.under(Path(sys.argv[1]))
    studio = Studio(StandaloneHost(paths), model=sys.argv[3] if len(sys.argv) > 3 else "demo")
    page = host_page(studio)
    if len(sys.argv) == 2:
        known = page.get_config_file()
        ids = [one["props"].get("elem_id") for one in known["components"]]
        public = [one["api_name"] for one in known["dependencies"] if is_public(one)]
        queued = [
            one["id"] for one in known["dependencies"] if one["backend_fn"] and one["queue"] is not False
        ]
        told = {
            "gradio": gr.__version__,
            "ids": [one for one in ids if one],
            "public": public,
            "queued": queued,
        }
        print(json.dumps(told))
        return
    inject(head())
    studio.load_in_background()
    folders = [str(ROOT), str(paths.log_dir), str(paths.outputs_dir), str(paths.thumbnails_dir)]
    page.queue(64).launch(
        server_port=int(sys.argv[2]), prevent_thread_lock=True, quiet=True, allowed_paths=folders
    )
    print("ready", flush=True)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
