"""Rendering away from the event loop, two texts at once, so that one long text stops nobody's page."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from blog.content.budget import ContentRefused
from blog.content.markdown import PictureSize, Rendered, no_size, render

AT_ONCE = 2
WAIT_SECONDS = 15.0
# A pool of threads belongs to no event loop, so every loop of the process shares this bound.
_pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="render")


async def render_off_loop(body: str, picture_size: PictureSize = no_size) -> Rendered:
    """Render in a thread; raise ContentRefused when the text is too much or the queue is too long."""
    work = asyncio.get_running_loop().run_in_executor(_pool, render, body, picture_size)
    try:
        return await asyncio.wait_for(work, WAIT_SECONDS)
    except TimeoutError:
        raise ContentRefused("The server is busy rendering other texts. Please try again in a moment.") from None
