"""The captions of a folder of pictures: seen as tags, edited in memory, saved file by file.

Belongs here: what can be decided and done about captions without a model or a page. `CaptionSet` is immutable
and its edits pure; `CaptionEditor` remembers the way back and writes; `shared_tags` asks about the tags that
nearly all pictures have. May import `prompts`, `files`, `errors`, and of `datasets` what finds pictures and
captions.

    editor = CaptionEditor(Path("pictures"))
    editor.edit(lambda captions: captions.add_tag("red hat", where="front"), "add red hat")
    editor.save()
"""

from .caption_set import CaptionSet, Selection
from .counts import TagCount
from .editor import CaptionEditor
from .journal import CaptionJournal, JournalEntry, WhenChanged
from .picture_caption import PictureCaption
from .reading import ReadCaptions, read_captions
from .saving import ChangedFile, SaveResult
from .search import Search
from .shared_tags import SHARED_FROM, SharedTag, Side, preselected_side, settle_shared, shared_tags
from .tags import join_tags, split_tags, tag_key

__all__ = [
    "SHARED_FROM",
    "CaptionEditor",
    "CaptionJournal",
    "CaptionSet",
    "ChangedFile",
    "JournalEntry",
    "PictureCaption",
    "ReadCaptions",
    "SaveResult",
    "Search",
    "Selection",
    "SharedTag",
    "Side",
    "TagCount",
    "WhenChanged",
    "join_tags",
    "preselected_side",
    "read_captions",
    "settle_shared",
    "shared_tags",
    "split_tags",
    "tag_key",
]
