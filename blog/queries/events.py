"""What happened, newest first."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from blog.models import Event
from blog.queries.page import Page, fetch_page

PAGE_SIZE = 50


async def page(db: AsyncSession, number: int) -> Page[Event] | None:
    """Fetch a page of events with the people who caused them."""
    query = select(Event).order_by(Event.at.desc(), Event.id.desc()).options(joinedload(Event.actor))
    return await fetch_page(db, query, number, PAGE_SIZE)
