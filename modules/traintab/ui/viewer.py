"""The picture that opens over the page, and how any part of the page lets its pictures open there.

Whatever has `data-full` opens when it is clicked, by Enter too where it is a link or button:

    data-full       the address of the whole picture; empty where it is the link's own `href`
    data-title      a heading: `Step 500`
    data-text       what it shows: the prompt
    data-note       how it was made: seed, sampler
    data-row, data-column   its place, where pictures stand in rows: ← and → stay in the row, ↑ and ↓ in the
                    column; without them all pictures are one row

Text and note may also stand once at an ancestor that holds them for several. The keys go through all pictures
of the nearest ancestor with `data-viewer` (a name that is its own on the page); a picture with `data-echo`
stands for the one of the same address there. The script is `javascript/traintab_viewer.js`; without it links
open in a tab of their own.
"""

from __future__ import annotations

import html

__all__ = ["attributes", "viewer_html"]


def attributes(**data: object) -> str:
    """`data-…` attributes with a space before each; those that are None are left out."""
    return "".join(
        f' data-{name}="{html.escape(str(value), quote=True)}"'
        for name, value in data.items()
        if value is not None
    )


def viewer_html() -> str:
    """The dialog, closed; the page has one."""
    return """<dialog id="traintab_viewer" class="traintab-viewer" aria-labelledby="traintab_viewer_title">
<div class="traintab-viewer-head">
<h2 id="traintab_viewer_title" class="traintab-viewer-title"></h2>
<span class="traintab-viewer-place"></span>
<a class="traintab-viewer-file" target="_blank" rel="noopener">Open the file</a>
<button type="button" class="traintab-viewer-close" aria-label="Close" title="Close (Esc)">×</button>
</div>
<div class="traintab-viewer-body">
<button type="button" class="traintab-viewer-step" data-go="-1"
 aria-label="Previous picture" title="Previous picture (←)">‹</button>
<div class="traintab-viewer-frame"><img alt=""></div>
<button type="button" class="traintab-viewer-step" data-go="1"
 aria-label="Next picture" title="Next picture (→)">›</button>
</div>
<div class="traintab-viewer-told" tabindex="0">
<p class="traintab-viewer-text"></p>
<p class="traintab-viewer-note"></p>
</div>
</dialog>"""
