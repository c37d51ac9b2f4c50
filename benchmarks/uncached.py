"""The blog without its page cache, so that a page can be rendered again and again."""

from blog.app import create_app
from blog.web.edge import Edge


def app() -> Edge:
    """Make the application; what is known about the site's present state is remembered as ever."""
    made = create_app(kept_bytes=0)
    made.house.keeps = True
    return made
