"""What can be wrong with captions, and what users are told of them."""

from __future__ import annotations

from collections.abc import Sequence

from ..configs import TrainingConfig
from ..datasets.pictures import PICTURE_SUFFIXES
from ..datasets.report import DatasetImage
from ..errors import ConfigError, DatasetError, TemplateError
from ..files import kind_of
from ..prompts.captions import FROM_FILE_NAME, CaptionRules, suffix_of_captions, words_of_name
from ..prompts.text_files import LATIN_1
from ..prompts.wildcards import Wildcards
from .prompt_lines import PromptRules

__all__ = ["caption_advice", "caption_rules", "cause_told", "check_wildcards", "example_told"]

_NAMED_AT_MOST = 3
_USUAL_SUFFIXES = (".txt", ".caption", ".cap")


def caption_rules(config: TrainingConfig) -> CaptionRules:
    """Where the settings want captions from; raises ConfigError for what ends no file's name or a picture's,
    and for a regular expression that is none.
    """
    extension = suffix_of_captions(config.captions.caption_extension)
    if extension.lower() in PICTURE_SUFFIXES:
        raise ConfigError(
            f"Caption file extension is {extension}, the ending of pictures; expected that of text files,"
            " such as .txt or .caption.",
            field="caption_extension",
        )
    rules = CaptionRules(
        word_regex=config.dataset.filename_word_regex,
        join_string=config.dataset.filename_join_string,
        extension=extension,
        one_line=config.captions.wildcards,
    )
    words_of_name("", rules)  # a regex that nobody's caption needs by now is wrong all the same
    return rules


def check_wildcards(rules: PromptRules, images: Sequence[DatasetImage]) -> None:
    """Raise what tells the text with a bracket that is never closed: DatasetError for captions, ConfigError
    for what stands around them, TemplateError for lines of the template.
    """
    if not rules.captions.wildcards:
        return
    for image in images:
        told = _unclosed(image.caption)
        if told:
            raise DatasetError(f"The caption {image.caption!r} of {image.name} has wildcards, but {told}.")
    for label, field in (("Caption prefix", "caption_prefix"), ("Caption suffix", "caption_suffix")):
        text = getattr(rules.captions, field)
        told = _unclosed(text)
        if told:
            raise ConfigError(f"{label} is {text!r}, with wildcards, but {told}.", field=field)
    for line in rules.template.lines:
        told = _unclosed(line)
        if told:
            raise TemplateError(f"The line {line!r} of {rules.template.name} has wildcards, but {told}.")


def example_told(rules: PromptRules, images: Sequence[DatasetImage]) -> str:
    """A prompt as it would be, so that one sees what is missing in it, and how the name may stand there."""
    if not images:
        return ""
    prompt = rules.prompt(rules.template.lines[0], images[0].caption)
    sentences = [f"The prompt of {images[0].name}, for one, would be {prompt!r}."]
    token = rules.captions.token_string
    if token:
        sentences.append(f"The token string {token!r} would count as the name, but isn't there either.")
    elif any("[filewords]" in line for line in rules.template.lines):
        sentences.append("If another word of the captions stands for it, give that as Token string.")
    return " ".join(sentences)


def cause_told(rules: PromptRules, images: Sequence[DatasetImage]) -> str:
    """Why no prompt of any picture shows the name: an example, and captions that lie there unread."""
    return f"{example_told(rules, images)} {_other_suffix(rules, images)}".strip()


def caption_advice(rules: PromptRules, images: Sequence[DatasetImage]) -> str:
    """What the user would want to know of the captions; empty when all is as it looks."""
    return " ".join(
        filter(None, (_unusual_encoding(images), _other_suffix(rules, images), _unused_token(rules, images)))
    )


def _unclosed(text: str) -> str:
    """Why a text can't be read as one with wildcards, and what to do; empty when it can."""
    try:
        Wildcards.parse(text)
    except ValueError as error:
        return f"{error}; close it with }}, or write \\{{ for the sign itself"
    return ""


def _unusual_encoding(images: Sequence[DatasetImage]) -> str:
    names = [image.name for image in images if image.caption_source.endswith(LATIN_1)]
    if not names:
        return ""
    shown, more = ", ".join(names[:_NAMED_AT_MOST]), len(names) - _NAMED_AT_MOST
    return (
        f"The captions of {shown}{f' and {more} more' if more > 0 else ''} are no UTF-8 and were read as"
        f" {LATIN_1}; save them as UTF-8 if their letters look wrong in the prompts."
    )


def _other_suffix(rules: PromptRules, images: Sequence[DatasetImage]) -> str:
    """Nobody's caption is found, but files with another usual ending lie there."""
    if any(image.caption_source != FROM_FILE_NAME for image in images):
        return ""
    wanted = suffix_of_captions(rules.captions.caption_extension)
    for suffix in _USUAL_SUFFIXES:
        count = sum(kind_of(image.path.with_suffix(suffix)) == "file" for image in images)
        if count and suffix != wanted:
            return (
                f"Captions come from the file names, because no picture has a {wanted} file; {count} of"
                f" {len(images)} have a {suffix} file: to use these set Caption file extension to {suffix}."
            )
    return ""


def _unused_token(rules: PromptRules, images: Sequence[DatasetImage]) -> str:
    """The token string stands nowhere, so the user may have misspelled it."""
    token = rules.captions.token_string.strip()
    if not token or any(rules.holds_token(image.caption) for image in images):
        return ""
    return f"The token string {token!r} stands in no caption as a word of its own; is it spelled like that?"
