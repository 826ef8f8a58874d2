"""Text rules of prompts: attention, templates, captions. Standard library only."""
