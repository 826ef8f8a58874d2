"""Text rules of prompts: attention, templates, captions.

Belongs here: what can be decided about a prompt from its characters alone. Imports the standard library
and `errors`, nothing else.
"""

__all__ = ["attention", "captions", "templates", "text_files"]
