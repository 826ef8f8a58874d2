"""Every error of the program that a user can cause or meet, as one tree.

    TrainTabError
    ├── InputError              wrong use or bad input; nothing was started      exit status 2
    │   ├── ConfigError         a setting is missing, misspelt or out of range
    │   ├── ScheduleError       learning-rate schedule text; knows the position
    │   ├── TemplateError       a prompt template can't be used
    │   ├── DatasetError        a folder of pictures can't be used
    │   ├── EmbeddingNameError  a name can't be given to an embedding
    │   │   └── NameTakenError  another embedding has it
    │   ├── EmbeddingFileError  a file was refused: broken, hostile, unknown, of another model
    │   ├── PictureFileError    a picture can't be read
    │   ├── ModelError          a checkpoint can't be found or isn't one
    │   ├── NothingToDoError    the steps asked for are already reached
    │   └── BusyError           another job runs, or another process holds the lock
    └── WorkError               failed while working; the last good state is kept  exit status 1
        ├── NonFiniteError      the loss or a gradient became NaN or infinite
        ├── MemoryShortageError the device ran out of memory
        ├── LostProcessError    another process of a training that several share is gone
        └── StorageError        disk full, folder lost or not writable

A message is one sentence, or two: what was being done, the value, what was expected, what to do.
"""

from __future__ import annotations

__all__ = [
    "BusyError",
    "ConfigError",
    "DatasetError",
    "EmbeddingFileError",
    "EmbeddingNameError",
    "InputError",
    "LostProcessError",
    "MemoryShortageError",
    "ModelError",
    "NameTakenError",
    "NonFiniteError",
    "NothingToDoError",
    "PictureFileError",
    "ScheduleError",
    "StorageError",
    "TemplateError",
    "TrainTabError",
    "WorkError",
]


class TrainTabError(Exception):
    """The root: `str(error)` is a sentence for the user, `exit_status` what the command line ends with."""

    exit_status = 1


class InputError(TrainTabError):
    """Wrong use or bad input; nothing was started."""

    exit_status = 2


class ConfigError(InputError):
    """A setting is missing, misspelt, of the wrong type or out of range; `field` names it."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class ScheduleError(InputError):
    """A schedule text can't be understood; `position` is the index of the offending character."""

    def __init__(self, message: str, *, position: int) -> None:
        super().__init__(message)
        self.position = position


class TemplateError(InputError):
    """A prompt template is missing, empty, or never shows the embedding's name."""


class DatasetError(InputError):
    """A folder of pictures is missing, empty, or its captions never show the embedding's name."""


class EmbeddingNameError(InputError):
    """A name is empty, taken, or holds characters that no file name or prompt can carry."""


class NameTakenError(EmbeddingNameError):
    """Another embedding has the name; `name` is the one that was asked for."""

    def __init__(self, message: str, *, name: str) -> None:
        super().__init__(message)
        self.name = name


class NoSuchEmbeddingError(EmbeddingNameError):
    """There is no embedding called `name`."""

    def __init__(self, message: str, *, name: str) -> None:
        super().__init__(message)
        self.name = name


class EmbeddingFileError(InputError):
    """An embedding file was refused: broken, hostile, of an unknown layout, or of another model."""


class PictureFileError(InputError):
    """A file that should be a picture is missing, broken, or of a kind that isn't read."""


class ModelError(InputError):
    """A checkpoint can't be found, or what was found isn't a model this program can use."""


class NothingToDoError(InputError):
    """The embedding has already been trained for as many steps as were asked for."""


class BusyError(InputError):
    """Another job is running, or another process works on the same embedding."""


class WorkError(TrainTabError):
    """Something failed while working; the last good state is kept."""


class NonFiniteError(WorkError):
    """The loss or a gradient became NaN or infinite; the last good vectors are kept."""


class MemoryShortageError(WorkError):
    """The device ran out of memory."""


class LostProcessError(WorkError):
    """Another process of a training that several share ended before its time."""


class StorageError(WorkError):
    """A file could not be written: disk full, folder lost, or no permission."""
