"""Work in a thread that does not outlive the job it belongs to.

A thread cannot be ended from outside. So what takes long looks, between one file or piece and the next, whether it
should go on; and nobody takes away its folder before it has ended.
"""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

Check = Callable[[], None]
"""Called between two steps; raises Stopped when the work is not wanted any more."""
Result = TypeVar("Result")


class Stopped(Exception):
    """Work that was cancelled half-way."""


def go_on() -> None:
    """Stand in for a check where nobody can cancel the work."""


async def to_its_end(work: Callable[[Check], Result]) -> Result:
    """Do work in a thread; when that is cancelled, tell the work by its check, and wait until it has ended."""
    is_over = threading.Event()

    def check() -> None:
        if is_over.is_set():
            raise Stopped

    thread = asyncio.ensure_future(asyncio.to_thread(work, check))
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        is_over.set()
        await asyncio.gather(thread, return_exceptions=True)
        raise
