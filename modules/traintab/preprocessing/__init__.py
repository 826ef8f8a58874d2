"""Pictures to training pictures: functions on PIL images, one file an operation, and the run over a folder.

Here belongs what happens to pictures and captions before a data set is made of them. Imports what lies
below; torch and transformers come with the models that caption, when one is loaded. A new operation is one
file and one line in `derive`. `run` checks, `running` goes over the folder, `stages` shares the work out,
`one_picture` does it.
"""

from .events import (
    PictureDone,
    PictureSkipped,
    PictureUnchanged,
    PreprocessEvent,
    PreprocessFinished,
    PreprocessInterrupted,
    PreprocessStarted,
)
from .report import PreprocessReport
from .run import preprocess

__all__ = [
    "PictureDone",
    "PictureSkipped",
    "PictureUnchanged",
    "PreprocessEvent",
    "PreprocessFinished",
    "PreprocessInterrupted",
    "PreprocessReport",
    "PreprocessStarted",
    "preprocess",
]
