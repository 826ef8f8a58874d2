"""The user's own presets: save, delete and undo, bring in a file that somebody shared."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from ..errors import ConfigError
from ..presets import delete_preset, import_preset, preset_named, put_back, save_preset, settings_to_save
from .gradio_compat import listen, listen_to_form
from .messages import done, guarded
from .page import Page
from .preset_choices import preset_choices, remember_choice, remembered_choice

__all__ = ["OwnPresets", "delete", "import_file", "save", "undo"]

_LARGEST_FILE = 200_000
_WHOLE = "With size, seed, memory and previews too"

Values = Mapping[str, Any]


def save(page: Page, wanted: Values, create: Values, train: Values) -> tuple[Any, ...]:
    """Keep what the fields hold as a preset of the user's own: a message, and the choice with it chosen.

    `wanted` has `name`, `about` and `whole`, which takes in what presets usually leave alone.
    """
    settings = settings_to_save(create, train, is_whole=bool(wanted["whole"]))
    preset = save_preset(str(wanted["name"] or ""), str(wanted["about"] or ""), settings, page.studio.paths)
    count = len(preset.create) + len(preset.train)
    remember_choice(page, preset.name)
    told = f"Saved the preset {preset.title}; settings in it that aren't the defaults: {count}."
    return done(told), _choice(page)


def delete(page: Page, name: str | None) -> tuple[Any, ...]:
    """Move the chosen preset to the trash: a message, and the choice without it."""
    if not name:
        raise ConfigError("No preset of your own is chosen; choose the one to delete above.")
    title = preset_named(name, page.studio.paths).title or name
    delete_preset(name, page.studio.paths)
    remember_choice(page, "")
    return done(f"{title} is in the trash; Undo brings it back."), _choice(page)


def undo(page: Page) -> tuple[Any, ...]:
    """Bring back what was deleted or replaced last: a message, and the choice with it chosen."""
    preset = put_back(page.studio.paths)
    remember_choice(page, preset.name)
    return done(f"{preset.title or preset.name} is back."), _choice(page)


def import_file(page: Page, file: Any) -> tuple[Any, ...]:
    """Take in a file that somebody shared: a message, and the choice with it to choose from."""
    path = Path(str(getattr(file, "name", file)))
    preset = import_preset(_text_of(path), path.name, page.studio.paths)
    told = f"{preset.title or preset.name} is among the presets now; choose it above to use it."
    return done(told), gr.update(choices=preset_choices(page.studio)[0])


def _text_of(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(_LARGEST_FILE)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name} was not taken: it is no text ({type(error).__name__}).") from error


def _choice(page: Page) -> Any:
    return gr.update(choices=preset_choices(page.studio)[0], value=remembered_choice(page))


class OwnPresets:
    """A fold, made in the layout where it is constructed."""

    def __init__(self) -> None:
        with gr.Accordion("Save, import or delete a preset", open=False, elem_id="train_own_presets"):
            with gr.Row():
                self.name = gr.Textbox(
                    label="Name of the new preset",
                    placeholder="such as My characters",
                    max_lines=1,
                    elem_id="train_preset_name",
                    min_width=160,
                )
                self.about = gr.Textbox(
                    label="What it is for",
                    placeholder="a sentence for you and others",
                    max_lines=1,
                    elem_id="train_preset_about",
                    min_width=160,
                )
            self.whole = gr.Checkbox(label=_WHOLE, value=False, elem_id="train_preset_whole")
            with gr.Row(elem_classes=["traintab-actions"]):
                self.save = gr.Button("Save as preset", elem_id="train_preset_save", min_width=110)
                self.file = gr.UploadButton(
                    "Import a file",
                    file_types=[".yaml", ".yml"],
                    elem_id="train_preset_import",
                    min_width=110,
                )
                self.delete = gr.Button("Delete this preset", elem_id="train_preset_delete", min_width=110)
                self.undo = gr.Button("Undo", elem_id="train_preset_undo", min_width=80)

    def wire(self, page: Page, choice: Any, message: Any) -> list[Any]:
        """Let the buttons work on the `choice` of presets; returns the events that change it."""
        outputs = [message, choice]
        count = len(page.create.components)

        def saved(name: str, about: str, whole: bool, *values: Any) -> tuple[Any, ...]:
            wanted = {"name": name, "about": about, "whole": whole}
            create, train = page.create.values(values[:count]), page.train.values(values[count:])
            return save(page, wanted, create, train)

        fields = [self.name, self.about, self.whole, *page.create.components, *page.train.components]
        return [
            listen_to_form(self.save.click, guarded(saved, outputs=2), fields, outputs),
            listen(self.delete.click, guarded(lambda name: delete(page, name), outputs=2), [choice], outputs),
            listen(self.undo.click, guarded(lambda: undo(page), outputs=2), None, outputs),
            listen(
                self.file.upload,
                guarded(lambda file: import_file(page, file), outputs=2),
                [self.file],
                outputs,
            ),
        ]
