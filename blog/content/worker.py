"""Rendering away from the event loop, two texts at once, so that one long text stops nobody's page."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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


async def render_off_loop(body: str, look: Look = unseen, *, language: str = "") -> Rendered:
    """Render in a thread, with the labels of its parts in a language; raise ContentRefused as `off_loop` and `render`.

    Without a language the labels are in that of the site.
    """
    return await off_loop(_render_in, language, body, look)


async def render_in_turn(body: str, look: Look = unseen, *, language: str = "") -> Rendered:
    """Render as `render_off_loop` does, for a program that waits for its turn; raise ContentRefused as `render`."""
    return await in_turn(_render_in, language, body, look)


def _render_in(language: str, body: str, look: Look) -> Rendered:
    speak(language or written())
    return render(body, look)


async def off_loop(work: Callable[Asked, Result], *args: Asked.args, **kwargs: Asked.kwargs) -> Result:
    """Work on a text in a thread, in the language of the request; raise ContentRefused when the queue is too long."""
    try:
        return await asyncio.wait_for(in_turn(work, *args, **kwargs), WAIT_SECONDS)
    except TimeoutError:
        raise ContentRefused(_("The server is busy rendering other texts. Please try again in a moment.")) from None


async def in_turn(work: Callable[Asked, Result], *args: Asked.args, **kwargs: Asked.kwargs) -> Result:
    """Work on a text in a thread when its turn comes, however long that takes: no person waits for an import's post."""
    context = copy_context()
    return await asyncio.get_running_loop().run_in_executor(_pool, lambda: context.run(work, *args, **kwargs))
