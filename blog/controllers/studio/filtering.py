"""What the desk's list of posts was asked for, read from an address or from a form that keeps it."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from blog import search
from blog.content.text import clean_text
from blog.models import Kind
from blog.queries import desk
from blog.queries.desk import DeskFilter
from blog.web import routes
from blog.web.rendering import Asked, query_of
from blog.web.state import site_of

LONGEST_QUERY = 200
FIELDS = ("status", "author", "tag", "q")


def asked_for(request: Asked, db: AsyncSession, typed: Mapping[str, object]) -> DeskFilter:
    """Read the filter; its words may stand in any order, in the title, the excerpt, the tags or the text."""
    status, author, tag, q = (clean_text(str(typed.get(name, ""))[:LONGEST_QUERY]) for name in FIELDS)
    status = status if status in desk.STATUSES else ""
    terms = search.parse(q, site_of(request.scope).language)
    held = search.held(db, terms) if terms else None
    headed = search.held(db, terms, headings_only=True) if terms else None
    return DeskFilter(Kind.POST, status, author, tag, q, held, headed)


def list_path(wanted: DeskFilter, **more: object) -> str:
    """Give the address of the list with its filter."""
    return routes.url("studio.posts.index") + query_of({**wanted.query, **more})
