"""What stands above the loss plot and stays while the plot below it is drawn anew: scale and readout."""

from __future__ import annotations

from typing import Any

import gradio as gr

__all__ = ["plot_tools"]

_READ = (
    ("step", "Step"),
    ("loss", "Loss"),
    ("smoothed", "Smoothed"),
    ("evaluation", "Evaluation"),
    ("rate", "Rate"),
)


def plot_tools() -> Any:
    """The components, in the current layout.

    The style shows the scale that is ticked; the page's script remembers it, and reads values where somebody
    points or moves by the arrow keys.
    """
    read = "".join(f"<span>{label} <b data-of={name!r}></b></span>" for name, label in _READ)
    return gr.HTML(
        '<div class="traintab-plot-tools">'
        '<label><input type="checkbox" id="ti_loss_log"> <span>Log scale</span></label>'
        f'<output id="ti_loss_readout" for="ti_loss">{read}</output>'
        '<span id="ti_loss_help" class="traintab-unseen">Loss curve. The left and right arrow keys read its'
        " values.</span></div>",
        elem_id="ti_loss_tools",
        elem_classes=["traintab-slot"],
    )
