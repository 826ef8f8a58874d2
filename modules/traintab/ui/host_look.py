"""The page's stylesheets for a tab in a web UI: every rule reaches into that tab and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

__all__ = ["HOST_TAB", "host_style", "scoped"]

HOST_TAB = "#tab_traintab"
"""How every web UI calls the tab that was registered as `traintab`."""

_STYLE_DIR = Path(__file__).parent
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# What the page has around its panels, and the web UI has itself.
_PAGES_OWN = re.compile(r"^(?:\.gradio-container(?:$| >)|\.gradio-container footer|footer|\.tab-container)")
# What stands around the panels in the page, as the tab does in a web UI.
_AROUND = re.compile(r"^(?:#tabs|\.gradio-container)(?![\w-])")
_HELP = ":is(.info-text,.has-info+div,.traintab-checkbox>.wrap+div)"

# gradio 3 and 4 stretch columns to the height of their neighbours, and make a block that waits for an answer
# higher, whether its progress is shown or not: a button below it moves away under the mouse. They also frame
# panels, and leave the gap below a row of which nothing is shown.
_OLDER_GRADIO = """
.stretch { align-items: flex-start; }
.prose.min { min-height: 0; }
.pending { opacity: 1; }
#train_tabs > .tabitem, #preprocess_tabs > .tabitem { border-width: 0; padding: 8px 0 0; }
.traintab-actions:not(:has(> :not(.hide, .hidden))) { display: none; }
#preprocess_add_to_queue { min-width: max-content !important; }
@media (max-width: 640px) {
  .tab-nav button { padding: 4px 7px; font-size: 13px; }
}
"""


def host_style() -> str:
    """All stylesheets, scoped to the tab."""
    files = sorted(_STYLE_DIR.glob("*.css"))
    return scoped("\n".join([_OLDER_GRADIO, *(path.read_text(encoding="utf-8") for path in files)]))


def scoped(css: str) -> str:
    """The rules with `HOST_TAB` before each selector; those about the page around the panels are left out."""
    return "\n".join(_rules(_COMMENT.sub("", css)))


def _rules(css: str) -> Iterator[str]:
    for head, body in _blocks(css):
        if head.startswith("@media"):
            yield f"{head} {{ {' '.join(_rules(body))} }}"
        elif head.startswith("@"):
            yield f"{head} {{{body}}}"
        else:
            selectors = [found for one in _selectors(head) if (found := _below_tab(one))]
            if selectors:
                yield f"{', '.join(selectors)} {{{body}}}"


def _blocks(css: str) -> Iterator[tuple[str, str]]:
    """What stands before each brace of the outermost level, and what stands within."""
    depth = start = opened = 0
    for place, letter in enumerate(css):
        if letter == "{":
            opened = place if depth == 0 else opened
            depth += 1
        elif letter == "}":
            depth -= 1
            if depth == 0:
                yield " ".join(css[start:opened].split()), css[opened + 1 : place]
                start = place + 1


def _selectors(head: str) -> Iterator[str]:
    """The parts between commas, but for those within brackets."""
    depth = start = 0
    for place, letter in enumerate(head):
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and depth == 0:
            yield head[start:place].strip()
            start = place + 1
    yield head[start:].strip()


def _below_tab(selector: str) -> str:
    """The selector below the tab, below a dark page where it asks for one; nothing for the page's own."""
    is_dark = selector.startswith(".dark ")
    plain = selector.removeprefix(".dark ")
    if _PAGES_OWN.match(plain):
        return ""
    inside = _AROUND.sub(HOST_TAB, plain.replace(".info-text", _HELP))
    below = inside if inside.startswith(HOST_TAB) else f"{HOST_TAB} {inside}"
    return f"{'.dark ' if is_dark else ''}{below}"
