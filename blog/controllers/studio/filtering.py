"""What the desk's list of posts was asked for, read from an address or from a form that keeps it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy, search
from blog.content.text import clean_text
from blog.forms.fields import Errors, Fields, day_begin
from blog.models import Kind, User
from blog.queries import desk, own
from blog.queries.desk import DeskFilter, Order
from blog.web import routes
from blog.web.rendering import Asked, query_of, zone_for
from blog.web.state import site_of

LONGEST_QUERY = 200
FIELDS = ("status", "author", "tag", "q", "since", "until", "order", "size")


def asked_for(request: Asked, typed: Mapping[str, object]) -> tuple[DeskFilter, Errors]:
    """Read the filter. Days are those of the site's clock, and the last one counts as a whole."""
    cut = {name: clean_text(str(typed.get(name, ""))[:LONGEST_QUERY]) for name in FIELDS}
    status, author, tag, q, since, until, order, size = cut.values()
    days, zone = Fields(cut), zone_for(request)
    last = days.day("until")
    status = status if status in desk.STATUSES else ""
    wanted = DeskFilter(
        Kind.POST,
        status,
        author,
        tag,
        q,
        since=since,
        until=until,
        begin=day_begin(days.day("since"), zone),
        end=day_begin(last + timedelta(days=1) if last else None, zone),
        order=Order(order) if order in set(Order) else Order.SAVED,
        size=int(size) if size in map(str, desk.PAGE_SIZES) else desk.PAGE_SIZES[0],
    )
    return wanted, days.errors


async def with_words(
    request: Asked, db: AsyncSession, viewer: User, wanted: DeskFilter
) -> tuple[DeskFilter, search.Held | None]:
    """Look the filter's words up: they may stand in any order, in the title, the excerpt, the tags or the text."""
    terms = search.parse(wanted.q, site_of(request.scope).language)
    if not terms:
        return wanted, None
    among = None if policy.may(viewer, policy.Action.EDIT_ALL) else own.ids_of(viewer)
    held = await search.held(db, terms, among)
    return replace(wanted, held=held.everywhere, headed=held.in_headings), held


def list_path(wanted: DeskFilter, **more: object) -> str:
    """Give the address of the list with its filter."""
    return routes.url("studio.posts.index") + query_of({**wanted.query, **more})
