"""One worker thread, jobs and their snapshots, and the queue of what is to come.

Here belongs what any long task needs: start, stop, progress, pace, a durable record, its turn. Knows nothing
of diffusion; may import `errors`, `files` and `file_lock` only. The caller's generator says what its events
mean by calling `JobContext.update`.
"""

from .context import JobContext
from .failure import Failure
from .queue import Queue
from .queue_entry import QueueEntry, QueueSnapshot, QueueStatus
from .queue_runner import QueueRunner
from .records import AFTER_A_CRASH
from .snapshot import JobMemory, JobSnapshot, JobStatus
from .worker import Worker

__all__ = [
    "AFTER_A_CRASH",
    "Failure",
    "JobContext",
    "JobMemory",
    "JobSnapshot",
    "JobStatus",
    "Queue",
    "QueueEntry",
    "QueueRunner",
    "QueueSnapshot",
    "QueueStatus",
    "Worker",
]
