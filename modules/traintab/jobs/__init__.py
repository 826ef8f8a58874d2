"""One worker thread, jobs and their snapshots.

Here belongs what any long task needs: start, stop, progress, pace, a durable record. Knows nothing of
diffusion; may import `errors` and `files` only. The caller's generator says what its events mean by
calling `JobContext.update`.
"""

from .context import JobContext
from .snapshot import JobSnapshot, JobStatus
from .worker import Worker

__all__ = ["JobContext", "JobSnapshot", "JobStatus", "Worker"]
