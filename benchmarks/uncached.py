"""The blog without its page cache: each request renders its page, whoever else asks for the same."""

from collections.abc import Awaitable, Callable

from blog.app import create_app
from blog.web.edge import Edge
from blog.web.pages import Finished, PageCache, Stamp


class Forgetful(PageCache):
    async def answer(self, key: str, stamp: Stamp, render: Callable[[], Awaitable[Finished]]) -> Finished:
        return (await render()).stamped(stamp, None)


def app() -> Edge:
    """Make the application; what is known about the site's present state is remembered as ever."""
    made = create_app()
    made.pages = Forgetful()
    return made
