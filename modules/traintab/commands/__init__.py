"""The subcommands of the command line, one file each.

Here belongs what turns arguments into a call and its answer into lines; what is done is told by `configs`
and done by the packages below. May import everything; torch, diffusers and gradio only inside functions,
so that `--help` and wrong arguments are answered at once.
"""

__all__ = [
    "arguments",
    "caption_selection",
    "caption_shared",
    "caption_undo",
    "caption_writing",
    "captions",
    "check",
    "command",
    "context",
    "create",
    "demo",
    "embedding_operations",
    "embeddings",
    "grid",
    "nearest",
    "output",
    "preprocess",
    "progress",
    "queue",
    "queue_run",
    "stop",
    "train",
    "training_report",
    "txt2img",
    "ui",
]
