"""Prompt templates: text files in which every line is a pattern with `[name]` and `[filewords]`.

`[name]` stands for the embedding's name, `[filewords]` for the picture's caption.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..errors import TemplateError
from .text_files import read_text

__all__ = ["FILEWORDS", "NAME", "Template", "check_template", "fill", "find_templates", "load_template"]

NAME = "[name]"
FILEWORDS = "[filewords]"


@dataclass(frozen=True)
class Template:
    """The patterns of one file: `lines` is never empty and holds no blank line."""

    name: str
    lines: tuple[str, ...]


def find_templates(dirs: Iterable[Path]) -> dict[str, Path]:
    """File name to path of every `.txt` file in `dirs`, sorted.

    The first folder that has a name wins; folders that don't exist don't matter.
    """
    found: dict[str, Path] = {}
    for folder in dirs:
        if folder.is_dir():
            for path in folder.iterdir():
                if path.suffix.lower() == ".txt" and not path.name.startswith(".") and path.is_file():
                    found.setdefault(path.name, path)
    return dict(sorted(found.items(), key=lambda item: (item[0].lower(), item[0])))


def load_template(path: Path) -> Template:
    """Read a template file (UTF-8, UTF-16 with a byte order mark); blank lines are dropped.

    A1111 keeps blank lines as empty prompts, which train nothing. Raises TemplateError when the file is
    missing, not text, or has no line.
    """
    try:
        text = read_text(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise TemplateError(
            f"Reading the prompt template {path} failed: {reason}. Choose a text file saved as UTF-8,"
            " with one prompt on each line."
        ) from error
    lines = tuple(line.strip() for line in text.splitlines() if line.strip())
    if not lines:
        raise TemplateError(
            f"The prompt template {path} is empty. Write one prompt on each line,"
            " such as 'a photo of [name]'."
        )
    return Template(name=path.name, lines=lines)


def fill(line: str, *, name: str, filewords: str) -> str:
    """The prompt of a template line: `[filewords]` first, then `[name]`, so a caption may hold `[name]`."""
    return line.replace(FILEWORDS, filewords).replace(NAME, name)


def check_template(template: Template, *, uses_caption_name: bool) -> None:
    """Raise TemplateError when no prompt made from `template` can show the embedding's name.

    `uses_caption_name` says that captions of the pictures hold `[name]`; they count where a line has
    `[filewords]`.
    """
    if any(NAME in line for line in template.lines):
        return
    has_filewords = any(FILEWORDS in line for line in template.lines)
    if has_filewords and uses_caption_name:
        return
    hint = f" or write {NAME} in the captions that {FILEWORDS} stands for" if has_filewords else ""
    raise TemplateError(
        f"No line of the prompt template {template.name} holds {NAME}, so nothing would be learned."
        f" Write {NAME} where the embedding's name belongs{hint}."
    )
