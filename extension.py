"""Train Tab on its own: completes `.venv` beside this file, then runs the command line inside it."""

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent


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


def run() -> int:
    """Start the program; `--current-env` takes the running Python as it is, without `.venv`."""
    if sys.version_info < (3, 11):
        print(f"Train Tab needs Python 3.11 or newer; this is {sys.version.split()[0]}.", file=sys.stderr)
        return 2
    arguments = [argument for argument in sys.argv[1:] if argument != "--current-env"]
    if "--current-env" not in sys.argv:
        from install import enter_environment

        enter_environment(ROOT, arguments)
    load_traintab(ROOT)
    from traintab.cli import main

    return main(arguments)


if __name__ == "__main__":
    raise SystemExit(run())
