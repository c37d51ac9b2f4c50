"""Rendering away from the event loop, two texts at once, so that one long text stops nobody's page."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from typing import ParamSpec, TypeVar

from blog.content.budget import ContentRefused
from blog.content.markdown import Look, Rendered, render, unseen
from blog.languages import gettext as _
from blog.languages import speak, written

AT_ONCE = 2
WAIT_SECONDS = 15.0
# A pool of threads belongs to no event loop, so every loop of the process shares this bound.
_pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="render")

Asked = ParamSpec("Asked")
Result = TypeVar("Result")


class Busy(ContentRefused):
    """The queue is too long just now; nothing is wrong with the text."""


async def render_off_loop(body: str, look: Look = unseen, *, language: str = "") -> Rendered:
    """Render in a thread, with the labels of its parts in a language; raise ContentRefused as `off_loop` and `render`.

    Without a language the labels are in that of the site.
    """
    return await off_loop(_render_in, language, body, look)


def _render_in(language: str, body: str, look: Look) -> Rendered:
    speak(language or written())
    return render(body, look)


async def patiently(work: Callable[[], Awaitable[Result]]) -> Result:
    """Do what goes through the queue again until its turn comes: for work that nobody waits for at a page."""
    while True:
        with suppress(Busy):
            return await work()


async def off_loop(work: Callable[Asked, Result], *args: Asked.args, **kwargs: Asked.kwargs) -> Result:
    """Work on a text in a thread, in the language of the request; raise Busy when the queue is too long."""
    context = copy_context()
    begun = asyncio.get_running_loop().run_in_executor(_pool, lambda: context.run(work, *args, **kwargs))
    try:
        return await asyncio.wait_for(begun, WAIT_SECONDS)
    except TimeoutError:
        raise Busy(_("The server is busy rendering other texts. Please try again in a moment.")) from None
