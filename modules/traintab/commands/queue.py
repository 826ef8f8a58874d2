"""`queue`: what is to be done one after the other, `queue add`, `list`, `cancel` and what orders it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable

from ..answers import queue_entry_answer
from ..errors import ConfigError
from ..jobs import Queue, QueueEntry, QueueStatus
from . import train
from .command import Command
from .context import Context
from .queue_run import RUN

__all__ = ["COMMANDS"]

_PLACES = {"up": -1, "down": 1, "first": -(10**6), "last": 10**6}
_HOW = "nothing works the queue off now: open the page, or run: extension.py queue run"


def queue_of(context: Context) -> Queue:
    """The queue of the data directory."""
    return Queue(context.paths.queue_dir)


def _configure_none(parser: ArgumentParser) -> None:
    del parser


def _configure_id(parser: ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="the entry's id, or its beginning, as `queue list` shows it")


def _configure_optional_id(parser: ArgumentParser) -> None:
    parser.add_argument(
        "id", metavar="ID", nargs="?", default="", help="one entry (default: the whole queue)"
    )


def _configure_move(parser: ArgumentParser) -> None:
    _configure_id(parser)
    parser.add_argument("place", metavar="PLACE", choices=[*_PLACES], help="up, down, first or last")


def _add(arguments: Namespace, context: Context) -> int:
    if arguments.debug_dataset:
        raise ConfigError("--debug-dataset trains nothing that could wait; write train without queue add.")
    config, resume = train.asked_for(arguments, context)
    from ..training_queue import add_training

    queue = queue_of(context)
    with train.creation_told():
        entry = add_training(queue, config, context.paths, resume=resume)
    before = sum(not other.status.is_over for other in queue.entries()) - 1
    place = f"after {before} other{'s' if before > 1 else ''}" if before else "next"
    _tell(context, entry, f"{entry.title} {entry.detail} is in the queue, {place}, as {entry.id}.")
    _tell_hold(queue, context)
    return 0


def _list(arguments: Namespace, context: Context) -> int:
    del arguments
    queue = queue_of(context)
    entries = queue.entries()
    width = max((len(entry.title) for entry in entries), default=0)
    for entry in entries:
        _tell(context, entry, _line_of(entry, width))
    if not entries:
        context.output.log("The queue is empty; add to it with: extension.py queue add NAME --data DIR")
    else:
        _tell_hold(queue, context)
    return 0


def _line_of(entry: QueueEntry, width: int) -> str:
    """`a1b2c3  waiting      Training of mira  to step 500 on demo`"""
    said = f"  {entry.message}" if entry.message else ""
    return f"{entry.id}  {entry.status.value:11}  {entry.title:{width}}  {entry.detail}{said}"


def _cancel(arguments: Namespace, context: Context) -> int:
    entry = queue_of(context).cancel(arguments.id)
    if entry.status is QueueStatus.RUNNING:
        said = f"{entry.title} is asked to stop; it saves, and the queue goes on with the next."
    else:
        said = f"{entry.title} is taken out of the queue."
    _tell(context, entry, said)
    return 0


def _move(arguments: Namespace, context: Context) -> int:
    queue = queue_of(context)
    entry = queue.move(arguments.id, _PLACES[arguments.place])
    pending = [other.id for other in queue.entries() if other.status.is_pending]
    _tell(context, entry, f"{entry.title} has turn {pending.index(entry.id) + 1} of {len(pending)}.")
    return 0


def _hold(arguments: Namespace, context: Context) -> int:
    queue = queue_of(context)
    if arguments.id:
        entry = queue.hold(arguments.id)
        _tell(context, entry, f"{entry.title} waits until it is released; the others go before.")
        return 0
    queue.hold_all()
    context.output.log("The queue is held: what runs goes on, nothing else is started.")
    return 0


def _release(arguments: Namespace, context: Context) -> int:
    queue = queue_of(context)
    if arguments.id:
        entry = queue.release(arguments.id)
        _tell(context, entry, f"{entry.title} has its turn again.")
        return 0
    queue.release_all()
    context.output.log("The queue is released.")
    _tell_hold(queue, context)
    return 0


def _retry(arguments: Namespace, context: Context) -> int:
    entry = queue_of(context).retry(arguments.id)
    _tell(context, entry, f"{entry.title} waits again; it goes on where it was left.")
    return 0


def _tell(context: Context, entry: QueueEntry, line: str) -> None:
    context.output.record(queue_entry_answer(entry))
    context.output.line(line)


def _tell_hold(queue: Queue, context: Context) -> None:
    """Why nothing may happen, for people."""
    if queue.held:
        context.output.log(f"The queue is held. {queue.held} The command is: extension.py queue release")
    elif any(one.status is QueueStatus.WAITING for one in queue.entries()) and not queue.is_worked_off():
        context.output.log(f"Note that {_HOW}")


def _command(
    name: str,
    text: str,
    run: Callable[[Namespace, Context], int],
    configure: Callable[[ArgumentParser], None] = _configure_none,
) -> Command:
    return Command(name=f"queue {name}", help=text, configure=configure, run=run)


COMMANDS = (
    _command("list", "what runs, what waits and what is over", _list),
    _command("add", "train after all that waits; takes what train takes", _add, train.COMMAND.configure),
    _command("cancel", "take an entry out; what runs stops and saves", _cancel, _configure_id),
    _command("move", "change the order", _move, _configure_move),
    _command(
        "hold", "start an entry, or nothing at all, until it is released", _hold, _configure_optional_id
    ),
    _command("release", "let a held entry, or the whole queue, go on", _release, _configure_optional_id),
    _command("retry", "put what failed or was interrupted at the end again", _retry, _configure_id),
    RUN,
)
