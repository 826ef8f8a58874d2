"""The checkpoint grid: the kept steps of a run across, prompts (or weights, CFG, models) down, equal seeds.

What belongs here: which copies of a run are compared, what is drawn of them and when, what can be said of it
meanwhile, the one labelled picture, and which step is recommended by scores that others measure. Nothing of
pages. How pictures are drawn is `sampling`'s, between two steps of a training they are by `drawing`'s rules.
"""

from .grids import Grids
from .snapshot import GridCell, GridColumn, GridRow, GridSnapshot, GridState

__all__ = ["GridCell", "GridColumn", "GridRow", "GridSnapshot", "GridState", "Grids"]
