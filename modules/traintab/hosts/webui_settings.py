"""What the user told a web UI: its settings, and who may come."""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = ["changed_settings", "logins_of"]

_LOGINS = ("api_auth", "gradio_auth", "auth")
_FILES_OF_LOGINS = ("gradio_auth_path", "auth_file")


def changed_settings(opts: Any) -> dict[str, object]:
    """The host's settings that differ from what they are when it is installed, by key."""
    labels = opts.data_labels
    return {
        key: value
        for key, value in dict(opts.data).items()
        if key not in labels or value != labels[key].default
    }


def logins_of(given: Any) -> dict[str, str]:
    """Names and passwords by the host's command line, `given`: `user:password`, several with commas.

    One without a colon counts as a name without a password, which nobody can give: it lets nobody in.
    """
    told = [getattr(given, name, None) for name in _LOGINS]
    for name in _FILES_OF_LOGINS:
        file = getattr(given, name, None)
        told.append(Path(str(file)).read_text(encoding="utf-8") if file else None)
    lines = [line for text in told if text for line in str(text).replace(",", "\n").splitlines()]
    pairs = (line.strip().partition(":") for line in lines if line.strip())
    return {user: password for user, _colon, password in pairs}
