"""The text that makes a picture an embedding: A1111's PNG chunk `sd-ti-embedding`."""

from __future__ import annotations

import base64
import json

from .embedding import Embedding

__all__ = [
    "COMMENT_KEY",
    "FACTS_KEY",
    "KEY",
    "card_json",
    "facts_text",
    "png_text",
    "read_facts",
    "webui_fields",
]

KEY = "sd-ti-embedding"
FACTS_KEY = "sd-ti-embedding-facts"
# Ours: A1111, its forks, ComfyUI and diffusers take what they know from the dictionary and pass over this.
COMMENT_KEY = "comment"
# The id of `*` in CLIP's vocabulary; A1111 writes it always and never reads it.
_ASTERISK_ID = 265


def webui_fields(embedding: Embedding) -> dict[str, object]:
    """A1111's dictionary around the vectors, without `string_to_param`: plain texts, numbers and None.

    An embedding with a comment has it there as one text more.
    """
    fields: dict[str, object] = {
        "string_to_token": {"*": _ASTERISK_ID},
        "name": embedding.name,
        "step": embedding.step,
        "sd_checkpoint": embedding.sd_checkpoint,
        "sd_checkpoint_name": embedding.sd_checkpoint_name,
    }
    return {**fields, COMMENT_KEY: embedding.comment} if embedding.comment else fields


def card_json(embedding: Embedding) -> bytes:
    """The JSON that a picture card carries in its text and in its pixels: tensors as nested lists.

    Each is `{"TORCHTENSOR": [[...], ...]}`, numbers to the last bit. One text encoder: A1111's dictionary.
    Two: exactly their tensors, the only form that A1111 takes from a picture (it writes none for SDXL); name,
    step and model are then in a chunk of ours, `facts_text`.
    """
    tensors = {
        encoder: {"TORCHTENSOR": vectors.detach().cpu().float().tolist()}
        for encoder, vectors in embedding.vectors.items()
    }
    if len(tensors) == 1:
        fields = webui_fields(embedding) | {"string_to_param": {"*": next(iter(tensors.values()))}}
    else:
        fields = dict(tensors)
    return json.dumps(fields).encode("ascii")


def png_text(embedding: Embedding) -> tuple[str, str]:
    """Keyword and value of the text chunk: base64 of `card_json`."""
    return KEY, base64.b64encode(card_json(embedding)).decode("ascii")


def facts_text(embedding: Embedding) -> tuple[str, str]:
    """Keyword and value of the text chunk with name, step and model, by their keys in safetensors files."""
    facts = {
        "modelspec.trigger_phrase": embedding.name,
        **({"modelspec.description": embedding.comment} if embedding.comment else {}),
        "modelspec.steps": "" if embedding.step is None else str(embedding.step),
        "sd_checkpoint": embedding.sd_checkpoint or "",
        "sd_checkpoint_name": embedding.sd_checkpoint_name or "",
    }
    return FACTS_KEY, base64.b64encode(json.dumps(facts).encode("ascii")).decode("ascii")


def read_facts(value: bytes) -> dict[str, str]:
    """The texts in a value of `facts_text`, still a stranger's; none of one that can't be read."""
    try:
        facts = json.loads(base64.b64decode(value, validate=True))
    except (ValueError, RecursionError):
        return {}
    return (
        {key: text for key, text in facts.items() if isinstance(text, str)} if isinstance(facts, dict) else {}
    )
