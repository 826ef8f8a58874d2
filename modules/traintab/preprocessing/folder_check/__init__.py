"""*Check folder*: what a folder of pictures holds, what is wrong with it, and what to do; nothing is written.

`scan` looks at every picture on threads and keeps a few numbers of each; `findings` and `advice` are
sentences made of these numbers, one function a finding in a table; `record` is the result as JSON and lines.
"""

from .advice import advice_for
from .facts import PictureFacts, UnreadablePicture
from .findings import Finding, Named
from .record import FolderCheck
from .scan import check_folder

__all__ = [
    "Finding",
    "FolderCheck",
    "Named",
    "PictureFacts",
    "UnreadablePicture",
    "advice_for",
    "check_folder",
]
