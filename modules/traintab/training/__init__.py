"""Training as a generator of events: state, loss, step, loop; and the run around it that keeps files.

Belongs here: whatever happens between *Train* and the finished embedding. May import `datasets`,
`conditioning`, `models`, `embeddings`, `configs`, `prompts`, `schedules`. Imports neither `sampling` nor
`jobs`: the preview renderer and the interrupt check come as callables. `loop` and `step` know no files;
whoever writes one while training is a listener (`listeners/`).
"""

__all__ = [
    "checks",
    "create",
    "events",
    "listeners",
    "lock",
    "loop",
    "loss",
    "picture_loss",
    "prepare",
    "prompt_lines",
    "record",
    "run",
    "run_folder",
    "session",
    "state",
    "state_files",
    "step",
    "unfinished",
]
