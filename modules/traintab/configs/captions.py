"""How captions are read and varied."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import ConfigError
from .option import option

__all__ = ["CaptionsConfig"]

# Which line of the template a picture is shown with.
LINE_AS_WEB_UI = "as A1111"
LINE_EACH_TIME = "each time"
LINE_PER_PICTURE = "per picture"


@dataclass(frozen=True, kw_only=True)
class CaptionsConfig:
    """The captions beside the pictures: where they are read from, and what becomes of them in a prompt."""

    caption_extension: str = option(
        ".txt",
        "Caption file extension",
        "The ending of the text file beside each picture: .txt in web UIs, .caption in kohya's scripts.",
        elem_id="train_caption_extension",
        required=True,
    )
    token_string: str = option(
        "",
        "Token string",
        "The word in your captions that stands for the embedding, when it isn't the embedding's name (kohya's"
        " token_string). Every place where it stands as a word of its own becomes the name.",
        elem_id="train_token_string",
    )
    caption_prefix: str = option(
        "",
        "Caption prefix",
        "Text before every caption, such as 'anime style,'. It is never shuffled or dropped by tags.",
        elem_id="train_caption_prefix",
    )
    caption_suffix: str = option(
        "",
        "Caption suffix",
        "Text behind every caption, such as ', white background'. It is never shuffled or dropped by tags.",
        elem_id="train_caption_suffix",
    )
    tag_separator: str = option(
        ",",
        "Tag separator",
        "What stands between two tags of a caption, for shuffling, dropping out and keeping.",
        elem_id="train_tag_separator",
    )
    keep_tags: int = option(
        0,
        "Keep first tags",
        "So many tags stay in front when tags are shuffled or dropped out: 1 where captions begin with the"
        " name. More leaves less to vary.",
        minimum=0,
        maximum=255,
        step=1,
        elem_id="train_keep_tags",
    )
    caption_drop_out: float = option(
        0.0,
        "Drop out whole captions",
        "The share of showings without any caption, only the template with the name: 0.05 to 0.2 lets the"
        " name alone call the whole. More, and what captions tell is learned into it as well.",
        minimum=0.0,
        maximum=1.0,
        step=0.05,
        elem_id="train_caption_drop_out",
    )
    wildcards: bool = option(
        False,
        "Wildcards in captions",
        "{red|dark red} is one of the two, drawn anew at each showing; nested ones too. Of a caption file"
        " with several lines one line is drawn. A backslash before {, | or } keeps the sign.",
        elem_id="train_wildcards",
    )
    template_line: str = option(
        LINE_AS_WEB_UI,
        "Draw the template's line",
        "as A1111: once per picture, but each time when prompts vary in another way too. each time shows a"
        " picture with all lines; per picture keeps one for the whole run.",
        choices=(LINE_AS_WEB_UI, LINE_EACH_TIME, LINE_PER_PICTURE),
        elem_id="train_template_line",
    )

    def contradictions(self) -> Iterator[ConfigError]:
        """Nothing between two tags would make every letter one; a wildcard's sign can't be a name as well."""
        if self.wildcards and any(sign in self.token_string for sign in "{|}"):
            yield ConfigError(
                f"Token string is {self.token_string!r}, but {{, | and }} are signs of Wildcards in captions;"
                " choose a token string without them, or switch the wildcards off.",
                field="token_string",
            )
        if not self.tag_separator:
            yield ConfigError(
                "Tag separator is empty; give the sign between two tags of your captions, ',' for most, or a"
                " blank where every word is a tag.",
                field="tag_separator",
            )
