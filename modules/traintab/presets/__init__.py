"""Presets: settings that suit a kind of subject, and recipes as guides write them, a YAML file each.

The shipped ones are never changed; the user's own lie in the data directory, and go to the trash when they
are deleted or replaced. A preset may come from a stranger: its file is read as plain `field: value` lines,
and what isn't a known setting of the right kind is refused with a sentence.
"""

from .changes import Change, changes, changes_from_defaults
from .own import (
    delete_preset,
    deleted_presets,
    import_preset,
    is_own,
    preset_text,
    put_back,
    save_preset,
    settings_to_save,
)
from .preset import DEFAULTS, Preset, find_presets, preset_from_text, preset_named, read_preset

__all__ = [
    "DEFAULTS",
    "Change",
    "Preset",
    "changes",
    "changes_from_defaults",
    "delete_preset",
    "deleted_presets",
    "find_presets",
    "import_preset",
    "is_own",
    "preset_from_text",
    "preset_named",
    "preset_text",
    "put_back",
    "read_preset",
    "save_preset",
    "settings_to_save",
]
