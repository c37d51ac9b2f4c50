"""The page before the button: what would be published, when, how it will look, and what is worth a look before."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from litestar import Response
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.controllers.studio.checking import checklist
from blog.controllers.studio.looks import looks_of
from blog.forms.fields import Errors
from blog.forms.publications import Times, comes_twice
from blog.languages import gettext as _
from blog.languages import mark
from blog.models import Post, User
from blog.web.rendering import Asked, page, zone_for
from blog.web.state import house

CONFIRM = mark("Something changed since this page was opened. Look at it again, then press the button.")


async def publication(
    request: Asked,
    db: AsyncSession,
    viewer: User,
    post: Post,
    now: datetime,
    times: Times,
    errors: Errors,
    typed: Mapping[str, object] | None = None,
    confirm: bool = False,
) -> Response[Any]:
    """Show the page for these times, read at `now`; `typed` is what the fields say where that cannot be read.

    422 when something was refused, and when `confirm` asks to press the button again because it says something else.
    """
    settings = house(request).settings
    shown = await looks_of(db, post)
    at = times.at or (post.published_at if post.published_at and post.published_at <= now else now)
    zone = zone_for(request)
    return page(
        request,
        "studio/publications/show.html",
        status=422 if errors or confirm else 200,
        post=post,
        shown=shown,
        errors=errors,
        typed=typed or {},
        confirm=_(CONFIRM) if confirm else "",
        times=times,
        at=at,
        at_twice=comes_twice(times.at, zone) if times.at else None,
        until_twice=comes_twice(times.until, zone) if times.until else None,
        deed=times.deed(post, now),
        checks=await checklist(db, shown, settings.base_url, at),
        is_live=post.is_live(now),
        is_dated_back=times.at is not None and times.at < now,
        is_ended=post.is_ended(now),
        may_publish=policy.may_publish(viewer, post),
        may_submit=policy.may_submit(viewer, post),
        may_withdraw=policy.may_publish(viewer, post) and (post.is_live(now) or post.is_scheduled(now)),
    )


def times_of(post: Post, now: datetime) -> Times:
    """Give the times that the post has; what has passed of them is no plan any more."""
    until = post.expires_at if post.expires_at and post.expires_at > now else None
    return Times(post.published_at, until, names_end=True)
