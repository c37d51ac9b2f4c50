"""Rendering away from the event loop, a few texts at once, so that one long text stops nobody's page."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from blog.content.markdown import ContentRefused, PictureSize, Rendered, no_size, render

WAIT_SECONDS = 15.0
_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="render")


async def render_off_loop(body: str, picture_size: PictureSize = no_size) -> Rendered:
    """Render in a thread; raise ContentRefused when the text is too much or the queue too long."""
    task = asyncio.get_running_loop().run_in_executor(_pool, render, body, picture_size)
    try:
        return await asyncio.wait_for(task, WAIT_SECONDS)
    except TimeoutError:
        raise ContentRefused("The server is busy rendering other texts. Please try again in a moment.") from None
