"""Secret links that show a draft to somebody without an account."""

from datetime import timedelta
from typing import Any

from litestar import Controller, Response, post
from litestar.di import Provide

from blog import policy
from blog.auth.tokens import new_token, token_hash
from blog.content.lent import file_names
from blog.controllers.studio.editor import editor
from blog.controllers.studio.loading import post_if
from blog.controllers.studio.reviewing import newest_text
from blog.forms.posts import PostForm
from blog.forms.reviews import parse_days
from blog.languages import gettext as _
from blog.models import Event, Share
from blog.queries import media, shares
from blog.web import routes
from blog.web.arguments import Db, LoadedPost, Now, PathId, Viewer
from blog.web.errors import NotFound, Refusal
from blog.web.guards import SLOW, begin_writing, serves
from blog.web.input import read_form, row_id
from blog.web.rendering import Asked, page, see
from blog.web.state import house

MOST_LINKS = 50


class Shares(Controller):
    path = "/studio/posts/{post_id:int}/shares"
    opt = serves(policy.Action.WRITE)

    @post(
        "/",
        name="shares.create",
        status_code=200,
        dependencies={"post": Provide(post_if(policy.may_share))},
        opt=SLOW,
    )
    async def create(self, request: Asked, db: Db, viewer: Viewer, post: LoadedPost, now: Now) -> Response[Any]:
        """Make a link to the text as it is now, and show it this once: only its hash is kept."""
        days, errors = parse_days(await read_form(request))
        if errors:
            return await editor(request, db, viewer, post, PostForm.of(post), errors)
        if await shares.count(db, post, now) >= MOST_LINKS:
            raise Refusal(409, _("This post has too many links already. Revoke those that nobody needs."))
        text, token = await newest_text(db, post), new_token()
        form = text.form
        cover = (await media.at_urls(db, [form.cover])).get(form.cover)
        await begin_writing(request)
        link = Share(
            post_id=post.id,
            token_hash=token_hash(token),
            revision_number=post.revision_number,
            title=form.title,
            excerpt=form.excerpt,
            html=str(text.html),
            text_hash=text.hash,
            language=form.language or None,
            files=file_names(text.html),
            cover_id=cover.id if cover else None,
            cover_alt=form.cover_alt,
            made_by_id=viewer.id,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        db.add(link)
        await db.flush()  # the event names the link
        db.add(Event.about("share.created", link, now, viewer, title=form.title))
        await db.commit()
        address = house(request).settings.base_url + routes.url("shared.show", token=token)
        return page(request, "studio/shares/show.html", post=post, link=link, address=address)

    @post(
        "/{share_id:int}/delete",
        name="shares.delete",
        status_code=200,
        # Whoever sees the post may close a door that somebody opened to it.
        dependencies={"post": Provide(post_if(policy.may_see))},
    )
    async def delete(self, db: Db, viewer: Viewer, post: LoadedPost, share_id: PathId, now: Now) -> Response[Any]:
        """Revoke a link; it opens nothing from then on."""
        link = await shares.of_post(db, post, row_id(share_id))
        if link is None:
            raise NotFound
        db.add(link.revoke(now=now, by=viewer))
        await db.commit()
        return see(f"{routes.url('studio.posts.edit', post_id=post.id)}#sharing", message="revoked")
