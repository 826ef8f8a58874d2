"""*Notify me when done*, and the list of keys, in a line below the job's buttons.

Both are the browser's business alone (`javascript/traintab_notify.js`, `traintab_keys.js`): the tick is
remembered there, and the server is asked nothing.
"""

from __future__ import annotations

from typing import Any

import gradio as gr

__all__ = ["build_notify"]

_LINE = """<div class="traintab-notify">
<label><input type="checkbox" class="traintab-notify-tick"> Notify me when done</label>
<button type="button" class="traintab-keys-open" aria-haspopup="dialog">Keyboard</button>
<span class="traintab-notify-told" data-when="granted" role="status" hidden>
This browser will tell you, as long as this page stays open.</span>
<span class="traintab-notify-told" data-when="refused" role="status" hidden>
This browser shows no notifications for this page: a short sound and the tab's title will tell you.</span>
</div>"""


def build_notify() -> Any:
    """Make the line in the current layout."""
    return gr.HTML(_LINE, elem_id="ti_notify", elem_classes=["traintab-slot"])
