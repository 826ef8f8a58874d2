"""What a web UI runs at its start: the only file in this folder.

The tab inside web UIs is to come (`traintab.hosts.webui`); until then this says where the page is.
"""

import importlib.util
import sys
from pathlib import Path


def load_traintab(root: Path) -> None:
    """Load `modules/traintab` by its place, because hosts own a package that is called `modules`."""
    folder = root / "modules" / "traintab"
    spec = importlib.util.spec_from_file_location(
        "traintab", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if "traintab" in sys.modules or spec is None or spec.loader is None:
        return
    sys.modules["traintab"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["traintab"])


load_traintab(Path(__file__).resolve().parent.parent)
print("Train Tab has no tab inside web UIs yet; it runs on its own: python3 extension.py")
