"""Text rules of prompts: attention, schedules, composition, networks' tags, templates, captions.

Belongs here: what can be decided about a prompt from its characters alone. Imports the standard library
and `errors`, nothing else.
"""

__all__ = [
    "attention",
    "captions",
    "composition",
    "extra_networks",
    "mirrored_words",
    "schedule",
    "templates",
    "text_files",
    "weights",
]
