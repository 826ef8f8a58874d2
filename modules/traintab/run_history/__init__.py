"""Past runs: what the log directory knows of each, its curves, its settings, and deleting one.

Belongs here: whatever is read of a run that isn't going on. Runs of the web UI's own Train tab count too.
May import `training` and what lies below it, and the records of `jobs`; knows nothing of the page.
"""

from .history import RunHistory
from .loaded_settings import LoadedSettings
from .summary import RunStatus, RunSummary
from .trash import DeletedRun

__all__ = ["DeletedRun", "LoadedSettings", "RunHistory", "RunStatus", "RunSummary"]
