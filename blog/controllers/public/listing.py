"""A numbered page of the posts in a part of the site, as tags, authors and months show it."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from blog.queries import posts
from blog.queries.cards import Card
from blog.queries.page import Page
from blog.queries.posts import Within
from blog.web.errors import NotFound
from blog.web.input import page_number
from blog.web.rendering import Asked
from blog.web.state import house, site_of


async def listing(request: Asked, db: AsyncSession, now: datetime, within: Within, name: str) -> Page[Card]:
    """Fetch the page that was asked for, or raise NotFound; `name` is under what the number of posts is remembered."""
    number = page_number(request.query_params.get("page"))
    total = await house(request).known(name, lambda: posts.count(db, now, within))
    found = await posts.live_page(db, now, number, site_of(request.scope).posts_per_page, total, within)
    if found is None:
        raise NotFound
    return found
