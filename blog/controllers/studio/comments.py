"""What is said about a post among those who work on it: comments, answers, and what is resolved."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from litestar import Controller, Response, post
from litestar.di import Provide
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.content import paragraphs
from blog.controllers.studio.loading import post_if
from blog.controllers.studio.reviewing import newest_text, read_through
from blog.forms.fields import Errors
from blog.forms.reviews import CommentForm
from blog.languages import gettext as _
from blog.models import Comment, Event, News, Post, User
from blog.models.notice import authors_of, tell
from blog.queries import comments
from blog.web import routes
from blog.web.arguments import Db, LoadedPost, Now, PathId, Viewer
from blog.web.errors import NotFound
from blog.web.guards import SLOW, begin_writing, serves
from blog.web.input import read_form, row_id
from blog.web.rendering import Asked, see


class Comments(Controller):
    path = "/studio/posts/{post_id:int}/comments"
    opt = serves(policy.Action.WRITE)
    dependencies = {"post": Provide(post_if(policy.may_comment))}  # noqa: RUF012 - Litestar reads this from the class

    @post("/", name="comments.create", status_code=200, opt=SLOW)
    async def create(self, request: Asked, db: Db, viewer: Viewer, post: LoadedPost, now: Now) -> Response[Any]:
        """Say something about the post, about one of its paragraphs, or in answer to somebody."""
        form, errors = CommentForm.parse(await read_form(request))
        new = Comment(post_id=post.id, author_id=viewer.id, text=form.text, created_at=now, quote="", place=0)
        if form.answers:
            answered = await _comment(db, post, form.answers)
            new.answers_id = answered.answers_id or answered.id
            begun = await _comment(db, post, new.answers_id)
            new.is_for_guest = form.is_for_guest and begun.is_from_guest
        elif form.paragraph:
            await _put_in_place(db, post, new, form, errors)
        if errors:
            return await read_through(request, db, viewer, post, form, errors)
        await begin_writing(request)
        await said(db, post, new, now=now, by=viewer)
        await db.commit()
        return _see(post, new.answers_id or new.id, "commented")

    @post("/{comment_id:int}/resolution", name="resolutions.create", status_code=200)
    async def resolve(self, db: Db, viewer: Viewer, post: LoadedPost, comment_id: PathId, now: Now) -> Response[Any]:
        """Say that a comment has been dealt with."""
        comment = await _thread(db, post, comment_id)
        db.add(comment.resolve(now=now, by=viewer))
        await db.commit()
        return _see(post, comment.id, "resolved")

    @post("/{comment_id:int}/resolution/delete", name="resolutions.delete", status_code=200)
    async def reopen(self, db: Db, viewer: Viewer, post: LoadedPost, comment_id: PathId, now: Now) -> Response[Any]:
        """Say that a comment needs looking at after all."""
        comment = await _thread(db, post, comment_id)
        db.add(comment.reopen(now=now, by=viewer))
        await db.commit()
        return _see(post, comment.id, "reopened")


async def said(
    db: AsyncSession, post: Post, new: Comment, *, now: datetime, by: User | None, also: Iterable[int] = ()
) -> None:
    """Keep a comment and tell those who work on the post, who spoke about it, and `also` others; the caller commits."""
    db.add(new)
    await db.flush()  # the event names the comment
    db.add(Event.about("comment.created", new, now, by))
    people = [*authors_of(post), *await comments.commentators(db, post), *also]
    tell(people, News.COMMENT, post, now=now, by=by, name=new.name)


async def _comment(db: AsyncSession, post: Post, comment_id: int) -> Comment:
    comment = await comments.of_post(db, post, row_id(comment_id))
    if comment is None:
        raise NotFound
    return comment


async def _thread(db: AsyncSession, post: Post, comment_id: int) -> Comment:
    """Fetch a comment that can be resolved: answers are resolved with what they answer."""
    comment = await _comment(db, post, comment_id)
    if comment.answers_id is not None:
        raise NotFound
    return comment


async def _put_in_place(db: AsyncSession, post: Post, new: Comment, form: CommentForm, errors: Errors) -> None:
    """Remember which paragraph a comment is about: the one that its writer saw, wherever it is by now."""
    text = paragraphs.split((await newest_text(db, post)).html)
    seen = [one for one in text if one.key == form.key and one.text]
    if not seen:
        errors.setdefault("text", _("This paragraph was changed while you were writing. Please look at it again."))
        return
    chosen = min(seen, key=lambda one: abs(one.number - form.paragraph))
    new.quote, new.place = chosen.text, chosen.number


def _see(post: Post, comment_id: int, message: str) -> Response[Any]:
    return see(f"{routes.url('reviews.show', post_id=post.id)}#comment-{comment_id}", message=message)
